"""How long was a service user away, when one absence followed another?"""

import polars as pl


def chained(absences: pl.DataFrame) -> pl.DataFrame:
    """Frame: `ABSENCES` → service_user, since, until (null: still away), with those that touch or overlap as one."""
    who = "service_user"
    # One without an end reaches all that began after it.
    reached = pl.when(pl.col("until").is_null()).then(pl.max("since").over(who)).otherwise("until")
    ordered = absences.sort(who, "since").with_columns(reached=reached)
    before = ordered.with_columns(before=pl.col("reached").cum_max().shift(1).over(who))
    apart = before.with_columns(apart=(pl.col("since") > pl.col("before")).fill_null(value=True))
    until = pl.when(pl.col("until").is_not_null().all()).then(pl.max("until"))
    chains = apart.with_columns(chain=pl.col("apart").cum_sum()).group_by(who, "chain", maintain_order=True)
    return chains.agg(pl.min("since"), until=until).drop("chain")
