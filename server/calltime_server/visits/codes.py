"""Which numbers stand for names, so that long frames are sorted, compared and joined by numbers?"""

import polars as pl


def names_of(*columns: pl.Series) -> pl.Enum:
    """All names that occur, in their order: so numbers are sorted as names would be."""
    return pl.Enum(pl.concat(column.unique() for column in columns).drop_nulls().unique().sort())


def number_of(name: str, among: pl.Enum) -> pl.Expr:
    """The number of the name in this column (null stays null)."""
    return pl.col(name).cast(among).to_physical().cast(pl.Int64)
