"""How does a year of a council come into a database? Four weeks are settled by the real path, and stand twelve times more, each earlier.

They are copied within the database, moved by whole weeks of London's clocks. Taps stand behind the last four weeks only: no page reads more
than those of one visit, and a year of signed records would be ten gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
from psycopg import sql

from bench.settle_council import FIRST, Council
from bench.settle_database import rows_of
from bench.settle_ledger import AFTER, closed
from calltime_server.jobs.log_days import log_day
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import connect, write_frame
from calltime_server.store.migrations import migrate
from calltime_server.visits.civil_day import span_of

COPIES = 12
DAYS = 28
_SINCE = f"'{span_of(FIRST)[0].isoformat()}'"
OF_WEEKS = {
    "planned_visit": f"planned_start >= {_SINCE}",
    "payment_run": f"from_time >= {_SINCE}",
    "pay_period": f"first_day >= '{FIRST}'",
    "run_state": "run = 1",
    "period_closed": f"first_day >= '{FIRST}'",
    "settlement": f"from_time >= {_SINCE}",
    "ledger_line": f"planned_start >= {_SINCE}",
    **dict.fromkeys(("logged_visit", "logged_problem", "logged_day", "logged_figures", "logged_queue"), f"day >= '{FIRST}'"),
}
"""What is copied, and which of its rows are of the four weeks; in an order in which each row finds what it refers to."""
EARLIER = {
    "timestamp with time zone": "((({name}) AT TIME ZONE 'Europe/London') - {days} * interval '1 day') AT TIME ZONE 'Europe/London'",
    "date": "{name} - {days}::integer",
}
RENAMED = {"visit_id": "{name} || '-' || {number}::text", "run": "{name} + {number}", "settlement": "{name} + {number}"}
"""The runs and settlements of the copies have the numbers after the first one's."""


def fill(dsn: str, made: Council, terms: Terms) -> int:
    """Fill a fresh database; returns how many planned visits there are then."""
    migrate(dsn)
    with connect(dsn) as connection:
        for table, frame in rows_of(made).items():
            write_frame(connection, table, frame)
    _tidy(dsn)
    closed(dsn, terms)
    with connect(dsn) as connection:
        for day in range(DAYS):
            log_day(connection, FIRST + timedelta(days=day), terms=(terms,), now=AFTER)
    with psycopg.connect(dsn) as copying:
        for number in range(1, COPIES + 1):
            for table in OF_WEEKS:
                copying.execute(_copy(copying, table, number))
            copying.commit()
    _tidy(dsn)
    with psycopg.connect(dsn) as counting:
        return next(iter(counting.execute("SELECT count(*) FROM planned_visit")))[0]  # type: ignore[no-any-return]


def _copy(connection: psycopg.Connection[tuple[object, ...]], table: str, number: int) -> sql.Composed:
    """Those rows of the four weeks, so many times four weeks earlier."""
    columns = list(_columns(connection, table))
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    values = sql.SQL(", ").join(_moved(name, kind, number) for name, kind in columns)
    return sql.SQL("INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {table} WHERE {of_weeks}").format(
        table=sql.Identifier(table), names=names, values=values, of_weeks=sql.SQL(OF_WEEKS[table])
    )


def _columns(connection: psycopg.Connection[tuple[object, ...]], table: str) -> Iterator[tuple[str, str]]:
    """Names and types of what is copied: not what is worked out from it, nor the number that each row of the ledger is given anew."""
    rows = connection.execute(
        """
        SELECT column_name, data_type, is_identity FROM information_schema.columns
        WHERE table_name = %s AND table_schema = current_schema() AND is_generated = 'NEVER' ORDER BY ordinal_position
        """,
        (table,),
    )
    for name, kind, identity in rows:
        if identity == "NO" or str(name) in RENAMED:
            yield str(name), str(kind)


def _moved(name: str, kind: str, number: int) -> sql.Composed:
    written = RENAMED.get(name) or EARLIER.get(kind) or "{name}"
    return sql.SQL(written).format(name=sql.Identifier(name), days=sql.Literal(DAYS * number), number=sql.Literal(number))


def _tidy(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
