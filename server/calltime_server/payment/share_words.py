"""In which words is told who pays a line, who is paid, and what the service user is charged?"""

from collections.abc import Sequence

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.shares import charge_percent, health_percent
from calltime_server.payment.terms import Charge, Shares, Terms


def shares_told(terms: Terms) -> list[pl.Expr]:
    """Sentences over the columns of `with_shares`; null where there is nothing to tell."""
    paid = pl.col("pence") != 0
    shared = pl.format(
        "The NHS pays {} of it ({}{}), the council {}.",
        telling.pounds(pl.col("health_pence")),
        _percent(health_percent(terms)),
        _by(terms.shares, own="health_percent"),
        telling.pounds(pl.col("council_pence")),
    )
    charged = pl.format(
        "The service user is charged {} of it ({}{}).",
        telling.pounds(pl.col("charge_pence")),
        _percent(charge_percent(terms)),
        _by(terms.charge, own="charge_percent"),
    )
    return [
        pl.when(paid & (health_percent(terms) > 0)).then(shared),
        pl.when(paid & pl.col("fund_holder").is_not_null()).then(pl.format("Paid to the fund holder {}.", pl.col("fund_holder"))),
        pl.when(paid & (pl.col("kind") == "visit") & (charge_percent(terms) > 0)).then(charged),
    ]


def _percent(hundredths: pl.Expr) -> pl.Expr:
    """25 %, or 33.33 %"""
    rest = hundredths % 100
    places = pl.when(rest == 0).then(pl.lit("")).otherwise(pl.format(".{}", rest.cast(pl.String).str.zfill(2)))
    return pl.format("{}{} %", hundredths // 100, places)


def _by(rules: Sequence[Shares | Charge], *, own: str) -> pl.Expr:
    clause = pl.lit("")
    for rule in sorted(rules, key=lambda rule: bool(rule.services)):
        fits = pl.col("service").is_in(rule.services) if rule.services else pl.lit(value=True)
        clause = pl.when(fits).then(pl.lit(f", {rule.clause}")).otherwise(clause)
    return pl.when(pl.col(own).is_not_null()).then(pl.lit(", as its package says")).otherwise(clause)
