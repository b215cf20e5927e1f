"""In which words is a length of time told?"""

import polars as pl


def length(seconds: pl.Expr) -> pl.Expr:
    """27 min 45 s, or without the half that is nothing."""
    whole, rest = seconds // 60, seconds % 60
    return (
        pl.when(rest == 0)
        .then(pl.format("{} min", whole))
        .when(whole == 0)
        .then(pl.format("{} s", rest))
        .otherwise(pl.format("{} min {} s", whole, rest))
    )
