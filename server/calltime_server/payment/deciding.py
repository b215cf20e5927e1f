"""Is a visit paid, parked or refused, how much of it, by whom and to whom?

Pay: something stands to be paid, or it was delivered and the steps leave nothing. Park: something is missing that may still come. Refuse:
the contract says that it is not paid. No words are made here: they are the business of `explaining`.
"""

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.calculation import Calculation, calculated, calculation
from calltime_server.payment.counting import counted
from calltime_server.payment.gates import refused
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.beside import lines_beside
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.money import apply_budget
from calltime_server.payment.period.stepping import IN_ORDER
from calltime_server.payment.price import priced
from calltime_server.payment.shares import with_shares
from calltime_server.payment.terms import Terms
from calltime_server.visits.told import Told

PAID = pl.col("outcome") == "pay"
# The first columns of a line, as its readers know them; then come the others of LINES, the steps' and what rounding did.
STANDING = (
    *("visit_id", "service_user", "provider", "carer", "planned_start", "started", "ended"),
    *("contact_seconds", "paid_minutes", "pence", "outcome", "explanation"),
    *("reason", "carer_no", "zone", "service", "planned_minutes"),
    *("start_device", "start_seq", "stop_device", "stop_seq", "grade"),
)
OF_PACKAGE = ("health_percent", "charge_percent", "fund_holder")


def decide(
    visits: pl.DataFrame, terms: Terms, told: Told | None = None, agreed: Agreed | None = None, *, days: Days | None = None
) -> pl.DataFrame:
    """Frame: `VISITS` → one line for each that was planned, in the order of the plan, then those that are no visits.

    Columns: `LINES` and those of each step of the terms (null where they were not worked out), and beside them all that went into them,
    which `explained` reads. Where nothing is decided to be paid, paid_minutes and pence are 0 and the rounding is null. contact_seconds
    is 0 where an end is missing. Without `days` they are those of the visits.
    """
    told, agreed = told or Told(), agreed or Agreed()
    steps = calculation(terms, agreed)
    planned = _in_order(visits.filter(pl.col("delivery") != "not_planned"))
    worked = priced(calculated(counted(planned, terms, told, agreed), steps), terms, seconds=steps.last)
    lines = _settled(_with_totals(worked, steps), steps, terms)
    lines = apply_budget(lines, terms, agreed)
    beside = lines_beside(lines, terms, told, agreed, days)
    if beside.height:
        of_package = agreed.packages.select("package", *OF_PACKAGE).unique("package")
        lines = pl.concat([lines, beside.join(of_package, on="package", how="left", maintain_order="left")], how="diagonal")
    return with_shares(lines, terms)


def _in_order(visits: pl.DataFrame) -> pl.DataFrame:
    """By IN_ORDER. Matching leaves them so, and to see that is much less work than to sort."""
    stays = pl.lit(value=True)
    for name in reversed(IN_ORDER):
        this, before = pl.col(name), pl.col(name).shift(1)
        stays = (this > before) | ((this == before) & stays)
    return visits if visits.select(stays.fill_null(value=True).all()).item() else visits.sort(IN_ORDER)


def lines_of(decided: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The lines as they are kept: the columns of STANDING (without words where there are none), LINES, the steps and the rounding."""
    first = [name for name in STANDING if name in decided.columns]
    others = [name for name in LINES.names() if name not in STANDING and name != "rounding_360000ths"]
    return decided.select(*first, *others, *calculation(terms).columns, "rounding_360000ths")


def _with_totals(frame: pl.DataFrame, steps: Calculation) -> pl.DataFrame:
    """Adds what the steps came to in seconds: `left` to be priced, `covered` by a block, `parked`; and why not all was paid."""
    nothing = pl.lit(0, dtype=pl.Int64)
    return frame.with_columns(
        left=pl.col(steps.last),
        covered=pl.sum_horizontal(steps.covered) if steps.covered else nothing,
        parked=pl.sum_horizontal(steps.parked) if steps.parked else nothing,
        why_parked=_first_reason([(pl.col(step.parked_column) > 0, step.reason) for step in steps.period if step.parked_column]),
        why_refused=_first_reason([(_lost(steps, number) > 0, step.reason) for number, step in enumerate(steps.period) if step.refuses]),
    )


def _first_reason(reasons: list[tuple[pl.Expr, str | None]]) -> pl.Expr:
    named = [pl.when(holds).then(pl.lit(reason)) for holds, reason in reasons if reason]
    return pl.coalesce(named) if named else pl.lit(None, dtype=pl.String)


def _lost(steps: Calculation, number: int) -> pl.Expr:
    before = steps.period[number - 1].column if number else steps.visit[-1].column
    return pl.col(before) - pl.col(steps.period[number].column)


def _settled(frame: pl.DataFrame, steps: Calculation, terms: Terms) -> pl.DataFrame:
    gated, left = pl.col("gate").is_not_null(), pl.col("left")
    no_rate = pl.col("exact").is_null()
    reason = (
        pl.when(gated)
        .then("gate")
        .when(no_rate)
        .then(pl.lit("no_rate"))
        .when(pl.col("parked") > 0)
        .then("why_parked")
        .when(pl.col("why_refused").is_not_null())
        .then("why_refused")
        .when((left == 0) & (pl.col("covered") > 0))
        .then(pl.lit("in_block"))
        .when(left == 0)
        .then(pl.lit("nothing_left_to_pay"))
        .when("given")
        .then("delivery")
        .otherwise(pl.lit("delivered"))
    )
    parked = pl.when(~gated & no_rate).then(pl.col("parked") + left).when(~gated).then("parked")
    outcomes = frame.with_columns(reason=reason, outcome=_outcome(terms, no_rate))
    waiting = pl.when(pl.col("outcome") == "park").then(pl.col("contact_seconds")).otherwise(0)
    return outcomes.with_columns(
        kind=pl.lit("visit"),
        grade=pl.min_horizontal("start_grade", "stop_grade"),
        paid_minutes=pl.when(PAID).then(left // 60).otherwise(0),
        parked_minutes=pl.when(gated).then(waiting).otherwise(parked) // 60,
        pence=pl.when(PAID).then("pence").otherwise(0),
        rounding_360000ths=pl.when(PAID).then("rounding_360000ths"),
        bank_minutes=pl.lit(0, dtype=pl.Int64),
        **{name: pl.when(~gated).then(name) for name in steps.columns},
    ).drop("left", "covered", "why_parked", "why_refused")


def _outcome(terms: Terms, no_rate: pl.Expr) -> pl.Expr:
    nothing = (pl.col("left") == 0) & (pl.col("covered") == 0)
    return (
        pl.when(pl.col("gate").is_in(refused(terms)))
        .then(pl.lit("refuse"))
        .when(pl.col("gate").is_not_null() | no_rate | (nothing & (pl.col("parked") > 0)))
        .then(pl.lit("park"))
        .when(nothing & pl.col("why_refused").is_not_null())
        .then(pl.lit("refuse"))
        .otherwise(pl.lit("pay"))
    )
