"""What does the time that is left cost?

A rate is in hundredths of a penny an hour and time in seconds, so their product is the exact price in 360,000ths of a penny. Where the
price changes within a visit, its seconds are laid along the clock from where counting began, and each part has its own price. All is
added up exactly and rounded once, to whole pence, halves up; what rounding added or took away is kept.
"""

import polars as pl

from calltime_server.payment.rate_choice import DEFAULT, per_hour
from calltime_server.payment.rate_spans import Spans, spans_for
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_price import Price

PARTS_OF_A_PENNY = 100 * 3600
SECONDS_OF_AN_HOUR = 3600


def in_pence(exact: pl.Expr) -> pl.Expr:
    """Whole pence of 360,000ths of a penny, halves up."""
    return (exact * 2 + PARTS_OF_A_PENNY) // (2 * PARTS_OF_A_PENNY)


def priced(frame: pl.DataFrame, terms: Terms, *, seconds: str, counted_from: str = "counted_from") -> pl.DataFrame:
    """Frame: provider, zone, service, `seconds` (int64, >= 0), `counted_from` (an instant, null only where there are no seconds) → as well

    `exact` (360,000ths of a penny; null where there is no rate for part of it), `pence`, `rounding_360000ths` (above nothing when rounded
    up), `rate_no` (null where several hold) and `band_no` (both as in the price's own lists; no band is -1).
    """
    laid = _laid(frame, terms.price, seconds, counted_from)
    if terms.price.rate:
        laid = _by_the_clock(laid, terms)
    else:
        rate = pl.lit(terms.price.per_hour, dtype=pl.Int64)
        laid = laid.with_columns(
            rate_no=pl.lit(DEFAULT, dtype=pl.Int64),
            exact=pl.when(pl.col("laid_seconds") == 0).then(0).otherwise(pl.col("laid_seconds") * rate),
        )
    exact = pl.col("exact") + _band_price(terms.price)
    return (
        laid.with_columns(exact=exact)
        .with_columns(pence=in_pence(pl.col("exact")))
        .with_columns(rounding_360000ths=pl.col("pence") * PARTS_OF_A_PENNY - pl.col("exact"))
        .drop("laid_from", "laid_seconds")
    )


def parts(frame: pl.DataFrame, terms: Terms, *, seconds: str, counted_from: str = "counted_from") -> pl.DataFrame:
    """Frame: as for `priced` → one row for each part that has a rate of its own, in order: row (its number, from 0), rate_no, seconds."""
    laid = _laid(frame, terms.price, seconds, counted_from)
    spans = _spans(laid, terms)
    return _parts(_placed(laid, spans).with_row_index("row"), spans)


def _laid(frame: pl.DataFrame, price: Price, seconds: str, counted_from: str) -> pl.DataFrame:
    """Adds the seconds that are paid by the hour, and from which whole second on they lie: after the band, where bands have prices."""
    band = pl.lit(-1, dtype=pl.Int64)
    length = pl.lit(0, dtype=pl.Int64)
    for number, each in enumerate(price.band):
        reached = pl.col(seconds) >= each.minutes * 60
        band, length = pl.when(reached).then(number).otherwise(band), pl.when(reached).then(each.minutes * 60).otherwise(length)
    begins = pl.col(counted_from).dt.truncate("1s") if price.rate else pl.col(counted_from)
    if price.band:
        begins = begins + pl.duration(seconds=length)
    return frame.with_columns(band_no=band.cast(pl.Int64), laid_from=begins, laid_seconds=(pl.col(seconds) - length).cast(pl.Int64))


def _band_price(price: Price) -> pl.Expr:
    total = pl.lit(0, dtype=pl.Int64)
    for number, each in enumerate(price.band):
        total = pl.when(pl.col("band_no") == number).then(each.price * SECONDS_OF_AN_HOUR).otherwise(total)
    return total


def _spans(laid: pl.DataFrame, terms: Terms) -> Spans:
    ending = laid.with_columns(laid_to=pl.col("laid_from") + pl.duration(seconds="laid_seconds"))
    return spans_for(ending, terms.price, terms.nation, begins="laid_from", ends="laid_to")


def _placed(laid: pl.DataFrame, spans: Spans) -> pl.DataFrame:
    """Adds on the axis of spans where the time begins and ends, and in which span it does."""
    begins = spans.axis + pl.col("laid_from").dt.epoch("ms")
    placed = laid.with_columns(at=begins).with_columns(until=pl.col("at") + pl.col("laid_seconds") * 1000)
    first = spans.begins.search_sorted(placed["at"], side="right").cast(pl.Int64) - 1
    return placed.with_columns(span=first)


def _by_the_clock(laid: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Most visits lie in one span, and cost its rate; only those that do not are taken apart."""
    some = laid.filter((pl.col("laid_seconds") > 0) & pl.col("laid_from").is_not_null())
    if some.is_empty():
        return laid.with_columns(rate_no=pl.lit(None, dtype=pl.Int64), exact=pl.lit(0, dtype=pl.Int64))
    spans = _spans(some, terms)
    placed = _placed(laid.with_columns(pl.col("laid_from").fill_null(some["laid_from"].min())), spans)
    rates, hourly = spans.rates, _hourly(terms.price, spans.rates)
    ends = spans.begins.shift(-1, fill_value=2**62)
    within = placed.with_columns(
        rate_no=rates.gather(placed["span"]), hourly=hourly.gather(placed["span"]), span_ends=ends.gather(placed["span"])
    )
    one, nothing = pl.col("until") <= pl.col("span_ends"), pl.col("laid_seconds") == 0
    within = within.with_columns(
        rate_no=pl.when(one & ~nothing).then("rate_no"),
        exact=pl.when(nothing).then(0).when(one).then(pl.col("laid_seconds") * pl.col("hourly")),
        several=~one & ~nothing,
    )
    return _with_several(within, spans, hourly).drop("at", "until", "span", "hourly", "span_ends", "several")


def _with_several(within: pl.DataFrame, spans: Spans, hourly: pl.Series) -> pl.DataFrame:
    if not within["several"].any():
        return within
    numbered = within.with_row_index("row")
    apart = _parts(numbered.filter("several"), spans)
    costs = apart.with_columns(exact=pl.col("seconds") * hourly.gather(apart["span"]))
    # One part without a rate leaves the whole without a price: null goes through.
    added = costs.group_by("row", maintain_order=True).agg(summed=pl.when(~pl.col("exact").has_nulls()).then(pl.col("exact").sum()))
    joined = numbered.join(added, on="row", how="left", maintain_order="left")
    return joined.with_columns(exact=pl.when("several").then("summed").otherwise("exact")).drop("summed", "row")


def _parts(placed: pl.DataFrame, spans: Spans) -> pl.DataFrame:
    last = spans.begins.search_sorted(placed["until"] - 1, side="right").cast(pl.Int64)
    split = placed.select("row", "at", "until", span=pl.int_ranges(placed["span"], last)).explode("span", empty_as_null=False)
    begins, ends = spans.begins.gather(split["span"]), spans.begins.shift(-1, fill_value=2**62).gather(split["span"])
    lasts = pl.min_horizontal("until", ends) - pl.max_horizontal("at", begins)
    return split.select("row", "span", rate_no=spans.rates.gather(split["span"]), seconds=lasts // 1000)


def _hourly(price: Price, numbers: pl.Series) -> pl.Series:
    return pl.Series([per_hour(price, number) for number in numbers.to_list()], dtype=pl.Int64)
