"""Is it a start, a stop, waiting, or nothing new? From what was seen, for whom this door stands, and what happened here last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_edge.answers import AlreadyDone, BadgeNext, NotUnderstood
from calltime_edge.clock import LONDON, RELEASED, Reading
from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Move
from calltime_edge.readers.sightings import Called, Card, Held, Sighting, Tag, Unreadable, Why
from calltime_wire.records import Action, CarerSeen, Place

DEBOUNCE = timedelta(seconds=60)
"""A second tap this soon, after a start or a stop, may be a slip of the hand: the carer is told that nothing was changed."""
FORGOTTEN = timedelta(hours=16)
"""A start this old was never ended: what comes now is a new start. A younger one that was forgotten is ended by the next visit's tap."""
OVERNIGHT = timedelta(hours=10)
"""A start of an earlier day in London is forgotten sooner: the bed call of eight is not ended by the morning call of half past seven. A
night of nine hours is ended. One of more than ten is not: its end is recorded as a start, and the office finds both."""
LET_IN_AT_ONCE = timedelta(seconds=5)
"""Who waited may be let in the next moment: only a tap sooner than this, after a waiting, may be a slip of the hand."""
HELD_ON = timedelta(seconds=10)
"""A hold this soon after the start that it began with changes that start into waiting; the office reads the two records as one waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Who was seen where. `waiting`: she says that she is not let in yet. `held`: by holding on to what she has tapped with. `said`: what
    she does, where she was asked.
    """

    place: Place
    carer: CarerSeen
    waiting: bool = False
    held: bool = False
    said: Action | None = None


def meeting(sighting: Sighting, enrolled: Enrolled, *, waiting_next: bool = False) -> Meeting | NotUnderstood | BadgeNext:
    """Put together who and where: a carer's device brings the carer and reads the home's tag; a home's reader the other way round.

    `waiting_next`: the home's waiting tag was held to its reader just before.
    """
    match sighting:
        case Unreadable(why=why):
            return NotUnderstood(why=why)
        case Held(seen=seen):
            met = meeting(seen, enrolled)
            return Meeting(place=met.place, carer=met.carer, waiting=True, held=True) if isinstance(met, Meeting) else met
        case Tag() as tag if enrolled.carer is not None:
            return Meeting(
                place=Place(via=tag.via, ref=tag.ref, proof=tag.proof),
                carer=CarerSeen(via="device", ref=enrolled.carer),
                waiting=tag.waiting,
            )
        case Card() as card if enrolled.home is not None:
            badge = CarerSeen(via="badge", ref=card.uid)
            return Meeting(place=Place(via="reader", ref=enrolled.home), carer=badge, waiting=waiting_next)
        case Called(number=number, pin=pin, action=action, call=call):  # no reader sees one, and only a line has such a source
            place = Place(via="line", ref=number, proof=f"call={call}")
            return Meeting(place=place, carer=CarerSeen(via="pin", ref=pin), said=action)
        case Tag(waiting=True):
            return BadgeNext()
        case Tag():
            return NotUnderstood(why=Why.NOT_A_BADGE)
        case Card():
            return NotUnderstood(why=Why.NOT_A_TAG)


def next_action(met: Meeting, last: Move | None, reading: Reading) -> Action | AlreadyDone | None:
    """Say what a tap now means after the last one of the same carer at the same home. None: a hold that changes nothing."""
    if met.said is not None:
        return _said_again(met.said, last, reading) or met.said
    if last is None:
        return None if met.held else "waiting" if met.waiting else "start"
    age, known = _age(last, reading)
    if met.held:
        return "waiting" if last.action == "start" and known and age < HELD_ON else None
    slip = LET_IN_AT_ONCE if last.action == "waiting" and not met.waiting else DEBOUNCE
    if known and age < slip and (last.action == "waiting" or not met.waiting):
        return AlreadyDone(action=last.action, at=last.at)
    if met.waiting:
        return "waiting"
    overnight = known and _london_day(last.at) != _london_day(reading.now)
    return "stop" if last.action == "start" and age < (OVERNIGHT if overnight else FORGOTTEN) else "start"


def _said_again(said: Action, last: Move | None, reading: Reading) -> AlreadyDone | None:
    """Whoever calls twice in a minute and says the same doubts that it was heard. What she says is not guessed from what a line knows: it
    did not see what she tapped at the door.
    """
    if last is None or last.action != said:
        return None
    age, known = _age(last, reading)
    return AlreadyDone(action=last.action, at=last.at) if known and age < DEBOUNCE else None


def _london_day(at: datetime) -> date:
    """Name the civil day of a moment."""
    return at.astimezone(LONDON).date()


def _age(last: Move, reading: Reading) -> tuple[timedelta, bool]:
    """Say how long ago the last tap was, and whether that is known; if it is not, it was at least so long ago.

    Within one power-up the uptime tells it: a clock that was set in between, such as after a start in 1970, ends no visit. Across a power
    cut the wall clocks tell it, if both knew the time. If not, a start that may be young is taken to be still open: the power failed in
    mid-visit, and the stop of a carer who leaves must not be lost; of a stop that was forgotten the office hears either way.
    """
    up = timedelta(milliseconds=reading.up_ms)
    if last.boot == reading.boot:
        return up - timedelta(milliseconds=last.up_ms), True
    age = reading.now - last.at
    if not last.known or last.at < RELEASED or age < up:
        return up, False  # one of the clocks was wrong: all that is sure is that the tap was before this power-up
    # A clock that nobody set goes on from when the machine was last on: what it says is too little, and never too much.
    return age, reading.sync != "none"
