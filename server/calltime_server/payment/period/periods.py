"""In which period of the terms does a day lie, and when does that period begin and end?"""

import polars as pl

from calltime_server.payment.terms import Period

DAYS = {"week": 7, "four_weeks": 28}


def first_day_of(period: Period, day: pl.Expr) -> pl.Expr:
    """The first day (Date) of the period in which the London day lies. Months are those of the calendar."""
    if period.length == "month":
        return day.dt.month_start()
    days = DAYS[period.length]
    since = (day - pl.lit(period.first)).dt.total_days() % days  # never below nothing, before `first` either
    return day - pl.duration(days=since)


def last_day_of(period: Period, first_day: pl.Expr) -> pl.Expr:
    """The last day of the period that begins on this one."""
    if period.length == "month":
        return first_day.dt.month_end()
    return first_day + pl.duration(days=DAYS[period.length] - 1)


def monday_of(day: pl.Expr) -> pl.Expr:
    """The first day of the week in which the London day lies."""
    return day - pl.duration(days=day.dt.weekday() - 1)


def midnight(day: pl.Expr) -> pl.Expr:
    """The instant in UTC at which a London day begins. London's clocks never change at midnight."""
    return day.cast(pl.Datetime("ms")).dt.replace_time_zone("Europe/London").dt.convert_time_zone("UTC")


def spelled(day: pl.Expr) -> pl.Expr:
    """6 July 2026, of a date."""
    return day.dt.strftime("%-d %B %Y")


def ordinal(period: Period, first_day: pl.Expr) -> pl.Expr:
    """A number (Int64) that grows by one from each period to the next."""
    if period.length == "month":
        return first_day.dt.year().cast(pl.Int64) * 12 + first_day.dt.month()
    return (first_day - pl.lit(period.first)).dt.total_days() // DAYS[period.length]
