"""What does an end of a visit count that was entered by hand?"""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from calltime_server.visits.columns import TAPS
from calltime_server.visits.entered import entered_taps
from calltime_server.visits.pairing import Paired, pair
from calltime_server.visits.told import ENTRIES
from fixtures.care import Row, contact, instant, kinds, plan_of, tap, taps_of, visit


def entry(number: int, action: str, time: str) -> Row:
    return (number, instant(time), action, "c1", "s1", "reader_down", "coordinator", instant("2026-07-07 09:00"))


def paired(taps: list[Row], entries: list[Row], planned: Sequence[Row] = ()) -> Paired:
    by_hand = entered_taps(pl.DataFrame(entries, schema=ENTRIES, orient="row"))
    return pair(pl.concat([taps_of(*taps), by_hand]), debounce_seconds=60, longest_hours=16, plan=plan_of(*planned))


def contacts(found: Paired) -> list[tuple[Any, ...]]:
    return found.contacts.select("start_device", "start_seq", "stop_device", "stop_seq", "contact_seconds").rows()


def test_an_entry_is_a_tap_of_the_office_that_proves_nothing() -> None:
    taps = entered_taps(pl.DataFrame([entry(7, "stop", "2026-07-06 08:30:00")], schema=ENTRIES, orient="row"))

    assert taps.schema == TAPS
    assert taps.rows() == [("office", 7, instant("2026-07-06 08:30:00"), "stop", "c1", "s1", 0, None, None)]


def test_an_entered_stop_completes_a_tapped_start_and_both_grades_are_kept() -> None:
    found = paired([tap("d", 1, "start", "2026-07-06 08:00:00", grade=4)], [entry(7, "stop", "2026-07-06 08:30:00")])

    assert contacts(found) == [("d", 1, "office", 7, 1800)]
    assert found.contacts.select("start_grade", "stop_grade").rows() == [(4, 0)]
    assert kinds(found.problems) == []


def test_a_visit_may_be_entered_at_both_ends() -> None:
    found = paired([], [entry(7, "start", "2026-07-06 08:00:00"), entry(8, "stop", "2026-07-06 08:30:00")])

    assert contacts(found) == [("office", 7, "office", 8, 1800)]


@pytest.mark.parametrize("time", ["08:10:00", "08:29:30"])
@pytest.mark.parametrize("action", ["start", "stop"])
def test_between_a_tapped_start_and_its_tapped_stop_one_entry_counts_for_nothing(action: str, time: str) -> None:
    found = paired(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), [entry(7, action, f"2026-07-06 {time}")])

    assert contacts(found) == [("d", 1, "d", 2, 1800)]
    assert found.problems.select("kind", "device", "seq").rows() == [("entry_not_needed", "office", 7)]


def test_an_entered_stop_and_start_part_two_visits_that_were_taken_for_one() -> None:
    taps = contact("d", "2026-07-06 08:00:00", "2026-07-06 12:30:00")
    found = paired(taps, [entry(7, "stop", "2026-07-06 08:30:00"), entry(8, "start", "2026-07-06 12:00:00")])

    assert contacts(found) == [("d", 1, "office", 7, 1800), ("office", 8, "d", 2, 1800)]


def test_a_start_entered_just_before_a_tapped_one_does_not_make_the_tap_a_second_tap() -> None:
    found = paired(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), [entry(7, "start", "2026-07-06 07:59:30")])

    assert contacts(found) == [("d", 1, "d", 2, 1800)]
    assert kinds(found.problems) == ["entry_not_needed"]


def test_an_entered_start_long_before_a_tapped_one_stands_by_itself() -> None:
    found = paired(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), [entry(7, "start", "2026-07-06 07:30:00")])

    assert contacts(found) == [("office", 7, None, None, 0), ("d", 1, "d", 2, 1800)]
    assert kinds(found.problems) == ["no_stop"]


def test_the_one_tap_after_a_start_that_was_entered_is_the_stop_whatever_its_door_took_it_for() -> None:
    found = paired([tap("d", 1, "start", "2026-07-06 08:00:51", grade=3)], [entry(7, "start", "2026-07-06 07:15:00")])

    assert contacts(found) == [("office", 7, "d", 1, 2751)]  # 45 min 51 s
    assert found.contacts.select("start_grade", "stop_grade").rows() == [(0, 3)]
    assert found.problems.select("kind", "device", "seq").rows() == [("read_as_stop", "d", 1)]


def test_a_tap_is_not_read_as_the_stop_of_what_was_tapped_or_entered_too_long_before() -> None:
    tapped = paired([tap("d", 1, "start", "2026-07-06 07:15:00"), tap("d", 2, "start", "2026-07-06 08:00:51")], [])
    long_ago = paired([tap("d", 1, "start", "2026-07-06 17:00:00")], [entry(7, "start", "2026-07-06 00:59:00")])  # 16 h 1 min

    assert kinds(tapped.problems) == kinds(long_ago.problems) == ["no_stop", "no_stop"]


def test_the_next_visit_does_not_take_the_tap_that_was_read_as_a_stop() -> None:
    taps = [tap("d", 1, "start", "2026-07-06 08:00:51"), *contact("e", "2026-07-06 12:00:00", "2026-07-06 12:30:00")]
    found = paired(taps, [entry(7, "start", "2026-07-06 07:15:00")])

    assert contacts(found) == [("office", 7, "d", 1, 2751), ("e", 1, "e", 2, 1800)]


@pytest.mark.parametrize("noon", ["11:25:00", "11:55:00", "12:05:00"])
def test_the_start_of_the_next_planned_visit_is_not_the_stop_of_one_whose_start_was_entered(noon: str) -> None:
    planned = [visit("V1", "s1", "2026-07-06 08:00"), visit("V2", "s1", "2026-07-06 12:00")]
    found = paired([tap("d", 1, "start", f"2026-07-06 {noon}")], [entry(7, "start", "2026-07-06 08:00:00")], planned)

    assert contacts(found) == [("office", 7, None, None, 0), ("d", 1, None, None, 0)]
    assert kinds(found.problems) == ["no_stop", "no_stop"]


def test_nor_is_that_of_a_visit_soon_after_and_what_is_nearer_to_the_end_is_the_stop() -> None:
    planned = [visit("V1", "s1", "2026-07-06 08:00", minutes=120), visit("V2", "s1", "2026-07-06 10:30")]
    entered = [entry(7, "start", "2026-07-06 08:00:00")]

    assert kinds(paired([tap("d", 1, "start", "2026-07-06 10:02:00")], entered, planned).problems) == ["read_as_stop"]
    assert kinds(paired([tap("d", 1, "start", "2026-07-06 10:28:00")], entered, planned).problems) == ["no_stop", "no_stop"]


@pytest.mark.parametrize(("time", "told"), [("11:00:00", ["read_as_stop"]), ("11:00:01", ["no_stop", "no_stop"])])
def test_where_nothing_is_planned_a_tap_is_the_stop_within_three_hours(time: str, told: list[str]) -> None:
    found = paired([tap("d", 1, "start", f"2026-07-06 {time}")], [entry(7, "start", "2026-07-06 08:00:00")])

    assert kinds(found.problems) == told


def test_a_long_night_ends_with_its_tap_within_three_hours_of_its_planned_end() -> None:
    planned = [visit("V1", "s1", "2026-07-06 22:00", minutes=600), visit("V2", "s2", "2026-07-07 08:00")]
    found = paired([tap("d", 1, "start", "2026-07-07 08:04:00")], [entry(7, "start", "2026-07-06 22:00:00")], planned)

    assert contacts(found) == [("office", 7, "d", 1, 36_240)]
