"""When does a door say how it is? On a clock of our own, in seconds."""

from itertools import pairwise

from calltime_edge.announcing import Announcing, Pace
from calltime_wire.status import Status

WELL = Status(online=True, software="test", waiting=0, clock="ntp", readers={"R": "ready"})
WITHOUT_READER = Status(online=True, software="test", waiting=0, clock="ntp", readers={"R": "gone"})


class Door:
    """Looks as often as it is told to; keeps when it spoke."""

    def __init__(self) -> None:
        self.status = WELL
        self.announcing = Announcing(Pace(quiet=30, heartbeat=300))
        self.spoke: list[float] = []

    def look(self, now: float, *, riding: bool = False) -> None:
        if self.announcing.look(now, lambda: self.status, riding=riding) is not None:
            self.spoke.append(now)


def test_it_speaks_at_once_and_then_every_five_minutes() -> None:
    door = Door()
    for now in range(1000):
        door.look(float(now))

    assert door.spoke == [0, 300, 600, 900]


def test_a_change_is_told_but_never_twice_in_half_a_minute() -> None:
    door = Door()
    for now in range(100):
        door.status = WITHOUT_READER if now % 2 else WELL  # a plug that is loose
        door.look(float(now))

    assert door.spoke[0] == 0
    assert all(later - earlier >= 30 for earlier, later in pairwise(door.spoke))


def test_a_change_rides_along_with_a_receipt() -> None:
    door = Door()
    door.look(0)
    door.status = WITHOUT_READER
    door.look(3)
    door.look(4, riding=True)

    assert door.spoke == [0, 4]


def test_what_rode_along_needs_no_wake_up_of_its_own() -> None:
    door = Door()
    door.look(0)
    door.look(290, riding=True)
    for now in range(290, 590):
        door.look(float(now))

    assert door.spoke == [0, 290]


def test_a_tap_that_is_on_its_way_puts_a_change_off_until_its_receipt_or_the_quiet_after_it() -> None:
    door = Door()
    door.look(0)
    door.announcing.sent(29)
    door.status = WITHOUT_READER
    for now in range(29, 100):
        door.look(float(now))

    assert door.spoke == [0, 59]


def test_it_says_when_to_look_again() -> None:
    door = Door()
    assert door.announcing.look_in(0) == 0
    door.look(0)

    assert door.announcing.look_in(10) == 20
    assert door.announcing.fresh(10)
    assert not door.announcing.fresh(30)


def test_the_broker_hears_of_the_door_within_the_keepalive_that_it_was_promised_or_insists_on() -> None:
    pace = Pace()
    assert pace.keepalive > pace.heartbeat + pace.quiet
    assert pace.within(pace.keepalive) == pace.within(0) == pace
    assert pace.within(60) == Pace(quiet=15, heartbeat=30)
