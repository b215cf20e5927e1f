"""Which planned visits does somebody look for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A planned visit as the plan has it."""

    visit_id: str
    service_user: str
    provider: str
    zone: str
    service: str
    planned_start: datetime
    planned_minutes: int
    carers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtVisits:
    """Those that start in [start, end); empty texts ask for all. `sought` is a whole visit id, or a whole reference of a service user."""

    start: datetime
    end: datetime
    provider: str = ""
    zone: str = ""
    service: str = ""
    sought: str = ""


def list_planned(
    connection: Connection, asked: SoughtVisits, *, behind: tuple[datetime, str] | None = None, limit: int
) -> list[PlannedVisit]:
    """The next of them in the order of their time, behind this start and visit id (None: from the beginning)."""
    parameters: dict[str, Any] = {
        "start": asked.start,
        "end": asked.end,
        "provider": asked.provider,
        "zone": asked.zone,
        "service": asked.service,
        "sought": asked.sought,
        "after": behind[0] if behind else asked.start,
        "visit": behind[1] if behind else "",
        "limit": limit,
    }
    if asked.sought:
        # Few visits have this id or are to this service user: to find them first spares reading all of the days.
        rows = fetch(
            connection,
            """
            WITH own AS MATERIALIZED (
                SELECT * FROM planned_visit WHERE visit_id = %(sought)s UNION SELECT * FROM planned_visit WHERE service_user = %(sought)s
            )
            SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers FROM own
            WHERE planned_start >= %(start)s AND planned_start < %(end)s AND (planned_start, visit_id) > (%(after)s, %(visit)s)
            AND (%(provider)s = '' OR provider = %(provider)s) AND (%(zone)s = '' OR zone = %(zone)s)
            AND (%(service)s = '' OR service = %(service)s)
            ORDER BY planned_start, visit_id LIMIT %(limit)s
            """,
            parameters,
        )
    else:
        rows = fetch(
            connection,
            """
            SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers FROM planned_visit
            WHERE planned_start >= %(start)s AND planned_start < %(end)s AND (planned_start, visit_id) > (%(after)s, %(visit)s)
            AND (%(provider)s = '' OR provider = %(provider)s) AND (%(zone)s = '' OR zone = %(zone)s)
            AND (%(service)s = '' OR service = %(service)s)
            ORDER BY planned_start, visit_id LIMIT %(limit)s
            """,
            parameters,
        )
    return list(as_values(PlannedVisit, rows))


def planned_days(connection: Connection) -> tuple[datetime, datetime] | None:
    """The start of the earliest and of the latest planned visit; None: nothing is planned."""
    rows = fetch(connection, "SELECT min(planned_start), max(planned_start) FROM planned_visit", {})
    return (rows[0][0], rows[0][1]) if rows[0][0] else None


_EACH: tuple[LiteralString, ...] = (
    """
    WITH RECURSIVE each AS (
        (SELECT provider AS name FROM planned_visit ORDER BY provider LIMIT 1)
        UNION ALL
        SELECT (SELECT provider FROM planned_visit WHERE provider > name ORDER BY provider LIMIT 1) FROM each WHERE name IS NOT NULL
    ) SELECT name FROM each WHERE name IS NOT NULL
    """,
    """
    WITH RECURSIVE each AS (
        (SELECT zone AS name FROM planned_visit ORDER BY zone LIMIT 1)
        UNION ALL
        SELECT (SELECT zone FROM planned_visit WHERE zone > name ORDER BY zone LIMIT 1) FROM each WHERE name IS NOT NULL
    ) SELECT name FROM each WHERE name IS NOT NULL
    """,
    """
    WITH RECURSIVE each AS (
        (SELECT service AS name FROM planned_visit ORDER BY service LIMIT 1)
        UNION ALL
        SELECT (SELECT service FROM planned_visit WHERE service > name ORDER BY service LIMIT 1) FROM each WHERE name IS NOT NULL
    ) SELECT name FROM each WHERE name IS NOT NULL
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """All that occur in the plan, in order."""

    providers: tuple[str, ...]
    zones: tuple[str, ...]
    services: tuple[str, ...]


def names_in_plan(connection: Connection) -> Names:
    """Each is found by jumping from one to the next in an index: the plan of a year is not read."""
    providers, zones, services = (tuple(str(name) for (name,) in fetch(connection, each, {})) for each in _EACH)
    return Names(providers=providers, zones=zones, services=services)
