"""Which lines stand in a run of their own settlement, because no pay period had been opened for their day?"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from calltime_server.store.connection import Connection, read_frame

STRAYS = pl.Schema({"line": pl.Int64(), "stands_in": pl.Int64()})


def read_strays(connection: Connection, *, start: datetime, end: datetime) -> pl.DataFrame:
    """Those of [start, end) whose run can still change, and for whose day a period is there by now, as a STRAYS frame."""
    return read_frame(
        connection,
        """
        SELECT line, l.run FROM standing_line l
        JOIN pay_period ON coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date) BETWEEN first_day AND last_day
        WHERE l.run = ANY(ARRAY(
            SELECT run FROM payment_run p WHERE from_time < %(end)s AND to_time > %(start)s
            AND NOT EXISTS (SELECT FROM pay_period WHERE pay_period.run = p.run)
            AND NOT EXISTS (SELECT FROM run_state WHERE run_state.run = p.run AND state = 'approved')
        ))
        AND coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date)
            BETWEEN (%(start)s AT TIME ZONE 'Europe/London')::date AND ((%(end)s - interval '1 second') AT TIME ZONE 'Europe/London')::date
        ORDER BY line
        """,
        {"start": start, "end": end},
        STRAYS,
    )
