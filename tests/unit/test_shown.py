"""How do figures look to people?"""

from datetime import UTC, date, datetime

from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.web import shown


def test_money_is_shown_in_pounds_and_pence() -> None:
    assert [shown.pounds(pence) for pence in (0, 7, 842, 120450, -842)] == ["£0.00", "£0.07", "£8.42", "£1,204.50", "−£8.42"]


def test_lengths_are_shown_to_the_second_and_sums_of_them_to_the_minute() -> None:
    assert [shown.lasting(seconds) for seconds in (0, 45, 60, 1665)] == ["0 min", "45 s", "1 min", "27 min 45 s"]
    assert [shown.hours(seconds) for seconds in (59, 1665, 3900, 3_600_000)] == ["0 min", "27 min", "1 h 05 min", "1,000 h 00 min"]


def test_times_are_londons_and_named_by_their_zone_only_when_the_clocks_change() -> None:
    assert shown.minute(datetime(2026, 10, 5, 7, 4, tzinfo=UTC)) == "08:04"
    assert shown.moment(datetime(2026, 10, 5, 7, 4, 10, 250_000, tzinfo=UTC)) == "08:04:10.250 on Monday 5 October 2026"
    assert [shown.minute(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1)] == ["01:30 BST", "01:30 GMT"]


def test_a_day_in_london_has_twenty_three_to_twenty_five_hours() -> None:
    lengths = [
        (end - start).total_seconds() / 3600 for start, end in map(span_of, (date(2026, 3, 29), date(2026, 7, 6), date(2026, 10, 25)))
    ]

    assert lengths == [23, 24, 25]
    assert day_of(datetime(2026, 7, 5, 23, 0, tzinfo=UTC)) == date(2026, 7, 6)


def test_an_explanation_is_told_in_steps_and_nothing_of_it_is_lost() -> None:
    text = "Planned 08:00–08:30. 27 min × £18.72 an hour (Schedule 5, 1) = £8.424, rounded to £8.42. Taps: d_a/1 (grade 2)."

    assert shown.sentences(text) == [
        "Planned 08:00–08:30.",
        "27 min × £18.72 an hour (Schedule 5, 1) = £8.424, rounded to £8.42.",
        "Taps: d_a/1 (grade 2).",
    ]
    assert " ".join(shown.sentences(text)) == text
