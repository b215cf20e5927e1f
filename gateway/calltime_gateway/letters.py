"""Whose letters are next? Each door's in turn, so that one door with many keeps no other waiting, and no door fills the memory."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from calltime_wire import topics

log = logging.getLogger(__name__)

PER_DOOR = 500
"""So many letters of one door wait at most. An honest one has 200 under way, and may have sent them to one more broker before."""
PER_FLOOD = 50
"""So many, of a door that had more, until it has calmed down."""
IN_ALL = 12_000
"""So many wait at most of all doors: twice what brokers may have under way to us; one that keeps to that never fills it."""
CALM_AFTER = 10.0
"""Seconds without a letter too many after which a flood is over."""
NO_DOOR = ""


class Line(Protocol):
    """The connection that brought a letter. Whatever is asked of it, it does not wait."""

    def send(self, topic: str, text: str) -> None:
        """Send a receipt, or drop it: the door asks again."""

    def acknowledged(self, letter: Letter) -> None:
        """Take note that a letter is done with."""


@dataclass(slots=True, eq=False)
class Letter:
    """A message that the broker still remembers. It is acknowledged on the connection that brought it, or not at all."""

    topic: str
    payload: bytes
    line: Line = field(repr=False)
    mid: int = 0
    done: bool = False

    def acknowledge(self) -> None:
        """Let the broker forget it."""
        self.done = True
        self.line.acknowledged(self)


class Letters:
    """The letters of all lines that nobody has taken yet. Lines put, one thread takes.

    What is too many is let go: acknowledged in its turn, and neither kept nor answered. That loses nothing, since a door sends again what
    no receipt covers, after a longer pause each time: so a flood is slowed where it comes from.

    A copy of what waits already, brought by the same line, is no flood: a door makes one each time that no receipt comes, as when the
    database is away. It is acknowledged after the first, and takes no room.
    """

    def __init__(self, *, count_let_go: Callable[[int], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        """`count_let_go` is told how many letters were let go."""
        self._count_let_go = count_let_go
        self._monotonic = monotonic
        self._arrival = threading.Condition()
        self._queues: dict[str, deque[Letter]] = {}  # by topic; whose turn it is stands first
        self._waiting = 0
        self._there: set[tuple[Line, str, bytes]] = set()
        self._floods: dict[str, float] = {}

    def __len__(self) -> int:
        """How many wait."""
        return self._waiting

    def put(self, letters: Iterable[Letter]) -> None:
        """Add letters in the order in which they came."""
        too_many: list[Letter] = []
        copies: list[Letter] = []
        began: list[str] = []
        with self._arrival:
            queues = self._queues
            for letter in letters:
                if _what(letter) in self._there:
                    copies.append(letter)
                    continue
                whose = letter.topic if letter.topic in queues else _whose(letter.topic)
                queue = queues.get(whose)
                if queue is None:
                    queue = queues[whose] = deque()
                if self._waiting < IN_ALL and len(queue) < (PER_FLOOD if whose in self._floods else PER_DOOR):
                    queue.append(letter)
                    self._waiting += 1
                    self._there.add(_what(letter))
                    continue
                too_many.append(letter)
                if self._waiting < IN_ALL:  # else it is not this door's fault
                    if whose not in self._floods:
                        began.append(whose)
                    self._floods[whose] = self._monotonic()
            self._arrival.notify()
        for letter in (*copies, *too_many):
            letter.acknowledge()
        if too_many:
            self._count_let_go(len(too_many))
        for whose in began:
            log.warning("a door sends more than can be kept; what is too much is let go until it sends less", extra=_fields(whose))

    def take(self, *, at_most: int, within: float) -> list[Letter]:
        """Wait some seconds for a first letter, then take what lies there, of each door the same share as far as it has that many."""
        with self._arrival:
            self._arrival.wait_for(lambda: self._waiting, within)
            taken: list[Letter] = []
            while self._queues and len(taken) < at_most:
                room = at_most - len(taken)
                share = max(1, room // len(self._queues))
                for whose in list(islice(self._queues, room)):
                    queue = self._queues.pop(whose)
                    taken.extend(queue.popleft() for _ in range(min(share, len(queue))))
                    if queue:
                        self._queues[whose] = queue  # behind all others
            self._waiting -= len(taken)
            self._there.difference_update(map(_what, taken))
            calm = self._calmed() if self._floods else ()
        for whose in calm:
            log.info("a door that sent too much has calmed down", extra=_fields(whose))
        return taken

    def forget(self, line: Line) -> None:
        """Drop what a line has brought that is lost: it cannot be acknowledged any more, and comes again."""
        with self._arrival:
            kept = {whose: deque(each for each in queue if each.line is not line) for whose, queue in self._queues.items()}
            self._queues = {whose: queue for whose, queue in kept.items() if queue}
            self._waiting = sum(map(len, self._queues.values()))
            self._there = {what for what in self._there if what[0] is not line}

    def _calmed(self) -> list[str]:
        now = self._monotonic()
        calm = [whose for whose, last in self._floods.items() if now - last >= CALM_AFTER]
        for whose in calm:
            del self._floods[whose]
        return calm


def _what(letter: Letter) -> tuple[Line, str, bytes]:
    return letter.line, letter.topic, letter.payload


def _whose(topic: str) -> str:
    return topic if topics.door_of_records(topic) is not None else NO_DOOR


def _fields(whose: str) -> dict[str, str]:
    return {"device": topics.door_of_records(whose) or "(no door)"}
