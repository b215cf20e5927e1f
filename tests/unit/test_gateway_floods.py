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


def test_what_is_beyond_the_burst_is_let_go_and_counted() -> None:
    floods = Floods(Clock())

    kept = floods.bounded(junk(LOUD, BURST + 5))

    assert (len(kept.refused), kept.let_go) == (BURST, 5)
    assert (len(floods.bounded(junk(LOUD, 3)).refused), floods.bounded(junk(LOUD, 3)).let_go) == (0, 3)


def test_another_door_keeps_its_own_allowance_and_strangers_share_one() -> None:
    floods = Floods(Clock())
    floods.bounded(junk(LOUD, BURST))
    floods.bounded(junk(None, BURST))

    assert floods.bounded(junk(QUIET, 1)).let_go == 0
    assert floods.bounded(junk(None, 1)).let_go == 1


def test_with_time_a_trickle_is_kept_and_never_more_than_a_burst() -> None:
    clock = Clock()
    floods = Floods(clock)
    floods.bounded(junk(LOUD, BURST))

    clock.now = 3.5
    assert len(floods.bounded(junk(LOUD, 10)).refused) == 3
    clock.now = 1e6
    assert len(floods.bounded(junk(LOUD, 2 * BURST)).refused) == BURST
