"""Who pays a line, who is paid, and what is the service user charged of it?"""

from collections.abc import Sequence

import polars as pl

from calltime_server.payment.terms import Charge, Shares, Terms

WHOLE = 10_000  # hundredths of a per cent


def with_shares(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Frame: provider, service, pence, health_percent, charge_percent and fund_holder of the package → payee, health_pence, council_pence

    and charge_pence as well (kind is read too). The NHS's part is rounded to whole pence, halves up, and the council's is the rest:
    nothing is lost. A charge is for care that was given, so that only visits are charged.
    """
    return lines.with_columns(
        payee=pl.coalesce("fund_holder", "provider"),
        health_pence=_part(pl.col("pence"), health_percent(terms)),
        charge_pence=pl.when(pl.col("kind") == "visit").then(_part(pl.col("pence"), charge_percent(terms))).otherwise(0),
    ).with_columns(council_pence=pl.col("pence") - pl.col("health_pence"))


def health_percent(terms: Terms) -> pl.Expr:
    """In hundredths of a per cent, the package's own before the terms'."""
    return pl.coalesce("health_percent", of_service(terms.shares))


def charge_percent(terms: Terms) -> pl.Expr:
    """In hundredths of a per cent, the package's own before the terms'."""
    return pl.coalesce("charge_percent", of_service(terms.charge))


def of_service(rules: Sequence[Shares | Charge]) -> pl.Expr:
    """What the terms say for the service, and if they do not name it for all services; 0 where they say nothing."""
    percent = pl.lit(0, dtype=pl.Int64)
    for rule in sorted(rules, key=lambda rule: bool(rule.services)):
        fits = pl.col("service").is_in(rule.services) if rule.services else pl.lit(value=True)
        percent = pl.when(fits).then(_percent(rule) * 100).otherwise(percent)
    return percent.cast(pl.Int64)


def _part(pence: pl.Expr, percent: pl.Expr) -> pl.Expr:
    return (pence.abs() * percent * 2 + WHOLE) // (2 * WHOLE) * pence.sign()


def _percent(rule: Shares | Charge) -> int:
    return rule.health_percent if isinstance(rule, Shares) else rule.percent
