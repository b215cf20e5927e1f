"""How do rows and frames pass between Polars and PostgreSQL? By COPY. The one file of the server that imports psycopg."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeAlias

import polars as pl
import psycopg
from psycopg import conninfo, sql
from psycopg_pool import ConnectionPool

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Parameters: TypeAlias = Mapping[str, object]

DatabaseAway = psycopg.OperationalError
"""The database cannot be reached, or went away."""
SchemaMissing = psycopg.errors.UndefinedTable
"""The database has not been migrated."""
WROTE_AT_ONCE = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""Two transactions waited for each other, and this one was ended. The database is there, and the same may go well at once."""
NOT_KEPT = (psycopg.errors.NumericValueOutOfRange, psycopg.errors.ProgramLimitExceeded, psycopg.DataError)
"""A number or a text that no column takes: it came from outside, and is refused like any other mistake. See `is_unforeseen`."""
RowRefused = psycopg.errors.InsufficientPrivilege
"""Row-level security lets this role not write such a row; the transaction is over."""


def is_unforeseen(error: Exception) -> bool:
    """Whether an error of the kinds in NOT_KEPT is the server's own mistake after all, such as a division by nothing."""
    # What is refused before it is sent, as a text with U+0000, has no code of the database.
    foreseen = isinstance(error, (psycopg.errors.NumericValueOutOfRange, psycopg.errors.ProgramLimitExceeded))
    return isinstance(error, psycopg.DataError) and not foreseen and error.sqlstate is not None


@contextmanager
def connect(dsn: str) -> Iterator[Connection]:
    """Open a connection that speaks UTC, as one transaction: committed when the block ends well, rolled back when it raises.

    What the DSN sets itself stays, so that the doctor sees the settings under which the gateway writes.
    """
    with psycopg.connect(**_told(dsn)) as connection:
        yield connection


def _told(dsn: str, *settings: str) -> dict[str, Any]:
    told: dict[str, Any] = conninfo.conninfo_to_dict(dsn)
    told["options"] = " ".join([told.get("options") or "", *(f"-c {setting}" for setting in ("TimeZone=UTC", *settings))]).strip()
    return {"connect_timeout": 5} | told


@contextmanager
def session(dsn: str) -> Iterator[Connection]:
    """Open a connection that stays, for whoever works all day long: each statement is a transaction, unless `together` joins several."""
    with psycopg.connect(**_told(dsn), autocommit=True) as connection:
        yield connection


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """One transaction of a session: committed when the block ends well, rolled back when it raises."""
    with connection.transaction():
        yield


def heard(connection: Connection, *, within: float) -> list[str]:
    """What others told meanwhile on the channels to which this session listens; waits up to so many seconds for the first."""
    return [told.payload for told in connection.notifies(timeout=within, stop_after=1)]


class Pool:
    """Connections like those of `connect`, kept open: a page asks within a millisecond instead of ten."""

    WAIT = 5.0
    """Seconds until who waits for a connection is told that the database is away."""
    TRIES = 10.0
    """Seconds for which a lost connection is tried anew. Each try waits twice as long as the one before: who tried for minutes would go on
    waiting when the database is back, and so would everybody who asks. Whoever asks next begins anew."""

    QUICK = ("jit=off", "max_parallel_workers_per_gather=0")
    """What a page asks is answered in milliseconds, even where the planner expects many rows; to compile it first, or to start workers for
    it, would take twenty."""

    def __init__(self, dsn: str, *, at_most: int = 16) -> None:
        """Nothing is opened before the first use."""
        # A connection that the server has closed meanwhile is noticed before it is handed out, not by the page that gets it.
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            kwargs=_told(dsn, *self.QUICK), min_size=1, max_size=at_most, open=False, timeout=self.WAIT, reconnect_timeout=self.TRIES,
            check=ConnectionPool.check_connection,
        )  # fmt: skip

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends well, rolled back when it raises. Raises DatabaseAway."""
        self._pool.open()
        with self._pool.connection() as connection:
            yield connection

    def close(self) -> None:
        """End all connections."""
        self._pool.close()


def read_frame(connection: Connection, query: LiteralString, parameters: Parameters, schema: pl.Schema) -> pl.DataFrame:
    """Run a SELECT whose columns are those of the schema, in order, and return them as a frame.

    Columns of type Datetime must be selected as they are (timestamptz); they come back in UTC with the schema's unit. Text is never empty:
    what is empty comes back as null.
    """
    statement = sql.SQL("COPY ({query}) TO STDOUT (FORMAT csv)").format(query=sql.SQL(query))
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        data = b"".join(copy)
    raw = pl.Schema({name: pl.String() if isinstance(dtype, _WRITTEN) else dtype for name, dtype in schema.items()})
    if not data:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(io.BytesIO(data), has_header=False, schema=raw)
    return frame.with_columns(_read(name, dtype) for name, dtype in schema.items() if isinstance(dtype, _WRITTEN))


# What PostgreSQL writes in a way of its own.
_WRITTEN = (pl.Datetime, pl.Date, pl.Boolean)


def _read(name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
    written = pl.col(name)
    match dtype:
        case pl.Datetime():
            return written.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit=dtype.time_unit, time_zone="UTC")
        case pl.Date():
            return written.str.to_date("%Y-%m-%d")
        case _:
            return written == "t"


def write_frame(connection: Connection, table: LiteralString, frame: pl.DataFrame) -> None:
    """Append a frame to a table whose columns have the same names."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT csv)").format(table=sql.Identifier(table), columns=columns)
    written = io.BytesIO()
    frame.write_csv(written, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ", quote_style="non_numeric", null_value="")
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(written.getbuffer())


def insert_frame(connection: Connection, table: LiteralString, frame: pl.DataFrame) -> None:
    """The same for a few rows and as somebody whose rows are looked at: COPY does not go into a table with row-level security."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
    statement = sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %(rows)s::json)")
    connection.execute(statement.format(table=sql.Identifier(table), columns=columns), {"rows": frame.write_json()})


def stream(
    connection: Connection, query: LiteralString, parameters: Parameters, *, heading: bool = False, delimiter: str = ",", quote: str = '"'
) -> Iterator[bytes]:
    """Run a SELECT and give its rows as CSV while they come: the memory that it takes does not grow with their number."""
    statement = sql.SQL("COPY ({query}) TO STDOUT (FORMAT csv, HEADER {heading}, DELIMITER {delimiter}, QUOTE {quote})").format(
        query=sql.SQL(query), heading=sql.Literal(heading), delimiter=sql.Literal(delimiter), quote=sql.Literal(quote)
    )
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        yield from _in_parts(copy)


def _in_parts(copy: psycopg.Copy, *, at_least: int = 65_536) -> Iterator[bytes]:
    """PostgreSQL sends row by row; who reads a network is better served with larger parts."""
    part = bytearray()
    for row in copy:
        part += row
        if len(part) >= at_least:
            yield bytes(part)
            part.clear()
    if part:
        yield bytes(part)


def fetch(connection: Connection, query: LiteralString, parameters: Parameters, *, many: bool = False) -> list[tuple[Any, ...]]:
    """Run a query and return its rows. `many`: it reads many rows with these parameters, and is planned for them each time.

    A plan that is kept for all parameters expects few, and takes twice as long.
    """
    return connection.execute(query, parameters, prepare=False if many else None).fetchall()


def execute(connection: Connection, statement: LiteralString, parameters: Parameters) -> int:
    """Run a statement and say how many rows it touched."""
    return connection.execute(statement, parameters).rowcount
