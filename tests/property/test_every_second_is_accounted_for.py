"""Is every second of contact paid, in a block, parked, or not paid by a clause, whatever the terms?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import TypeAdapter

from calltime_server.payment.accounting import GRANTED, IN_BLOCK, NOT_PAID, PAID, PARKED, accounted
from calltime_server.payment.agreed import PACKAGES, Agreed
from calltime_server.payment.settling import Settlement, decided, settle
from calltime_server.payment.terms import Absence, Charge, Grade, NotMade, Period, Shares, Terms
from calltime_server.payment.terms_steps import PERIOD_STEPS, StepTerms
from calltime_server.visits.told import ABSENCES, ENTRIES, REPORTS, Told
from fixtures.care import Row, example_terms, plan_of, taps_of

READ: TypeAdapter[Any] = TypeAdapter(StepTerms)
SAYS: dict[str, Any] = {"says": "…", "clause": "1"}
MORNING = datetime(2026, 10, 24, 6, tzinfo=UTC)  # the clocks go back in the night
TIMES = some.integers(0, 4 * 60 * 12).map(lambda quarter: MORNING + timedelta(seconds=15 * quarter))
HOMES = some.sampled_from(["s1", "s2"])

OPTIONAL: tuple[dict[str, Any], ...] = (
    {"step": "double_handed", "pays": "together"},
    {"step": "count_from", "early": "planned_start"},
    {"step": "trim_to_window", "minutes_before": 15, "minutes_after": 15},
    {"step": "waiting", "at_most_minutes": 10},
    {"step": "whole_minutes"},
    {"step": "round", "minutes": 5, "how": "nearest"},
    {"step": "tolerance", "minutes": 5},
    {"step": "minimum", "minutes": 15},
    {"step": "band", "minutes": [15, 30, 45, 60], "how": "longest_and_remainder"},
    {"step": "cap_at_planned", "plus_percent": 10},
    {"step": "agreed_hours"},
    {"step": "contingency_hours"},
    {"step": "weekly_ceiling", "minutes": 90, "beyond": "refuse"},
)


@some.composite
def terms_of(draw: some.DrawFn) -> Terms:
    chosen = [each for each in OPTIONAL if each["step"] == "whole_minutes" or draw(some.booleans())]
    steps = [READ.validate_python({**each, **SAYS}) for each in chosen]
    if not any(each["step"] == "agreed_hours" for each in chosen):
        steps = [step for step in steps if step.step != "contingency_hours"]
    return replace(
        example_terms(),
        period=Period(**SAYS, length="week", first=date(2026, 4, 6)),
        visit_steps=tuple(step for step in steps if not isinstance(step, PERIOD_STEPS)),
        period_steps=tuple(step for step in steps if isinstance(step, PERIOD_STEPS)),
        not_made=(NotMade(**SAYS, why="no_access", percent=50),),
        absence=draw(some.sampled_from([None, Absence(**SAYS)])),
        grade=draw(some.sampled_from([None, Grade(**SAYS, at_least=2)])),
        shares=(Shares(**SAYS, health_percent=33),),
        charge=(Charge(**SAYS, percent=10),),
    )


VISITS = some.lists(
    some.tuples(some.integers(0, 30), HOMES, TIMES, some.integers(5, 120), some.integers(1, 2)), max_size=12, unique_by=lambda row: row[0]
)
TAPS = some.lists(
    some.tuples(
        some.just("d"),
        some.integers(1, 30),
        TIMES,
        some.sampled_from(["start", "stop", "start", "stop", "waiting"]),
        some.sampled_from(["c1", "c2", "c3"]),
        HOMES,
        some.integers(1, 3),
    ),
    max_size=30,
    unique_by=lambda row: row[1],
)
PACKAGE = ("k1", "s1", "p", "care", date(2026, 10, 1), None, 60, 20, None, None, False, 1_234, "fund", None)
AGREED = Agreed(packages=pl.DataFrame([PACKAGE, ("k2", "s2", *PACKAGE[2:])], schema=PACKAGES, orient="row"))


def told(absent_from: datetime) -> Told:
    reports = [("v1", "no_access", MORNING, "coordinator", "…"), ("v2", "cancelled_by_client", MORNING, "coordinator", "…")]
    entries = [(1, MORNING, "start", "c1", "s1", "other", "coordinator", MORNING)]
    return Told(
        reports=pl.DataFrame(reports, schema=REPORTS, orient="row"),
        absences=pl.DataFrame([("s2", "hospital", absent_from, None)], schema=ABSENCES, orient="row"),
        entries=pl.DataFrame(entries, schema=ENTRIES, orient="row"),
    )


def settled(
    visits: list[Row], taps: list[Row], terms: Terms, absent_from: datetime, *, work: Callable[..., Settlement] = settle
) -> Settlement:
    plan = plan_of(*((f"v{number}", home, "p", "z", "care", at, minutes, carers) for number, home, at, minutes, carers in visits))
    return work(plan=plan, taps=taps_of(*((*row, None, None) for row in taps)), terms=terms, told=told(absent_from), agreed=AGREED)


@given(VISITS, TAPS, terms_of(), TIMES)
@settings(max_examples=20)
def test_contact_and_what_is_granted_are_paid_parked_or_not_paid(visits: list[Row], taps: list[Row], terms: Terms, at: datetime) -> None:
    settlement = settled(visits, taps, terms, at)
    lines = accounted(settlement.lines, terms)

    for row in lines.iter_rows(named=True):
        assert row["contact_seconds"] + row[GRANTED] == row[PAID] + row[IN_BLOCK] + row[PARKED] + row[NOT_PAID], row
        assert min(row[name] for name in (GRANTED, PAID, IN_BLOCK, PARKED, NOT_PAID)) >= 0, row
        assert row["council_pence"] + row["health_pence"] == row["pence"]
        assert 0 <= row["charge_pence"] <= row["pence"]
        assert row["explanation"]
    unplanned = settlement.visits.filter(pl.col("visit_id").is_null())
    assert contact_of(lines) + contact_of(unplanned) == contact_of(settlement.visits)


def contact_of(frame: pl.DataFrame) -> int:
    return sum(frame["contact_seconds"].drop_nulls().to_list())


@given(VISITS, TAPS, terms_of(), TIMES, some.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_rows_does_not_matter(visits: list[Row], taps: list[Row], terms: Terms, at: datetime, random: Random) -> None:
    # Without words, which take most of the time: each is made of its own line.
    shuffled = settled(random.sample(visits, len(visits)), random.sample(taps, len(taps)), terms, at, work=decided)

    assert shuffled.lines.equals(settled(visits, taps, terms, at, work=decided).lines)
