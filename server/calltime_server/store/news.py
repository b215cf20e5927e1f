"""Which days do taps and clock records touch that came in lately?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from calltime_server.store.connection import Connection, execute, fetch

News: TypeAlias = Mapping[tuple[datetime, date], int]
"""How many came in within a second for a day in London. A count that has grown since the last look is news."""

NEAR = timedelta(hours=2)
"""A tap so near to midnight may end a visit of the day before, or begin one of the day after."""
PACKED = timedelta(days=50)
"""Taps that are older may be compressed (after 56 days), and to look through those takes long."""


BACK, FAR_BACK = timedelta(minutes=2), timedelta(days=1)
"""So far before the latest that was seen is looked again: what was received earlier may have been committed later."""


def look_back(through: datetime, *, now: datetime, far: bool) -> datetime:
    """From when on to look, in whole seconds, as news is counted by the second."""
    return (min(through, now) - (FAR_BACK if far else BACK)).replace(microsecond=0)


def read_news(connection: Connection, *, since: datetime, old_ones: bool) -> News:
    """Count what was received since then; `old_ones`: taps that are older than `PACKED`, too.

    A clock record touches the days of all taps of its power-up: where they stand, and where it would place them.
    """
    rows = fetch(
        connection,
        """
        WITH came AS (
            SELECT received_at, time FROM tap
            WHERE received_at >= %(since)s AND (%(old_ones)s OR time >= %(since)s::timestamptz - %(packed)s::interval)
            UNION ALL
            SELECT received_at, received_at FROM untimed_tap WHERE received_at >= %(since)s
            UNION ALL
            SELECT t.received_at, c.time - (c.up_ms - t.up_ms) * interval '1 millisecond'
            FROM untimed_tap t JOIN clock_record c USING (device, boot) WHERE t.received_at >= %(since)s AND c.sync <> 'none'
            UNION ALL
            SELECT c.received_at, at FROM clock_record c
            CROSS JOIN LATERAL (
                SELECT received_at, up_ms FROM untimed_tap u WHERE u.device = c.device AND u.boot = c.boot
                UNION ALL
                SELECT time, up_ms FROM tap t WHERE t.device = c.device AND t.boot = c.boot AND t.seq >= c.seq - 10000
                AND (%(old_ones)s OR t.time >= %(since)s::timestamptz - %(packed)s::interval)
            ) AS t (stands, up_ms)
            CROSS JOIN LATERAL (VALUES (stands), (c.time - (c.up_ms - t.up_ms) * interval '1 millisecond')) AS both_of (at)
            WHERE c.received_at >= %(since)s AND c.sync <> 'none'
        )
        SELECT date_trunc('second', received_at), (at AT TIME ZONE 'Europe/London')::date AS day, count(*)
        FROM came CROSS JOIN LATERAL (VALUES (time - %(near)s::interval), (time), (time + %(near)s::interval)) AS around (at)
        GROUP BY 1, 2
        """,
        {"since": since, "old_ones": old_ones, "packed": PACKED, "near": NEAR},
    )
    return {(second, day): count for second, day, count in rows}


def looked_through(connection: Connection) -> datetime | None:
    """Up to when what came in was looked through; None: nothing was so far."""
    rows = fetch(connection, "SELECT nullif(received_at, '-infinity') FROM logged_through", {})
    at: datetime | None = rows[0][0]
    return at


def note_looked_through(connection: Connection, at: datetime) -> None:
    """Note that everything up to then was looked through."""
    execute(connection, "UPDATE logged_through SET received_at = %(at)s", {"at": at})


def take_watch(connection: Connection) -> bool:
    """Whether this session is the one that keeps the log, until it ends. Another may have that already."""
    taken: bool = fetch(connection, "SELECT pg_try_advisory_lock(hashtext('calltime watch'))", {})[0][0]
    return taken
