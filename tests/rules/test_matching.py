"""Which contact delivers which planned visit?"""

from typing import Any

from fixtures.care import Row, contact, kinds, settled, tap, visit


def deliveries(visits: list[Row], taps: list[Row]) -> list[tuple[Any, ...]]:
    return settled(visits, taps).visits.select("visit_id", "carer_no", "carer", "delivery").rows()


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
    settlement = settled([visit("v", "s1", "2026-07-06 08:00")], taps)

    assert settlement.visits["delivery"].to_list() == ["missed", "not_planned"]
    assert kinds(settlement.problems) == ["not_planned"]
    assert settlement.problems["says"][0].startswith(
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
