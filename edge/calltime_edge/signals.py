"""What is heard and seen for each answer? Rhythms, as plain numbers: the player plays them, and the page for the fridge door draws them.

The rule that a carer learns: a long beep means that the tap is recorded; only short beeps mean that nothing new was recorded; a rattle
with a red light means that the door cannot record. No two signals share a rhythm, in sound or in light, so neither pitch nor colour is
needed to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, TypeAlias, assert_never

from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood

Colour: TypeAlias = Literal["green", "amber", "red"]

LONG, SHORT, GAP = 400, 120, 180
"""Milliseconds. A cheap buzzer and a weak ear need 100 to notice a beep at all, and a ratio of three to one to tell two of them apart."""
RATTLE = (*(70, 60) * 5, 70, 280)
"""One second of it: far from any beep, and never a long one, however early it is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`beeps` and `flashes`: milliseconds on, off, on, … of the buzzer and of the one light; played `times` times over (0: until cut off).

    What is played more than once ends with an off in both, and both last the same. `whole`: nothing newer cuts it off, because a piece of
    it would mean something else.
    """

    colour: Colour
    beeps: tuple[int, ...]
    flashes: tuple[int, ...]
    times: int = 1
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """So many milliseconds with buzzer and light as they are."""

    ms: int
    sounds: bool
    lit: bool


def _together(colour: Colour, *rhythm: int, whole: bool = False) -> Signal:
    return Signal(colour=colour, beeps=rhythm, flashes=rhythm, whole=whole)


STARTED = _together("green", LONG, whole=True)
ENDED = _together("green", LONG, GAP, LONG, whole=True)
WAITING = _together("green", LONG, GAP, SHORT, whole=True)
ALREADY_DONE = _together("amber", SHORT)
BADGE_NEXT = _together("amber", SHORT, GAP, SHORT)
NOT_UNDERSTOOD = _together("amber", SHORT, GAP, SHORT, GAP, SHORT)
# The light does not rattle along: red flashes faster than three a second can set off a seizure.
NOT_STORED = Signal(colour="red", beeps=RATTLE, flashes=(900, 100), times=10)
IDLE = Signal(colour="green", beeps=(), flashes=(30, 4970), times=0)
DARK = Signal(colour="green", beeps=(), flashes=(0, 1000), times=0)
"""In between, while no reader answers: IDLE would say that one is ready."""

ANSWERS = (STARTED, ENDED, WAITING, ALREADY_DONE, BADGE_NEXT, NOT_UNDERSTOOD, NOT_STORED)


def signal_for(answer: Answer) -> Signal:
    """Choose the signal of an answer."""
    match answer:
        case Confirmed(action="start"):
            return STARTED
        case Confirmed(action="stop"):
            return ENDED
        case Confirmed():
            return WAITING
        case AlreadyDone():
            return ALREADY_DONE
        case BadgeNext():
            return BADGE_NEXT
        case NotUnderstood():
            return NOT_UNDERSTOOD
        case NotStored():
            return NOT_STORED
        case _:
            assert_never(answer)


def steps(signal: Signal) -> tuple[Step, ...]:
    """Lay beeps and flashes of one time over into one row of steps."""
    edges = sorted({0, *accumulate(signal.beeps), *accumulate(signal.flashes)})
    return tuple(
        Step(ms=end - start, sounds=_is_on(signal.beeps, start), lit=_is_on(signal.flashes, start)) for start, end in pairwise(edges)
    )


def _is_on(rhythm: tuple[int, ...], at: int) -> bool:
    passed = sum(end <= at for end in accumulate(rhythm))
    return passed < len(rhythm) and passed % 2 == 0
