"""What above the plan do hours pay for that were saved in earlier periods?"""

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.period.banking import bank_account
from calltime_server.payment.period.block import BLOCK_WEEK, with_block
from calltime_server.payment.period.period_step import PeriodStep, parking
from calltime_server.payment.period.pools import PACKAGE, granted
from calltime_server.payment.terms import Period, Terms
from calltime_server.payment.terms_steps import Bank

# What saves planned time: visits that were made, and those that are known not to have been. What is parked by itself may still be paid
# whole, and what an absence explains was not to be made.
NOT_MADE = ("missed", "no_access", "declined_at_door", "cancelled_in_notice", "cancelled_short_notice", "cancelled_by_council")
SAVES = pl.col("payable") | pl.col("delivery").is_in(NOT_MADE)

# What a bank can pay for. A provider's weekly ceiling stands whatever a package has saved.
PARKED_ABOVE = tuple(f"seconds_parked_by_{step}" for step in ("agreed_hours", "contingency_hours", "percent_of_planned"))

_READ = ("package", "period", *BLOCK_WEEK, "planned_minutes", "payable", "delivery")


def bank(terms: Bank, *, before: str, parked: tuple[str, ...], agreed: Agreed, period: Period | None) -> PeriodStep:
    """What the steps before have parked is paid as far as the package's bank reaches, the earliest visit first."""
    if period is None:
        raise ValueError("a bank is kept by periods, and these terms have none")

    parked = tuple(column for column in parked if column in PARKED_ABOVE)

    def drawn(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        asked = asked_of_bank(frame, before=before, parked=parked, blocks=agreed.blocks)
        account = bank_account(asked, agreed.banked, terms=terms, period=period)
        wanting = frame.select(*PACKAGE, wanted=_asked(parked)).with_row_index("row").filter(pl.col("wanted") > 0)
        paid = wanting.join(account.select(*PACKAGE, "drawn"), on=PACKAGE, maintain_order="left").select(
            "row", drawn=granted(pl.col("wanted"), of=pl.col("drawn"), over=PACKAGE)
        )
        return pl.zeros(frame.height, dtype=pl.Int64, eager=True).scatter(paid["row"], paid["drawn"])

    return parking(
        terms.step,
        before=before,
        seconds=pl.col(before) + pl.struct(*_READ, before, *parked).map_batches(drawn, return_dtype=pl.Int64),
        sentence=_told(terms),
    )


def parked_before_bank(terms: Terms) -> tuple[str, ...]:
    """The parked columns that a bank of these terms may draw for."""
    names = [f"seconds_parked_by_{step.step}" for step in terms.period_steps]
    return tuple(name for name in names[: names.index("seconds_parked_by_bank")] if name in PARKED_ABOVE)


def asked_of_bank(frame: pl.DataFrame, *, before: str, parked: tuple[str, ...], blocks: pl.DataFrame) -> pl.DataFrame:
    """→ package, period, could_save (planned and not delivered), wanted (parked for being above); in seconds.

    Nothing is saved in a week of a block (`BLOCKS`): its hours are paid whatever was used.
    """
    planned = pl.when(SAVES).then(pl.col("planned_minutes") * 60).otherwise(0)
    saved = pl.when(pl.col("minutes_per_week").is_null()).then(planned - pl.col(before) - _asked(parked)).otherwise(0).sum()
    return with_block(frame, blocks).group_by(PACKAGE).agg(could_save=saved.clip(lower_bound=0), wanted=_asked(parked).sum())


def _asked(parked: tuple[str, ...]) -> pl.Expr:
    return pl.sum_horizontal(parked) if parked else pl.lit(0, dtype=pl.Int64)


def _told(terms: Bank) -> pl.Expr:
    drawn = -pl.col(f"seconds_parked_by_{terms.step}")
    in_all = telling.minutes(pl.col(f"seconds_after_{terms.step}"))
    told = pl.format("Bank of saved hours ({}): {} paid from it, so {} in all.", pl.lit(terms.clause), telling.minutes(drawn), in_all)
    return pl.when(drawn > 0).then(told)
