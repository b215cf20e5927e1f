"""How is an instant told to people in Britain?

Every function takes an expression of a UTC instant. London is used to name a civil day and to show; nothing is subtracted here.
"""

import polars as pl

LONDON = "Europe/London"


def civil_day(at: pl.Expr) -> pl.Expr:
    """The day in London, as a date."""
    return _london(at).dt.date()


def day(at: pl.Expr) -> pl.Expr:
    """6 July 2026"""
    return _london(at).dt.strftime("%-d %B %Y")


def minute(at: pl.Expr) -> pl.Expr:
    """08:04"""
    return _london(at).dt.strftime("%H:%M")


def second(at: pl.Expr) -> pl.Expr:
    """08:04:10, or 08:04:10.250: thousandths only where there are any, else whole-second sums would look wrong."""
    whole = _london(at).dt.strftime("%H:%M:%S")
    return pl.when(at.dt.millisecond() == 0).then(whole).otherwise(_london(at).dt.strftime("%H:%M:%S%.3f"))


def zone(at: pl.Expr) -> pl.Expr:
    """BST or GMT, with a space before it."""
    return _london(at).dt.strftime(" %Z")


def clocks_change(at: pl.Expr) -> pl.Expr:
    """Whether the clocks change on the London day of this instant: then a time without its zone would mislead."""
    midnight = _london(at).dt.truncate("1d")
    return midnight.dt.dst_offset() != midnight.dt.offset_by("1d").dt.dst_offset()


def moment(at: pl.Expr) -> pl.Expr:
    """08:04:10 on 6 July 2026, or 01:04:10 BST on 25 October 2026: a tap in a sentence that stands alone."""
    named = pl.when(clocks_change(at)).then(zone(at)).otherwise(pl.lit(""))
    return pl.format("{}{} on {}", second(at), named, day(at))


def _london(at: pl.Expr) -> pl.Expr:
    return at.dt.convert_time_zone(LONDON)
