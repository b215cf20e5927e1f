"""What goes into the bank of each package, comes from it and expires, one period after another?

Saved time waits until the period is over, so a period draws only on earlier ones, the oldest first. It can be drawn in so many periods
after its own, and then expires. All amounts are seconds.
"""

from typing import Final

import polars as pl

from calltime_server.payment.period.periods import ordinal
from calltime_server.payment.terms import Period
from calltime_server.payment.terms_steps import Bank

# One row per package and period with something in the bank, or something that was saved or wanted.
ACCOUNT: Final = pl.Schema(
    {
        "package": pl.String(),
        "period": pl.Date(),
        "opening": pl.Int64(),
        "saved": pl.Int64(),  # into the bank, as far as its limit lets it
        "drawn": pl.Int64(),
        "expired": pl.Int64(),
        "closing": pl.Int64(),
    }
)


def bank_account(asked: pl.DataFrame, banked: pl.DataFrame, *, terms: Bank, period: Period) -> pl.DataFrame:
    """Frames: package, period, could_save, wanted (one row each); `BANKED` → `ACCOUNT`, by period and package."""
    asked = asked.filter(pl.col("package").is_not_null()).with_columns(number=ordinal(period, pl.col("period")))
    lots = banked.select("package", number=ordinal(period, pl.col("saved_in")), left=pl.col("minutes") * 60)
    accounts = []
    for first_day, number in asked.select("period", "number").unique().sort("period").iter_rows():
        account, lots = _over(asked.filter(pl.col("number") == number), lots, number=number, terms=terms)
        accounts.append(account.with_columns(period=pl.lit(first_day, dtype=pl.Date)).select(ACCOUNT.names()))
    return pl.concat([ACCOUNT.to_frame(), *accounts])


def _over(asked: pl.DataFrame, lots: pl.DataFrame, *, number: int, terms: Bank) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One period: its account, and the lots (package, number, left) that stand in the bank when it is over."""
    in_time = pl.col("number") + terms.expires_after_periods >= number  # a period without any visit may lie between
    lots = lots.sort("package", "number").with_columns(ready=pl.when(in_time).then("left").otherwise(0))
    lots = lots.join(asked.select("package", "wanted"), on="package", how="left", maintain_order="left")
    older = pl.col("ready").cum_sum().over("package") - pl.col("ready")
    lots = lots.with_columns(drawn=pl.min_horizontal("ready", (pl.col("wanted").fill_null(0) - older).clip(lower_bound=0)))
    stays = pl.col("number") + terms.expires_after_periods > number
    rest = pl.col("left") - pl.col("drawn")
    lots = lots.with_columns(expired=pl.when(stays).then(0).otherwise(rest), left_now=pl.when(stays).then(rest).otherwise(0))

    of_lots = lots.group_by("package").agg(pl.sum("drawn", "expired", "left_now"), opening=pl.sum("left"))
    account = asked.select("package", "could_save").join(of_lots, on="package", how="full", coalesce=True).fill_null(0)
    room = (pl.lit(terms.limit_minutes * 60) - pl.col("left_now")).clip(lower_bound=0)
    account = account.with_columns(saved=pl.min_horizontal("could_save", room)).sort("package")
    account = account.with_columns(closing=pl.col("left_now") + pl.col("saved"))

    kept = lots.select("package", "number", left="left_now")
    saved = account.select("package", number=pl.lit(number, dtype=pl.Int64), left="saved")
    return account, pl.concat([kept, saved]).filter(pl.col("left") > 0)
