"""Which taps count once, and which contradict each other?

A door sends a record again until it has a receipt, so the same tap may arrive many times. The same number with another content is no
redelivery: somebody restored a backup or made up a record, and we cannot tell which of the two happened.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.problems import problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Each tap once, by device and number; and the forks (`PROBLEMS`), of which none counts."""

    taps: pl.DataFrame
    problems: pl.DataFrame


def count_once(taps: pl.DataFrame) -> Counted:
    """Frame: `TAPS` → `TAPS`. An empty reference becomes null."""
    known = taps.with_columns(_unknown_when_empty("carer"), _unknown_when_empty("service_user"))
    # Few numbers come twice: only those are compared in all their columns.
    several = known.select("device", "seq").is_duplicated()
    different = known.filter(several).unique()
    versions = pl.len().over("device", "seq")
    counted = pl.concat([known.filter(~several), different.filter(versions == 1)])
    return Counted(taps=counted, problems=_forks(different.filter(versions > 1)))


def _unknown_when_empty(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _forks(versions: pl.DataFrame) -> pl.DataFrame:
    told = pl.format(
        "{} at {} by {} at {}",
        pl.col("action"),
        london.moment(pl.col("time")),
        pl.col("carer").fill_null("an unknown carer"),
        pl.col("service_user").fill_null("an unknown home"),
    )
    forks = versions.group_by("device", "seq").agg(
        told.sort().str.join("; ").alias("told"),
        pl.len().alias("count"),
        _where_all_agree("carer"),
        _where_all_agree("service_user"),
    )
    says = pl.format(
        "Device {} sent {} different taps under its number {}: {}. None of them counts, because we cannot tell which one happened. "
        "Ask the provider, and enter the visit as a correction with the reason.",
        pl.col("device"),
        pl.col("count"),
        pl.col("seq"),
        pl.col("told"),
    )
    return problems(forks, kind="fork", says=says)


def _where_all_agree(name: str) -> pl.Expr:
    return pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name)
