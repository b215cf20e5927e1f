"""What is a storm? Real doors that tap all the while, whatever happens to broker, gateway and database; and what came of each tap."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import psycopg
import pytest

from calltime_edge import recording
from calltime_edge.clock import Reading
from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Patience, Publisher
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier
from calltime_wire.records import CarerSeen, Place
from calltime_wire.status import Status
from fixtures import plain_doors
from fixtures.doors import GATEWAY
from fixtures.waiting import wait_until

IMPATIENT = Patience(receipt=1.0, reconnect=0.05, longest=2.0)
"""A test has not the time of a real door."""
BOOT = str(uuid.UUID(int=7))


class Door:
    """Real outbox, real publisher; somebody taps at it, and what it confirmed is remembered."""

    def __init__(self, name: str, folder: Path, *, broker: str, patience: Patience = IMPATIENT) -> None:
        """Doors of the same name have the same key; so do plain doors."""
        self.plain = plain_doors.Door(name)
        self.signer = Ed25519Signer(hashlib.sha256(name.encode()).digest())
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.confirmed: dict[int, str] = {}
        enrolled = Enrolled(device=self.signer.device, gateway=Ed25519Verifier(GATEWAY.public_key), broker=broker, carer=name)
        self._publisher = Publisher(enrolled=enrolled, outbox=self.outbox, status=self._status, patience=patience)

    @property
    def device(self) -> str:
        return self.signer.device

    def open(self) -> None:
        self._publisher.open()

    def tap(self) -> None:
        """Tap; when this returns, the carer has heard the beep."""
        made: list[str] = []
        up_ms = time.monotonic_ns() // 1_000_000
        reading = Reading(now=datetime.now(UTC), boot=BOOT, up_ms=up_ms, sync="ntp", error_ms=20)
        place, carer = Place(via="nfc", ref="tag-1"), CarerSeen(via="device", ref="carer-1")
        make = recording.tap(self.signer, reading, action="start", place=place, carer=carer)

        def kept(seq: int, prev: str | None) -> str:
            made.append(make(seq, prev))
            return made[-1]

        seq = self.outbox.add(kept)
        self.confirmed[seq] = made[-1]
        self._publisher.nudge()

    def close(self) -> None:
        self._publisher.close()
        self.outbox.close()

    def _status(self, online: bool) -> Status:
        return Status(online=online, software="test", waiting=self.outbox.count_waiting(), clock="ntp", readers={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the taps that doors confirmed, each known by its signed bytes."""

    confirmed: int
    stored: int
    lost: int
    doubled: int
    set_aside: int
    unreceipted: int


def account(dsn: str, doors: Sequence[Door]) -> Account:
    """Count. `stored`: different ones; `lost`: confirmed and not in the record; `set_aside`: the doors were told so."""
    confirmed = {compact for door in doors for compact in tuple(door.confirmed.values())}
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT jws FROM every_tap WHERE device = ANY(%s)", ([door.device for door in doors],)).fetchall()
    stored = Counter(str(jws) for (jws,) in rows)
    return Account(
        confirmed=len(confirmed),
        stored=len(stored),
        lost=len(confirmed - stored.keys()),
        doubled=stored.total() - len(stored),
        set_aside=sum(door.outbox.count_set_aside() for door in doors),
        unreceipted=sum(door.outbox.count_waiting() for door in doors),
    )


class Storm:
    """Doors at which somebody taps in turn until `calm`."""

    def __init__(self, doors: Sequence[Door], dsn: str, *, per_second: int) -> None:
        """`dsn` is the way by which we look, which may be another than the gateway's."""
        self.doors = doors
        self.dsn = dsn
        self._pause = 1 / per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tap_on, name="storm")

    @property
    def confirmed(self) -> int:
        return sum(len(door.confirmed) for door in self.doors)

    def begin(self) -> None:
        for door in self.doors:
            door.open()
        self._thread.start()

    def calm(self) -> None:
        """Let nobody tap any more."""
        self._stop.set()
        self._thread.join(10)

    def wait_for_taps(self, more: int) -> None:
        """Wait until so many more are confirmed; they wait on the doors when nobody takes them."""
        wanted = self.confirmed + more
        wait_until(lambda: self.confirmed >= wanted, within=60, what=f"{more} more taps to be confirmed")

    def stored(self) -> int:
        """How many records are stored now; none that we know of when the database does not answer."""
        try:
            with psycopg.connect(self.dsn, connect_timeout=2) as connection:
                row = connection.execute("SELECT count(*) FROM receipt").fetchone()
        except psycopg.OperationalError:
            return 0
        return row[0] if row else 0

    def wait_for_stored(self, more: int, *, within: float = 60) -> None:
        """Wait until so many more records are stored: the gateways are at work."""
        wanted = self.stored() + more
        wait_until(lambda: self.stored() >= wanted, within=within, what=f"{more} more records to be stored")

    def end_well(self, capsys: pytest.CaptureFixture[str], *, within: float = 60) -> None:
        """Calm, wait for all receipts, tell the count, and find every confirmed tap stored once."""
        self.calm()
        wait_until(lambda: self._unreceipted() == 0, within=within, what="a receipt for every record of every door")
        found = account(self.dsn, self.doors)
        with capsys.disabled():
            tell(found)
        assert found == Account(confirmed=found.confirmed, stored=found.confirmed, lost=0, doubled=0, set_aside=0, unreceipted=0)
        assert found.confirmed > 0

    def _unreceipted(self) -> int:
        return sum(door.outbox.count_waiting() for door in self.doors)

    def _tap_on(self) -> None:
        due = time.monotonic()
        for door in cycle(self.doors):
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            door.tap()
            due += self._pause


def tell(found: Account) -> None:
    """Print the count."""
    words = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in asdict(found).items())
    sys.stdout.write(f"\n    {words} ")
    sys.stdout.flush()


@contextmanager
def storm(folder: Path, dsn: str, *, broker: str, doors: int = 6, per_second: int = 150, patience: Patience = IMPATIENT) -> Iterator[Storm]:
    """A storm that has begun."""
    with ExitStack() as stack:
        opened = [Door(f"door {number}", folder / f"door {number}", broker=broker, patience=patience) for number in range(doors)]
        plain_doors.enrol(dsn, *(door.plain for door in opened))
        for door in opened:
            stack.callback(door.close)
        begun = Storm(opened, dsn, per_second=per_second)
        stack.callback(begun.calm)
        begun.begin()
        yield begun
