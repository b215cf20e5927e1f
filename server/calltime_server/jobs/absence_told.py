"""Does what somebody tells of an absence make sense?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from calltime_server.jobs.csv_fields import reference
from calltime_server.jobs.csv_times import wall_time
from calltime_server.store.absences import ToldAbsence, knows_service_user
from calltime_server.store.connection import Connection
from calltime_server.visits.told import ABSENT

NO_KIND = "What kind of absence it is was not chosen. Choose one."
NO_UNTIL = "A death has no end. Leave the end empty, or choose another kind."
BACKWARDS = "The end comes before the beginning. Correct one of the two."
UNKNOWN = "Nothing is planned or agreed for this service user. Check the reference."


def read_absence(connection: Connection, fields: Mapping[str, str]) -> ToldAbsence | dict[str, str]:
    """Read service_user, kind, since_day, since_time, until_day and until_time (London's clocks): an absence, or all faults by field."""
    faults: dict[str, str] = {}
    who = _reference(fields.get("service_user", "").strip(), faults)
    if who and not knows_service_user(connection, who):
        faults["service_user"] = UNKNOWN
    kind = fields.get("kind", "")
    if kind not in ABSENT:
        faults["kind"] = NO_KIND
    since = _moment(fields, "since", faults)
    until = _moment(fields, "until", faults) if fields.get("until_day") or fields.get("until_time") else None
    if kind == "death" and until is not None:
        faults["until_day"] = NO_UNTIL
    if since is not None and until is not None and until <= since:
        faults["until_day"] = BACKWARDS
    if faults or since is None:
        return faults
    return ToldAbsence(service_user=who, kind=kind, since=since, until=until)


def _reference(text: str, faults: dict[str, str]) -> str:
    try:
        return reference(text)
    except ValueError as error:
        faults["service_user"] = str(error)
        return ""


def _moment(fields: Mapping[str, str], which: str, faults: dict[str, str]) -> datetime | None:
    day, time = fields.get(f"{which}_day", ""), fields.get(f"{which}_time", "")
    if not day or not time:
        faults[f"{which}_day" if not day else f"{which}_time"] = "Write both the day and the time of day."
        return None
    try:
        found: datetime = wall_time(seconds=True)(f"{day} {time if time.count(':') == 2 else f'{time}:00'}")
    except ValueError as error:
        faults[f"{which}_day"] = str(error)
        return None
    return found
