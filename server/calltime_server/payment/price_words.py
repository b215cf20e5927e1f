"""In which words is a price told?"""

from collections.abc import Sequence

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.once import once
from calltime_server.payment.price import PARTS_OF_A_PENNY, in_pence, parts
from calltime_server.payment.rate_choice import DEFAULT
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_price import Price

SEVERAL = pl.col("rate_no").is_null()


def price_told(frame: pl.DataFrame, terms: Terms, *, seconds: str, covered: Sequence[str] = ()) -> pl.Series:
    """Frame: as it came from `priced`, counted_from and `seconds` as well → a sentence for each row that has a price (else null).

    `covered` are columns of seconds that something else pays for: where they leave nothing there is no price to tell.
    """
    hourly = _by_the_hour(terms.price, seconds)
    several = SEVERAL & pl.col("exact").is_not_null() & (hourly > 0)
    elsewhere = (pl.col(seconds) == 0) & pl.any_horizontal(pl.col(name) > 0 for name in covered) if covered else pl.lit(value=False)
    one = _sentence(_times(hourly, "rate_no", terms.price), terms.price, seconds)
    told = once(frame, [pl.when(~several & ~elsewhere).then(one)])
    if not terms.price.rate:
        return told
    places = frame.select(several).to_series().fill_null(value=False)
    if not places.any():
        return told
    apart = _with_parts(frame.filter(places), terms, seconds).rechunk()
    return told.scatter(places.arg_true(), apart.select(told=_sentence(pl.col("hours"), terms.price, seconds))["told"])


def _sentence(hours: pl.Expr, price: Price, seconds: str) -> pl.Expr:
    by_hour = pl.when((pl.col("band_no") < 0) | (_by_the_hour(price, seconds) > 0)).then(hours)
    both = pl.concat_str(_band_told(price), by_hour, separator=" + ", ignore_nulls=True)
    exact, pence = pl.col("exact"), in_pence(pl.col("exact"))
    rounded = pl.when(pence * PARTS_OF_A_PENNY == exact).then(pl.lit("")).otherwise(pl.format(", rounded to {}", telling.pounds(pence)))
    hourly = f" × £{price.pounds_per_hour} an hour ({price.clause})" if price.pounds_per_hour else ""
    nothing = pl.format("{}{} = £0.00.", telling.length(pl.col(seconds)), pl.lit(hourly))
    told = pl.format("{} = {}{}.", both, _exact_pounds(exact), rounded)
    return pl.when(exact.is_not_null()).then(pl.when(pl.col(seconds) == 0).then(nothing).otherwise(told))


def _by_the_hour(price: Price, seconds: str) -> pl.Expr:
    left = pl.col(seconds)
    for number, each in enumerate(price.band):
        left = left - pl.when(pl.col("band_no") == number).then(each.minutes * 60).otherwise(0)
    return left


def _band_told(price: Price) -> pl.Expr:
    told = pl.lit(None, dtype=pl.String)
    for number, each in enumerate(price.band):
        told = pl.when(pl.col("band_no") == number).then(pl.lit(f"£{each.pounds} for {each.minutes} min ({price.clause})")).otherwise(told)
    return told


def _times(seconds: pl.Expr, rate_no: str | pl.Expr, price: Price) -> pl.Expr:
    """27 min × £18.72 an hour (Schedule 5, 1)"""
    number = pl.col(rate_no) if isinstance(rate_no, str) else rate_no
    names = {number: f"£{rate.pounds_per_hour} an hour ({rate.clause})" for number, rate in enumerate(price.rate)}
    if price.pounds_per_hour is not None:
        names[DEFAULT] = f"£{price.pounds_per_hour} an hour ({price.clause})"
    return pl.format("{} × {}", telling.length(seconds), number.replace_strict(names, default=None, return_dtype=pl.String))


def _with_parts(frame: pl.DataFrame, terms: Terms, seconds: str) -> pl.DataFrame:
    """Adds `hours`: each part with its own rate. Every row has several."""
    apart = parts(frame, terms, seconds=seconds).rechunk().with_columns(told=_times(pl.col("seconds"), "rate_no", terms.price))
    added = apart.group_by("row", maintain_order=True).agg(hours=pl.col("told").str.join(" + "))
    return frame.with_columns(hours=added.sort("row")["hours"])


def _exact_pounds(exact: pl.Expr) -> pl.Expr:
    """£8.424 or, where it does not end after five places, £8.42133…"""
    parts_of_last_place = PARTS_OF_A_PENNY // 1000
    places = exact // parts_of_last_place
    digits = (places % 100_000).cast(pl.String).str.zfill(5)
    ends = exact % parts_of_last_place == 0
    beyond_pence = pl.when(ends).then(digits.str.slice(2).str.strip_chars_end("0")).otherwise(pl.format("{}…", digits.str.slice(2)))
    return pl.format("£{}.{}{}", places // 100_000, digits.str.slice(0, 2), beyond_pence)
