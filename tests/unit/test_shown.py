"""How do figures look to people?"""

from datetime import UTC, date, datetime

from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.web import shown


def test_money_is_shown_in_pounds_and_pence() -> None:
    assert [shown.pounds(pence) for pence in (0, 7, 842, 120450, -842)] == ["£0.00", "£0.07", "£8.42", "£1,204.50", "−£8.42"]


def test_percentages_are_rounded_half_up_to_one_decimal() -> None:
    # 186 of 191 is 97.382… %, handed over as 97.38; 90.99 is 91.0 and not 90.9
    assert [shown.per_cent(hundredths) for hundredths in (0, 5, 97_38, 97_34, 97_35, 90_99, 100_00)] == [
        "0.0 %",
        "0.1 %",
        "97.4 %",
        "97.3 %",
        "97.4 %",
        "91.0 %",
        "100.0 %",
    ]


def test_what_is_below_what_is_asked_never_looks_as_if_it_reached_it() -> None:
    assert [shown.per_cent(hundredths, 80_00) for hundredths in (79_94, 79_96, 79_99, 80_00, 80_04)] == [
        "79.9 %",
        "79.96 %",
        "79.99 %",
        "80.0 %",
        "80.0 %",
    ]
    assert [shown.per_cent(hundredths, 97_55) for hundredths in (97_55, 97_54, 97_58)] == ["97.55 %", "97.5 %", "97.6 %"]
    assert shown.per_cent(99_96) == "99.96 %"  # not all of it


def test_what_reaches_what_is_asked_never_looks_as_if_it_lay_below_nor_a_little_as_if_it_were_nothing() -> None:
    assert [shown.per_cent(hundredths, 97_53) for hundredths in (97_52, 97_53, 97_54, 97_55)] == ["97.5 %", "97.53 %", "97.54 %", "97.6 %"]
    assert [shown.per_cent(hundredths) for hundredths in (1, 4, 5)] == ["0.01 %", "0.04 %", "0.1 %"]


def test_lengths_are_shown_to_the_second_and_sums_of_them_to_the_minute() -> None:
    assert [shown.lasting(seconds) for seconds in (0, 45, 60, 1665)] == ["0 min", "45 s", "1 min", "27 min 45 s"]
    assert [shown.hours(seconds) for seconds in (59, 1665, 3900, 3_600_000)] == ["0 min", "27 min", "1 h 05 min", "1,000 h 00 min"]
    assert [shown.hours(seconds) for seconds in (-2700, -3600, -4500)] == ["−45 min", "−1 h 00 min", "−1 h 15 min"]


def test_times_are_londons_and_named_by_their_zone_only_when_the_clocks_change() -> None:
    assert shown.minute(datetime(2026, 10, 5, 7, 4, tzinfo=UTC)) == "08:04"
    assert shown.moment(datetime(2026, 10, 5, 7, 4, 10, tzinfo=UTC)) == "08:04:10 on Monday 5 October 2026"
    assert [shown.minute(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1)] == ["01:30 BST", "01:30 GMT"]


def test_thousandths_of_a_second_are_shown_of_taps_alone() -> None:
    at = datetime(2026, 10, 5, 7, 4, 10, 250_000, tzinfo=UTC)

    assert (shown.exact(at), shown.exact_moment(at)) == ("08:04:10.250", "08:04:10.250 on Monday 5 October 2026")
    assert (shown.second(at), shown.moment(at)) == ("08:04:10", "08:04:10 on Monday 5 October 2026")
    assert shown.exact(at.replace(microsecond=0)) == "08:04:10"


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


def test_a_day_whose_year_stands_above_is_shown_without_it() -> None:
    assert shown.day_and_month(date(2026, 10, 5)) == "5 Oct"
    assert shown.day_and_month(date(2026, 10, 5), language="cy") == "5 Hyd"
