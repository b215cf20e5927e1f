"""Who is away, and which planned visits does that concern?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.planned_visits import PlannedVisit
from calltime_server.store.rows import as_value, as_values
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What was noted of an absence: one row. `until` is None while it lasts; the kind may be `withdrawn`."""

    number: int
    service_user: str
    kind: str
    since: datetime
    until: datetime | None
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAbsence:
    """What is told of one: known by its service user and its beginning."""

    service_user: str
    kind: str
    since: datetime
    until: datetime | None


def list_absences(
    connection: Connection,
    *,
    now: datetime,
    lasting: bool,
    service_user: str = "",
    behind: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Absence]:
    """The standing ones, the latest beginning first, before this beginning and number; `lasting`: only those that are not over at `now`."""
    # Each row is asked whether a later one stands in its place: so no more are read than are shown.
    rows = fetch(
        connection,
        """
        SELECT number, service_user, kind, since, until, noted_by, noted_at FROM absence a
        WHERE kind <> 'withdrawn'
        AND NOT EXISTS (SELECT FROM absence l WHERE l.service_user = a.service_user AND l.since = a.since AND l.number > a.number)
        AND (%(service_user)s = '' OR service_user = %(service_user)s)
        AND (NOT %(lasting)s OR until IS NULL OR until > %(now)s)
        AND (since, number) < (coalesce(%(since)s::timestamptz, 'infinity'), %(number)s)
        ORDER BY since DESC, number DESC LIMIT %(limit)s
        """,
        {
            "now": now,
            "lasting": lasting,
            "service_user": service_user,
            "since": behind[0] if behind else None,
            "number": behind[1] if behind else 0,
            "limit": limit,
        },
    )
    return list(as_values(Absence, rows))


def history_of_absence(connection: Connection, number: int) -> list[Absence]:
    """All that was noted of the absence of which this is a row, the latest first; nothing: there is none, or it is not for these eyes."""
    rows = fetch(
        connection,
        """
        SELECT a.number, a.service_user, a.kind, a.since, a.until, a.noted_by, a.noted_at
        FROM absence a JOIN absence named ON named.service_user = a.service_user AND named.since = a.since
        WHERE named.number = %(number)s ORDER BY a.number DESC
        """,
        {"number": number},
    )
    return list(as_values(Absence, rows))


def standing_absence(connection: Connection, service_user: str, since: datetime) -> Absence | None:
    """What stands of the absence with this beginning, if that is anything."""
    rows = fetch(
        connection,
        """
        SELECT number, service_user, kind, since, until, noted_by, noted_at FROM absence
        WHERE service_user = %(service_user)s AND since = %(since)s ORDER BY number DESC LIMIT 1
        """,
        {"service_user": service_user, "since": since},
    )
    return as_value(Absence, rows[0]) if rows and rows[0][2] != "withdrawn" else None


def knows_service_user(connection: Connection, service_user: str) -> bool:
    """Whether anything was ever planned or agreed for them."""
    rows = fetch(
        connection,
        """
        SELECT EXISTS (SELECT FROM planned_visit WHERE service_user = %(who)s) OR EXISTS (SELECT FROM package WHERE service_user = %(who)s)
        """,
        {"who": service_user},
    )
    return bool(rows[0][0])


def visits_within(
    connection: Connection, service_user: str, since: datetime, until: datetime | None, *, limit: int = 500
) -> list[PlannedVisit]:
    """The planned visits to them that lie in [since, until) with any part, in order."""
    rows = fetch(
        connection,
        """
        SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers FROM planned_visit
        WHERE service_user = %(who)s AND planned_start + planned_minutes * interval '1 minute' > %(since)s
        AND planned_start < coalesce(%(until)s::timestamptz, 'infinity')
        ORDER BY planned_start, visit_id LIMIT %(limit)s
        """,
        {"who": service_user, "since": since, "until": until, "limit": limit},
    )
    return list(as_values(PlannedVisit, rows))


def tell_absence(connection: Connection, told: ToldAbsence, *, by: str, now: datetime) -> int:
    """Note it, let the days be looked at anew that it concerns or concerned, and return its number."""
    before = standing_absence(connection, told.service_user, told.since)
    rows = fetch(
        connection,
        """
        INSERT INTO absence (service_user, kind, since, until, noted_by, noted_at)
        VALUES (%(service_user)s, %(kind)s, %(since)s, %(until)s, %(by)s, %(now)s) RETURNING number
        """,
        {"service_user": told.service_user, "kind": told.kind, "since": told.since, "until": told.until, "by": by, "now": now},
    )
    ends = [told.until, *([before.until] if before else [])]
    until = None if None in ends else max(end for end in ends if end is not None)
    mark_days(connection, _days(connection, told.service_user, told.since, until), now=now)
    return int(rows[0][0])


def lock_absences(connection: Connection, service_user: str) -> None:
    """Let nobody else tell of this service user's absences until this transaction ends."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime absence'), hashtext(%(who)s))", {"who": service_user})


def _days(connection: Connection, service_user: str, since: datetime, until: datetime | None) -> list[date]:
    return sorted({day_of(visit.planned_start) for visit in visits_within(connection, service_user, since, until, limit=5000)})
