"""Who is told that a visit is late or missed, and when?

An alert is raised once, and the provider told of it once: in the transaction in which it is noted as told, its messages are written. Who
sends them is in `sending`: each at least once, also when a sender dies in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from calltime_server.jobs.alert_words import body_of, email_of, subject_of
from calltime_server.store.alerts import Alerted, AlertSetting, lock, note_told, raise_alerts, read_settings, read_untold
from calltime_server.store.connection import Connection, connect
from calltime_server.store.hooks import enqueue
from calltime_server.store.messages import write_email
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.wall import LONDON

LONG_AGO = timedelta(hours=2)
"""What was raised so long after it was due, because the office was down, is only counted: a flood of old news hides the new."""
EVENT = "visit.alerts"


def teller(dsn: str, *, public_url: str, now: Callable[[], datetime]) -> Callable[[], None]:
    """What goes along with the watch of the visit log: raises what is due, and has it told."""

    def tell() -> None:
        with connect(dsn) as connection:
            tell_late_and_missed(connection, now=now(), public_url=public_url)

    return tell


def tell_late_and_missed(connection: Connection, *, now: datetime, public_url: str) -> int:
    """Raise what has become late or missed, and write the messages to those who are not in their quiet hours; say how many were raised."""
    lock(connection)
    raised = raise_alerts(connection, today=day_of(now), now=now)
    untold = read_untold(connection, now=now)
    if not untold:
        return raised
    settings = read_settings(connection)
    for provider, alerts in groupby(untold, key=lambda each: each.provider):
        setting = settings.get(provider, AlertSetting())
        if not is_quiet(setting, now):
            _tell(connection, provider, tuple(alerts), setting, now=now, public_url=public_url)
    return raised


def is_quiet(setting: AlertSetting, now: datetime) -> bool:
    """Whether this provider wants to be told nothing now. From 22:00 to 07:00 is over midnight; from and until the same is never."""
    begins, ends = setting.quiet_from, setting.quiet_until
    if begins is None or ends is None:
        return False
    clock: time = now.astimezone(LONDON).time()
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def quiet_ends(setting: AlertSetting, now: datetime) -> datetime | None:
    """When the quiet hours of now end; None: it is not quiet."""
    if setting.quiet_until is None or not is_quiet(setting, now):
        return None
    local = now.astimezone(LONDON)
    ends = datetime.combine(local.date(), setting.quiet_until, LONDON)
    return ends if ends > local else ends + timedelta(days=1)


def worth_telling(alerts: Sequence[Alerted]) -> tuple[Alerted, ...]:
    """Without those that are settled since, as after quiet hours; and what is told as missed need not be told as late, too."""
    missed = {(each.visit_id, each.carer_no) for each in alerts if each.kind == "missed"}
    return tuple(each for each in alerts if each.lasts and (each.kind == "missed" or (each.visit_id, each.carer_no) not in missed))


def _tell(
    connection: Connection, provider: str, alerts: tuple[Alerted, ...], setting: AlertSetting, *, now: datetime, public_url: str
) -> None:
    """One e-mail about all that are news still, and a message to webhooks for each kind. Told are all of them, so that none comes later."""
    settled, alerts = alerts, worth_telling(alerts)
    note_told(connection, [each.alert for each in settled], news=[each.alert for each in alerts], now=now)
    new = tuple(each for each in alerts if each.raised_at - each.due_at < LONG_AGO)
    page = f"{public_url}/today"
    if setting.email and alerts:
        write_email(
            connection,
            to=setting.email,
            subject=subject_of(new, len(alerts) - len(new)),
            body=email_of(new, len(alerts) - len(new), page=page),
            event=EVENT,
            provider=provider,
            now=now,
        )
    for kind in ("late", "missed"):
        of_kind = [each for each in alerts if each.kind == kind]
        if of_kind:
            shown: Sequence[Alerted] = [each for each in of_kind if each in new]
            body = body_of(shown, len(of_kind) - len(shown), provider=provider, page=page)
            enqueue(connection, f"visit.{kind}", body, provider=provider, now=now)
