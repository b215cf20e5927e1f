"""A personal budget: paid whole when the outcomes were met, and not exceeded. An hour costs £18.00, so one minute 30p."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from calltime_server.payment.period.beside import lines_beside, told_beside
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.money import apply_budget, budget_sentence
from calltime_server.visits.told import Told
from fixtures.period_frames import MONDAY, agreed_of, frame_of, made, step_terms, terms_with

TERMS = terms_with(step_terms("budget", services=("care",), weeks=6))


def _paid(lengths: list[int], *, ends: date | None = date(2026, 4, 15), day: int = 0, **package: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The visits (one a day for ten days or more) after a budget of £600.00, and the lines beside them."""
    agreed = agreed_of(package={"ends": ends})
    rows = [made(day + number, length, budget_pence=60000, **package) for number, length in enumerate(lengths)]
    frame = apply_budget(frame_of(*rows), TERMS, agreed)
    return frame, lines_beside(frame, TERMS, Told(), agreed)


def test_when_the_outcomes_were_met_with_less_the_rest_of_the_budget_is_paid() -> None:
    # 10 × 160 min × 30p = £480.00 of £600.00: £120.00 more.
    frame, beside = _paid([160] * 10, package_outcome="met")

    assert frame["pence"].sum() == 48000
    assert beside.select("visit_id", "kind", "pence", "paid_minutes", "outcome", "package").rows() == [
        ("budget:k1", "budget", 12000, 0, "pay", "k1")
    ]
    assert beside.select(told_beside(TERMS)).item() == (
        "Budget for up to 6 weeks (7.1): the outcomes were met, so the £120.00 that the visits left of it are paid."
    )


@pytest.mark.parametrize("outcome", ["not_met", None])
def test_when_they_were_not_met_or_are_not_known_only_the_visits_are_paid(outcome: str | None) -> None:
    frame, beside = _paid([160] * 10, package_outcome=outcome)

    assert frame["pence"].sum() == 48000
    assert beside.is_empty()


def test_while_the_outcome_is_not_known_the_line_says_what_waits() -> None:
    frame, _ = _paid([160], package_outcome=None)
    sentence = budget_sentence(TERMS)

    assert sentence is not None
    assert frame.select(sentence).item() == (
        "Budget for up to 6 weeks (7.1): within it; what the visits leave of it waits until it is known whether the outcomes were met."
    )


def test_above_the_budget_nothing_is_paid_and_the_line_on_the_edge_in_part() -> None:
    # 7 × 300 min × 30p = 7 × £90.00 = £630.00: six whole, £60.00 of the seventh, which are 200 of its 300 min. An eighth is refused.
    frame, beside = _paid([300] * 8, package_outcome="met")

    assert frame["pence"].to_list() == [9000] * 6 + [6000, 0]
    assert frame["pence_above_budget"].to_list() == [0] * 6 + [3000, 9000]
    assert frame["paid_minutes"].to_list() == [300] * 6 + [200, 0]
    assert frame["rounding_360000ths"].to_list() == [0] * 7 + [None]  # nothing is paid of the eighth, so nothing was rounded
    assert frame["outcome"].to_list() == ["pay"] * 7 + ["refuse"]
    assert frame["reason"].to_list() == ["delivered"] * 6 + ["above_budget"] * 2
    assert beside.is_empty()
    sentence = budget_sentence(TERMS)
    assert sentence is not None
    assert frame.select(sentence).to_series().to_list()[5:] == [
        "Budget for up to 6 weeks (7.1): within it.",
        "Budget for up to 6 weeks (7.1): it reaches for £60.00; £30.00 above it not paid.",
        "Budget for up to 6 weeks (7.1): used up or over before this visit; £90.00 above it not paid.",
    ]


def test_an_exceptional_case_is_paid_above_its_budget() -> None:
    # 8 × £90.00 = £720.00
    frame, beside = _paid([300] * 8, package_outcome="met", exceptional=True)

    assert frame["pence"].sum() == 72000
    assert beside.is_empty()


def test_after_its_weeks_the_budget_pays_for_nothing() -> None:
    # Day 41 is the last one of six weeks.
    frame, _ = _paid([60, 60], day=41, ends=None, package_outcome="met")

    assert frame["pence"].to_list() == [1800, 0]


def test_the_rest_of_a_budget_waits_until_its_run_has_ended() -> None:
    _, beside = _paid([160] * 3, package_outcome="met")  # to 8 April, of a package to the 15th

    assert beside.is_empty()


def test_the_rest_is_parked_when_earlier_visits_of_the_package_are_not_there() -> None:
    _, beside = _paid([60], day=9, package_outcome="met")

    assert beside.select("outcome", "pence", "reason").rows() == [("park", 0, "budget_needs_its_whole_run")]


def test_other_services_and_packages_without_a_budget_are_left_alone() -> None:
    agreed = agreed_of()
    rows = [made(0, 60, budget_pence=0, service="other"), made(1, 60), made(2, None, budget_pence=60000)]
    frame = apply_budget(frame_of(*rows), TERMS, agreed)

    assert frame["pence"].to_list() == [1800, 1800, 0]
    assert frame["budget_waits"].to_list() == [None, None, True]


def test_the_rest_of_a_budget_is_paid_when_its_run_has_ended_in_the_period_of_that_day() -> None:
    # The last visit is on 9 April, and the run ends on 10 May, in the second period. It is known to be over from then on.
    agreed = agreed_of(package={"ends": date(2026, 5, 10)})
    frame = apply_budget(frame_of(*(made(day, 160, budget_pence=60000, package_outcome="met") for day in range(4))), TERMS, agreed)
    known = [Days(first=MONDAY, last=date(2026, 5, 31), known=day) for day in (date(2026, 5, 9), date(2026, 5, 10))]
    before, after = (lines_beside(frame, TERMS, Told(), agreed, days) for days in known)

    assert before.is_empty()
    assert after.select("pence", "period", "outcome").rows() == [(40800, date(2026, 5, 4), "pay")]  # £600.00 − 4 × £48.00
