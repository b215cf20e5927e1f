"""What really happens on the day? The rota, lived: early, late, shorter, longer, and with the troubles that every day has.

Pure and fixed by its seed: the same day can be lived again with the gateway killed in the middle of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from calltime_sim.rota import Call

BETWEEN_HOMES = timedelta(minutes=2)
NERVOUS = timedelta(seconds=7)
IN_THE_EVENING = timedelta(hours=3)


class Trouble(Enum):
    """What goes wrong with a call."""

    NOBODY_CAME = "nobody came"
    FORGOT_TO_TAP_OUT = "forgot to tap out"
    FORGOT_TO_TAP_IN = "forgot to tap in"
    TAPPED_TWICE = "tapped twice"
    WRONG_TAG = "the tag at the home is not the one that the office knows"


HOW_MANY = {
    Trouble.NOBODY_CAME: 6,
    Trouble.FORGOT_TO_TAP_OUT: 6,
    Trouble.FORGOT_TO_TAP_IN: 3,
    Trouble.TAPPED_TWICE: 9,
    Trouble.WRONG_TAG: 2,
}
"""Of about 500 calls: enough to see each, few enough to look like a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A carer holds the device to the tag at a home: at this moment, or to a tag that the office does not know."""

    at: datetime
    carer: str
    home: str
    known: bool = True


def live(rota: Mapping[str, Sequence[Call]], *, seed: int) -> list[Touch]:
    """Live the day: every touch of every carer, in order of time."""
    chance = random.Random(seed)
    troubles = _spread_troubles([call for calls in rota.values() for call in calls], chance)
    touches = [touch for calls in rota.values() for touch in _live_one_carers_day(calls, troubles, chance)]
    touches += _call_in_again_in_the_evening(touches, chance)
    return sorted(touches, key=lambda touch: (touch.at, touch.carer))


def _spread_troubles(calls: Sequence[Call], chance: random.Random) -> dict[Call, Trouble]:
    kinds = [trouble for trouble, count in HOW_MANY.items() for _ in range(count)]
    return dict(zip(chance.sample(calls, len(kinds)), kinds, strict=True))


def _live_one_carers_day(calls: Sequence[Call], troubles: Mapping[Call, Trouble], chance: random.Random) -> Iterator[Touch]:
    free = calls[0].starts - timedelta(hours=1)
    for call in calls:
        arrives = max(free + BETWEEN_HOMES, call.starts + timedelta(seconds=chance.randint(-150, 420)))
        stays = timedelta(seconds=round(call.minutes * 60 * chance.uniform(0.82, 1.08)))
        trouble = troubles.get(call)
        yield from _tap(call, arrives, arrives + stays, trouble)
        free = arrives if trouble is Trouble.NOBODY_CAME else arrives + stays


def _tap(call: Call, arrives: datetime, leaves: datetime, trouble: Trouble | None) -> Iterator[Touch]:
    known = trouble is not Trouble.WRONG_TAG
    came = Touch(at=arrives, carer=call.carer, home=call.home, known=known)
    left = Touch(at=leaves, carer=call.carer, home=call.home, known=known)
    match trouble:
        case Trouble.NOBODY_CAME:
            return
        case Trouble.FORGOT_TO_TAP_OUT:
            yield came
        case Trouble.FORGOT_TO_TAP_IN:
            yield left
        case Trouble.TAPPED_TWICE:
            yield from (came, Touch(at=arrives + NERVOUS, carer=call.carer, home=call.home), left)
        case _:
            yield from (came, left)


def _call_in_again_in_the_evening(touches: Sequence[Touch], chance: random.Random) -> Iterator[Touch]:
    """Somebody rings, and a carer goes once more: a visit that nobody planned."""
    last = max(touches, key=lambda touch: touch.at)
    begins = last.at + IN_THE_EVENING
    for minutes in (0, chance.randint(12, 25)):
        yield Touch(at=begins + timedelta(minutes=minutes), carer=last.carer, home=last.home)
