"""A retainer for planned visits of a service user who is away. The example's hour costs £18.72, so 31.2p a minute."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from calltime_server.payment.period.beside import lines_beside, told_beside
from calltime_server.payment.period.days import Days
from calltime_server.payment.terms import Terms
from fixtures.care import instant
from fixtures.period_frames import MONDAY, absences, agreed_of, frame_of, made, step_terms, taken, terms_with


def _terms(*, weeks: int = 4, percent: int = 100) -> Terms:
    return terms_with(step_terms("retainer", absences=("hospital", "respite"), weeks=weeks, percent=percent))


def _away(first: int, days: int) -> list[dict[str, Any]]:
    """Two hours a day are planned, and an absence explains that they were not made."""
    return [made(first + day, None, planned=120, delivery="absent", absence="hospital") for day in range(days)]


def _lines(rows: list[dict[str, Any]], *absent: tuple[str, str, datetime, datetime | None], terms: Terms | None = None) -> pl.DataFrame:
    terms = terms or _terms()
    lines = lines_beside(frame_of(*rows), terms, absences(*absent), agreed_of())
    return lines.with_columns(explanation=told_beside(terms))


def _hospital(since: str, until: str | None) -> tuple[str, str, datetime, datetime | None]:
    return ("s1", "hospital", instant(since), None if until is None else instant(until))


def test_ten_days_in_hospital_are_a_retainer_of_twenty_hours() -> None:
    # 14 h a week are 2 h a day: 10 × 2 h = 20 h × £18.72 = £374.40.
    lines = _lines([made(0, 120), *_away(1, 10), made(11, 120)], _hospital("2026-04-07 00:00", "2026-04-17 00:00"))

    assert lines.height == 10
    assert lines["paid_minutes"].sum() == 20 * 60
    assert lines["pence"].sum() == 37440
    assert set(lines["reason"]) == {"retained"}
    assert lines["visit_id"][0] == "retainer:v001-09/1"
    assert lines["explanation"][0] == (
        "Retainer (7.1): a visit of 120 min on 7 April 2026 was not made because of an absence; 100 % of its price is £37.44. "
        "The service has started again."
    )


def test_a_retainer_ends_after_its_weeks() -> None:
    # Away for 35 days, and 4 weeks are 28 of them.
    lines = _lines([*_away(0, 35), made(35, 120)], _hospital("2026-04-06 00:00", "2026-05-11 00:00"))

    assert lines.height == 28
    assert set(lines["outcome"]) == {"pay"}


def test_it_is_paid_for_now_while_the_absence_lasts() -> None:
    lines = _lines(_away(0, 10), _hospital("2026-04-06 00:00", None))

    assert set(lines["reason"]) == {"retained_for_now"}
    assert lines["pence"].sum() == 37440
    assert lines["explanation"][0].endswith("It is taken back unless the service starts again.")


def test_it_is_taken_back_when_the_weeks_are_over_and_the_service_did_not_start_again() -> None:
    lines = _lines([*_away(0, 28), made(28, None)], _hospital("2026-04-06 00:00", None))

    assert set(lines.select("outcome", "reason", "pence", "paid_minutes").rows()) == {("refuse", "service_did_not_restart", 0, 0)}
    assert lines["explanation"][0] == (
        "Retainer (7.1): a visit of 120 min on 6 April 2026 was not made because of an absence. "
        "Refused: the service did not start again within 4 weeks."
    )


def test_it_is_taken_back_when_the_service_user_died() -> None:
    lines = _lines(_away(0, 5), _hospital("2026-04-06 00:00", "2026-04-10 12:00"), ("s1", "death", instant("2026-04-10 12:00"), None))

    assert set(lines["reason"]) == {"service_did_not_restart"}


def test_what_was_retained_stays_so_when_the_service_user_dies_later() -> None:
    rows = [*_away(0, 2), made(2, 120)]
    lines = _lines(rows, _hospital("2026-04-06 00:00", "2026-04-08 00:00"), ("s1", "death", instant("2026-04-09 00:00"), None))

    assert set(lines["reason"]) == {"retained"}


def test_a_share_of_the_price_is_rounded_once() -> None:
    # 25 min × 31.2p = 780p; 15 % of it are 117p. 20 min × 31.2p = 624p; 15 % are 93.6p: 94p, of which 0.4p are rounding.
    rows = [made(day, None, planned=planned, delivery="absent", absence="hospital") for day, planned in ((0, 25), (1, 20))]
    lines = _lines(rows, _hospital("2026-04-06 00:00", None), terms=_terms(percent=15))

    assert lines["pence"].to_list() == [117, 94]
    assert lines["rounding_360000ths"].to_list() == [0, 144000]
    assert lines["paid_minutes"].to_list() == [3, 3]  # 3.75 and 3: whole minutes


def test_no_retainer_for_an_absence_that_the_terms_do_not_name() -> None:
    rows = [made(0, None, delivery="absent", absence="away")]

    assert _lines(rows, ("s1", "away", instant("2026-04-06 00:00"), None)).is_empty()


def test_where_two_absences_overlap_a_visit_has_one_retainer() -> None:
    lines = _lines(_away(0, 3), _hospital("2026-04-06 00:00", None), _hospital("2026-04-07 00:00", None))

    assert lines.height == 3


def _days(known: date) -> Days:
    return Days(first=MONDAY, last=date(2026, 12, 31), known=known)


@pytest.mark.parametrize(("known", "reason"), [(date(2026, 5, 14), "retained_for_now"), (date(2026, 5, 15), "service_did_not_restart")])
def test_whether_the_weeks_are_over_depends_on_what_is_known_and_not_on_what_was_planned(known: date, reason: str) -> None:
    # Back on 17 April, and four weeks later is 15 May. Nothing was planned any more.
    told = absences(_hospital("2026-04-07 00:00", "2026-04-17 00:00"))
    lines = lines_beside(frame_of(*_away(1, 10)), _terms(), told, agreed_of(), _days(known))

    assert set(lines["reason"]) == {reason}


def test_a_service_that_starts_after_the_weeks_has_not_started_again() -> None:
    lines = _lines([*_away(0, 10), made(39, 120)], _hospital("2026-04-06 00:00", "2026-04-16 00:00"))
    in_time = _lines([*_away(0, 10), made(38, 120)], _hospital("2026-04-06 00:00", "2026-04-16 00:00"))

    assert set(lines["reason"]) == {"service_did_not_restart"}
    assert set(in_time["reason"]) == {"retained"}


def test_one_absence_after_another_is_one_and_its_weeks_are_counted_once() -> None:
    # Hospital for four weeks and respite for four more: 28 days are retained, and not 56.
    respite = ("s1", "respite", instant("2026-05-04 00:00"), instant("2026-06-01 00:00"))
    rows = [*_away(0, 28), *(row | {"absence": "respite"} for row in _away(28, 28)), made(56, 120)]
    lines = _lines(rows, _hospital("2026-04-06 00:00", "2026-05-04 00:00"), respite)

    assert lines.height == 28
    assert set(lines["reason"]) == {"retained"}


def test_a_visit_that_a_budget_pays_for_has_no_retainer() -> None:
    budget = step_terms("budget", services=("care",), weeks=1)
    terms = terms_with(budget, *_terms().period_steps)
    frame = frame_of(*(row | {"budget_pence": 60000} for row in _away(0, 10)))
    lines = lines_beside(frame, terms, absences(_hospital("2026-04-06 00:00", None)), agreed_of())

    assert lines["visit_id"].to_list() == ["retainer:v007-09/1", "retainer:v008-09/1", "retainer:v009-09/1"]  # after the budget's week


def test_a_visit_in_a_week_of_a_block_has_no_retainer() -> None:
    block = step_terms("block_hours", pounds_per_hour="18.00")
    terms = terms_with(*_terms().period_steps, block)
    agreed = agreed_of(blocks=(("b1", "p1", "z1", "care", MONDAY, MONDAY, 100),))
    lines = lines_beside(taken(frame_of(*_away(0, 8)), terms, agreed), terms, absences(_hospital("2026-04-06 00:00", None)), agreed)

    assert lines["visit_id"].to_list() == ["block:b1/2026-04-06", "retainer:v007-09/1"]


def test_no_retainer_while_no_terms_are_in_force() -> None:
    ended = replace(_terms(), ends=date(2026, 4, 7))

    assert _lines(_away(0, 5), _hospital("2026-04-06 00:00", None), terms=ended).height == 2
