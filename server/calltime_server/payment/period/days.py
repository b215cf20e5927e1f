"""Which days are decided, and up to which day is it known what became of them?"""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The plan of `first` to `last` is there; of days after `known` it is not known yet what becomes of them."""

    first: date
    last: date
    known: date


def days_of(frame: pl.DataFrame) -> Days | None:
    """Frame: `day`. As far as visits were planned, and all of it known. None: there are none."""
    first, last = frame.select(pl.min("day").alias("first"), pl.max("day").alias("last")).row(0)
    return None if first is None else Days(first=first, last=last, known=last)
