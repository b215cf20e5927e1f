"""Does a period come to the same, whichever days are asked for and whenever the terms change?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from calltime_server.payment.agreed import BLOCKS, PACKAGES, Agreed
from calltime_server.payment.inputs import Inputs
from calltime_server.payment.settling import Settlement
from calltime_server.payment.spanning import settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.columns import PLAN
from calltime_server.visits.retiming import CLOCKS, SAID
from calltime_server.visits.told import ABSENCES, Told
from calltime_server.visits.whose import BADGES
from fixtures.care import instant
from fixtures.contracts import WHOLE_MINUTES, period, rule, step, terms_with

MONDAY = date(2026, 1, 5)
LAST = date(2026, 2, 1)  # of four weeks
A_DAY = timedelta(days=1)
PRICE = rule("price", pounds_per_hour="15.00")
FOUR_WEEKS, MONTH = period("four_weeks", "2026-01-05"), period("month", "2026-01-01")


def _inputs(lengths: dict[date, int | None], *, agreed: Agreed | None = None, told: Told | None = None, planned: int = 60) -> Inputs:
    """A visit a day at nine, and how many minutes the carer stayed. None: nobody came."""
    plan: list[tuple[Any, ...]] = []
    said: list[tuple[Any, ...]] = []
    for day, minutes in lengths.items():
        starts = instant(f"{day} 09:00:00")
        plan.append((f"v{day}", "s1", "p", "z", "care", starts, planned, 1))
        ends = [] if minutes is None else [("start", starts), ("stop", starts + timedelta(minutes=minutes))]
        for action, at in ends:
            said.append(("d", len(said) + 1, at, action, "reader", "r", "badge", "c1", "b", 0, "ntp", 0, at, None, "s1", None))
    return Inputs(
        plan=pl.DataFrame(plan, schema=PLAN, orient="row"),
        said=pl.DataFrame(said, schema=SAID, orient="row"),
        clocks=CLOCKS.to_frame(),
        badges=pl.DataFrame([("c1", "c1", datetime(2000, 1, 1, tzinfo=UTC))], schema=BADGES, orient="row"),
        told=told or Told(),
        agreed=agreed or Agreed(),
    )


def _daily(minutes: int | None, *, days: int = 28, first: date = MONDAY) -> dict[date, int | None]:
    return {first + number * A_DAY: minutes for number in range(days)}


def _settled(inputs: Inputs, *terms: Terms, first: date = MONDAY, last: date = LAST, known_by: datetime | None = None) -> Settlement:
    return settle_inputs(inputs, start=span_of(first)[0], end=span_of(last)[1], terms=terms, known_by=known_by)


def _pence(settlement: Settlement) -> int:
    return int(settlement.lines["pence"].sum())


def _package(**columns: Any) -> Agreed:
    usual = {"package": "k", "service_user": "s1", "provider": "p", "service": "care", "starts": MONDAY, "exceptional": False}
    return Agreed(packages=pl.DataFrame([{**usual, "contingency_minutes": 0, **columns}], schema=PACKAGES))


def _blocks(minutes: int) -> Agreed:
    return Agreed(blocks=pl.DataFrame([("b", "p", "z", "care", MONDAY, None, minutes)], schema=BLOCKS, orient="row"))


def _changed(terms: Terms, day: date) -> tuple[Terms, Terms]:
    """The same terms in a new file from that day on."""
    return replace(terms, ends=day - A_DAY), replace(terms, starts=day)


@pytest.mark.parametrize(
    ("steps", "agreed"),
    [
        (step("agreed_hours"), _package(agreed_minutes=28 * 60)),
        (step("block_hours", pounds_per_hour="18.00"), _blocks(600)),
    ],
)
def test_terms_that_change_inside_a_period_pay_its_hours_once(steps: str, agreed: Agreed) -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, steps, PRICE)
    inputs = _inputs(_daily(120), agreed=agreed, planned=120)

    assert _pence(_settled(inputs, *_changed(terms, date(2026, 1, 19)))) == _pence(_settled(inputs, terms))


def test_a_block_week_over_the_end_of_a_month_is_used_once() -> None:
    # 100 min a day, 300 min of the week from 30 March in the block: three days of March, and none of April.
    terms = terms_with(MONTH, WHOLE_MINUTES, step("block_hours", pounds_per_hour="18.00"), PRICE)
    inputs = _inputs(_daily(100, days=70, first=date(2026, 3, 2)), agreed=_blocks(300), planned=100)
    months = [(date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))]
    apart = [_pence(_settled(inputs, terms, first=first, last=last)) for first, last in months]

    assert sum(apart) == _pence(_settled(inputs, terms, first=date(2026, 3, 1), last=date(2026, 4, 30)))


def test_a_block_is_paid_when_nothing_was_planned() -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("block_hours", pounds_per_hour="18.00"), PRICE)

    assert _pence(_settled(_inputs({}, agreed=_blocks(600)), terms)) == 4 * 18000


@pytest.mark.parametrize("until", [None, "2026-01-19 00:00", "2026-01-28 00:00"])
@pytest.mark.parametrize("known_by", ["2026-01-30 06:00", "2026-06-01 06:00"])
def test_a_retainer_is_the_same_week_by_week_and_at_once(until: str | None, known_by: str) -> None:
    terms = terms_with(
        period("week", "2026-01-05"), WHOLE_MINUTES, step("retainer", absences=["hospital"], weeks=4, percent=100), rule("absence"), PRICE
    )
    away = [("s1", "hospital", instant("2026-01-08 00:00"), None if until is None else instant(until))]
    told = Told(absences=pl.DataFrame(away, schema=ABSENCES, orient="row"))
    inputs = _inputs(_daily(None), told=told)
    weeks = [MONDAY + number * 7 * A_DAY for number in range(4)]
    apart = [_settled(inputs, terms, first=week, last=week + 6 * A_DAY, known_by=instant(known_by)).lines for week in weeks]
    at_once = _settled(inputs, terms, known_by=instant(known_by)).lines
    columns = ["visit_id", "reason", "pence"]

    assert pl.concat(apart).select(columns).sort(columns).equals(at_once.select(columns).sort(columns))
    retained = at_once.filter(pl.col("kind") == "retainer")
    assert set(retained["reason"]) == {"retained_for_now" if known_by < "2026-02" else "service_did_not_restart"}


def test_what_is_planned_and_more_per_cent_is_counted_for_a_package_and_never_for_strangers() -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("percent_of_planned", percent=10), PRICE)
    lines = _settled(_inputs(_daily(60, days=2)), terms).lines

    assert set(lines["reason"]) == {"no_package"}
    assert _pence(_settled(_inputs(_daily(60, days=2), agreed=_package()), terms)) == 3000
