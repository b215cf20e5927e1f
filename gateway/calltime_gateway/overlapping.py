"""How are three batches under way at once? One is read, one has its signatures checked, one is stored; each waits for the one before."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, Full, Queue

from calltime_gateway import flow, judging
from calltime_gateway.figures import Figures
from calltime_gateway.floods import Floods
from calltime_gateway.inbox import Inbox
from calltime_gateway.judging import Reading
from calltime_gateway.letters import Letter
from calltime_gateway.store import LONGEST, DatabaseAway, Store, TookTooLong
from calltime_gateway.verifying import Verifying
from calltime_wire.jws import Signer

log = logging.getLogger(__name__)

BATCH = 2000
MANY = 200
"""So many letters are worth a batch that is read and checked while another is stored."""
A_MOMENT = 0.005
"""Seconds after which it is seen whether there are so many."""
LOOK_UP = 1.0
"""Seconds after which whoever waits looks whether it is to stop."""
LOOK_AT_THE_DATABASE = 10.0
"""Seconds between two looks at it while nothing comes."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries to reach the database."""

STILL = 60.0
"""Seconds after which the thread that reads counts as hanging. It may wait that long for keys, from a database that does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Letters, and what was read in each."""

    letters: Sequence[Letter]
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postroom:
    """All that a gateway works with. `now` is its clock, `beat` says that it moves, `stop` that it shall end."""

    inbox: Inbox
    store: Store
    verifying: Verifying
    signer: Signer
    floods: Floods
    figures: Figures
    now: Callable[[], datetime]
    beat: Callable[[], None]
    stop: threading.Event


def run(room: Postroom) -> None:
    """Handle letters until told to stop; the batch in hand is finished. Raises whatever ended the reading, too.

    A database that is away is waited for; nothing is acknowledged meanwhile, so the brokers send nothing more after a while. It beats for
    both threads: no more, when the one that reads hangs.
    """
    read: Queue[Batch | Exception] = Queue(maxsize=1)
    reading, storing, idle = _Pulse(), _Storing(), threading.Event()
    reader = threading.Thread(target=_keep_reading, args=[replace(room, beat=reading.beat), read, idle], name="reading", daemon=True)
    reader.start()
    beat = room.beat
    room = replace(room, beat=lambda: beat() if reading.is_there() else None)
    try:
        while not room.stop.is_set():
            try:
                if read.empty():
                    idle.set()
                match read.get(timeout=LOOK_UP):
                    case Batch() as batch:
                        storing.store(batch, room)
                    case Exception() as fault:
                        raise fault
            except Empty:
                storing.look(room)
            room.beat()
    finally:
        room.stop.set()
        reader.join(timeout=2 * LOOK_UP)


def _keep_reading(room: Postroom, read: Queue[Batch | Exception], idle: threading.Event) -> None:
    """Never wait to fill a batch: what comes while the one before is stored makes the next one large enough.

    While few come, they are taken when they can be stored at once, and not to wait in a batch of their own behind another.
    """
    being_checked: Callable[[], Batch] | None = None
    try:
        while not room.stop.is_set():
            room.beat()
            letters: Sequence[Letter] = ()
            if room.inbox.waiting >= MANY or (being_checked is None and idle.wait(A_MOMENT)):
                letters = room.inbox.take(at_most=BATCH, within=LOOK_UP if being_checked is None else 0.0)
            if letters:
                idle.clear()
            readings = [judging.read(letter.topic, letter.payload) for letter in letters]
            checked = being_checked() if being_checked is not None else None
            being_checked = _begin(letters, readings, room) if letters else None
            if checked is not None:
                _hand_over(checked, room, read)
    except Exception as fault:  # noqa: BLE001 - this thread's outermost loop: the other thread raises it
        _hand_over(fault, room, read)


def _begin(letters: Sequence[Letter], readings: Sequence[Reading], room: Postroom) -> Callable[[], Batch]:
    verified = room.verifying.begin(readings)
    return lambda: Batch(letters=letters, readings=verified())


def _hand_over(what: Batch | Exception, room: Postroom, read: Queue[Batch | Exception]) -> None:
    while not room.stop.is_set():
        room.beat()
        try:
            read.put(what, timeout=LOOK_UP)
        except Full:
            continue
        return


class _Pulse:
    """Does another thread move?"""

    def __init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        self._moved = time.monotonic()

    def is_there(self) -> bool:
        return time.monotonic() - self._moved < STILL


class _Storing:
    """Stores batches, in parts of a size that the database manages in time: however slow it is, something is stored for good."""

    def __init__(self) -> None:
        self._at_most = BATCH
        self._looked = 0.0
        self._away_because = ""

    def store(self, batch: Batch, room: Postroom) -> None:
        """Store it all, or what can be until told to stop."""
        done, pause = 0, SHORTEST_PAUSE
        while done < len(batch.letters) and not room.stop.is_set():
            part = slice(done, done + self._at_most)
            try:
                self._store(Batch(letters=batch.letters[part], readings=batch.readings[part]), room)
            except DatabaseAway as error:
                self._found_away(error, room, waiting=len(batch.letters) - done)
                room.beat()
                room.stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._found_there(room)
                done, pause = part.stop, SHORTEST_PAUSE
            room.beat()

    def look(self, room: Postroom) -> None:
        """See now and then whether the database is there, while nothing comes: at night, too, somebody wants to be told."""
        if time.monotonic() - self._looked < LOOK_AT_THE_DATABASE:
            return
        try:
            with room.store.transaction():
                pass
        except DatabaseAway as error:
            self._found_away(error, room, waiting=0)
        else:
            self._found_there(room)
        self._looked = time.monotonic()

    def _found_away(self, error: DatabaseAway, room: Postroom, *, waiting: int) -> None:
        room.figures.database(there=False)
        # Said once for each reason, and not at each try.
        level = logging.DEBUG if str(error) == self._away_because else logging.WARNING
        log.log(level, "the database is away; %d letters wait unacknowledged: %s", waiting, error)
        self._away_because = str(error)

    def _found_there(self, room: Postroom) -> None:
        room.figures.database(there=True)
        if self._away_because:
            log.info("the database is there again")
        self._away_because = ""

    def _store(self, part: Batch, room: Postroom) -> None:
        began = time.monotonic()
        try:
            flow.handle(
                part.letters,
                part.readings,
                store=room.store,
                signer=room.signer,
                received_at=room.now(),
                floods=room.floods,
                figures=room.figures,
            )
        except TookTooLong:
            self._at_most = max(1, len(part.letters) // 2)
            raise
        if time.monotonic() - began < LONGEST / 4:
            self._at_most = min(BATCH, 2 * self._at_most)
