"""Is it a start, a stop, or nothing new? Decided from what was seen, for whom this door was enrolled, and what happened here last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from calltime_edge.clock import Reading
from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Move
from calltime_edge.readers.sightings import Card, Sighting, Tag, Unreadable
from calltime_wire.records import Action, CarerSeen, Place

DEBOUNCE = timedelta(seconds=60)
"""A second tap this soon, after a start or a stop, may be a slip of the hand: the carer is told that nothing was changed."""
FORGOTTEN = timedelta(hours=16)
"""A start this old was never ended: what comes now is a new start. A younger one that was forgotten is ended by the next visit's tap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Who was seen where."""

    place: Place
    carer: CarerSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """What was seen is no tap at this door."""

    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDone:
    """The same carer tapped here a moment ago."""

    last: Move


def meeting(sighting: Sighting, enrolled: Enrolled) -> Meeting | NotUnderstood:
    """Put together who and where: a carer's device brings the carer and reads the home's tag; a home's reader the other way round."""
    match sighting:
        case Unreadable(says=says):
            return NotUnderstood(says=says)
        case Tag() as tag if enrolled.carer is not None:
            return Meeting(
                place=Place(via=tag.via, ref=tag.ref, proof=tag.proof),
                carer=CarerSeen(via="device", ref=enrolled.carer),
            )
        case Card() as card if enrolled.home is not None:
            return Meeting(place=Place(via="reader", ref=enrolled.home), carer=CarerSeen(via="badge", ref=card.uid))
        case Tag():
            return NotUnderstood(says="This is a home's tag, and this reader waits for a carer's badge. Hold your badge to it.")
        case Card():
            return NotUnderstood(says="This is a badge, or a tag without an address. Hold the device to the tag at the home.")


def next_action(last: Move | None, reading: Reading) -> Action | AlreadyDone:
    """Say what a tap now means after the last one of the same carer at the same home."""
    if last is None:
        return "start"
    age = _since(last, reading)
    if abs(age) < DEBOUNCE:
        return AlreadyDone(last=last)
    return "stop" if last.action == "start" and age < FORGOTTEN else "start"


def _since(last: Move, reading: Reading) -> timedelta:
    """Measure by the uptime within one power-up: a clock that was set in between, such as after a start in 1970, ends no visit."""
    if last.boot == reading.boot:
        return timedelta(milliseconds=reading.up_ms - last.up_ms)
    return reading.now - last.at
