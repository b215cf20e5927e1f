"""What would a competent analyst write in SQL? The same as in Polars: pair, nearest planned visit, sum whole minutes times rate."""

from pathlib import Path

import duckdb

# The nearest is the nearer one of the planned visit before and of the one after: that is what ASOF JOIN is for.
QUERY = """
WITH following AS (
    SELECT service_user, time, action,
           lead(time) OVER taps AS next_time, lead(action) OVER taps AS next_action
    FROM taps WINDOW taps AS (PARTITION BY carer, service_user ORDER BY time)
), contact AS (
    SELECT service_user, time AS started, epoch_ms(next_time - time) // 60000 AS minutes
    FROM following WHERE action = 'start' AND next_action = 'stop'
), beside AS (
    SELECT contact.*, before.planned_start AS before_start, before.planned_minutes AS before_minutes,
           after.planned_start AS after_start, after.planned_minutes AS after_minutes
    FROM contact
    ASOF LEFT JOIN plan AS before ON contact.service_user = before.service_user AND contact.started >= before.planned_start
    ASOF LEFT JOIN plan AS after ON contact.service_user = after.service_user AND contact.started <= after.planned_start
), nearest AS (
    SELECT minutes, started,
           CASE WHEN after_start IS NULL OR started - before_start <= after_start - started
                THEN before_start ELSE after_start END AS planned_start,
           CASE WHEN after_start IS NULL OR started - before_start <= after_start - started
                THEN before_minutes ELSE after_minutes END AS planned_minutes
    FROM beside
)
SELECT sum((least(minutes, planned_minutes) * $per_hour * 60 * 2 + 360000) // 720000)::BIGINT
FROM nearest WHERE abs(epoch_ms(started) - epoch_ms(planned_start)) <= 7200000
"""


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory with the tables `plan` and `taps` of this folder."""
    connection = duckdb.connect(config={"threads": 2})
    for table in ("plan", "taps"):
        connection.read_parquet(str(folder / f"{table}.parquet")).create(table)
    return connection


def pence(connection: duckdb.DuckDBPyConnection, *, per_hour: int) -> int:
    """What all visits come to, in pence. `per_hour` in hundredths of a penny."""
    row = connection.execute(QUERY, {"per_hour": per_hour}).fetchone()
    assert row is not None
    return int(row[0])
