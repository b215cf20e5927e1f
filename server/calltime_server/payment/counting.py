"""Which seconds does the calculation begin with?

Of a visit that was made its contact, as far as no absence stopped it; of one that was not made what the contract grants for that reason;
of a line that cannot be paid none.
"""

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.gates import CAME, DELIVERY, by_hand, gate, paid_unmade
from calltime_server.payment.packages import with_package
from calltime_server.payment.period.periods import first_day_of, monday_of
from calltime_server.payment.step import PLANNED_END, between
from calltime_server.payment.terms import NotMade, Terms
from calltime_server.visits import london
from calltime_server.visits.told import Told

COUNTED = "counted_seconds"
ENDS = ("start", "stop")


def counted(visits: pl.DataFrame, terms: Terms, told: Told, agreed: Agreed) -> pl.DataFrame:
    """Frame: `VISITS` → one row for each carer visit that was planned, in the same order, with its package's columns and

    `day`, `week`, `period` (dates in London), `gate` (why it cannot be paid; null: nothing stands against it), `payable`, `given` (not
    made, and paid all the same), COUNTED (int64, >= 0), `counted_from` and `counted_to` (instants; null where nothing is counted).
    """
    planned = visits.filter(DELIVERY != "not_planned").with_columns(
        pl.col("contact_seconds", "waiting_seconds").fill_null(0), day=london.civil_day(pl.col("planned_start"))
    )
    dated = planned.with_columns(week=monday_of(pl.col("day")), period=_period(terms))
    entered = _with_entries(with_package(dated, agreed.packages), terms, told)
    gated = entered.with_columns(gate=gate(terms)).with_columns(payable=pl.col("gate").is_null())
    given = pl.col("payable") & DELIVERY.is_in(paid_unmade(terms))
    return gated.with_columns(given=given, counted_from=_from(given), counted_to=_to(terms, given)).with_columns(
        pl.when(~pl.col("payable")).then(0).when("given").then(_granted(terms.not_made)).otherwise(_contact()).cast(pl.Int64).alias(COUNTED)
    )


def _period(terms: Terms) -> pl.Expr:
    return pl.lit(None, dtype=pl.Date) if terms.period is None else first_day_of(terms.period, pl.col("day"))


def _with_entries(visits: pl.DataFrame, terms: Terms, told: Told) -> pl.DataFrame:
    """Adds `entered_well` and for the sentence `entered_reasons`, null where no end was entered by hand."""
    entries = told.entries.select("entry", "reason")
    if entries.is_empty():
        anyone = pl.any_horizontal(by_hand(end) for end in ENDS)
        return visits.with_columns(entered_well=~anyone, entered_reasons=pl.lit(None, dtype=pl.String))
    paid = terms.entered.reasons if terms.entered else ()
    reasons = [_reason(end, entries) for end in ENDS]
    well = pl.all_horizontal(~by_hand(end) | reason.is_in(paid).fill_null(value=False) for end, reason in zip(ENDS, reasons, strict=True))
    start, stop = reasons
    both = (
        pl.when(start.is_null() | stop.is_null() | (start == stop))
        .then(pl.coalesce(start, stop))
        .otherwise(pl.format("{}, {}", start, stop))
    )
    return visits.with_columns(entered_well=well, entered_reasons=both)


def _reason(end: str, entries: pl.DataFrame) -> pl.Expr:
    number = pl.when(by_hand(end)).then(f"{end}_seq")
    return number.replace_strict(entries["entry"], entries["reason"], default=None, return_dtype=pl.String)


def _from(given: pl.Expr) -> pl.Expr:
    return pl.when(given).then("planned_start").when(CAME).then("started")


def _to(terms: Terms, given: pl.Expr) -> pl.Expr:
    ended = pl.col("ended") if terms.absence is None else pl.min_horizontal("ended", "stopped_at")
    return pl.when(given).then(PLANNED_END).when(CAME).then(ended)


def _contact() -> pl.Expr:
    return pl.min_horizontal("contact_seconds", between(pl.col("counted_from"), pl.col("counted_to"))).fill_null(0)


def _granted(rules: tuple[NotMade, ...]) -> pl.Expr:
    seconds = pl.lit(0, dtype=pl.Int64)
    for rule in rules:
        minutes = pl.col("planned_minutes") * rule.percent // 100
        most = minutes if rule.at_most_minutes is None else minutes.clip(upper_bound=rule.at_most_minutes)
        seconds = pl.when(DELIVERY.eq(rule.why)).then(most * 60).otherwise(seconds)
    return seconds
