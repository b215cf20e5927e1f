"""Which taps become a contact, and what is said about the others?"""

from typing import Any

import pytest

from calltime_server.visits.columns import CONTACTS, PROBLEMS, TAPS
from calltime_server.visits.pairing import Paired, pair
from fixtures.care import Row, contact, kinds, settled, tap, taps_of, visit


def paired(*taps: Row) -> Paired:
    return pair(taps_of(*taps), debounce_seconds=60, longest_hours=16)


def seconds(found: Paired) -> list[Any]:
    return found.contacts["contact_seconds"].to_list()


def test_a_start_and_the_stop_that_follows_are_one_contact() -> None:
    found = paired(*contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"))

    assert seconds(found) == [1800]
    assert kinds(found.problems) == []


def test_start_and_stop_may_come_from_different_doors() -> None:
    found = paired(tap("phone", 9, "start", "2026-07-06 08:00:00"), tap("reader", 3, "stop", "2026-07-06 08:30:00"))

    assert found.contacts.select("start_device", "start_seq", "stop_device", "stop_seq").rows() == [("phone", 9, "reader", 3)]


def test_two_carers_at_one_home_do_not_take_each_others_stops() -> None:
    found = paired(
        *contact("d1", "2026-07-06 08:00:00", "2026-07-06 08:30:00", carer="c1"),
        *contact("d2", "2026-07-06 08:10:00", "2026-07-06 08:20:00", carer="c2"),
    )

    assert found.contacts.select("carer", "contact_seconds").rows() == [("c1", 1800), ("c2", 600)]


@pytest.mark.parametrize(("apart", "kind"), [("08:00:01", "second_tap"), ("08:01:00", "second_tap"), ("08:01:01", "no_stop")])
def test_the_same_action_again_within_the_debounce_is_a_second_tap_and_the_first_counts(apart: str, kind: str) -> None:
    found = paired(
        tap("d", 1, "start", "2026-07-06 08:00:00"),
        tap("d", 2, "start", f"2026-07-06 {apart}"),
        tap("d", 3, "stop", "2026-07-06 08:30:00"),
    )

    assert kinds(found.problems) == [kind]
    assert (1 if kind == "second_tap" else 2) in found.contacts["start_seq"].to_list()


def test_a_second_stop_within_the_debounce_does_not_become_a_stop_without_a_start() -> None:
    found = paired(*contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), tap("d", 3, "stop", "2026-07-06 08:30:10"))

    assert seconds(found) == [1800]
    assert kinds(found.problems) == ["second_tap"]


def test_a_start_without_a_stop_stays_visible_with_its_end_missing() -> None:
    found = paired(tap("d", 1, "start", "2026-07-06 08:00:00"))

    assert found.contacts.select("ended", "stop_device", "contact_seconds").rows() == [(None, None, 0)]
    assert found.problems["says"].item() == (
        "c1 started at s1 at 08:00:00 on 6 July 2026, but no stop tap has come. "
        "Wait for the stop tap, or have the provider add it with the reason."
    )


def test_a_stop_without_a_start_stays_visible_with_its_beginning_missing() -> None:
    found = paired(tap("d", 1, "stop", "2026-07-06 08:30:00"))

    assert found.contacts.select("started", "start_device", "stop_seq", "contact_seconds").rows() == [(None, None, 1, 0)]
    assert kinds(found.problems) == ["no_start"]


def test_of_two_starts_the_later_one_takes_the_stop() -> None:
    found = paired(tap("d", 1, "start", "2026-07-06 08:00:00"), *contact("e", "2026-07-06 12:00:00", "2026-07-06 12:30:00"))

    assert seconds(found) == [0, 1800]
    assert kinds(found.problems) == ["no_stop"]
    assert "the next one was a start again" in found.problems["says"][0]


def test_sixteen_hours_are_a_contact_and_a_second_more_is_two_forgotten_taps() -> None:
    assert seconds(paired(*contact("d", "2026-07-06 06:00:00", "2026-07-06 22:00:00"))) == [57_600]

    found = paired(*contact("d", "2026-07-06 06:00:00", "2026-07-06 22:00:01"))

    assert seconds(found) == [0, 0]
    assert kinds(found.problems) == ["no_stop", "no_start"]
    assert "the next stop was not until 22:00:01 on 6 July 2026, more than 16 hours later" in found.problems["says"][0]
    assert "the start before it was more than 16 hours earlier" in found.problems["says"][1]


def test_start_and_stop_at_the_same_instant_are_a_contact_of_nothing() -> None:
    found = paired(tap("d", 2, "stop", "2026-07-06 08:00:00"), tap("d", 1, "start", "2026-07-06 08:00:00"))

    assert seconds(found) == [0]
    assert kinds(found.problems) == []


def test_a_part_of_a_second_is_dropped() -> None:
    assert seconds(paired(*contact("d", "2026-07-06 08:00:00.001", "2026-07-06 08:30:00.000"))) == [1799]


def test_contact_time_is_what_passed_when_the_clocks_go_back() -> None:
    # 00:30 BST to 02:30 GMT is three hours
    assert seconds(paired(*contact("d", "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z"))) == [10_800]


def test_a_start_that_its_door_turned_into_waiting_is_no_start() -> None:
    found = paired(
        tap("d", 1, "start", "2026-07-06 07:55:00"),
        tap("d", 2, "waiting", "2026-07-06 07:55:03"),
        tap("d", 3, "start", "2026-07-06 07:55:20"),
        tap("d", 4, "stop", "2026-07-06 08:30:20"),
    )

    assert found.contacts.select("start_seq", "contact_seconds").rows() == [(3, 2100)]
    assert kinds(found.problems) == ["waiting"]


def test_waiting_more_than_ten_seconds_after_a_start_leaves_that_start_as_it_is() -> None:
    found = paired(tap("d", 1, "start", "2026-07-06 07:55:00"), tap("d", 2, "waiting", "2026-07-06 07:55:11"))

    assert sorted(kinds(found.problems)) == ["no_stop", "waiting"]


def test_waiting_at_the_door_is_told_and_is_no_contact() -> None:
    found = paired(tap("d", 1, "waiting", "2026-07-06 07:55:00"), *contact("e", "2026-07-06 08:00:00", "2026-07-06 08:30:00"))

    assert seconds(found) == [1800]
    assert kinds(found.problems) == ["waiting"]


def test_an_unknown_badge_and_an_unknown_tag_are_told_with_what_was_tapped() -> None:
    named = (*tap("d", 1, "start", "2026-07-06 08:00:00", carer=None)[:7], "tag-1", "04A2")
    hung = (*tap("d", 2, "stop", "2026-07-06 08:30:00", at=None)[:7], "tag-9", None)
    found = paired(named, hung)

    assert seconds(found) == []
    assert kinds(found.problems) == ["unknown_badge", "unknown_tag"]
    assert "names the badge 04A2, which no carer holds" in found.problems["says"][0]
    assert "names the tag tag-9, which hangs in no home" in found.problems["says"][1]


def test_a_visit_that_begins_away_and_ends_at_the_tag_is_one_and_an_unknown_telephone_is_told_as_one() -> None:
    away, called = tap("phone", 1, "start", "2026-07-06 08:00:00"), tap("line", 2, "start", "2026-07-06 09:00:00", at=None)
    found = paired((*away[:6], 0, *away[7:]), tap("phone", 2, "stop", "2026-07-06 08:30:00"), (*called[:7], "tel_a", "pin_a"))

    assert seconds(found) == [1800]
    assert found.contacts.select("start_grade", "stop_grade").rows() == [(0, 2)]
    assert "names the telephone tel_a, which is no home's" in found.problems["says"][0]


def test_no_taps_are_no_contacts_in_the_same_columns() -> None:
    found = pair(TAPS.to_frame(), debounce_seconds=60, longest_hours=16)

    assert (found.contacts.schema, found.problems.schema) == (CONTACTS, PROBLEMS)


def test_visits_back_to_back_that_end_and_begin_in_the_same_second_are_two() -> None:
    taps = [
        tap("d", 1, "start", "2026-07-06 08:00:00"),
        tap("d", 2, "stop", "2026-07-06 08:30:00"),
        tap("d", 3, "start", "2026-07-06 08:30:00"),
        tap("d", 4, "stop", "2026-07-06 09:00:00"),
    ]
    visits = [visit("a", "s1", "2026-07-06 08:00"), visit("b", "s1", "2026-07-06 08:30")]

    # 2 × 30 min × 31.2p
    assert settled(visits, taps).lines["pence"].to_list() == [936, 936]
