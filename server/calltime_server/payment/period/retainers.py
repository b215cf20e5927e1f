"""What is paid for visits that an absence kept from being made, so that the service can start again?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.gates import in_force
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.beside_visits import NO_SENTENCE, as_lines, of_kind
from calltime_server.payment.period.block import blocks_of, with_block
from calltime_server.payment.period.chains import chained
from calltime_server.payment.period.days import Days
from calltime_server.payment.period.money import budget_of, run_ends
from calltime_server.payment.period.periods import spelled
from calltime_server.payment.price import PARTS_OF_A_PENNY, in_pence, priced
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Retainer
from calltime_server.visits import london
from calltime_server.visits.columns import DELIVERED
from calltime_server.visits.told import Told

SERVICE = ("service_user", "provider", "service")


def retainer_lines(frame: pl.DataFrame, terms: Terms, told: Told, agreed: Agreed, days: Days) -> pl.DataFrame:
    """One line for each carer visit that an absence explains, within the weeks that are counted from the absence's first day.

    The service has to start again within as many weeks: from the absence's end, or from the end of the first weeks if it lasted longer.
    Until that is known it is paid for now; then it is taken back, so not paid, when no visit was delivered, or when the service user died.
    While it is open, an absence has those first weeks only. Frame: `day`, `week` and VISITS' columns.
    """
    step = _retainer_of(terms)
    if step is None:
        return LINES.to_frame()
    absent = _within_weeks(_unpaid(frame, terms, agreed), told, step)
    over = pl.lit(days.known) >= pl.col("by")
    kept = _prices(_what_came_after(absent, frame, told), terms, step).with_columns(
        reason=pl.when("restarted")
        .then(pl.lit("retained"))
        .when(pl.col("died") | over)
        .then(pl.lit("service_did_not_restart"))
        .when(pl.col("exact").is_null())
        .then(pl.lit("no_rate"))
        .otherwise(pl.lit("retained_for_now"))
    )
    return as_lines(_decided(kept, step), kind="retainer")


def _retainer_of(terms: Terms) -> Retainer | None:
    return next((step for step in terms.period_steps if isinstance(step, Retainer)), None)


def _unpaid(frame: pl.DataFrame, terms: Terms, agreed: Agreed) -> pl.DataFrame:
    """The visits in force for which nothing else pays: no budget, and no block."""
    held = frame.filter(in_force(terms, pl.col("day")))
    budget = budget_of(terms)
    if budget is not None:
        budgeted = pl.col("service").is_in(budget.services) & pl.col("budget_pence").is_not_null() & (pl.col("day") <= pl.col("run_ends"))
        held = held.join(run_ends(agreed, budget), on="package", how="left").filter(~budgeted.fill_null(value=False))
    return with_block(held, blocks_of(terms, agreed)).filter(pl.col("minutes_per_week").is_null())


def _within_weeks(frame: pl.DataFrame, told: Told, step: Retainer) -> pl.DataFrame:
    """The absent visits with `until` (of the absence) and `by` (the last day on which the service may start again)."""
    weeks = pl.duration(days=7 * step.weeks)
    absences = chained(told.absences.filter(pl.col("kind").is_in(step.absences)))
    first_weeks = london.civil_day(pl.col("since")) + weeks
    lies_in = (pl.col("since") <= pl.col("planned_start")) & (pl.col("until").is_null() | (pl.col("planned_start") < pl.col("until")))
    wanted = ("visit_id", "carer_no", *SERVICE, "package", "zone", "period", "planned_start", "planned_minutes", "day")
    return (
        frame.lazy()
        .filter((pl.col("delivery") == "absent") & pl.col("absence").is_in(step.absences))
        .select(wanted)
        .join(absences.lazy(), on="service_user")
        .filter(lies_in & (pl.col("day") < first_weeks))
        .with_columns(by=pl.when(pl.col("until").is_null()).then(first_weeks).otherwise(_earlier(first_weeks) + weeks))
        .collect()
    )


def _earlier(day: pl.Expr) -> pl.Expr:
    return pl.min_horizontal(day, london.civil_day(pl.col("until")))


def _what_came_after(absent: pl.DataFrame, frame: pl.DataFrame, told: Told) -> pl.DataFrame:
    """With `restarted` (a visit of the same service was delivered in time) and `died`."""
    came = frame.filter(pl.col("delivery").is_in(DELIVERED)).select(*SERVICE, came_at="planned_start", came_on="day")
    ended = absent.select(*SERVICE, "until", "by").unique()
    in_time = (pl.col("came_at") >= pl.col("until")) & (pl.col("came_on") <= pl.col("by"))
    again = ended.join(came, on=SERVICE).filter(in_time).select(*SERVICE, "until", restarted=True).unique()
    dead = told.absences.filter(pl.col("kind") == "death").select("service_user", died=True).unique()
    joined = absent.join(again, on=[*SERVICE, "until"], how="left").join(dead, on="service_user", how="left")
    return joined.with_columns(pl.col("restarted", "died").fill_null(value=False))


def _prices(absent: pl.DataFrame, terms: Terms, step: Retainer) -> pl.DataFrame:
    """With `exact`: the share of the price of the planned time. What is under a 360,000th of a penny is dropped, and never rounds."""
    planned = absent.with_columns(planned_seconds=pl.col("planned_minutes") * 60)
    whole = priced(planned, terms, seconds="planned_seconds", counted_from="planned_start")
    return whole.with_columns(exact=pl.col("exact") * step.percent // 100)


def _decided(kept: pl.DataFrame, step: Retainer) -> pl.DataFrame:
    paid = pl.col("reason").is_in(["retained", "retained_for_now"])
    pence = in_pence(pl.col("exact"))
    minutes = pl.col("planned_minutes") * step.percent // 100
    return kept.select(
        *(*SERVICE, "package", "zone", "period", "planned_start", "planned_minutes", "reason"),
        visit_id=pl.format("retainer:{}/{}", "visit_id", "carer_no"),
        paid_minutes=pl.when(paid).then(minutes).otherwise(0),
        parked_minutes=pl.when(pl.col("reason") == "no_rate").then(minutes).otherwise(0),
        pence=pl.when(paid).then(pence).otherwise(0),
        rounding_360000ths=pl.when(paid).then(pence * PARTS_OF_A_PENNY - pl.col("exact")),
        outcome=pl.when(paid).then(pl.lit("pay")).when(pl.col("reason") == "no_rate").then(pl.lit("park")).otherwise(pl.lit("refuse")),
    )


def told_retainer(terms: Terms) -> pl.Expr:
    """Reads LINES; null where the line is no retainer."""
    step = _retainer_of(terms)
    if step is None:
        return NO_SENTENCE
    named = f"Retainer ({step.clause}): a visit of {{}} min on {{}} was not made because of an absence"
    what = pl.format(named, "planned_minutes", spelled(london.civil_day(pl.col("planned_start"))))
    paid = pl.format("{}; {} % of its price is {}", what, pl.lit(step.percent), telling.pounds(pl.col("pence")))
    says = (
        pl.when(pl.col("reason") == "retained")
        .then(pl.format("{}. The service has started again.", paid))
        .when(pl.col("reason") == "retained_for_now")
        .then(pl.format("{}. It is taken back unless the service starts again.", paid))
        .when(pl.col("reason") == "no_rate")
        .then(pl.format("{}. Parked: no rate fits it. A rate in the terms releases it.", what))
        .otherwise(pl.format("{}. Refused: the service did not start again within {} weeks.", what, pl.lit(step.weeks)))
    )
    return of_kind("retainer", says)
