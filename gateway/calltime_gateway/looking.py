"""How does a person, or a graph, look into the database? Read-only, on a connection of its own, beside the store and never in its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import psycopg
from psycopg import conninfo
from psycopg.rows import class_row

from calltime_gateway.store import REACHING, DatabaseAway, SchemaMissing
from calltime_wire.refusals import Reason

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

LONGEST = "20s"
"""For one question. It is asked again; the store's work is not."""
FOR_WANT_OF_A_DOOR = (Reason.UNKNOWN_DOOR, Reason.REVOKED_DOOR)
"""What a replay takes unless it is told otherwise: what can be good by now although nothing was wrong with the gateway."""


@contextmanager
def connected(dsn: str) -> Iterator[Connection]:
    """Open a connection that cannot write. Raises DatabaseAway, also where a right is missing, or SchemaMissing."""
    try:
        with psycopg.connect(**(REACHING | conninfo.conninfo_to_dict(dsn)), autocommit=True) as connection:
            connection.execute("SELECT set_config('statement_timeout', %s, false)", (LONGEST,))
            connection.execute("SET default_transaction_read_only = on")
            yield connection
    except SchemaMissing:
        raise
    except psycopg.Error as error:
        raise DatabaseAway(error.diag.message_primary or str(error).strip()) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which quarantined messages: all that every part that is told fits."""

    reason: Reason | None = None
    device: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """The messages of one reason. `arrivals`: a message that came again counts again. `stored`: those that were taken since."""

    reason: str
    messages: int
    stored: int
    arrivals: int
    doors: int
    newest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A quarantined message. `device` and `seq` are what it claims."""

    id: int
    reason: str
    says: str
    device: str | None
    seq: int | None
    topic: str
    payload: bytes
    first_at: datetime
    last_at: datetime
    times: int
    stored: bool


def heaps(connection: Connection) -> list[Heap]:
    """Count what is in quarantine, by reason."""
    with connection.cursor(row_factory=class_row(Heap)) as cursor:
        return cursor.execute(
            """
            SELECT reason, count(*) AS messages, count(received_at) AS stored, sum(times)::bigint AS arrivals,
                   count(DISTINCT device) AS doors, max(last_at) AS newest
            FROM quarantine LEFT JOIN receipt USING (device, seq, digest) GROUP BY reason ORDER BY messages DESC, reason
            """
        ).fetchall()


def latest(connection: Connection, which: Which, *, at_most: int) -> list[SetAside]:
    """Fetch messages, the one that came last first."""
    with connection.cursor(row_factory=class_row(SetAside)) as cursor:
        return cursor.execute(
            """
            SELECT id, reason, says, device, seq, topic, payload, first_at, last_at, times, received_at IS NOT NULL AS stored
            FROM quarantine LEFT JOIN receipt USING (device, seq, digest)
            WHERE (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(device)s::text IS NULL OR device = %(device)s)
              AND (%(number)s::bigint IS NULL OR id = %(number)s)
            ORDER BY last_at DESC, id DESC LIMIT %(at_most)s
            """,
            _told(which) | {"at_most": at_most},
        ).fetchall()


def waiting(connection: Connection, which: Which, *, at_once: int) -> Iterator[list[tuple[str, bytes, datetime]]]:
    """Fetch as (topic, bytes, first arrival) what is not in the record, so many at once, each door's in the order of its chain.

    Unless a reason or a number is told: what lacked a door.
    """
    any_reason = which.reason is not None or which.number is not None
    with connection.transaction(), connection.cursor(name="waiting") as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (device, seq, digest) topic, payload, first_at FROM quarantine
            WHERE (%(any)s OR reason = ANY(%(usual)s)) AND (%(reason)s::text IS NULL OR reason = %(reason)s)
              AND (%(device)s::text IS NULL OR device = %(device)s) AND (%(number)s::bigint IS NULL OR id = %(number)s)
              AND NOT EXISTS (SELECT FROM receipt WHERE receipt.device = quarantine.device
                              AND receipt.seq = quarantine.seq AND receipt.digest = quarantine.digest)
            ORDER BY device, seq, digest, first_at
            """,
            _told(which) | {"any": any_reason, "usual": [reason.value for reason in FOR_WANT_OF_A_DOOR]},
        )
        while rows := cursor.fetchmany(at_once):
            yield [(topic, bytes(payload), first_at) for topic, payload, first_at in rows]


def _told(which: Which) -> dict[str, str | int | None]:
    return {"reason": None if which.reason is None else which.reason.value, "device": which.device, "number": which.number}
