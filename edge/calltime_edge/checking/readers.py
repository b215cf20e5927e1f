"""Do the readers answer, and what does a tag that is held to one of them prove?"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from calltime_edge.answers import BadgeNext, NotUnderstood
from calltime_edge.checking.finding import Finding
from calltime_edge.enrolment import Enrolled
from calltime_edge.readers.sightings import Called, Card, Held, Reader, ReaderGone, Sighting, Tag, Unreadable
from calltime_edge.tapping import meeting
from calltime_wire.status import ReaderState

FOUND_WITHIN_S = 10.0

Said: TypeAlias = ReaderGone | ReaderState
"""What a reader said of itself."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Readers that are open, each in its thread."""

    readers: tuple[Reader, ...]
    heard: dict[str, queue.Queue[Said]] = field(default_factory=dict)
    seen: queue.Queue[Sighting] = field(default_factory=queue.Queue)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, reader: Reader) -> None:
        """Pass on what one reader says, until it is lost or `stop` is set."""
        heard = self.heard[reader.name]
        try:
            for sighting in reader.sightings(self.stop, heard.put):
                self.seen.put(sighting)
        except ReaderGone as gone:
            heard.put(gone)


@contextmanager
def listening(readers: Sequence[Reader]) -> Iterator[Listening]:
    """Open all readers at once, for as long as the block lasts."""
    all_of_them = Listening(tuple(readers), {reader.name: queue.Queue() for reader in readers})
    threads = [threading.Thread(target=all_of_them.run, args=(reader,), name=reader.name, daemon=True) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield all_of_them
    finally:
        all_of_them.stop.set()
        for thread in threads:
            thread.join(timeout=5)


def found(at_work: Listening) -> Iterator[Finding]:
    """Say of each reader whether it answers, and if not, why."""
    deadline = time.monotonic() + FOUND_WITHIN_S
    for reader in at_work.readers:
        try:
            said = at_work.heard[reader.name].get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            then = "Take its power away for a moment, and look again."
            yield Finding(what="reader", well=False, says=f"The {reader.name} said nothing in {FOUND_WITHIN_S:.0f} s.", then=then)
            continue
        if isinstance(said, ReaderGone):
            yield Finding(what="reader", well=False, says=said.says)
        else:
            yield Finding(what="reader", well=said == "ready", says=f"{reader.name}: {said}.")


def held(at_work: Listening, enrolled: Enrolled | None, *, within: float) -> Finding:
    """Wait for somebody to hold something to a reader, and say what it is and what it proves."""
    try:
        sighting = at_work.seen.get(timeout=within)
    except queue.Empty:
        then = "Hold a tag or a badge flat to the reader, within a finger's breadth. Without one at hand: calltime-edge check --no-tag"
        return Finding(what="tag", well=False, says=f"Nothing was seen in {within:.0f} s.", then=then)
    return judged(sighting, enrolled)


def judged(sighting: Sighting, enrolled: Enrolled | None) -> Finding:
    """What was read, its kind, and the grade that a tap with it would carry."""
    what = kind(sighting)
    if isinstance(sighting, Unreadable):
        return Finding(what="tag", well=False, says=what, then=sighting.why.value)
    if enrolled is not None:
        met = meeting(sighting, enrolled)
        if isinstance(met, NotUnderstood):
            return Finding(what="tag", well=False, says=what, then=met.why.value)
        if isinstance(met, BadgeNext):
            return Finding(what="tag", well=True, says=f"{what} The badge that comes next says whose waiting it is.")
    return Finding(what="tag", well=True, says=f"{what} {grade(sighting)}")


def kind(sighting: Sighting) -> str:
    """Name what was seen."""
    match sighting:
        case Held(seen=seen):
            return kind(seen)
        case Tag(via="qr", ref=ref):
            return f"A printed code: tag {ref}."
        case Tag(ref=ref, proof=proof, waiting=waiting):
            which = "A waiting tag" if waiting else "A tag"
            return (
                f"{which} with a proof of its own (such as NTAG 424 DNA): {ref}."
                if proof
                else f"{which} without a proof (such as NTAG 213): {ref}."
            )
        case Card(uid=uid):
            return f"A badge: {uid}."
        case Called(number=number):
            return f"A call: telephone {number}."
        case Unreadable():
            return "Something that is no tag here."


def grade(sighting: Sighting) -> str:
    """What a tap with it proves, from 5 (the tag itself was touched now) to 1 (a photograph would do)."""
    match sighting:
        case Held(seen=seen):
            return grade(seen)
        case Tag(via="qr"):
            return "Grade 1: a photograph of it would do."
        case Tag(proof=None):
            return "Grade 2: it can be copied."
        case Called():
            return "Grade 2: a number can be forged, and a PIN told."
        case Tag():
            return "Grade 5, when the office finds the proof good: it cannot be copied."
        case _:
            return "Grade 4: the badge was at this home's reader."
