"""How is the record kept small and quick to look at as the years pass? The counts of the boards, and columns for old chunks.

Where TimescaleDB's community edition is found, its own jobs do both from then on. Elsewhere `count_hours` is called every hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from calltime_server.store.connection import Connection, execute, fetch

COUNTED_AFTER = timedelta(hours=1)
"""An hour that is over is counted this much later: until then most of its taps are still coming."""
LOOKED_BACK = timedelta(days=2)
"""What a gateway received this long before the last time is looked at again: it may have been committed after that."""


def begin_tending(connection: Connection) -> datetime | None:
    """Let nobody else tend until this transaction ends; return when it was tended last, None for never."""
    rows = fetch(connection, "SELECT nullif(tended_at, '-infinity') FROM tending FOR UPDATE", {})
    last: datetime | None = rows[0][0]
    return last


def end_tending(connection: Connection, *, now: datetime) -> None:
    """Note that it is done."""
    execute(connection, "UPDATE tending SET tended_at = %(now)s", {"now": now})


def count_hours(connection: Connection, *, last: datetime | None, now: datetime) -> int:
    """Count every hour that is over and in which a tap came since last time; return how many hours of doors were written.

    What waited in quarantine for its door is stored as of its first arrival, long ago, and so is looked at every time.
    """
    end = (now - COUNTED_AFTER).replace(minute=0, second=0, microsecond=0)
    written = execute(
        connection,
        """
        INSERT INTO counted_hour (hour, device, taps, starts, stops, proven, first_at, last_at, slowest)
        SELECT hours.hour, counted.* FROM (
            SELECT date_trunc('hour', time, 'UTC') AS hour FROM tap
            WHERE received_at >= coalesce(%(since)s::timestamptz, '-infinity') AND time < %(end)s
            UNION
            SELECT date_trunc('hour', time, 'UTC') FROM quarantine JOIN tap USING (device, seq)
            WHERE reason IN ('unknown door', 'revoked door') AND time < %(end)s
        ) AS hours CROSS JOIN LATERAL (
            SELECT device, count(*), count(*) FILTER (WHERE action = 'start'), count(*) FILTER (WHERE action = 'stop'),
                   count(*) FILTER (WHERE place_proof IS NOT NULL), min(time), max(time), max(received_at - time)
            FROM tap WHERE time >= hours.hour AND time < hours.hour + interval '1 hour' GROUP BY device
        ) AS counted
        ON CONFLICT (hour, device) DO UPDATE
        SET taps = excluded.taps, starts = excluded.starts, stops = excluded.stops, proven = excluded.proven,
            first_at = excluded.first_at, last_at = excluded.last_at, slowest = excluded.slowest
        WHERE counted_hour.taps < excluded.taps
        """,
        {"since": last and last - LOOKED_BACK, "end": end},
    )
    execute(connection, "UPDATE tending SET counted_through = greatest(counted_through, %(end)s)", {"end": end})
    return written


def hand_to_timescaledb(connection: Connection) -> bool:
    """Set up compression and the continuous aggregate, both with jobs of TimescaleDB's own. False: that was done before.

    For the community edition only. Old chunks become columns after 56 days, two payment periods: by then late taps are rare. They can still
    be written, and are compressed with the next run of the job. Each door's taps lie together, in the order of their time.
    """
    if fetch(connection, "SELECT to_regclass('tap_hour') IS NOT NULL", {})[0][0]:
        return False
    for statement in (
        """
        ALTER TABLE tap SET (timescaledb.compress, timescaledb.compress_segmentby = 'device', timescaledb.compress_orderby = 'time, seq')
        """,
        "SELECT add_compression_policy('tap', INTERVAL '56 days', if_not_exists => true)",
        """
        CREATE MATERIALIZED VIEW tap_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
        SELECT time_bucket('1 hour', time) AS hour, device, count(*) AS taps,
               count(*) FILTER (WHERE action = 'start') AS starts, count(*) FILTER (WHERE action = 'stop') AS stops,
               count(*) FILTER (WHERE place_proof IS NOT NULL) AS proven,
               min(time) AS first_at, max(time) AS last_at, max(received_at - time) AS slowest
        FROM tap GROUP BY 1, 2 WITH NO DATA
        """,
        """
        SELECT add_continuous_aggregate_policy('tap_hour', start_offset => NULL, end_offset => INTERVAL '1 hour',
                                               schedule_interval => INTERVAL '1 hour')
        """,
        """
        CREATE OR REPLACE VIEW door_hour AS
        SELECT hour, device, taps, starts, stops, proven, first_at, last_at, slowest FROM tap_hour
        """,
        "DELETE FROM counted_hour",
    ):
        execute(connection, statement, {})
    return True
