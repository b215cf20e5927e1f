"""How does what is left of an outbox become an outbox again? What was found stands in it, and every other number is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from calltime_edge import high_mark, outbox_file
from calltime_edge.outbox_ranges import Range, Settled
from calltime_edge.salvage import Found
from calltime_wire import base64url, jws, records
from calltime_wire.ed25519 import Ed25519Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """How many records were saved, and the number of the newest of them (0: none)."""

    records: int
    newest: int


def rebuild(path: Path, found: Iterable[Found], verifier: Ed25519Verifier, *, used: int) -> Rebuilt:
    """Make an outbox of what was found. All of it waits to be sent: what the office has, it will say.

    `used`: numbers up to this one may have been used. The records between the newest found and the end were the last to be written, and so
    the first to be damaged: all that may have been used is given up, and a thousand more in case the mark was lost as well.
    """
    db = outbox_file.connect(path)
    try:
        with outbox_file.transaction(db, synced=True):
            _keep(db, found, verifier)
            count, newest = db.execute("SELECT count(*), coalesce(max(seq), 0) FROM record").fetchone()
            missing = _missing(db, max(used, newest + high_mark.RESERVED_AT_ONCE))
            outbox_file.write_settled(db, (), missing)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.close()
    return Rebuilt(records=count, newest=newest)


def _keep(db: sqlite3.Connection, found: Iterable[Found], verifier: Ed25519Verifier) -> None:
    rivals: dict[int, dict[bytes, Found]] = {}
    for each in found:
        held = db.execute("SELECT digest FROM record WHERE seq = ?", (each.seq,)).fetchone()
        if (held is not None and held[0] == each.digest) or not each.is_signed_by(verifier):
            continue
        if held is None:
            db.execute("INSERT INTO record (seq, digest, jws) VALUES (?, ?, ?)", (each.seq, each.digest, each.compact))
        else:
            rivals.setdefault(each.seq, {})[each.digest] = each
    # From the newest down: who comes after has been decided when it is asked whom it follows.
    for seq in sorted(rivals, reverse=True):
        _decide(db, seq, [each.compact for each in rivals[seq].values()])


def _decide(db: sqlite3.Connection, seq: int, rivals: list[str]) -> None:
    """Keep one of several records with one number: the one that the next record names, or else the youngest.

    A number is on two records when writing the first failed: nobody was told of that one, and it was before the other.
    """
    candidates = [db.execute("SELECT jws FROM record WHERE seq = ?", (seq,)).fetchone()[0], *rivals]
    after = db.execute("SELECT jws FROM record WHERE seq = ?", (seq + 1,)).fetchone()
    named = None if after is None else _decoded(after[0]).data.prev
    chosen = max(candidates, key=lambda compact: (base64url.encode(jws.digest(compact)) == named, _decoded(compact).id))
    db.execute("UPDATE record SET digest = ?, jws = ? WHERE seq = ?", (jws.digest(chosen), chosen, seq))


def _decoded(compact: str) -> records.Record:
    return records.decode(jws.split(compact).payload)


def _missing(db: sqlite3.Connection, through: int) -> Settled:
    ranges, free = [], 1
    for (seq,) in db.execute("SELECT seq FROM record ORDER BY seq"):
        if seq > free:
            ranges.append(Range(first=free, last=seq - 1, state="missing"))
        free = seq + 1
    return (*ranges, Range(first=free, last=through, state="missing"))
