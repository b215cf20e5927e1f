"""What does the time that is left cost?

The rate is in hundredths of a penny an hour and the time in seconds, so their product is the exact price in 360,000ths of a penny. It is
rounded once, to whole pence, halves up; what rounding added or took away is kept.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.terms_price import Price

PARTS_OF_A_PENNY = 100 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """`pence` and `rounding` (int64; 360,000ths of a penny, above nothing when rounded up); `sentence` reads the columns of that name."""

    pence: pl.Expr
    rounding: pl.Expr
    sentence: pl.Expr


def charge(terms: Price, *, seconds: str) -> Charge:
    """The price of the column `seconds` (int64, >= 0)."""
    exact = pl.col(seconds) * terms.per_hour
    pence = (exact * 2 + PARTS_OF_A_PENNY) // (2 * PARTS_OF_A_PENNY)
    rounded = pl.when(pence * PARTS_OF_A_PENNY == exact).then(pl.lit("")).otherwise(pl.format(", rounded to {}", telling.pounds(pence)))
    return Charge(
        pence=pence,
        rounding=pence * PARTS_OF_A_PENNY - exact,
        sentence=pl.format(
            "{} × £{} an hour ({}) = {}{}.",
            telling.minutes(pl.col(seconds)),
            pl.lit(terms.pounds_per_hour),
            pl.lit(terms.clause),
            _exact_pounds(exact),
            rounded,
        ),
    )


def _exact_pounds(exact: pl.Expr) -> pl.Expr:
    """£8.424 or, where it does not end after five places, £8.42133…"""
    parts_of_last_place = PARTS_OF_A_PENNY // 1000
    places = exact // parts_of_last_place
    digits = (places % 100_000).cast(pl.String).str.zfill(5)
    ends = exact % parts_of_last_place == 0
    beyond_pence = pl.when(ends).then(digits.str.slice(2).str.strip_chars_end("0")).otherwise(pl.format("{}…", digits.str.slice(2)))
    return pl.format("£{}.{}{}", places // 100_000, digits.str.slice(0, 2), beyond_pence)
