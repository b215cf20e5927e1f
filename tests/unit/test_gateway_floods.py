"""Does one door's junk fill the quarantine? A burst of it is kept, then a trickle, and nobody else's allowance is touched."""

from __future__ import annotations

from calltime_gateway.floods import BURST, Floods
from calltime_gateway.judging import Judged, Reading
from calltime_wire.identity import DeviceId
from calltime_wire.refusals import Reason, Refused

LOUD, QUIET = DeviceId("d_loud"), DeviceId("d_quiet")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def junk(door: DeviceId | None, count: int) -> Judged:
    refused = Refused(reason=Reason.MALFORMED, says="no", device=door)
    reading = Reading(topic="t", payload=b"junk", door=door, result=refused)
    return Judged(new=(), known=(), refused=((reading, refused),) * count)


def kept(floods: Floods, judged: Judged) -> Judged:
    """What is kept of this, and stored."""
    stored = floods.bounded(judged)
    floods.spent(stored)
    return stored


def test_what_is_beyond_the_burst_is_let_go_and_counted() -> None:
    floods = Floods(Clock())

    first, second = kept(floods, junk(LOUD, BURST + 5)), kept(floods, junk(LOUD, 3))

    assert (len(first.refused), first.let_go) == (BURST, 5)
    assert (len(second.refused), second.let_go) == (0, 3)


def test_what_could_not_be_stored_costs_nothing() -> None:
    floods = Floods(Clock())
    for _ in range(3):
        floods.bounded(junk(LOUD, BURST))

    assert len(kept(floods, junk(LOUD, BURST)).refused) == BURST


def test_another_door_keeps_its_own_allowance_and_strangers_share_one() -> None:
    floods = Floods(Clock())
    kept(floods, junk(LOUD, BURST))
    kept(floods, junk(None, BURST))

    assert kept(floods, junk(QUIET, 1)).let_go == 0
    assert kept(floods, junk(None, 1)).let_go == 1


def test_with_time_a_trickle_is_kept_and_never_more_than_a_burst() -> None:
    clock = Clock()
    floods = Floods(clock)
    kept(floods, junk(LOUD, BURST))

    clock.now = 3.5
    assert len(kept(floods, junk(LOUD, 10)).refused) == 3
    clock.now = 1e6
    assert len(kept(floods, junk(LOUD, 2 * BURST)).refused) == BURST
