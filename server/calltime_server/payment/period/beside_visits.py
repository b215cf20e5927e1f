"""What has every line that is no visit?"""

import polars as pl

from calltime_server.payment.lines import LINES
from calltime_server.payment.period.periods import first_day_of
from calltime_server.payment.terms import Terms

NOTHING = ("carer_no", "contact_seconds", "waiting_seconds", "paid_minutes", "parked_minutes", "pence", "bank_minutes")
NO_SENTENCE = pl.lit(None, dtype=pl.String)


def as_lines(rows: pl.DataFrame, *, kind: str, and_also: tuple[str, ...] = ()) -> pl.DataFrame:
    """LINES, with 0 or null in the columns that the rows do not have."""
    nothing = [pl.lit(0, dtype=pl.Int64).alias(name) for name in NOTHING if name not in rows.columns]
    unknown = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in LINES.items() if name not in (*rows.columns, *NOTHING, "kind")]
    return rows.with_columns(*nothing, *unknown, kind=pl.lit(kind)).select(*LINES.names(), *and_also)


def period_of(terms: Terms, day: pl.Expr) -> pl.Expr:
    """The first day of the period in which the day lies, or null where the terms have no period."""
    return pl.lit(None, dtype=pl.Date) if terms.period is None else first_day_of(terms.period, day)


def of_kind(kind: str, says: pl.Expr) -> pl.Expr:
    """The sentence where the line is of this kind, null elsewhere."""
    return pl.when(pl.col("kind") == kind).then(says)
