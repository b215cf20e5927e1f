"""In which words are the two taps of a visit told?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.calendar import summers
from calltime_server.payment.gates import unseen
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.columns import DELIVERED

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR
TIMES = ("planned_start", "started", "ended")


def with_taps_told(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds `taps_told` (Tapped 08:04:10 to 08:31:55: 27 min 45 s of contact.) and `evidence` (the taps), null where nobody tapped.

    Most visits lie within one day, between whole seconds, on a day like any other, and have both taps: their words are looked up, and
    only the others' are spelled out with all that could mislead.
    """
    if lines.is_empty():
        return lines.with_columns(taps_told=pl.lit(None, dtype=pl.String), evidence=pl.lit(None, dtype=pl.String))
    plain, start, stop = _clocks(lines)
    times, lengths = of_the_day(), lengths_of_a_day()
    at, until = (times.gather(clock.fill_null(0) % DAY // 1000) for clock in (start, stop))
    contact = lengths.gather(lines["contact_seconds"].fill_null(0).clip(0, DAY // 1000 - 1))
    short = lines.select(
        "start_device", "start_seq", "start_grade", "stop_device", "stop_seq", "stop_grade", at=at, until=until, contact=contact
    )
    told = short.rechunk().select(
        taps_told=pl.format("Tapped {} to {}: {} of contact.", "at", "until", "contact"), evidence=telling.tapped_evidence()
    )
    if plain.all():
        return lines.with_columns(told)
    others = (~plain).arg_true()
    spelled = lines.filter(~plain).rechunk().select(taps_told=telling.tapped(), evidence=telling.evidence())
    return lines.with_columns(told[name].scatter(others, spelled[name]) for name in told.columns)


def _clocks(lines: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Which lines are plain; when they started and when they ended, on the wall clock."""
    ahead = list(_summers(lines))
    changing = [int(change.timestamp()) * 1000 // DAY for both in ahead for change in both]
    clock = lines.select(
        "delivery",
        planned=_milliseconds("planned_start", ahead),
        start=_milliseconds("started", ahead),
        stop=_milliseconds("ended", ahead),
        unseen=unseen("start") | unseen("stop"),
    )
    today = pl.col("planned") // DAY
    plain = [pl.col("delivery").is_in(DELIVERED), ~pl.col("unseen"), ~today.is_in(changing)]
    plain += [(pl.col(end) // DAY == today) & (pl.col(end) % 1000 == 0) for end in ("start", "stop")]
    return clock.select(plain=pl.all_horizontal(plain).fill_null(value=False))["plain"], clock["start"], clock["stop"]


def _summers(lines: pl.DataFrame) -> Iterator[tuple[datetime, datetime]]:
    times = lines.select(first=pl.min_horizontal(pl.min(*TIMES)), last=pl.max_horizontal(pl.max(*TIMES)))
    first, last = times.row(0)
    return summers(day_of(first), day_of(last))


def _milliseconds(column: str, ahead: Sequence[tuple[datetime, datetime]]) -> pl.Expr:
    """Of the wall clock in London since 1970."""
    at = pl.col(column)
    summer = pl.any_horizontal((at >= begins) & (at < ends) for begins, ends in ahead)
    return at.dt.epoch("ms") + pl.when(summer).then(HOUR).otherwise(0)


@cache
def of_the_day() -> pl.Series:
    """08:04:10, for each second of a day."""
    second = pl.int_range(DAY // 1000)
    parts = (second // 3600, second // 60 % 60, second % 60)
    return pl.select(told=pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in parts)))["told"]


@cache
def lengths_of_a_day() -> pl.Series:
    """27 min 45 s, for each number of seconds up to a day."""
    return pl.select(told=telling.length(pl.int_range(DAY // 1000)))["told"]
