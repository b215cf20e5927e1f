"""How long does a carer wait for the beep, and what does a tap write to the disk? The real agent on a real outbox; feedback is a no-op.

No reader, no publisher: from the moment at which a reader has yielded what it read. A bare insert and commit of the same bytes, with
SQLite's settings for the same promise, is measured in turn with it, tap by tap, so that a slow disk shows in both.
"""

import sqlite3
import time
from pathlib import Path

from bench.figures import percentile, tell
from calltime_edge import recording
from calltime_edge.agent import Agent
from calltime_edge.answers import Answer, Confirmed
from calltime_edge.clock import SystemClock
from calltime_edge.outbox import Outbox
from calltime_edge.readers.sightings import Tag
from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt
from calltime_wire.records import CarerSeen, Place
from fixtures.doors import DOOR, enrolled

TAPS = 1000
HOMES = 20
"""Among which a filled outbox has its taps."""


class Confirming:
    """A door whose answers are only timed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.outbox = Outbox(folder / "outbox.sqlite")
        self._confirmed_at = 0
        self._agent = Agent(
            enrolled=enrolled(carer="C12"), signer=DOOR, outbox=self.outbox, clock=SystemClock(), feedback=self, recorded=lambda: None
        )
        self._agent.begin()

    def show(self, answer: Answer) -> None:
        self._confirmed_at = time.perf_counter_ns() if isinstance(answer, Confirmed) else 0

    def tap(self, number: int) -> int:
        """Tap at a home where nobody was before; return nanoseconds until it was confirmed."""
        began = time.perf_counter_ns()
        self._agent.handle(Tag(via="nfc", ref=f"tag-{number}"))
        if not self._confirmed_at:
            raise RuntimeError("A tap was not confirmed.")
        return self._confirmed_at - began


class BareInsert:
    """The least that keeps a record over a power cut."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, jws TEXT NOT NULL) STRICT")

    def insert(self, compact: str) -> int:
        began = time.perf_counter_ns()
        self._db.execute("INSERT INTO record (jws) VALUES (?)", (compact,))
        return time.perf_counter_ns() - began

    def close(self) -> None:
        self._db.close()


def latency(folder: Path) -> None:
    """Reader yields → confirmed."""
    door, bare = Confirming(folder / "latency"), BareInsert(folder / "bare.sqlite")
    compact = door.outbox.log(1)[0][2]
    taps, inserts = [], []
    for number in range(TAPS):
        taps.append(door.tap(number))
        inserts.append(bare.insert(compact))
    door.outbox.close()
    bare.close()
    for which, target in ((50, None), (99, "< 30")):
        tell(f"reader yields → confirmed, p{which}", percentile(taps, which) / 1e6, "ms", target=target)
        tell(f"bare insert and commit, p{which}", percentile(inserts, which) / 1e6, "ms")
    ratios = [1000 * tap // insert for tap, insert in zip(taps, inserts, strict=True)]
    tell("tap ÷ bare insert, median of pairs", percentile(ratios, 50) / 1000, "times")


def written(folder: Path) -> None:
    """Bytes per tap, from the kernel's account of this process; the outbox is closed within it, so that its checkpoint counts."""
    for what, with_receipts in (("tap", False), ("tap and its receipt", True)):
        door = Confirming(folder / f"written for a {what}")
        before = _written()
        for number in range(TAPS):
            door.tap(number)
            if with_receipts:
                _receipt(door.outbox)
        door.outbox.close()
        after = _written()
        for account, name in (("write_bytes", "to the disk"), ("wchar", "by write calls")):
            value = (after[account] - before[account]) / TAPS / 1024
            tell(f"written {name} per {what}", value, "KiB", target="< 16")


def fill(outbox: Outbox, count: int) -> None:
    """Put in so many signed taps of one carer."""
    clock = SystemClock()
    for number in range(count):
        place, carer = Place(via="nfc", ref=f"tag-{number // 2 % HOMES}"), CarerSeen(via="device", ref="C12")
        outbox.add(recording.tap(DOOR, clock.read(), action="stop" if number % 2 else "start", place=place, carer=carer))


def _receipt(outbox: Outbox) -> None:
    seq, _, compact = outbox.log(1)[0]
    outbox.take_receipt(Receipt(device=DOOR.device, through=seq, digest=base64url.encode(jws.digest(compact))))


def _written() -> dict[str, int]:
    lines = Path("/proc/self/io").read_text().splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}
