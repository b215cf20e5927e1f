"""How is the database reached, and what does its trouble mean: wait, set a message aside, or call a person? Here psycopg is imported."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import psycopg
from psycopg import conninfo

from calltime_gateway.deadline import Deadline
from calltime_gateway.desk import Desk
from calltime_gateway.timeline import ASK, Timeline, Timelines

log = logging.getLogger(__name__)

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

AWAY = ("08", "25006", "40", "53", "55P03", "57", "58")
"""Beginnings of the SQLSTATEs that time or another server mends: a lost connection; a server that only reads (it was the primary once);
a deadlock or a conflict with another gateway; no room, memory or connections; a lock or a statement that took too long; a server that
stops, starts or cannot read its disk."""
OF_THE_CONTENT = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""What a message can be to blame for. Anything else, such as a column or a right that is missing, is a fault of the installation."""
SchemaMissing = psycopg.errors.UndefinedTable
"""The database has not been migrated."""

REACHING: dict[str, Any] = {
    "connect_timeout": 5,
    "target_session_attrs": "read-write",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "calltime-gateway",
}
"""How a lost server is noticed, and the one of several that can be written to is found. The DSN may say otherwise."""
SESSION = (
    r"-c default_transaction_isolation=read\ committed -c plan_cache_mode=force_custom_plan -c jit=off"
    " -c lock_timeout=10s -c idle_in_transaction_session_timeout=15s"
)
"""A session whose gateway is gone must not keep its doors locked. A plan is made for the tables as they are now: they grow. There is no
statement_timeout on purpose: in a COMMIT that waits for a standby it would end the wait and not the commit."""
REPLACED = (
    "This database was the primary once and was replaced since: what it takes nobody would ever see. Stop it, or rebuild it as a standby "
    "of the new one. Trying again; with load_balance_hosts=random in the DSN another host may come first."
)
LONGEST = 20.0
"""Seconds for a transaction. After that the connection is cut: where bytes are swallowed on the way nothing else would end the wait."""

A_MINUTE = 60.0
MOVED = timedelta(seconds=5)
"""Whoever sets our clock by more between two transactions makes us compare it anew."""
SUSPECT, WRONG = timedelta(minutes=1), timedelta(minutes=5)
"""How far our clock and the database's may differ before it is said, and before nothing is judged by ours."""


class DatabaseAway(RuntimeError):
    """The database cannot be used now, and waiting helps. Nothing of the batch is stored, or all of it: it may have been committed just
    before the connection was lost. To do it again is right in both cases, because a record that is stored is known again."""


class TookTooLong(DatabaseAway):
    """The connection was cut in mid-transaction. If the database is only slow, it may manage with less at a time."""


class Unstorable(RuntimeError):
    """The database does not take what a message holds: nothing of the batch is stored, and waiting does not help."""


class StoredMeanwhile(Unstorable):
    """Something with the same key was not there when we looked, and is now. Whoever looks again sees it."""


class UnreadableAddress(ValueError):
    """The address of the database is not written as one. It is never quoted: it may hold a password, or pieces of one in odd places."""


class Misfitted(RuntimeError):
    """The database lacks a column, a right or something else that this version needs. Only a person can help."""


class Store:
    """The gateway's connection to the database; for one thread."""

    def __init__(self, dsn: str, *, now: Callable[[], datetime] | None = None, timelines: Timelines | None = None) -> None:
        """Nothing is connected before it is needed. With `now`, our clock is compared with the database's again and again.

        With `timelines`, a primary that was replaced is not believed.
        """
        self._dsn = dsn
        self._now = now
        self._timelines = timelines
        self._connection: Connection | None = None
        self._compared = -A_MINUTE
        self._began: datetime | None = None
        self._warnings: list[str] = []
        self._deadline = Deadline()

    @contextmanager
    def transaction(self) -> Iterator[Desk]:
        """Open one transaction; it is committed when the block ends well.

        Raises DatabaseAway, Unstorable, SchemaMissing or Misfitted; a few of the first two as TookTooLong and StoredMeanwhile.
        """
        try:
            connection = self._connected()
            self._warnings.clear()
            with self._within(connection), connection.transaction():
                yield Desk(connection)
        except psycopg.Error as error:
            raise self._meaning(error) from error
        if self._warnings:
            # Above all: committed here, but a standby that was to have it may not. A receipt may not rest on that.
            self._let_go()
            raise DatabaseAway(self._warnings[0])

    def _meaning(self, error: psycopg.Error) -> Exception:
        state, lost = error.sqlstate or "", self._connection is None or self._connection.closed
        if lost or state.startswith(AWAY) or (isinstance(error, psycopg.OperationalError) and not state):
            self._let_go()  # with another connection comes another server, where there are several
            return (TookTooLong if self._deadline.passed else DatabaseAway)(_says(error))
        if isinstance(error, psycopg.errors.UniqueViolation):
            return StoredMeanwhile(_says(error))
        if isinstance(error, OF_THE_CONTENT):
            return Unstorable(_says(error))
        if isinstance(error, SchemaMissing):
            return error
        return Misfitted(_says(error))

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = _connect(self._dsn)
            self._connection.add_notice_handler(self._noticed)
            with self._within(self._connection):
                _say_what_it_may_forget(self._connection)
                self._look_at_its_timeline(self._connection)
            self._compared = -A_MINUTE
        if self._now is not None and (time.monotonic() > self._compared + A_MINUTE or self._was_set(self._now)):
            with self._within(self._connection):
                self._compare_clocks(self._connection, self._now)
        return self._connection

    def _within(self, connection: Connection) -> AbstractContextManager[None]:
        return self._deadline.within(LONGEST, lambda: _cut(connection))

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warnings.append(notice.message_primary or "a warning")

    def _look_at_its_timeline(self, connection: Connection) -> None:
        if self._timelines is None:
            return
        try:
            found = connection.execute(ASK).fetchone()
        except psycopg.ProgrammingError as error:  # a service that only speaks like PostgreSQL, or tells not everybody
            log.info("the database does not tell its timeline, so an old primary would not be noticed: %s", type(error).__name__)
            return
        if found is not None and self._timelines.is_stale(Timeline(system=found[0], number=found[1])):
            self._let_go()
            raise DatabaseAway(REPLACED)

    def _was_set(self, now: Callable[[], datetime]) -> bool:
        return self._began is None or abs(_began(now) - self._began) > MOVED

    def _compare_clocks(self, connection: Connection, now: Callable[[], datetime]) -> None:
        """Judge by no clock that may be wrong: a tap refused for its time is set aside for good."""
        [(theirs,)] = connection.execute("SELECT clock_timestamp()").fetchall()
        apart = now() - theirs
        if abs(apart) > WRONG:
            raise DatabaseAway(f"{_differ(apart)} Nothing is taken until they agree: taps would be refused for their time.")
        if abs(apart) > SUSPECT:
            log.warning("%s", _differ(apart))
        self._compared, self._began = time.monotonic(), _began(now)

    def close(self) -> None:
        """Let the connection go, and whoever watches over it."""
        self._let_go()
        self._deadline.close()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _says(error: psycopg.Error) -> str:
    """Leave out what stands below the sentence: it quotes the row, and with it a badge and a home."""
    return error.diag.message_primary or str(error).strip()


def parts_of(dsn: str) -> dict[str, Any]:
    """Take the address of the database apart as libpq does. Raises UnreadableAddress, also where libpq finds a password among the rest."""
    try:
        parts = conninfo.conninfo_to_dict(dsn)
    except psycopg.Error:
        raise UnreadableAddress("the address of the database cannot be read") from None
    hosts, ports = (str(parts.get(part) or "") for part in ("host", "port"))
    if "@" in hosts + str(parts.get("dbname") or "") or not all(port == "" or _is_port(port) for port in ports.split(",")):
        raise UnreadableAddress("the address of the database has something else where a host, a port or a name belongs")
    return parts


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65_536


def _connect(dsn: str) -> Connection:
    told = parts_of(dsn)
    try:
        told["options"] = f"{SESSION} {told.get('options') or ''}".strip()
        return psycopg.connect(**(REACHING | told), autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseAway(str(error).strip()) from error


def _say_what_it_may_forget(connection: Connection) -> None:
    [settings] = connection.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')").fetchall()
    if {"off", "local"} & set(settings):
        log.warning(
            "The database may forget what it has confirmed when a machine loses power (synchronous_commit %s, fsync %s), "
            "and doors forget what is confirmed. Switch both on.",
            *settings,
        )


def _cut(connection: Connection) -> None:
    """End the line under a connection that another thread waits on: closing it from here would leave that thread waiting."""
    with contextlib.suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        log.warning("the database has not answered for %g s; its connection is cut", LONGEST)
        line.shutdown(socket.SHUT_RDWR)


def _began(now: Callable[[], datetime]) -> datetime:
    """When the machine was started, by its own clock: the same again and again, until somebody sets that."""
    return now() - timedelta(seconds=time.monotonic())


def _differ(apart: timedelta) -> str:
    ahead = "ahead of" if apart > timedelta(0) else "behind"
    return f"This machine's clock is {abs(apart).total_seconds():.0f} s {ahead} the database's. Mend the one that is wrong."
