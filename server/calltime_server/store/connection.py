"""How do rows and frames pass between Polars and PostgreSQL? By COPY. The one file of the server that imports psycopg."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeAlias

import polars as pl
import psycopg
from psycopg import conninfo, sql

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Parameters: TypeAlias = Mapping[str, object]

DatabaseAway = psycopg.OperationalError
"""The database cannot be reached, or went away."""
SchemaMissing = psycopg.errors.UndefinedTable
"""The database has not been migrated."""


@contextmanager
def connect(dsn: str) -> Iterator[Connection]:
    """Open a connection that speaks UTC, as one transaction: committed when the block ends well, rolled back when it raises.

    What the DSN sets itself stays, so that the doctor sees the settings under which the gateway writes.
    """
    told: dict[str, Any] = conninfo.conninfo_to_dict(dsn)
    told["options"] = f"{told.get('options') or ''} -c TimeZone=UTC".strip()
    with psycopg.connect(**({"connect_timeout": 5} | told)) as connection:
        yield connection


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


def fetch(connection: Connection, query: LiteralString, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Run a query and return its rows."""
    return connection.execute(query, parameters).fetchall()


def execute(connection: Connection, statement: LiteralString, parameters: Parameters) -> int:
    """Run a statement and say how many rows it touched."""
    return connection.execute(statement, parameters).rowcount
