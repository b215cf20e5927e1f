"""How does a day look when each carer, or each service user, has a line of their own: planned against actual?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from calltime_server.store.connection import Connection
from calltime_server.store.logged import Row, Wanted
from calltime_server.store.logged_lines import names_after, rows_of
from calltime_server.visits.wall import LONDON
from calltime_server.web.shown import minute, planned
from calltime_server.web.visit_log import State, shown

By: TypeAlias = Literal["carer", "service_user"]
BY: dict[str, By] = {"carers": "carer", "service_users": "service_user"}
ON_A_PAGE = 40
A_MINUTE = timedelta(minutes=1)
LEAST = 4
"""Minutes that a piece is wide at the least, so that it can be seen and pointed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What figures.timeline draws: rows, hours as London's clocks show them, states that occur; and the name after which it goes on."""

    rows: list[dict[str, Any]]
    hours: list[str]
    states: list[State]
    next: str | None


def read_lines(connection: Connection, wanted: Wanted, *, by: By, after: str, now: datetime) -> Lines:
    """The lines of the first day that is wanted, those after a name."""
    names = names_after(connection, wanted, by=by, after=after, limit=ON_A_PAGE + 1, now=now)
    page = names[:ON_A_PAGE]
    rows = shown(rows_of(connection, wanted, by=by, names=page, now=now))
    if not rows:
        return Lines(rows=[], hours=[], states=[], next=None)
    first, last = _hours(rows, now)
    count = (last - first) // timedelta(hours=1)
    return Lines(
        rows=[_line(name, [row for row in rows if row[by] == name], by, first, last, now) for name in page],
        hours=[f"{(first + timedelta(hours=hour)).astimezone(LONDON):%H}" for hour in range(count + 1)],
        states=list({row["state"].name: row["state"] for row in rows if _made(row, now)}.values()),
        next=page[-1] if len(names) > ON_A_PAGE else None,
    )


def _line(name: str, rows: list[dict[str, Any]], by: By, first: datetime, last: datetime, now: datetime) -> dict[str, Any]:
    other = "service_user" if by == "carer" else "carer"
    plan = [
        _piece(_start(row), _planned_end(row), first, last)
        | {"words": f"{planned(_start(row), row['planned_minutes'])} {row['service_user']}"}
        for row in rows
        if row["planned_start"]
    ]
    actual = [
        _piece(*span, first, last) | {"words": f"{_told(row)} {row[other] or '–'}", "state": row["state"], "amended": row["amended"]}
        for row in rows
        if (span := _made(row, now)) is not None
    ]
    return {"label": name, "planned": plan, "actual": actual}


def _start(row: Row) -> datetime:
    start: datetime = row["planned_start"]
    return start


def _planned_end(row: Row) -> datetime:
    return _start(row) + int(row["planned_minutes"]) * A_MINUTE


def _made(row: Row, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when somebody was there, as far as is known: to now while it lasts, else a moment where one end is missing."""
    start, end = row["started"], row["ended"]
    if start is None and end is None:
        # That nobody came is a mark where somebody should have.
        return (_start(row), _start(row) + LEAST * A_MINUTE) if row["state"].name in ("missed", "late") else None
    if row["state"].name == "under_way":
        return start, now
    begins: datetime = start or end - LEAST * A_MINUTE
    return begins, end or begins + LEAST * A_MINUTE


def _told(row: Row) -> str:
    start, end = (minute(at) if at else "…" for at in (row["started"], row["ended"]))
    return f"{start}–{end}" if row["started"] or row["ended"] else minute(_start(row))


def _hours(rows: list[dict[str, Any]], now: datetime) -> tuple[datetime, datetime]:
    """The whole hours around all that is drawn, at most a day and a half."""
    spans = [span for row in rows if (span := _made(row, now))] + [(_start(row), _planned_end(row)) for row in rows if row["planned_start"]]
    first = min(start for start, _ in spans).replace(minute=0, second=0, microsecond=0)
    last = max(end for _, end in spans)
    hours = -(-(last - first) // timedelta(hours=1))
    return first, first + timedelta(hours=min(max(hours, 1), 36))


def _piece(start: datetime, end: datetime, first: datetime, last: datetime) -> dict[str, Any]:
    """Minutes since the first hour, within what is drawn."""
    begins = max(0, (start - first) // A_MINUTE)
    ends = min((last - first) // A_MINUTE, max((end - first) // A_MINUTE, begins + LEAST))
    return {"start": min(begins, ends), "end": ends}
