"""How does the day stand now: who is due, who is here, who is late?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.logged import COLUMNS, SELECT, STATE, Row

QUEUES: Mapping[str, tuple[str, ...]] = {
    "late": ("late",),
    "due": ("to_come",),
    "here": ("under_way",),
    "missed": ("missed",),
    "mend": ("no_stop", "no_start"),
    "unplanned": ("not_planned",),
    "told": ("told",),
    "done": ("delivered",),
}
"""Which states belong to which queue of the day, the most urgent first."""
# A visit that began yesterday evening, or should have, may be open still.
_OF_NOW: LiteralString = """
(day = %(today)s OR (day = %(yesterday)s AND delivery IN ('missed', 'no_stop') AND open_until > %(now)s))
AND (%(provider)s::text IS NULL OR provider = %(provider)s)"""
_IN_ORDER: Mapping[str, LiteralString] = {
    "here": "started, day, place",
    "done": "coalesce(ended, started, planned_start) DESC, day, place",
    "missed": "planned_start DESC, day, place",
}


def count_now(connection: Connection, *, today: date, provider: str | None, now: datetime) -> dict[str, int]:
    """How many carer visits stand in each queue."""
    rows = fetch(
        connection,
        f"SELECT {STATE}, count(*) FROM logged_visit WHERE {_OF_NOW} GROUP BY 1",  # noqa: S608
        _asked(today, provider, now),
    )
    counted = dict(rows)
    return {queue: sum(counted.get(state, 0) for state in states) for queue, states in QUEUES.items()}


def read_now(connection: Connection, *, queue: str, today: date, provider: str | None, now: datetime, limit: int) -> list[Row]:
    """The carer visits of a queue, those first that matter first, at most so many."""
    order = _IN_ORDER.get(queue, "coalesce(planned_start, started, ended), day, place")
    rows = fetch(
        connection,
        f"SELECT * FROM ({SELECT} WHERE {_OF_NOW}) AS each WHERE state = ANY(%(states)s) ORDER BY {order} LIMIT %(limit)s",  # noqa: S608
        _asked(today, provider, now) | {"states": list(QUEUES[queue]), "limit": limit},
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _asked(today: date, provider: str | None, now: datetime) -> dict[str, object]:
    return {"today": today, "yesterday": today - timedelta(days=1), "provider": provider, "now": now}
