"""Which visits of the log does somebody ask for, and how do they stand now?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString, TypeAlias

from calltime_server.store.connection import Connection, fetch

Row: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[date, int]
"""Where in the log a row stands: its day, and its place on it."""

TO_COME = "to_come"
"""What became of a visit that may still be made: nothing yet."""
STATES = (TO_COME, "late", "missed", "under_way", "no_stop", "no_start", "delivered", "told", "not_planned")
STATE: LiteralString = """
CASE WHEN delivery IN ('delivered', 'delivered_short', 'delivered_over', 'not_planned_approved') THEN 'delivered'
     WHEN delivery = 'missed' THEN CASE WHEN missed_from <= %(now)s THEN 'missed' WHEN late_from <= %(now)s THEN 'late' ELSE 'to_come' END
     WHEN delivery = 'no_stop' AND open_until > %(now)s THEN 'under_way'
     WHEN delivery IN ('no_stop', 'no_start', 'not_planned') THEN delivery
     ELSE 'told' END"""
"""How a row of logged_visit stands at `now`: one of STATES. The deliveries of which nobody came for a reason that was told are `told`."""

# What is asked of the table for each state, so that rare ones are found by an index.
_DELIVERED: LiteralString = "delivery IN ('delivered', 'delivered_short', 'delivered_over', 'not_planned_approved')"
_OF_STATE: Mapping[str, LiteralString] = {
    "to_come": "delivery = 'missed' AND missed_from > %(now)s AND late_from > %(now)s",
    "late": "delivery = 'missed' AND missed_from > %(now)s AND late_from <= %(now)s",
    "missed": "delivery = 'missed' AND missed_from <= %(now)s",
    "under_way": "delivery = 'no_stop' AND open_until > %(now)s",
    "no_stop": "delivery = 'no_stop' AND coalesce(open_until, '-infinity') <= %(now)s",
    "no_start": "delivery = 'no_start'",
    "delivered": _DELIVERED,
    "told": "delivery IN ('no_access', 'declined_at_door', 'cancelled_in_notice', 'cancelled_short_notice', 'cancelled_by_council',"
    " 'absent')",
    "not_planned": "delivery = 'not_planned'",
}
# A place that nobody has filled is kept as missed from the beginning on; until that is certain it is still to come.
_OF_EMPTY: Mapping[str, LiteralString] = {
    TO_COME: "delivery = 'missed' AND missed_from > %(now)s",
    "missed": "delivery = 'missed' AND missed_from <= %(now)s",
}
COLUMNS = (
    *("day", "place", "visit_id", "carer_no", "service_user", "provider", "zone", "service", "planned_start", "planned_minutes", "carers"),
    *("carer", "started", "ended", "start_device", "start_seq", "start_grade", "stop_device", "stop_seq", "stop_grade"),
    *("contact_seconds", "waiting_seconds", "delivery", "late_from", "missed_from", "open_until", "amended", "state"),
)
SELECT: LiteralString = (
    """
SELECT day, place, visit_id, carer_no, service_user, provider, zone, service, planned_start, planned_minutes, carers, carer, started, ended,
       start_device, start_seq, start_grade, stop_device, stop_seq, stop_grade, contact_seconds, waiting_seconds, delivery, late_from,
       missed_from, open_until, amended, """
    + STATE
    + " AS state FROM logged_visit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; None and empty: whatever it is. `search` is a visit, a service user or a carer, by reference."""

    first: date
    last: date
    provider: str | None = None
    zone: str | None = None
    service: str | None = None
    carer: str | None = None
    service_user: str | None = None
    state: str | None = None
    delivery: str | None = None
    amended: bool | None = None
    search: str | None = None


def read_visits(connection: Connection, wanted: Wanted, *, now: datetime, after: Place | None, limit: int) -> list[Row]:
    """Those after a place (None: from the beginning), in their order, at most so many."""
    day, place = after or (wanted.first, 0)
    rows = fetch(
        connection,
        f"{SELECT} WHERE {conditions(wanted)} AND (day, place) > (%(after_day)s, %(after_place)s) ORDER BY day, place LIMIT %(limit)s",
        asked_for(wanted) | {"now": now, "after_day": day, "after_place": place, "limit": limit},
    )
    return _named(rows)


def became(row: Row) -> str:
    """What became of it: its delivery, or TO_COME while it may still be made."""
    return TO_COME if row["delivery"] == "missed" and row["state"] != "missed" else str(row["delivery"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How many carer visits there are by state, how many were planned, and how long they were planned and lasted.

    `by_hour`: how many were planned to start in each hour of London's clocks, by state.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    planned: int = 0
    planned_seconds: int = 0
    contact_seconds: int = 0
    by_hour: Mapping[tuple[int, str], int] = field(default_factory=dict)


def sum_visits(connection: Connection, wanted: Wanted, *, now: datetime) -> Sums:
    """Count all that is asked for, by state."""
    rows = fetch(
        connection,
        f"""
        SELECT extract(hour FROM planned_start AT TIME ZONE 'Europe/London')::integer, state, sum(visits)::bigint, sum(planned)::bigint,
               sum(minutes)::bigint * 60, sum(contact)::bigint
        FROM (
            SELECT planned_start, {STATE} AS state, count(*) AS visits, count(carer_no) AS planned,
                   coalesce(sum(planned_minutes), 0) AS minutes,
                   coalesce(sum(contact_seconds) FILTER (WHERE carer_no IS NOT NULL), 0) AS contact
            FROM logged_visit WHERE {conditions(wanted)} GROUP BY 1, 2
        ) AS starts GROUP BY 1, 2
        """,  # noqa: S608
        asked_for(wanted) | {"now": now},
    )
    states: dict[str, int] = {}
    for _, state, visits, *_ in rows:
        states[state] = states.get(state, 0) + visits
    planned, length, contact = (sum(row[column] for row in rows) for column in (3, 4, 5))
    by_hour = {(row[0], row[1]): row[3] for row in rows if row[3]}
    return Sums(states=states, planned=planned, planned_seconds=length, contact_seconds=contact, by_hour=by_hour)


def read_visit(connection: Connection, visit_id: str, *, now: datetime) -> list[Row]:
    """The rows of one planned visit: one for each carer asked for."""
    asked = {"visit_id": visit_id, "now": now}
    return _named(fetch(connection, f"{SELECT} WHERE visit_id = %(visit_id)s ORDER BY day, place", asked))


def choices(connection: Connection, day: date) -> dict[str, tuple[str, ...]]:
    """Which providers, zones and services had visits on a day."""
    rows = fetch(connection, "SELECT DISTINCT provider, zone, service FROM logged_figures WHERE day = %(day)s", {"day": day})
    names = ("provider", "zone", "service")
    return {name: tuple(sorted({row[column] for row in rows if row[column]})) for column, name in enumerate(names)}


def conditions(wanted: Wanted, *, states: bool = True) -> LiteralString:
    """The conditions, written out only where something is asked, so that an index is found that fits. `states`: also how they stand."""
    parts: list[LiteralString] = ["day BETWEEN %(first)s AND %(last)s"]
    if wanted.provider:
        parts.append("provider = %(provider)s")
    if wanted.zone:
        parts.append("zone = %(zone)s")
    if wanted.service:
        parts.append("service = %(service)s")
    if wanted.carer:
        parts.append("carer = %(carer)s")
    if wanted.service_user:
        parts.append("service_user = %(service_user)s")
    if wanted.delivery and wanted.delivery in _OF_EMPTY:
        parts.append(_OF_EMPTY[wanted.delivery])
    elif wanted.delivery:
        parts.append("delivery = %(delivery)s")
    if wanted.amended is not None:
        parts.append("amended" if wanted.amended else "NOT amended")
    if wanted.state and states:
        parts.append(_OF_STATE[wanted.state])
    if wanted.search:
        parts.append("(visit_id = %(search)s OR service_user = %(search)s OR carer = %(search)s)")
    return " AND ".join(parts)


def asked_for(wanted: Wanted) -> dict[str, object]:
    """The parameters of `conditions`, but for `now`."""
    return {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}


def _named(rows: list[tuple[Any, ...]]) -> list[Row]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
