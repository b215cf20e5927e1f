"""What went into the bank of each package in a period, was drawn from it, or expired?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.gates import in_force
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.bank import asked_of_bank, parked_before_bank
from calltime_server.payment.period.banking import bank_account
from calltime_server.payment.period.beside_visits import NO_SENTENCE, as_lines, of_kind
from calltime_server.payment.period.block import blocks_of
from calltime_server.payment.period.periods import last_day_of, midnight, spelled
from calltime_server.payment.period.pools import PACKAGE
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Bank
from calltime_server.visits import london


def bank_lines(frame: pl.DataFrame, terms: Terms, agreed: Agreed) -> pl.DataFrame:
    """One line for each package, period and movement; `bank_minutes` is below nothing where something left the bank."""
    step = _bank_of(terms)
    if step is None or terms.period is None:
        return LINES.to_frame()
    before = frame.with_columns(before_bank=pl.col("seconds_after_bank") + pl.col("seconds_parked_by_bank"))
    asked = asked_of_bank(before, before="before_bank", parked=parked_before_bank(terms), blocks=blocks_of(terms, agreed))
    account = bank_account(asked, agreed.banked, terms=step, period=terms.period)
    moved = account.with_columns(-pl.col("drawn", "expired")).unpivot(
        ["saved", "drawn", "expired"], index=list(PACKAGE), variable_name="reason", value_name="seconds"
    )
    # In a period in which no terms were in force nothing is planned by them, and so nothing is saved.
    held = in_force(terms, pl.col("period")) | in_force(terms, last_day_of(terms.period, pl.col("period")))
    rows = (
        moved.filter((pl.col("seconds") != 0) & held)
        .join(agreed.packages.select("package", "service_user", "provider", "service"), on="package", how="left")
        .with_columns(
            visit_id=pl.format("bank:{}/{}/{}", *PACKAGE, "reason"),
            planned_start=midnight(pl.col("period")),
            bank_minutes=pl.col("seconds") // 60,
            rounding_360000ths=pl.lit(0, dtype=pl.Int64),
            outcome=pl.lit("pay"),
        )
    )
    return as_lines(rows, kind="bank")


def _bank_of(terms: Terms) -> Bank | None:
    return next((step for step in terms.period_steps if isinstance(step, Bank)), None)


def told_bank(terms: Terms) -> pl.Expr:
    """Reads LINES; null where the line is no bank's."""
    step = _bank_of(terms)
    if step is None:
        return NO_SENTENCE
    minutes = telling.minutes(pl.col("bank_minutes").abs() * 60)
    says = (
        pl.when(pl.col("reason") == "saved")
        .then(pl.format("{} were planned and not delivered, and wait in it for {} periods", minutes, pl.lit(step.expires_after_periods)))
        .when(pl.col("reason") == "drawn")
        .then(pl.format("{} of it were drawn, and are paid with the visits that took them", minutes))
        .otherwise(pl.format("{} that nobody drew within {} periods have expired", minutes, pl.lit(step.expires_after_periods)))
    )
    since = spelled(london.civil_day(pl.col("planned_start")))
    return of_kind("bank", pl.format("Bank of saved hours ({}), period from {}: {}.", pl.lit(step.clause), since, says))
