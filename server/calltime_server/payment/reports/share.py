"""How is a part of a whole told without a fraction?"""

import polars as pl


def share(part: str | pl.Expr, whole: str | pl.Expr) -> pl.Expr:
    """In tenths of a per cent (int64), rounded half up; null of nothing."""
    part, whole = (pl.col(each) if isinstance(each, str) else each for each in (part, whole))
    return pl.when(whole > 0).then((part * 2000 + whole) // (2 * whole))
