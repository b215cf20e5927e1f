"""Where is a record safe until the office has it? In a SQLite file that is synced to disk before anybody is told."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from calltime_edge import high_mark, outbox_file, outbox_ranges, outbox_receipts
from calltime_edge.outbox_file import NoRoom, OutboxDamaged, transaction
from calltime_edge.outbox_ranges import Range
from calltime_edge.outbox_receipts import Agreement
from calltime_wire import base64url, jws, records
from calltime_wire.receipts import Receipt
from calltime_wire.records import Action, Tap

__all__ = ["Agreement", "Move", "NoRoom", "Outbox", "OutboxDamaged"]

log = logging.getLogger(__name__)

KEPT_FOR_THE_LOG = 1000
"""Records that the office has and that stay on the door, so that somebody can look what was tapped, and what a carer did last."""
RESERVE = 16 * 2**20
"""Bytes of disk that no tap may use: with them what is here can be sent and receipted, and a power-up be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a carer did last at a home, by the clock and by the uptime of a power-up. Not `known`: nobody had set that clock."""

    carer: str
    place: str
    action: Action
    at: datetime
    boot: str
    up_ms: int
    known: bool = True


class Outbox:
    """The door's records. Safe to use from several threads; one process at a time may write.

    `damage` is set when the file turns out not to hold what was written: then nothing works any more, and the program must end.
    """

    def __init__(self, path: Path, *, look_only: bool = False) -> None:
        """Open the file, or make it; or only look into it, and change nothing.

        Raises OutboxDamaged, or another sqlite3.Error when it cannot be used.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._lock = threading.Lock()
        self.damage: OutboxDamaged | None = None
        self._mark = high_mark.read(high_mark.path_beside(path))
        self._db = outbox_file.connect(path, look_only=look_only)
        self._last: dict[tuple[str, str], Move] = {}
        for _, _, compact in reversed(self.log(KEPT_FOR_THE_LOG)):
            self._remember(_move(compact))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, make: Callable[[int, str | None], str], move: Move | None = None, *, declares: Iterable[tuple[int, int]] = ()) -> int:
        """Write the next record of the chain; return its number when it is safe on disk.

        `make(seq, prev)` signs the record for this number and the digest before it (base64url; None where there is none).
        `move` makes it a tap, which needs room beyond the reserve. `declares`: missing ranges that the record declares lost.
        Raises sqlite3.Error, and then nothing was kept.
        """
        if move is not None:
            self._check_room()
        with self._using() as db:
            with transaction(db, synced=True):
                newest = outbox_file.newest(db)
                before = db.execute("SELECT digest FROM record WHERE seq = ?", (newest,)).fetchone()
                self._reserve(newest + 1)
                compact = make(newest + 1, None if before is None else base64url.encode(before[0]))
                db.execute("INSERT INTO record (seq, digest, jws) VALUES (?, ?, ?)", (newest + 1, jws.digest(compact), compact))
                declared = [(first, last) for first, last in declares]
                db.executemany("UPDATE settled SET state = 'declared' WHERE first = ? AND last = ? AND state = 'missing'", declared)
            self._remember(move)
        return newest + 1

    def last_tap(self, carer: str, place: str) -> Move | None:
        """Look up what this carer did last at this home. Raises OutboxDamaged."""
        with self._using():
            return self._last.get((carer, place))

    def waiting(self, *, after: int, at_most: int) -> list[tuple[int, str]]:
        """List records without a receipt as (number, JWS), in order, beyond a number. Raises OutboxDamaged when one of them is gone."""
        found: list[tuple[int, str]] = []
        with self._using() as db:
            for first, last in outbox_ranges.open_between(outbox_file.settled(db), after + 1, outbox_file.newest(db)):
                room = max(0, at_most - len(found))
                found += outbox_file.read_all(db, first, min(last, first + room - 1))
                if len(found) >= at_most:
                    break
        return found

    def count_waiting(self, *, through: int | None = None) -> int:
        """Count records without a receipt, all or up to a number. It costs the same however many they are."""
        with self._using() as db:
            newest = outbox_file.newest(db)
            return outbox_ranges.count_open(outbox_file.settled(db), newest if through is None else min(through, newest))

    def count_set_aside(self) -> int:
        """Count records that the office could not take. It keeps them in its quarantine, and they are not sent again."""
        with self._using() as db:
            return sum(each.last - each.first + 1 for each in outbox_file.settled(db) if each.state == "quarantined")

    def log(self, at_most: int) -> list[tuple[int, str, str]]:
        """List the latest records as (number, state, JWS), newest first."""
        with self._using() as db:
            settled = outbox_file.settled(db)
            rows = db.execute("SELECT seq, jws FROM record ORDER BY seq DESC LIMIT ?", (at_most,))
            return [(seq, outbox_ranges.state_of(settled, seq), compact) for seq, compact in rows]

    def take_receipt(self, receipt: Receipt) -> Agreement:
        """Mark what the office has. Only `through`, proved by its digest, lets a record be forgotten.

        It is not synced: should a power cut undo it, the records are sent again and receipted again.
        Raises OutboxDamaged when the office holds a number that this file has not come to: it was set back.
        """
        with self._using() as db:
            self._check_not_set_back(outbox_file.newest(db), outbox_receipts.highest(receipt))
            with transaction(db, synced=False):
                return outbox_receipts.take(db, receipt, keep=KEPT_FOR_THE_LOG)

    def examine(self, verifier: jws.Verifier) -> None:
        """Look whether the file holds what was written, as far as that can be seen quickly. Raises OutboxDamaged."""
        with self._using() as db:
            outbox_file.examine(db, verifier)

    def adopt(self, compact: str) -> None:
        """Add a record that this door made for the next number. Raises OutboxDamaged when it does not follow."""

        def made(seq: int, prev: str | None) -> str:
            data = records.decode(jws.split(compact).payload).data
            if data.seq != seq or data.prev != prev:
                raise OutboxDamaged(f"record {data.seq} does not follow record {seq - 1}")
            return compact

        self.add(made)
        self._remember(_move(compact))

    def newest(self) -> int:
        """Say the highest number that was used or given up."""
        with self._using() as db:
            return outbox_file.newest(db)

    def give_up(self, through: int) -> None:
        """Skip the numbers up to one: they may have been used by records that this door no longer holds."""
        with self._using() as db, transaction(db, synced=True):
            before = outbox_file.settled(db)
            outbox_file.write_settled(
                db, before, outbox_ranges.settle(before, Range(first=outbox_file.newest(db) + 1, last=through, state="missing"))
            )

    def missing(self) -> tuple[tuple[int, int], ...]:
        """List the ranges of numbers that this door no longer holds and has not declared lost yet."""
        with self._using() as db:
            return tuple((each.first, each.last) for each in outbox_file.settled(db) if each.state == "missing")

    def _remember(self, move: Move | None) -> None:
        if move is not None:
            self._last[move.carer, move.place] = move

    def _check_room(self) -> None:
        disk = os.statvfs(self._path.parent)
        free = disk.f_bavail * disk.f_frsize
        if free < RESERVE:
            raise NoRoom(
                f"only {free / 2**20:.1f} MiB are free on the disk of {self._path.parent}, and {RESERVE // 2**20} MiB are kept "
                "so that what is here can be sent; make room, or bring the door online"
            )

    def _check_not_set_back(self, newest: int, at_the_office: int) -> None:
        if at_the_office > newest:
            self._reserve(at_the_office + 1)  # first of all: the next start gives up what the mark reserves
            raise OutboxDamaged(
                f"the office holds record {at_the_office} of this door, and here the newest is {newest}: an old copy was put back, or the "
                "disk lost what it had promised to keep. If you have the newer file, keep it for the office"
            )

    def _reserve(self, seq: int) -> None:
        if seq > self._mark:
            try:
                high_mark.write(high_mark.path_beside(self._path), seq - 1 + high_mark.RESERVED_AT_ONCE)
            except OSError as error:
                raise sqlite3.OperationalError(f"the mark of used numbers cannot be written: {error}") from error
            self._mark = seq - 1 + high_mark.RESERVED_AT_ONCE

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self.damage is not None:
                raise OutboxDamaged(str(self.damage))
            try:
                yield self._db
            except sqlite3.DatabaseError as error:
                if not outbox_file.is_damage(error):
                    raise
                self.damage = OutboxDamaged(str(error))
                log.error("%s is damaged: %s", self._path, error)  # noqa: TRY400
                try:
                    outbox_file.suspect(self._path, str(error))
                except OSError as trouble:
                    log.warning("that it is damaged could not be noted beside it: %s", trouble)
                raise self.damage from error


def _move(compact: str) -> Move | None:
    """Read what a carer did from the record of it. None: it is no tap, or is not legible, which `examine` finds."""
    try:
        record = records.decode(jws.split(compact).payload)
    except ValueError:
        return None
    if not isinstance(record, Tap):
        return None
    data = record.data
    clock = data.clock
    return Move(
        carer=data.carer.ref,
        place=data.place.ref,
        action=data.action,
        at=record.at,
        boot=clock.boot,
        up_ms=clock.up_ms,
        known=clock.sync != "none",
    )
