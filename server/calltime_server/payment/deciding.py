"""Is a visit paid, parked or refused, and why?

Pay: it was delivered, whatever the steps leave of it. Park: something is missing that may still come; the line says what releases it.
Refuse: nobody made the visit; the line names the clause.
"""

from collections.abc import Sequence

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.price import charge
from calltime_server.payment.steps import Step, step_for
from calltime_server.payment.terms import Terms
from calltime_server.visits import london

PAID = pl.col("outcome") == "pay"
REASON = pl.col("reason")
STANDING = (
    *("visit_id", "service_user", "provider", "carer", "planned_start", "started", "ended"),
    *("contact_seconds", "paid_minutes", "pence", "outcome", "explanation"),
    *("reason", "carer_no", "zone", "service", "planned_minutes"),
    *("start_device", "start_seq", "stop_device", "stop_seq", "grade"),
)


def decide(visits: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Frame: `VISITS` → one line for each that was planned, in the same order.

    Columns: STANDING, then for each step of the terms `seconds_after_<step>`, then `rounding_360000ths` (of a penny). Where nothing is
    decided to be paid, paid_minutes and pence are 0, and the steps' columns and the rounding are null: not worked out. contact_seconds is 0
    where an end is missing. `grade` is the lower of both taps'.
    """
    planned = visits.filter(pl.col("delivery") != "not_planned").with_columns(pl.col("contact_seconds").fill_null(0))
    steps = _steps(terms)
    for step in steps:
        planned = planned.with_columns(step.seconds.alias(step.column))
    price = charge(terms.price, seconds=steps[-1].column)
    told = [*(step.sentence for step in steps), price.sentence]
    worked = (*(step.column for step in steps), "rounding_360000ths")
    return (
        planned.with_columns(pence=price.pence, rounding_360000ths=price.rounding, paid_minutes=pl.col(steps[-1].column) // 60)
        .with_columns(reason=_reason(terms), grade=pl.min_horizontal("start_grade", "stop_grade"))
        .with_columns(outcome=_outcome())
        .with_columns(explanation=_explanation(told, terms))
        .with_columns(pl.when(PAID).then(pl.col("paid_minutes", "pence")).otherwise(0), pl.when(PAID).then(pl.col(worked)))
        .select(*STANDING, *worked)
    )


def _steps(terms: Terms) -> Sequence[Step]:
    steps: list[Step] = []
    for each in terms.visit_steps:
        steps.append(step_for(each, before=steps[-1].column if steps else "contact_seconds"))
    return steps


def _reason(terms: Terms) -> pl.Expr:
    return (
        pl.when(pl.col("delivery") == "missed")
        .then(pl.lit("missed"))  # whatever the terms: what nobody did, nobody pays
        .when(london.civil_day(pl.col("planned_start")) < pl.lit(terms.starts))
        .then(pl.lit("no_terms_in_force"))
        .when((pl.col("delivery") == "delivered") & (pl.col("paid_minutes") == 0))
        .then(pl.lit("nothing_left_to_pay"))
        .otherwise(pl.col("delivery"))
    )


def _outcome() -> pl.Expr:
    return (
        pl.when(REASON.is_in(["delivered", "nothing_left_to_pay"]))
        .then(pl.lit("pay"))
        .when(REASON == "missed")
        .then(pl.lit("refuse"))
        .otherwise(pl.lit("park"))
    )


def _explanation(told: Sequence[pl.Expr], terms: Terms) -> pl.Expr:
    nobody = pl.when(pl.col("delivery") == "missed").then(telling.nobody_tapped(terms.matching.window_minutes))
    return pl.concat_str(
        telling.planned(), telling.tapped(), nobody, _verdict(told, terms), telling.evidence(), separator=" ", ignore_nulls=True
    )


def _verdict(told: Sequence[pl.Expr], terms: Terms) -> pl.Expr:
    begin = f"{terms.starts.day} {terms.starts:%B %Y}"
    day = london.day(pl.col("planned_start"))
    return (
        pl.when(PAID)
        .then(pl.concat_str(*told, separator=" "))
        .when(REASON == "no_terms_in_force")
        .then(
            pl.format(
                "Parked: these terms start on {}, and on {} none were in force. Settle again with that day's terms.", pl.lit(begin), day
            )
        )
        .when(REASON == "no_stop")
        .then(pl.lit("Parked: the stop is missing. Its tap, or a correction by the provider with the reason, releases it."))
        .when(REASON == "no_start")
        .then(pl.lit("Parked: the start is missing. Its tap, or a correction by the provider with the reason, releases it."))
        .otherwise(pl.format("Refused ({}): {}", pl.lit(terms.missed.clause), pl.lit(terms.missed.says)))
    )
