"""Whose lines are drawn of a day, and with which visits?"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.logged import COLUMNS, SELECT, Row, Wanted, asked_for, conditions


def names_after(
    connection: Connection, wanted: Wanted, *, by: Literal["carer", "service_user"], after: str, limit: int, now: datetime
) -> list[str]:
    """Carers, or service users, who have visits on the first day that is wanted: those after a name."""
    name: LiteralString = "carer" if by == "carer" else "service_user"
    where = name + " > %(row)s AND day = %(first)s AND " + conditions(wanted, states=False)
    rows = fetch(
        connection,
        "SELECT DISTINCT " + name + " FROM logged_visit WHERE " + where + " ORDER BY 1 LIMIT %(limit)s",  # noqa: S608
        asked_for(wanted) | {"row": after, "limit": limit, "now": now},
    )
    return [name for (name,) in rows]


def rows_of(connection: Connection, wanted: Wanted, *, by: Literal["carer", "service_user"], names: list[str], now: datetime) -> list[Row]:
    """Their visits on that day, all of them, in order."""
    whose = "carer = ANY(%(names)s)" if by == "carer" else "service_user = ANY(%(names)s)"
    rows = fetch(
        connection,
        SELECT + " WHERE day = %(first)s AND " + whose + " AND " + conditions(wanted, states=False)
        + " ORDER BY coalesce(planned_start, started, ended), place",
        asked_for(wanted) | {"names": names, "now": now},
    )  # fmt: skip
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
