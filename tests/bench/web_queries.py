"""How long do the bare queries of a page take? Those that it asks when it is made once are heard, and asked again without it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench.figures import percentile
from calltime_server.store.connection import Pool

PASSED_BY = ("set_config", "SET LOCAL ROLE", "INSERT INTO audit", "FROM session", "UPDATE session", "FROM api_token", "UPDATE api_token")
"""What belongs to knowing who asks, and not to what is asked for."""

Asked = tuple[str, Any]


@contextmanager
def heard() -> Iterator[list[Asked]]:
    """Collect every statement that this process sends meanwhile, with its parameters."""
    asked: list[Asked] = []
    plain, copied = psycopg.Cursor.execute, psycopg.Cursor.copy

    def execute(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        asked.append((_text(self, query), params))
        return plain(self, query, params, **more)

    def copy(self: Any, statement: Any, params: Any = None, **more: Any) -> Any:
        asked.append((_text(self, statement), params))
        return copied(self, statement, params, **more)

    psycopg.Cursor.execute, psycopg.Cursor.copy = execute, copy  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.copy = plain, copied  # type: ignore[method-assign]


def _text(cursor: Any, query: Any) -> str:
    return query if isinstance(query, str) else str(query.as_string(cursor))


def bare(dsn: str, asked: list[Asked], settings: dict[str, str], role: str, *, times: int = 40) -> float:
    """Ask the same again as the same role, so many times; the 95th percentile of all of a page's queries together, in milliseconds."""
    wanted = [(query, params) for query, params in asked if not any(each in query for each in PASSED_BY)]
    took: list[int] = []
    with psycopg.connect(dsn, options=" ".join(f"-c {setting}" for setting in ("TimeZone=UTC", *Pool.QUICK))) as connection:
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.execute(f"SET ROLE {role}")
        for _ in range(times):
            began = time.perf_counter_ns()
            for query, params in wanted:
                _ask(connection, query, params)
            took.append(time.perf_counter_ns() - began)
    return percentile(took, 95) / 1e6


def _ask(connection: psycopg.Connection[Any], query: str, params: Any) -> None:
    with connection.cursor() as cursor:
        if query.startswith("COPY"):
            with cursor.copy(query, params) as copying:
                b"".join(copying)
        else:
            cursor.execute(query, params)
            if cursor.description:
                cursor.fetchall()
