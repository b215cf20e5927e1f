"""What does a door do while its disk is watched? `python door_on_a_watched_disk.py PART FOLDER …`, with `watched_disk.so` loaded before."""

import contextlib
import ctypes
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import calltime_edge
import calltime_wire
from calltime_edge import door_key, high_mark, outbox, outbox_file, outbox_receipts
from calltime_edge.agent import Agent
from calltime_edge.answers import Answer, Confirmed, NotStored
from calltime_edge.opening import open_outbox
from calltime_edge.readers.sightings import Card
from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt, SetAside
from calltime_wire.refusals import Reason
from fixtures.doors import DOOR, MORNING, HandClock, enrolled

NOTES = "notes"
"""In this file of the watched folder stands what was promised; each line is a step of the journal as well."""

OVER_BEFORE = 7
"""Exit code of a life that was over before the trouble came."""

SMALL = (
    (outbox_file, "CHECKPOINT_PAGES", 8),
    (outbox, "KEPT_FOR_THE_LOG", 6),
    (outbox_receipts, "FORGOTTEN_AT_ONCE", (2, 3)),
    (high_mark, "RESERVED_AT_ONCE", 6),
)
"""So that a short story has a checkpoint, a reservation and something to forget in it."""
REAL = tuple((owner, name, getattr(owner, name)) for owner, name, _ in SMALL)


def _nobody(line: str) -> None:
    """Hear a promise, and forget it."""


class Door:
    """The real door, from its key to its answers, but for reader and publisher. `note` hears what it promises."""

    def __init__(self, folder: Path, note: Callable[[str], None] = _nobody, *, day: int = 0) -> None:
        signer = door_key.load_or_make(folder, randomness=lambda size: bytes(range(size)))
        assert signer.device == DOOR.device
        self._note = note
        self.said: list[Answer] = []
        self.clock = HandClock()
        for later in range(day):
            self.clock.restart(MORNING + timedelta(days=1 + later))
        self.opened = open_outbox(folder / "outbox.sqlite", signer, now=self.clock.now)
        self.outbox = self.opened.outbox
        whose = enrolled(home="H7")
        self._agent = Agent(enrolled=whose, signer=signer, outbox=self.outbox, clock=self.clock, feedback=self, recorded=lambda: None)

    def begin(self) -> None:
        self._agent.begin(lost=self.opened.lost)

    def close(self) -> None:
        self.outbox.close()

    def tap(self, carer: int) -> Answer:
        self.clock.wait(minutes=7)
        self._agent.handle(Card(uid=f"{carer:08X}"))
        return self.said[-1]

    def show(self, answer: Answer) -> None:
        self.said.append(answer)
        if isinstance(answer, Confirmed):
            [(seq, _, compact)] = self.outbox.log(1)
            self._note(f"confirmed {seq} {base64url.encode(jws.digest(compact))}\n")

    def receipt(self, through: int, *, also: tuple[tuple[int, int], ...] = (), aside: int | None = None) -> None:
        digests = {seq: base64url.encode(jws.digest(compact)) for seq, _, compact in self.outbox.log(1000)}
        self._note(f"receipted {through} -\n")
        quarantined = () if aside is None else (SetAside(digest=digests[aside], seq=aside, reason=Reason.TIME_OUT_OF_RANGE),)
        self.outbox.take_receipt(Receipt(device=DOOR.device, through=through, digest=digests[through], also=also, quarantined=quarantined))


def first_day(folder: Path, journal: str) -> None:
    """From the very first start to a restart and a crash: the process ends without a goodbye."""
    _watch(folder, journal)
    notes = os.open(folder / NOTES, os.O_WRONLY | os.O_CREAT)
    door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1])
    door.begin()
    for nth in range(5):
        door.tap(nth % 3)
    door.receipt(4)
    for nth in range(6):
        door.tap(nth % 4)
    door.receipt(9, also=((11, 11),), aside=12)
    door.tap(5)
    door.outbox.close()
    door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1], day=1)
    door.begin()
    for nth in range(4):
        door.tap(nth % 3)
    os._exit(0)


def second_day(folder: Path, journal: str) -> None:
    """After the crash: taps, a receipt for everything, and an orderly end."""
    _watch(folder, journal)
    notes = os.open(folder / NOTES, os.O_WRONLY | os.O_APPEND)
    door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1], day=2)
    door.begin()
    for nth in range(5):
        door.tap(nth % 3)
    door.receipt(door.outbox.newest())
    door.receipt(door.outbox.newest())
    for nth in range(3):
        door.tap(nth)
    door.outbox.close()


def day_with_a_sync_that_fails(folder: Path, journal: str, nth: str, then: str) -> None:
    """A sync fails while the door is at work; it crashes then, or it goes on and crashes later."""
    _watch(folder, journal)
    notes = os.open(folder / NOTES, os.O_WRONLY | os.O_CREAT)
    door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1])
    door.begin()
    door.tap(0)
    ctypes.CDLL(None).disk_fail_sync(ctypes.c_long(int(nth)))
    for carer in range(1, 7):
        if isinstance(door.tap(carer), NotStored) and then == "crash":
            break
    os._exit(0)


def start(folder: Path, journal: str) -> None:
    """Start, with whatever is found in the folder, and take a tap."""
    _watch(folder, journal)
    door = Door(folder, day=2)
    door.begin()
    door.tap(1)


def full_disk(folder: Path, room: str, reserve: str) -> None:
    """Tap until the disk is nearly full; let the office receipt half of it, and the rest when others have filled the disk."""
    _watch(folder, None)
    disk = ctypes.CDLL(None)
    outbox.RESERVE, outbox_file.CHECKPOINT_PAGES = int(reserve), 30
    door = Door(folder)
    door.begin()
    disk.disk_room(ctypes.c_long(int(room)))
    taps = 0
    while isinstance(door.tap(taps), Confirmed):
        taps += 1
    half, newest = taps // 2, door.outbox.newest()
    _say("confirmed:", taps)
    _say("then:", door.said[-1])
    for through in range(2, half):
        door.receipt(through)
    _say("waiting:", door.outbox.count_waiting() == newest - (half - 1))
    door.close()
    door = Door(folder, day=1)
    door.begin()
    _say("a power-up is recorded:", door.outbox.newest() == newest + 1)
    disk.disk_room(ctypes.c_long(0))
    with contextlib.suppress(sqlite3.Error):
        for through in range(half, newest):
            door.receipt(through)
    _say("on a full disk:", type(door.tap(1)).__name__)
    disk.disk_room(ctypes.c_long(10 * int(reserve)))
    door.receipt(newest)
    _say("with room again:", type(door.tap(1)).__name__)
    _say("waiting at last:", door.outbox.count_waiting())


def written_for_a_tap(folder: Path, journal: str, taps: str, receipts: str) -> None:
    """Taps in the sizes of a real door, one receipt for each or none."""
    for owner, name, value in REAL:
        setattr(owner, name, value)
    door = Door(folder)
    door.begin()
    _watch(folder, journal)
    door.outbox.close()
    door = Door(folder, day=1)
    for carer in range(int(taps)):
        assert isinstance(door.tap(carer % 5), Confirmed)
        if receipts == "yes":
            door.receipt(door.outbox.newest())


def lives(folder: Path, part: str, kind: str, error: str) -> None:
    """Live the same part of a day again and again, with trouble at its first step, at its second, and so on until it is over before.

    Each life has a folder of its own below FOLDER, begun as a copy of FOLDER/before; beside it, in N.notes, stands what it promised.
    """
    nth, over = 0, False
    while not over:
        nth += 1
        own = folder / f"{nth}"
        shutil.copytree(folder / "before", own)
        child = os.fork()
        if child == 0:
            _live(own, part, int(kind), nth, int(error))
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        assert ended in {0, OVER_BEFORE, -signal.SIGKILL}, f"life {nth} ended with {ended}"
        over = ended == OVER_BEFORE


def _live(folder: Path, part: str, kind: int, nth: int, error: int) -> None:
    disk, ended = ctypes.CDLL(None), 1
    notes = os.open(f"{folder}.notes", os.O_WRONLY | os.O_CREAT)
    _watch(folder, None)
    try:
        door = None if part == "start" else _started(folder, notes)
        disk.disk_trouble(kind, ctypes.c_long(nth), error)
        door = door or _started(folder, notes)
        _work(door)
        over = disk.disk_steps() < nth
        disk.disk_mend()
        for answer in door.said:
            assert isinstance(answer, Confirmed | NotStored), answer
            os.write(notes, f"answered {type(answer).__name__} -\n".encode())
        # Whatever the disk did before: now that it works, so does the door.
        assert isinstance(door.tap(0), Confirmed), door.said
        assert isinstance(door.tap(1), Confirmed), door.said
        ended = OVER_BEFORE if over else 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(ended)  # whatever happened: a forked child must not go on as its parent


def _work(door: Door) -> None:
    """Take taps and a receipt; long enough for a checkpoint and for a reservation of numbers."""
    for carer in range(3):
        door.tap(carer)
    with contextlib.suppress(sqlite3.Error):  # the publisher says that the receipt could not be noted, and goes on
        door.receipt(door.outbox.newest())
    for carer in range(3):
        door.tap(carer)


def _started(folder: Path, notes: int) -> Door:
    """Start; if the disk does not let it, the disk is mended and it starts again, as systemd would have it."""
    try:
        door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1], day=2)
        door.begin()
    except (sqlite3.Error, OSError):
        ctypes.CDLL(None).disk_mend()
        door = Door(folder, lambda line: (os.write(notes, line.encode()), None)[1], day=2)
        door.begin()
    return door


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def whose_code(folder: Path) -> None:
    """Say where the code lies that this process runs."""
    _say(calltime_edge.__file__, calltime_wire.__file__)


def _watch(folder: Path, journal: str | None) -> None:
    opened = -1 if journal is None else os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    ctypes.CDLL(None).disk_watch(os.fsencode(folder), opened)


if __name__ == "__main__":
    for owner, name, value in SMALL:
        setattr(owner, name, value)
    asked, where, *words = sys.argv[1:]
    parts: dict[str, Callable[..., None]] = {
        "first-day": first_day,
        "second-day": second_day,
        "day-with-a-sync-that-fails": day_with_a_sync_that_fails,
        "start": start,
        "full-disk": full_disk,
        "written-for-a-tap": written_for_a_tap,
        "lives": lives,
        "whose-code": whose_code,
    }
    parts[asked](Path(where), *words)
