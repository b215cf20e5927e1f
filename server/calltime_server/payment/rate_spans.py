"""Which price of an hour holds along the time that each row counts?

Every provider, zone and service that some rate names has a line of time of its own, cut where its rate changes. The lines lie one after
another on one axis of whole numbers, so that finding the span in which an instant lies is one search, for all rows at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from calltime_server.payment.calendar import Cell, cells
from calltime_server.payment.rate_choice import Whom, chosen
from calltime_server.payment.terms import Nation
from calltime_server.payment.terms_price import Price
from calltime_server.visits.civil_day import day_of

# Milliseconds since 1970 stay below this for two centuries more: room for one line of time.
LINE_OF_TIME = 2**43


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Where each span begins on the axis, in order, and the number of the rate that holds in it. `axis` is where a row's line begins."""

    begins: pl.Series
    rates: pl.Series
    axis: pl.Expr


def spans_for(frame: pl.DataFrame, price: Price, nation: Nation, *, begins: str, ends: str) -> Spans:
    """All spans of time from the first instant in column `begins` to the last in `ends` (Datetime), for whom there is in the frame."""
    named = {column: _named(price, plural) for column, plural in (("provider", "providers"), ("zone", "zones"), ("service", "services"))}
    line = _line_number(named)
    used = frame.select(line=line, **{column: _if_named(column, names) for column, names in named.items()}).unique("line").sort("line")
    first, last = _days(frame, begins, ends)
    time = list(cells(price, nation, first=first, last=last))
    keys: list[int] = []
    rates: list[int] = []
    for number, provider, zone, service in used.iter_rows():
        for cell, rate in _changes(price, Whom(provider=provider, zone=zone, service=service), time):
            keys.append(number * LINE_OF_TIME + int(cell.begins.timestamp()) * 1000)
            rates.append(rate)
    return Spans(begins=pl.Series(keys, dtype=pl.Int64), rates=pl.Series(rates, dtype=pl.Int64), axis=line * LINE_OF_TIME)


def _changes(price: Price, whom: Whom, time: Sequence[Cell]) -> Iterable[tuple[Cell, int]]:
    """The cells with which another rate begins. Days of the same kinds are alike, so that few cells need to be looked at closely."""
    known: dict[tuple[frozenset[str], int], int] = {}
    before = None
    for cell in time:
        alike = (frozenset(cell.kinds), cell.minute)
        if alike not in known:
            known[alike] = chosen(price, whom, cell)
        if known[alike] != before:
            before = known[alike]
            yield cell, before


def _named(price: Price, plural: str) -> list[str]:
    return sorted({name for rate in price.rate for name in getattr(rate, plural)})


def _if_named(column: str, names: list[str]) -> pl.Expr:
    return pl.when(pl.col(column).is_in(names)).then(pl.col(column)).otherwise(pl.lit(""))


def _line_number(named: dict[str, list[str]]) -> pl.Expr:
    number = pl.lit(0, dtype=pl.Int64)
    for column, names in named.items():
        if names:
            of_name = pl.col(column).replace_strict(names, range(1, len(names) + 1), default=0, return_dtype=pl.Int64)
            number = number * (len(names) + 1) + of_name
    return number


def _days(frame: pl.DataFrame, begins: str, ends: str) -> tuple[date, date]:
    first, last = frame.select(first=pl.col(begins).min(), last=pl.col(ends).max()).row(0)
    return day_of(first), day_of(last) + timedelta(days=1)
