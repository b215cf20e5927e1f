"""Do the times of a worked example stand where a person would put them?"""

from datetime import date, datetime, time

import pytest

from calltime_server.payment.example_times import planned_span, tapped_span
from calltime_server.visits.wall import instants


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def test_summer_time_is_an_hour_ahead_of_utc() -> None:
    assert planned_span("2026-07-06 08:00-08:30") == (utc("2026-07-06T07:00"), utc("2026-07-06T07:30"))


def test_an_end_before_the_start_is_on_the_next_day() -> None:
    span = planned_span("2026-01-06 23:45-00:15")

    assert span == (utc("2026-01-06T23:45"), utc("2026-01-07T00:15"))
    assert tapped_span("23:50:00 00:10:00", planned=span) == (utc("2026-01-06T23:50"), utc("2026-01-07T00:10"))


def test_a_start_tap_before_midnight_belongs_to_a_visit_just_after_it() -> None:
    span = planned_span("2026-01-07 00:05-00:35")

    assert tapped_span("23:58:00 00:30:00", planned=span) == (utc("2026-01-06T23:58"), utc("2026-01-07T00:30"))


def test_a_stop_earlier_on_the_wall_than_its_start_is_in_the_second_of_the_two_hours() -> None:
    span = planned_span("2026-10-25 01:45-02:15")

    # 01:50 BST = 00:50 UTC; the next time the wall shows 01:20 is 01:20 GMT = 01:20 UTC
    assert tapped_span("01:50:00 01:20:00", planned=span) == (utc("2026-10-25T00:50"), utc("2026-10-25T01:20"))


@pytest.mark.parametrize("taps", ["08:04 08:31", "08:04:10", "28:04:10 08:31:55", "08:04:10-08:31:55", "08:04:10 08:61:55"])
def test_what_is_not_two_taps_is_refused(taps: str) -> None:
    with pytest.raises(ValueError, match="is not a start and a stop tap"):
        tapped_span(taps, planned=None)


def test_londons_wall_shows_an_autumn_time_twice_and_a_spring_time_never() -> None:
    assert instants(date(2026, 10, 25), time(1, 30)) == [utc("2026-10-25T00:30"), utc("2026-10-25T01:30")]
    assert instants(date(2026, 3, 29), time(1, 30)) == []
    assert instants(date(2026, 3, 29), time(2, 0)) == [utc("2026-03-29T01:00")]
