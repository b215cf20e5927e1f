"""Is a door still quick that has not been online for so long that a million records wait?"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calltime_edge import high_mark
from calltime_edge.answers import Confirmed
from calltime_edge.opening import open_outbox
from calltime_edge.outbox import Agreement
from calltime_edge.readers.sightings import Card
from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt
from fixtures.doors import DOOR, MORNING, DoorAtWork
from fixtures.outboxes import held

MILLION = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real beginning, a million rows that nobody reads, and a real end: of a file so big the door checks the newest only."""
    folder = tmp_path_factory.mktemp("door")
    door = DoorAtWork(folder, home="H7")
    door.agent.begin()
    db = door.outbox._db
    db.execute("BEGIN")
    rows = ((seq, hashlib.sha256(b"%d" % seq).digest(), f"{seq:0200}") for seq in range(2, MILLION - 299))
    db.executemany("INSERT INTO record (seq, digest, jws) VALUES (?, ?, ?)", rows)
    db.execute("COMMIT")
    high_mark.write(folder / "outbox.mark", MILLION + 500)
    for _ in range(300):
        door.clock.wait(minutes=2)
        door.sees(Card(uid="AA"))
    door.outbox.close()
    yield folder
    for file in folder.iterdir():
        file.unlink()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Generous, for a busy machine; what counts each of a million records takes longer still."""
    began = time.perf_counter()
    yield
    took = time.perf_counter() - began
    assert took < seconds, f"took {took:.3f} s"


def test_with_a_million_records_a_door_starts_taps_and_counts_at_once_and_takes_a_receipt_for_all(folder: Path) -> None:
    with within(1.0):
        found = open_outbox(folder / "outbox.sqlite", DOOR, now=MORNING)
    assert (found.lost, found.set_aside) == ((), None)
    door = DoorAtWork(folder, home="H7", outbox=found.outbox)
    door.clock.restart(MORNING)
    door.agent.begin()
    for carer in range(20):
        with within(0.1):
            assert isinstance(door.sees(Card(uid=f"{carer:08X}")), Confirmed)
    with within(0.05):
        assert door.outbox.count_waiting() == MILLION + 21
        assert door.outbox.count_waiting(through=500_000) == 500_000
        assert len(door.outbox.waiting(after=MILLION, at_most=200)) == 21

    newest = door.outbox.newest()
    everything = Receipt(device=DOOR.device, through=newest, digest=base64url.encode(jws.digest(held(door.outbox)[newest])))
    # Each forgets some of it: no carer waits while a million rows are deleted.
    for _ in range(3):
        with within(0.5):
            assert door.outbox.take_receipt(everything) is Agreement.AGREED
    assert door.outbox.count_waiting() == 0
    with within(0.1):
        assert isinstance(door.sees(Card(uid="AB")), Confirmed)
    door.outbox.close()
