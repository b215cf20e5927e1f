"""How does the outbox lie on the disk, and how is it seen that it is damaged?

One page is written for a tap: its record. What the office has is a few ranges, not a mark on each record, and what a carer did last is
read from the newest records. Bytes written, by what the system counts for the process, pages of 4,096 bytes, records of 700 bytes, each tap
synced: a state and an index entry for each record and a table of last taps took 19 KB a tap, and 30 KB with a receipt for each; this takes
6 KB, and 11 KB with a receipt for each. Smaller pages would take less (8 KB with 2,048), but then a long record lies on two of them, and
could not be found again in a damaged file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from calltime_edge.door_key import sync_folder
from calltime_edge.outbox_ranges import Range, Settled, open_between
from calltime_wire import base64url, jws, records

CHECKPOINT_PAGES = 1000
"""The log file is brought into the database when it holds so many pages (4 MB)."""
READ_WHOLE_UP_TO = 8 * 2**20
"""A file of this many bytes (10,000 records; a door that is mostly online has 1,000) is checked as a whole at the start: 0.1 s on a PC. A
bigger one would keep the carers waiting. Of that the newest records are checked; damage further back shows when it is sent."""
NEWEST = 200
"""So many of the newest records are checked at the start, each by its signature and by the one before it."""

_LAYOUT = 1
_SCHEMA = f"""
BEGIN;
CREATE TABLE record (
    seq    INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    jws    TEXT NOT NULL
) STRICT;
CREATE TABLE settled (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('stored', 'beyond a gap', 'quarantined', 'missing', 'declared'))
) STRICT;
PRAGMA user_version = {_LAYOUT};
COMMIT;
"""


class OutboxDamaged(sqlite3.DatabaseError):
    """The file does not hold what was written into it. The door must end; at its next start it saves what is left (`opening`)."""


class NoRoom(sqlite3.OperationalError):
    """The disk is nearly full: what is left of it is kept for the records that are there, so that they can still be sent."""


def connect(path: Path, *, look_only: bool = False) -> sqlite3.Connection:
    """Open the file, or make it. Raises OutboxDamaged, or another sqlite3.Error when it cannot be used.

    `look_only`: change nothing. Whoever else closes the file last brings the log into it and deletes the log, and if that is damaged, what
    could have been saved from it is gone.
    """
    name = f"{path.absolute().as_uri()}?mode={'ro' if look_only else 'rwc'}"
    db = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)
    try:
        # A flipped bit may leave text that is no UTF-8; it is found by its digest.
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        if not look_only:
            _prepare(db)
        _lay_out(db, path)
    except BaseException as error:
        db.close()
        if is_damage(error):
            raise OutboxDamaged(str(error)) from error
        raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA page_size = 4096")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    # Debian builds SQLite so that what is deleted is overwritten: flash keeps the old bytes anyway, and wears.
    db.execute("PRAGMA secure_delete = OFF")


def _lay_out(db: sqlite3.Connection, path: Path) -> None:
    layout = db.execute("PRAGMA user_version").fetchone()[0]
    if layout == _LAYOUT:
        return
    if layout or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise OutboxDamaged(f"{path} is laid out in a way (number {layout}) that this program does not know")
    db.executescript(_SCHEMA)


def is_damage(error: BaseException) -> bool:
    """Tell a file that is damaged, or that the disk cannot read back, from a lock, a full disk, and other trouble that passes."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return isinstance(error, OutboxDamaged)
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or code in {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
    }


def suspicion(path: Path) -> Path:
    """Name the file that says that an outbox is not to be trusted."""
    return path.with_suffix(".suspect")


def suspect(path: Path, why: str) -> None:
    """Note, durably, that the file was found damaged: the next start must not search for the fault again. Raises OSError."""
    with suspicion(path).open("w", encoding="utf-8") as file:
        file.write(why)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


@contextmanager
def transaction(db: sqlite3.Connection, *, synced: bool) -> Iterator[None]:
    """Do all of it or nothing. Synced: when it is done, it survives a power cut."""
    # WAL and FULL sync the log at every commit. Said anew each time: on this line hangs the promise.
    db.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def newest(db: sqlite3.Connection) -> int:
    """Say the highest number that was used or given up."""
    query = "SELECT max(coalesce((SELECT max(seq) FROM record), 0), coalesce((SELECT last FROM settled ORDER BY first DESC LIMIT 1), 0))"
    return int(db.execute(query).fetchone()[0])


def settled(db: sqlite3.Connection) -> Settled:
    """Read the ranges that need not be sent."""
    rows = db.execute("SELECT first, last, state FROM settled ORDER BY first")
    return tuple(Range(first=first, last=last, state=state) for first, last, state in rows)


def write_settled(db: sqlite3.Connection, before: Settled, after: Settled) -> None:
    """Write what has changed of them."""
    gone, new = set(before) - set(after), set(after) - set(before)
    db.executemany("DELETE FROM settled WHERE first = ?", [(each.first,) for each in gone])
    db.executemany("INSERT INTO settled (first, last, state) VALUES (?, ?, ?)", [(each.first, each.last, each.state) for each in new])


def examine(db: sqlite3.Connection, verifier: jws.Verifier) -> None:
    """Look whether the file holds what was written. Raises OutboxDamaged."""
    pages, size = db.execute("PRAGMA page_count").fetchone()[0], db.execute("PRAGMA page_size").fetchone()[0]
    whole = pages * size <= READ_WHOLE_UP_TO
    if whole:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise OutboxDamaged(str(found))
        for seq, digest, compact in db.execute("SELECT seq, digest, jws FROM record"):
            check_digest(seq, digest, compact)
    after: records.Record | None = None
    rows = db.execute("SELECT seq, digest, jws FROM record ORDER BY seq DESC LIMIT ?", (NEWEST,)).fetchall()
    for seq, digest, compact in rows:
        check_digest(seq, digest, compact)
        after = _check_link(seq, digest, compact, after, verifier)
    _check_none_is_gone(db, rows[-1][0] if len(rows) == NEWEST and not whole else 1)


def read_all(db: sqlite3.Connection, first: int, last: int) -> list[tuple[int, str]]:
    """Read records that must be there, as (number, JWS). Raises OutboxDamaged when one is gone, or is not what was written."""
    found: list[tuple[int, str]] = []
    for seq, digest, compact in db.execute("SELECT seq, digest, jws FROM record WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)):
        check_digest(seq, digest, compact)
        found.append((seq, compact))
    gone = next((seq for seq, row in zip_longest(range(first, last + 1), found) if row is None or row[0] != seq), None)
    if gone is not None:
        raise OutboxDamaged(f"record {gone} waits to be sent, and is gone")
    return found


def _check_none_is_gone(db: sqlite3.Connection, first: int) -> None:
    """Count what must still be here. A page that the disk did not write is whole in itself: it only holds what it held before."""
    for low, high in open_between(settled(db), first, newest(db)):
        here = db.execute("SELECT count(*) FROM record WHERE seq BETWEEN ? AND ?", (low, high)).fetchone()[0]
        if here != high - low + 1:
            raise OutboxDamaged(f"of the records {low} to {high}, which wait to be sent, {high - low + 1 - here} are gone")


def check_digest(seq: int, digest: bytes, compact: str) -> None:
    """Compare a record with the digest that was written with it: SQLite itself does not see a flipped bit. Raises OutboxDamaged."""
    if not compact.isascii() or jws.digest(compact) != digest:
        raise OutboxDamaged(f"record {seq} is not what was written")


def _check_link(seq: int, digest: bytes, compact: str, after: records.Record | None, verifier: jws.Verifier) -> records.Record:
    try:
        parts = jws.split(compact)
        record = records.decode(parts.payload)
    except ValueError as error:
        raise OutboxDamaged(f"record {seq} cannot be read: {error}") from error
    if record.data.seq != seq or not jws.is_signed_by(parts, verifier):
        raise OutboxDamaged(f"record {seq} is not one that this door signed")
    if after is not None and after.data.seq == seq + 1 and after.data.prev not in {None, base64url.encode(digest)}:
        raise OutboxDamaged(f"record {seq + 1} does not follow record {seq}")
    return record
