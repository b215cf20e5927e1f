"""Where is a record safe until the office has it? In a SQLite file that is synced to disk before anybody is told."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt
from calltime_wire.records import Action

KEPT_FOR_THE_LOG = 1000
"""Records that the office has and that stay on the door, so that somebody can look what was tapped."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq    INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    jws    TEXT NOT NULL,
    state  TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'beyond a gap', 'quarantined', 'stored'))
) STRICT;
CREATE INDEX IF NOT EXISTS record_waiting ON record (seq) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS last_tap (
    carer  TEXT NOT NULL,
    place  TEXT NOT NULL,
    action TEXT NOT NULL,
    at     TEXT NOT NULL,
    boot   TEXT NOT NULL,
    up_ms  INTEGER NOT NULL,
    PRIMARY KEY (carer, place)
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a carer did last at a home, by the clock and by the uptime of a power-up."""

    carer: str
    place: str
    action: Action
    at: datetime
    boot: str
    up_ms: int


class Agreement(Enum):
    """What a receipt did: the office and the door agree, or the office holds another chain under this door's name."""

    AGREED = "agreed"
    FORKED = "forked"


class Outbox:
    """The door's records. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises sqlite3.Error when it cannot be used."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL syncs the log at every commit: when `add` has returned, the record survives the power cut.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, make: Callable[[int, str | None], str], move: Move | None = None) -> int:
        """Write the next record of the chain; return its number when it is safe on disk.

        `make(seq, prev)` signs the record for this number and the digest before it (base64url).
        Raises sqlite3.Error, and then nothing was kept.
        """
        with self._transaction():
            row = self._db.execute("SELECT seq, digest FROM record ORDER BY seq DESC LIMIT 1").fetchone()
            seq, prev = (1, None) if row is None else (row[0] + 1, base64url.encode(row[1]))
            compact = make(seq, prev)
            self._db.execute("INSERT INTO record (seq, digest, jws) VALUES (?, ?, ?)", (seq, jws.digest(compact), compact))
            if move is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO last_tap (carer, place, action, at, boot, up_ms) VALUES (?, ?, ?, ?, ?, ?)",
                    (move.carer, move.place, move.action, move.at.isoformat(), move.boot, move.up_ms),
                )
        return seq

    def last_tap(self, carer: str, place: str) -> Move | None:
        """Look up what this carer did last at this home."""
        with self._lock:
            query = "SELECT action, at, boot, up_ms FROM last_tap WHERE carer = ? AND place = ?"
            row = self._db.execute(query, (carer, place)).fetchone()
        if row is None:
            return None
        return Move(carer=carer, place=place, action=row[0], at=datetime.fromisoformat(row[1]), boot=row[2], up_ms=row[3])

    def waiting(self, *, after: int, at_most: int) -> list[tuple[int, str]]:
        """List records without a receipt as (number, JWS), in order, beyond a number."""
        with self._lock:
            return self._db.execute(
                "SELECT seq, jws FROM record WHERE state = 'waiting' AND seq > ? ORDER BY seq LIMIT ?", (after, at_most)
            ).fetchall()

    def count_waiting(self, *, through: int | None = None) -> int:
        """Count records without a receipt, all or up to a number."""
        with self._lock:
            query = "SELECT count(*) FROM record WHERE state = 'waiting' AND (?1 IS NULL OR seq <= ?1)"
            return int(self._db.execute(query, (through,)).fetchone()[0])

    def log(self, at_most: int) -> list[tuple[int, str, str]]:
        """List the latest records as (number, state, JWS), newest first."""
        with self._lock:
            return self._db.execute("SELECT seq, state, jws FROM record ORDER BY seq DESC LIMIT ?", (at_most,)).fetchall()

    def take_receipt(self, receipt: Receipt) -> Agreement:
        """Mark what the office has. Only `through`, proved by its digest, lets a record be forgotten."""
        with self._transaction():
            if not self._agrees(receipt):
                return Agreement.FORKED
            self._db.execute("UPDATE record SET state = 'stored' WHERE seq <= ? AND state <> 'stored'", (receipt.through,))
            for first, last in receipt.also:
                self._db.execute("UPDATE record SET state = 'beyond a gap' WHERE seq BETWEEN ? AND ? AND state = 'waiting'", (first, last))
            for aside in receipt.quarantined:
                self._db.execute(
                    "UPDATE record SET state = 'quarantined' WHERE digest = ? AND state = 'waiting'", (base64url.decode(aside.digest),)
                )
            self._db.execute("DELETE FROM record WHERE seq <= ? AND state = 'stored'", (receipt.through - KEPT_FOR_THE_LOG,))
        return Agreement.AGREED

    def _agrees(self, receipt: Receipt) -> bool:
        """Compare the office's record `through` with ours. One that we forgot long ago was compared then."""
        if receipt.through == 0:
            return True
        row = self._db.execute("SELECT digest FROM record WHERE seq = ?", (receipt.through,)).fetchone()
        if row is not None:
            return base64url.encode(row[0]) == receipt.digest
        newest = self._db.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0]
        return bool(receipt.through <= newest)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
