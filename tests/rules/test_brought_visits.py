"""What does a visit count that a provider's own system brought?"""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from calltime_server.visits.brought import brought_taps, told_not_agreed
from calltime_server.visits.columns import TAPS
from calltime_server.visits.entered import entered_taps
from calltime_server.visits.pairing import Paired, pair
from calltime_server.visits.told import BROUGHT, BROUGHT_GRADES, ENTRIES, Told
from fixtures.care import Row, contact, instant, kinds, tap, taps_of

FROM_JULY = ("North Care", date(2026, 7, 1), 2)


def brought(number: int, start: str | None, stop: str | None, *, day: str = "2026-07-06") -> Row:
    started, ended = (instant(f"{day} {each}") if each else None for each in (start, stop))
    return (number, "North Care", f"X{number}", "s1", "c1", started, ended, datetime(2026, 7, 20, tzinfo=UTC))


def told(*visits: Row, agreed: tuple[Row, ...] = (FROM_JULY,)) -> Told:
    return Told(
        brought=pl.DataFrame(list(visits), schema=BROUGHT, orient="row"),
        brought_grades=pl.DataFrame(list(agreed), schema=BROUGHT_GRADES, orient="row"),
    )


def paired(taps: list[Row], *visits: Row, entries: tuple[Row, ...] = ()) -> Paired:
    by_hand = entered_taps(pl.DataFrame(list(entries), schema=ENTRIES, orient="row"))
    return pair(pl.concat([taps_of(*taps), brought_taps(told(*visits)), by_hand]), debounce_seconds=60, longest_hours=16)


def contacts(found: Paired) -> list[tuple[Any, ...]]:
    return found.contacts.select("start_device", "start_seq", "stop_device", "stop_seq", "contact_seconds").rows()


def test_a_brought_visit_is_two_taps_that_prove_what_was_agreed() -> None:
    taps = brought_taps(told(brought(7, "08:00:00", "08:30:00")))

    assert taps.schema == TAPS
    assert taps.rows() == [
        ("brought", 14, instant("2026-07-06 08:00:00"), "start", "c1", "s1", 2, None, None),
        ("brought", 15, instant("2026-07-06 08:30:00"), "stop", "c1", "s1", 2, None, None),
    ]


def test_the_grade_is_that_of_the_day_when_it_changes_in_the_middle_of_a_month() -> None:
    agreed = (FROM_JULY, ("North Care", date(2026, 7, 15), 1), ("Another", date(2026, 7, 1), 3))
    visits = (brought(1, "08:00:00", None, day="2026-07-14"), brought(2, "08:00:00", None, day="2026-07-15"))

    assert brought_taps(told(*visits, agreed=agreed))["grade"].to_list() == [2, 1]


@pytest.mark.parametrize(
    "agreed",
    [(), (("Another", date(2026, 7, 1), 2),), (("North Care", date(2026, 7, 7), 2),), (FROM_JULY, ("North Care", date(2026, 7, 6), None))],
)
def test_without_an_agreement_of_its_day_it_is_not_taken_and_that_is_told(agreed: tuple[Row, ...]) -> None:
    found = told(brought(7, "08:00:00", "08:30:00"), agreed=agreed)

    assert brought_taps(found).is_empty()
    problems = told_not_agreed(found)
    assert problems.select("kind", "device", "seq").rows() == [("not_agreed", "brought", 14)]
    assert "no agreement with the council" in problems["says"][0]


def test_a_brought_visit_that_no_door_saw_is_a_contact() -> None:
    found = paired([], brought(7, "08:00:00", "08:30:00"))

    assert contacts(found) == [("brought", 14, "brought", 15, 1800)]
    assert kinds(found.problems) == []


def test_a_brought_end_completes_a_tap_whose_other_end_is_missing() -> None:
    found = paired([tap("d", 1, "start", "2026-07-06 08:00:00")], brought(7, None, "08:30:00"))

    assert contacts(found) == [("d", 1, "brought", 15, 1800)]


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        *(("08:00:00", "08:30:00"), ("07:59:30", "08:30:30"), ("08:05:00", "08:25:00")),
        *(("07:50:00", "08:40:00"), ("07:50:00", "08:20:00"), ("08:10:00", "08:40:00")),
    ],
)
def test_what_doors_saw_counts_and_not_what_was_brought_of_it(start: str, stop: str) -> None:
    found = paired(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), brought(7, start, stop))

    assert contacts(found) == [("d", 1, "d", 2, 1800)]
    assert kinds(found.problems) == ["brought_not_needed"]


def test_where_a_door_saw_one_end_the_other_is_the_brought_one() -> None:
    late_start = paired([tap("d", 1, "start", "2026-07-06 08:03:00")], brought(7, "08:00:00", "08:30:00"))
    early_stop = paired([tap("d", 1, "stop", "2026-07-06 08:27:00")], brought(7, "08:00:00", "08:30:00"))

    assert contacts(late_start) == [("d", 1, "brought", 15, 27 * 60)]
    assert contacts(early_stop) == [("brought", 14, "d", 1, 27 * 60)]


def test_two_visits_of_a_morning_both_count_when_doors_saw_only_one() -> None:
    found = paired(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00"), brought(7, "12:00:00", "12:30:00"))

    assert contacts(found) == [("d", 1, "d", 2, 1800), ("brought", 14, "brought", 15, 1800)]


def test_an_entry_completes_what_was_brought_and_replaces_none_of_it() -> None:
    at = instant("2026-07-06 08:30:00")
    entry = (3, at, "stop", "c1", "s1", "forgot_out", "coordinator", at)

    assert contacts(paired([], brought(7, "08:00:00", None), entries=(entry,))) == [("brought", 14, "office", 3, 1800)]
    both = paired([], brought(7, "08:00:00", "08:40:00"), entries=(entry,))
    assert contacts(both) == [("brought", 14, "brought", 15, 2400)]
    assert kinds(both.problems) == ["entry_not_needed"]
