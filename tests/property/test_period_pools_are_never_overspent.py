"""Whatever was planned and delivered: is no pool overspent, nothing parked while there is room, and no second lost?"""

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from calltime_server.payment.period.bank import asked_of_bank
from calltime_server.payment.period.banking import bank_account
from calltime_server.payment.period.beside import lines_beside
from calltime_server.payment.period.money import apply_budget
from calltime_server.visits.told import Told
from fixtures.period_frames import BEFORE, MONDAY, agreed_of, frame_of, made, period_of, step_terms, taken, terms_with, weekly

VISIT = st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 200)), st.sampled_from(["k1", "k2"]))
LENGTHS = st.lists(VISIT, min_size=1, max_size=8)
BANKED = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 90)), max_size=3, unique_by=lambda each: each[0])

AGREED, CONTINGENCY = step_terms("agreed_hours"), step_terms("contingency_hours")
FLEX = step_terms("percent_of_planned", percent=10)


def _rows(visits: list[tuple[int, int | None, str]], **also: Any) -> list[dict[str, Any]]:
    return [
        made(day, length, visit_id=f"v{number}", package=package, service_user=package, **also)
        for number, (day, length, package) in enumerate(visits)
    ]


@settings(max_examples=15)
@given(visits=LENGTHS, agreed=st.integers(0, 400), authorised=st.integers(0, 200))
def test_agreed_and_contingency_hours_are_used_up_before_anything_is_parked(
    visits: list[tuple[int, int | None, str]], agreed: int, authorised: int
) -> None:
    frame = taken(frame_of(*_rows(visits, agreed_minutes=agreed, contingency_minutes=authorised)), terms_with(AGREED, CONTINGENCY))

    for (_, _), pool in frame.group_by("package", "period"):
        asked, paid = int(pool[BEFORE].sum()), int(pool["seconds_after_contingency_hours"].sum())
        assert paid == min(asked, (agreed + authorised) * 60)
        assert asked - paid == (pool["seconds_parked_by_agreed_hours"] + pool["seconds_parked_by_contingency_hours"]).sum()
    assert (frame["seconds_after_contingency_hours"] <= frame[BEFORE]).all()


@settings(max_examples=15)
@given(visits=LENGTHS, ceiling=st.integers(1, 500))
def test_a_week_is_paid_up_to_its_ceiling(visits: list[tuple[int, int | None, str]], ceiling: int) -> None:
    frame = taken(frame_of(*_rows(visits)), terms_with(step_terms("weekly_ceiling", minutes=ceiling)))

    for _, week in frame.group_by("week"):
        assert week["seconds_after_weekly_ceiling"].sum() == min(week[BEFORE].sum(), ceiling * 60)
    assert frame.filter(pl.col(BEFORE) != pl.col("seconds_after_weekly_ceiling") + pl.col("seconds_parked_by_weekly_ceiling")).is_empty()


@settings(max_examples=15)
@given(visits=LENGTHS, unit=st.integers(5, 60))
def test_of_a_carers_period_less_than_a_unit_is_left_over(visits: list[tuple[int, int | None, str]], unit: int) -> None:
    frame = taken(frame_of(*_rows(visits)), terms_with(step_terms("complete_units", minutes=unit)))

    for _, whole in frame.group_by("period", "carer", "service_user", "service"):
        assert whole["seconds_after_complete_units"].sum() == whole[BEFORE].sum() // (unit * 60) * unit * 60
    assert (frame["seconds_after_complete_units"] >= 0).all()


@settings(max_examples=15)
@given(visits=LENGTHS, banked=BANKED, limit=st.integers(1, 120), expires=st.integers(1, 4))
def test_what_was_in_a_bank_and_what_came_is_drawn_expired_or_still_there(
    visits: list[tuple[int, int | None, str]], banked: list[tuple[int, int]], limit: int, expires: int
) -> None:
    bank = step_terms("bank", limit_minutes=limit, expires_after_periods=expires)
    terms = terms_with(FLEX, bank, length="week")
    agreed = agreed_of(banked=tuple(("k1", MONDAY - timedelta(days=7 * weeks), minutes) for weeks, minutes in banked))
    frame = taken(frame_of(*weekly(_rows(visits))), terms, agreed)
    parked = ("seconds_parked_by_percent_of_planned",)
    asked = asked_of_bank(frame, before="seconds_after_percent_of_planned", parked=parked, blocks=agreed.blocks)
    account = bank_account(asked, agreed.banked, terms=bank, period=period_of("week"))  # type: ignore[arg-type]

    assert account.filter(pl.col("opening") + pl.col("saved") != pl.col("drawn") + pl.col("expired") + pl.col("closing")).is_empty()
    assert account["drawn"].sum() == -frame["seconds_parked_by_bank"].sum()
    assert account.filter((pl.col("saved") > 0) & (pl.col("closing") > limit * 60)).is_empty()
    last_closing: dict[str, int] = {"k1": sum(minutes for _, minutes in banked) * 60}
    for row in account.sort("period").iter_rows(named=True):
        assert row["opening"] == last_closing.get(row["package"], 0)
        last_closing[row["package"]] = row["closing"]


@settings(max_examples=15)
@given(visits=LENGTHS, budget=st.integers(1, 20_000), seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_neither_budget_nor_lines(visits: list[tuple[int, int | None, str]], budget: int, seed: int) -> None:
    terms, agreed = terms_with(step_terms("budget", services=("care",), weeks=6)), agreed_of(package={"ends": date(2026, 4, 30)})
    frame = frame_of(*_rows(visits, budget_pence=budget, package_outcome="met"))
    cut = apply_budget(frame, terms, agreed)
    again = apply_budget(frame.sample(fraction=1, shuffle=True, seed=seed), terms, agreed)

    assert again.sort("visit_id").equals(cut.sort("visit_id"))
    assert lines_beside(again, terms, Told(), agreed).equals(lines_beside(cut, terms, Told(), agreed))
    paid = cut.group_by("package").agg(pl.sum("pence"))
    assert paid.filter((pl.col("package") == "k1") & (pl.col("pence") > budget)).is_empty()
