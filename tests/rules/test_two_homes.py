"""What is said of a carer who was at two homes at once, or on a way that takes longer?"""

import polars as pl

from calltime_server.visits.pairing import Paired, pair
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND, JOURNEYS
from fixtures.care import Row, contact, kinds, tap, taps_of

BROUGHT_ENDS = (("start", "17:05"), ("stop", "45:00"))


def paired(*taps: Row, ways: list[tuple[str, str, int]] | None = None) -> Paired:
    journeys = pl.DataFrame(ways or [], schema=JOURNEYS, orient="row")
    return pair(taps_of(*taps), debounce_seconds=60, longest_hours=16, journeys=journeys)


def told(found: Paired) -> list[tuple[str, str, int]]:
    return found.problems.select("kind", "device", "seq").rows()


def test_contacts_at_two_homes_that_overlap_are_kept_and_told_at_both() -> None:
    found = paired(
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1"),
        *contact("d2", "2026-07-06 08:20:00", "2026-07-06 08:45:00", at="s2"),
    )

    assert found.contacts["contact_seconds"].to_list() == [1800, 1500]
    assert told(found) == [("two_homes_at_once", "d1", 1), ("two_homes_at_once", "d2", 1)]
    assert found.problems["says"][0] == (
        "c1 was at s1 (08:00:00 on 6 July 2026 to 08:30:00 on 6 July 2026, tap 1 of door d1) and at s2 (08:20:00 on 6 July 2026 to "
        "08:45:00 on 6 July 2026, tap 1 of door d2): 10 min of it at once. Both are kept; what is paid for each is decided by its terms. "
        "If the two live together, this is how it looks and nothing needs to be done. "
        "Else ask the carer, and have the provider enter the right times with the reason."
    )
    assert found.problems["says"][1].startswith("c1 was at s2 (08:20:00")


def test_of_an_end_that_was_entered_or_brought_it_is_said_how_it_came() -> None:
    found = paired(
        tap("d1", 7, "start", "2026-07-06 08:00:00", at="s1"),
        tap(ENTERED_BY_HAND, 3, "stop", "2026-07-06 08:30:00", at="s1", grade=0),
        *(tap(BROUGHT_DEVICE, 8 + n, act, f"2026-07-06 08:{at}", at="s2") for n, (act, at) in enumerate(BROUGHT_ENDS)),
    )

    says = found.problems["says"][0]
    assert "08:30:00 on 6 July 2026, start tap 7 of door d1, stop entered by hand as entry 3)" in says
    assert "start brought by the provider's own system, number 4, stop brought by the provider's own system, number 4)" in says
    assert "12 min 55 s of it at once" in says


def test_a_long_stay_is_held_against_every_visit_that_lies_within_it() -> None:
    found = paired(
        *contact("long", "2026-07-06 08:00:00", "2026-07-06 12:00:00", at="s1"),
        *contact("d2", "2026-07-06 08:30:00", "2026-07-06 09:00:00", at="s2"),
        *contact("d3", "2026-07-06 10:00:00", "2026-07-06 10:30:00", at="s3"),
    )

    assert told(found) == [("two_homes_at_once", "d2", 1), ("two_homes_at_once", "d3", 1), ("two_homes_at_once", "long", 1)]


def test_leaving_one_home_in_the_second_of_reaching_another_is_not_both_at_once() -> None:
    found = paired(
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1"),
        *contact("d2", "2026-07-06 08:30:00", "2026-07-06 09:00:00", at="s2"),
    )

    assert told(found) == []


def test_two_carers_at_two_homes_are_nothing_to_tell() -> None:
    found = paired(
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1", carer="c1"),
        *contact("d2", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s2", carer="c2"),
    )

    assert told(found) == []


def test_a_start_at_another_home_within_a_contact_is_told_although_its_stop_is_missing() -> None:
    found = paired(
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1"),
        tap("d2", 1, "start", "2026-07-06 08:10:00", at="s2"),
    )

    assert sorted(kinds(found.problems)) == ["no_stop", "two_homes_at_once", "two_homes_at_once"]


def test_a_way_of_ten_minutes_cannot_be_made_in_a_second_less() -> None:
    taps = contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1")
    in_time = contact("d2", "2026-07-06 08:40:00", "2026-07-06 09:00:00", at="s2")
    too_soon = contact("d2", "2026-07-06 08:39:59", "2026-07-06 09:00:00", at="s2")
    ways = [("s1", "s2", 10)]

    assert told(paired(*taps, *in_time, ways=ways)) == []
    found = paired(*taps, *too_soon, ways=ways)

    assert told(found) == [("impossible_journey", "d1", 1), ("impossible_journey", "d2", 1)]
    assert "9 min 59 s lie between, and the way takes 10 minutes at the least" in found.problems["says"][0]


def test_of_a_way_only_the_direction_that_is_named_counts() -> None:
    taps = [
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s1"),
        *contact("d2", "2026-07-06 08:31:00", "2026-07-06 09:00:00", at="s2"),
    ]

    assert told(paired(*taps, ways=[("s2", "s1", 10)])) == []


def test_the_way_is_reckoned_over_the_change_of_clocks() -> None:
    # from 01:55 BST to 01:05 GMT are ten minutes
    taps = [
        *contact("d1", "2026-10-25T00:30:00Z", "2026-10-25T00:55:00Z", at="s1"),
        *contact("d2", "2026-10-25T01:05:00Z", "2026-10-25T01:30:00Z", at="s2"),
    ]

    assert told(paired(*taps, ways=[("s1", "s2", 10)])) == []
