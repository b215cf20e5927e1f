"""What does a receipt of the office change in the outbox?"""

from __future__ import annotations

import sqlite3
from enum import Enum

from calltime_edge.outbox_file import settled, write_settled
from calltime_edge.outbox_ranges import Range, settle, state_of, store_through, stored_through, take_back
from calltime_wire import base64url, jws, records
from calltime_wire.receipts import Receipt
from calltime_wire.records import Boot

FORGOTTEN_AT_ONCE = (64, 2000)
"""So many records are forgotten with one receipt, at least (each time costs pages) and at most (a carer may be waiting)."""


class Agreement(Enum):
    """What a receipt did: the office and the door agree, or the office holds another chain under this door's name."""

    AGREED = "agreed"
    FORKED = "forked"


def highest(receipt: Receipt) -> int:
    """Say the highest number that the office holds of this door, by this receipt."""
    return max([receipt.through, *(last for _, last in receipt.also)])


def take(db: sqlite3.Connection, receipt: Receipt, *, keep: int) -> Agreement:
    """Settle what the receipt covers (nothing beyond our newest), and forget what it lets us forget, but for the `keep` newest of it."""
    if not _agrees(db, receipt):
        return Agreement.FORKED
    before = settled(db)
    after = store_through(before, receipt.through)
    for first, last in receipt.also:
        after = settle(after, Range(first=first, last=last, state="beyond a gap"))
    for aside in receipt.quarantined:
        seq = _numbered(db, base64url.decode(aside.digest), aside.seq, after=receipt.through)
        if seq is not None and state_of(after, seq) == "waiting":
            after = settle(take_back(after, _declared_by(db, seq)), Range(first=seq, last=seq, state="quarantined"))
    write_settled(db, before, after)
    _forget(db, stored_through(after) - keep)
    return Agreement.AGREED


def _agrees(db: sqlite3.Connection, receipt: Receipt) -> bool:
    """Compare the office's record `through` with ours. One that we forgot was compared before; one that we lost, we cannot compare."""
    if receipt.through == 0:
        return True
    row = db.execute("SELECT digest FROM record WHERE seq = ?", (receipt.through,)).fetchone()
    return row is None or base64url.encode(row[0]) == receipt.digest


def _declared_by(db: sqlite3.Connection, seq: int) -> tuple[tuple[int, int], ...]:
    """List the ranges that one of our records declares lost: set aside, it declared nothing."""
    compact = db.execute("SELECT jws FROM record WHERE seq = ?", (seq,)).fetchone()[0]
    try:
        record = records.decode(jws.split(compact).payload)
    except ValueError:
        return ()
    return record.data.lost if isinstance(record, Boot) else ()


def _numbered(db: sqlite3.Connection, digest: bytes, seq: int | None, *, after: int) -> int | None:
    """Find our record of this digest. The office may not have been able to read its number: then it is among the first that wait."""
    if seq is not None:
        row = db.execute("SELECT seq FROM record WHERE seq = ? AND digest = ?", (seq, digest)).fetchone()
    else:
        query = "SELECT seq FROM (SELECT seq, digest FROM record WHERE seq > ? ORDER BY seq LIMIT 1000) WHERE digest = ?"
        row = db.execute(query, (after, digest)).fetchone()
    return None if row is None else int(row[0])


def _forget(db: sqlite3.Connection, through: int) -> None:
    oldest = db.execute("SELECT min(seq) FROM record").fetchone()[0] or 0
    at_least, at_most = FORGOTTEN_AT_ONCE
    if through - oldest >= at_least - 1:
        db.execute("DELETE FROM record WHERE seq <= ?", (min(through, oldest + at_most - 1),))
