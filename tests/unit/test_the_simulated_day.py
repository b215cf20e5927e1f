"""Is the simulated day one that could have happened, and the same each time?"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from calltime_sim import rota
from calltime_sim.day import Touch, live

DAY = date(2026, 10, 5)


def touches() -> list[Touch]:
    return live(rota.read_rota(rota.SOLUTION, day=DAY), seed=7)


def test_the_same_seed_lives_the_same_day() -> None:
    assert touches() == touches()


def test_no_carer_is_at_two_homes_at_once() -> None:
    days: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches():
        days[touch.carer].append(touch)

    for own in days.values():
        homes = [touch.home for touch in own]
        left_and_came_back = [home for number, home in enumerate(homes) if home in homes[: max(number - 2, 0)]]
        # Only the one who is called again in the evening comes back to a home after leaving it.
        assert len(left_and_came_back) <= 2


def test_all_carers_on_the_road_tap_and_everybody_is_tapped_at() -> None:
    day = touches()

    assert len({touch.carer for touch in day}) == 48
    assert len({touch.home for touch in day}) >= 350
    assert sum(not touch.known for touch in day) == 4
