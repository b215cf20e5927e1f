"""Which contact delivers which planned visit?"""

from datetime import date
from typing import Any

import polars as pl

from calltime_server.visits.matching import Matched, match
from calltime_server.visits.pairing import pair
from calltime_server.visits.told import EMPLOYED
from fixtures.care import Row, contact, kinds, plan_of, tap, taps_of, visit

LONG_AGO = date(2020, 1, 1)


def matched(visits: list[Row], taps: list[Row], *, employed: list[tuple[str, str, date]] | None = None) -> Matched:
    contacts = pair(taps_of(*taps), debounce_seconds=60, longest_hours=16).contacts
    works = pl.DataFrame(employed or [], schema=EMPLOYED, orient="row")
    return match(plan_of(*visits), contacts, window_minutes=120, employed=works)


def deliveries(visits: list[Row], taps: list[Row]) -> list[tuple[Any, ...]]:
    return matched(visits, taps).visits.select("visit_id", "carer_no", "carer", "delivery").rows()


def test_the_nearest_in_time_come_together() -> None:
    visits = [visit("early", "s1", "2026-07-06 08:00"), visit("late", "s1", "2026-07-06 09:30")]
    taps = [
        *contact("d1", "2026-07-06 08:50:00", "2026-07-06 09:05:00", carer="c1"),
        *contact("d2", "2026-07-06 09:20:00", "2026-07-06 09:50:00", carer="c2"),
    ]

    # c1 is 40 min from the late visit and 50 from the early one, but c2 is only 10 from the late one
    assert deliveries(visits, taps) == [("early", 1, "c1", "delivered"), ("late", 1, "c2", "delivered")]


def test_two_hours_are_within_the_window_and_a_second_more_is_not() -> None:
    visits = [visit("v", "s1", "2026-07-06 08:00")]

    assert deliveries(visits, contact("d", "2026-07-06 06:00:00", "2026-07-06 06:30:00"))[0][3] == "delivered"
    assert deliveries(visits, contact("d", "2026-07-06 10:00:00", "2026-07-06 10:30:00"))[0][3] == "delivered"
    assert [row[3] for row in deliveries(visits, contact("d", "2026-07-06 10:00:01", "2026-07-06 10:30:00"))] == ["missed", "not_planned"]


def test_a_contact_at_another_home_is_not_taken() -> None:
    taps = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00", at="s2")
    found = matched([visit("v", "s1", "2026-07-06 08:00")], taps)

    assert found.visits["delivery"].to_list() == ["missed", "not_planned"]
    assert kinds(found.problems) == ["not_planned"]
    assert found.problems["says"][0].startswith(
        "c1 was at s2: start 08:00:00 on 6 July 2026, stop 08:30:00 on 6 July 2026. "
        "No planned visit there within 120 minutes had a place open."
    )


def test_a_visit_for_two_takes_two_different_carers_in_the_order_in_which_they_came() -> None:
    taps = [
        *contact("d1", "2026-07-06 08:05:00", "2026-07-06 08:30:00", carer="c1"),
        *contact("d2", "2026-07-06 07:50:00", "2026-07-06 08:30:00", carer="c2"),
        *contact("d3", "2026-07-06 08:20:00", "2026-07-06 08:30:00", carer="c3"),
    ]

    assert deliveries([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps) == [
        ("v", 1, "c2", "delivered"),
        ("v", 2, "c1", "delivered"),
        (None, None, "c3", "not_planned"),
    ]


def test_one_carer_cannot_be_both_carers_of_a_visit() -> None:
    taps = [
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:10:00", carer="c1"),
        *contact("d2", "2026-07-06 08:12:00", "2026-07-06 08:30:00", carer="c1"),
    ]

    assert deliveries([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps) == [
        ("v", 1, "c1", "delivered"),
        ("v", 2, None, "missed"),
        (None, None, "c1", "not_planned"),
    ]


def test_a_whole_contact_goes_before_a_nearer_one_with_an_end_missing() -> None:
    taps = [
        tap("d1", 1, "start", "2026-07-06 08:00:00", carer="c1"),
        *contact("d2", "2026-07-06 08:40:00", "2026-07-06 09:10:00", carer="c2"),
    ]

    assert deliveries([visit("v", "s1", "2026-07-06 08:00")], taps) == [("v", 1, "c2", "delivered"), (None, None, "c1", "not_planned")]


def test_a_contact_with_an_end_missing_takes_a_place_that_is_still_open() -> None:
    taps = [
        tap("d1", 1, "stop", "2026-07-06 08:31:00", carer="c1"),
        *contact("d2", "2026-07-06 08:02:00", "2026-07-06 08:30:00", carer="c2"),
    ]

    assert deliveries([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps) == [("v", 1, "c2", "delivered"), ("v", 2, "c1", "no_start")]


def test_a_stop_without_a_start_is_measured_from_the_planned_end() -> None:
    # 12:00 is exactly 120 min from the planned end at 10:00, and 240 from the planned start
    visits = [visit("v", "s1", "2026-07-06 08:00", minutes=120)]

    assert deliveries(visits, [tap("d", 1, "stop", "2026-07-06 12:00:00")]) == [("v", 1, "c1", "no_start")]


def test_of_two_visits_equally_near_the_earlier_takes_the_contact() -> None:
    visits = [visit("b", "s1", "2026-07-06 09:00"), visit("a", "s1", "2026-07-06 08:00")]

    assert deliveries(visits, contact("d", "2026-07-06 08:30:00", "2026-07-06 08:45:00")) == [
        ("a", 1, "c1", "delivered"),
        ("b", 1, None, "missed"),
    ]


def test_of_two_visits_that_begin_together_the_contact_takes_the_one_of_its_length() -> None:
    visits = [visit("a", "s1", "2026-07-06 08:00", minutes=15), visit("b", "s1", "2026-07-06 08:00", minutes=45)]
    taps = [
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:44:00", carer="c1"),
        *contact("d2", "2026-07-06 08:00:00", "2026-07-06 08:16:00", carer="c2"),
    ]

    assert deliveries(visits, taps) == [("a", 1, "c2", "delivered"), ("b", 1, "c1", "delivered")]


def test_of_two_carers_equally_near_the_first_by_name_takes_the_visit() -> None:
    taps = [
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", carer="c2"),
        *contact("d2", "2026-07-06 08:00:00", "2026-07-06 08:30:00", carer="c1"),
    ]

    assert deliveries([visit("v", "s1", "2026-07-06 08:00")], taps) == [("v", 1, "c1", "delivered"), (None, None, "c2", "not_planned")]


def provided(visit_id: str, provider: str, start: str) -> Row:
    return (visit_id, "s1", provider, *visit(visit_id, "s1", start)[3:])


def test_of_the_overlapping_plans_of_two_providers_a_carer_delivers_that_of_her_own() -> None:
    visits = [provided("a", "north", "2026-07-06 08:00"), provided("b", "south", "2026-07-06 08:30")]
    taps = contact("d", "2026-07-06 08:05:00", "2026-07-06 08:35:00")

    assert matched(visits, taps).visits["carer"].to_list() == ["c1", None]
    assert matched(visits, taps, employed=[("c1", "south", LONG_AGO)]).visits["carer"].to_list() == [None, "c1"]
    assert matched(visits, taps, employed=[("c2", "south", LONG_AGO)]).visits["carer"].to_list() == ["c1", None]
    assert matched(visits, taps, employed=[("c1", "south", LONG_AGO), ("c1", "north", LONG_AGO)]).visits["carer"].to_list() == ["c1", None]


def test_a_carer_who_changes_to_another_provider_still_delivered_for_the_one_before_until_that_day() -> None:
    visits = [provided("a", "north", "2026-07-06 08:00"), provided("b", "south", "2026-07-06 08:05")]
    taps = contact("d", "2026-07-06 08:05:00", "2026-07-06 08:35:00")
    before = ("c1", "north", LONG_AGO)

    assert matched(visits, taps, employed=[before, ("c1", "south", date(2026, 7, 7))]).visits["carer"].to_list() == ["c1", None]
    assert matched(visits, taps, employed=[before, ("c1", "south", date(2026, 7, 6))]).visits["carer"].to_list() == [None, "c1"]
    # For whom she worked before that day nobody said.
    assert matched(visits[:1], taps, employed=[("c1", "south", date(2026, 7, 7))]).visits["carer"].to_list() == ["c1"]


def test_a_carer_of_another_provider_delivers_nothing_even_where_nobody_else_came() -> None:
    found = matched(
        [provided("a", "north", "2026-07-06 08:00")],
        contact("d", "2026-07-06 08:05:00", "2026-07-06 08:35:00"),
        employed=[("c1", "south", LONG_AGO)],
    )

    assert found.visits["delivery"].to_list() == ["missed", "not_planned"]
    assert kinds(found.problems) == ["not_planned"]


def test_visits_that_two_carers_of_a_round_swapped_are_matched_by_the_clock() -> None:
    visits = [visit("first", "s1", "2026-07-06 08:00"), visit("second", "s1", "2026-07-06 09:00")]
    taps = [
        *contact("d1", "2026-07-06 09:02:00", "2026-07-06 09:30:00", carer="c1"),
        *contact("d2", "2026-07-06 08:03:00", "2026-07-06 08:30:00", carer="c2"),
    ]

    assert deliveries(visits, taps) == [("first", 1, "c2", "delivered"), ("second", 1, "c1", "delivered")]


def test_the_only_contact_of_a_day_beyond_the_window_is_told_as_moved_and_not_matched() -> None:
    visits = [visit("v", "s1", "2026-07-06 08:00"), visit("next day", "s1", "2026-07-07 08:00")]
    found = matched(visits, contact("d", "2026-07-06 14:00:00", "2026-07-06 14:30:00"))

    assert found.visits["delivery"].to_list() == ["missed", "missed", "not_planned"]
    assert found.problems["kind"].to_list() == ["moved"]
    assert found.problems["says"].item() == (
        "c1 was at s1: start 14:00:00 on 6 July 2026, stop 14:30:00 on 6 July 2026. The only visit there on that day that nobody made was "
        "planned for 08:00:00 on 6 July 2026, more than 120 minutes away. The time is kept and not paid. "
        "If the visit was moved with approval, change the hour in the plan; the next settlement takes it in."
    )


def test_with_two_visits_left_nothing_is_said_to_be_moved() -> None:
    visits = [visit("a", "s1", "2026-07-06 07:00"), visit("b", "s1", "2026-07-06 20:00")]

    assert kinds(matched(visits, contact("d", "2026-07-06 14:00:00", "2026-07-06 14:30:00")).problems) == ["not_planned"]


def test_a_second_visit_of_the_same_carer_to_a_visit_for_two_is_not_moved() -> None:
    taps = [
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:10:00"),
        *contact("d2", "2026-07-06 12:12:00", "2026-07-06 12:30:00"),
    ]
    found = matched([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps)

    assert sorted(kinds(found.problems)) == ["not_planned", "one_carer_short"]


def together(*spans: tuple[str, str]) -> list[Any]:
    taps = [
        row
        for number, (start, stop) in enumerate(spans)
        for row in contact(f"d{number}", f"2026-07-06 {start}", f"2026-07-06 {stop}", carer=f"c{number}")
    ]
    return matched([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps).visits["together_seconds"].to_list()


def test_sum_13_two_carers_of_whom_one_came_ten_minutes_later_are_there_together_for_twenty() -> None:
    # from 08:10, when the second came, to 08:30, when the first left; their own 30 + 25 min stay beside it
    assert together(("08:00", "08:30"), ("08:10", "08:35")) == [1200, 1200]


def test_carers_who_never_met_were_together_for_nothing() -> None:
    assert together(("08:00", "08:10"), ("08:20", "08:35")) == [0, 0]


def test_where_one_carer_did_not_come_there_is_no_time_together_and_it_is_told() -> None:
    taps = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00")
    found = matched([visit("v", "s1", "2026-07-06 08:00", carers=2)], taps)

    assert found.visits["together_seconds"].to_list() == [None, None]
    assert found.problems.select("kind", "device", "seq", "visit_id", "carer").rows() == [("one_carer_short", "d", 1, "v", "c1")]
    assert found.problems["says"][0].startswith("2 carers were planned for s1 at 08:00:00 on 6 July 2026, and 1 came: c1. ")


def test_a_carer_who_was_alone_as_planned_was_there_all_the_time() -> None:
    taps = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:25:00")

    assert matched([visit("v", "s1", "2026-07-06 08:00")], taps).visits["together_seconds"].to_list() == [1500]


def test_sum_14_half_an_hour_over_the_change_of_clocks_is_half_an_hour_of_contact() -> None:
    taps = contact("d", "2026-10-25T00:50:00Z", "2026-10-25T01:20:00Z")  # 01:50 BST to 01:20 GMT

    assert matched([visit("v", "s1", "2026-10-25T00:50:00Z")], taps).visits["contact_seconds"].to_list() == [1800]


def test_sum_15_a_contact_over_midnight_stays_one_contact_of_the_day_on_which_it_was_planned() -> None:
    taps = contact("d", "2026-07-11 23:40:00", "2026-07-12 00:20:00")
    found = matched([visit("v", "s1", "2026-07-11 23:40", minutes=40)], taps)

    assert found.visits.select("visit_id", "contact_seconds").rows() == [("v", 2400)]
