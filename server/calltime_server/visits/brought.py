"""Which visits did a provider's own system bring, what does each of their ends prove, and which of them are not taken?

The council agrees with a provider from which day on such visits are taken and at which grade. On a day without an agreement they make no
contact, and are told.
"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.columns import TAPS
from calltime_server.visits.problems import problems
from calltime_server.visits.told import BROUGHT_DEVICE, Told

BROUGHT_END = pl.col("device") == BROUGHT_DEVICE
AT = pl.coalesce("started", "ended")


def brought_taps(told: Told) -> pl.DataFrame:
    """The ends that are taken, as `TAPS`: device `BROUGHT_DEVICE`, number 2 × `brought` for the start and one more for the stop."""
    return brought_ends(graded(told)).drop_nulls("grade").select(TAPS.names())


def brought_ends(visits: pl.DataFrame) -> pl.DataFrame:
    """All ends of visits as of `graded`: the columns of `TAPS`, and `agreed_since`."""
    ends = (("started", "start", 0), ("ended", "stop", 1))
    nobody = (pl.lit(None, dtype=pl.String).alias(name) for name in ("place_ref", "carer_ref"))
    of_visits = visits.with_columns(nobody)
    return pl.concat(
        of_visits.filter(pl.col(at).is_not_null()).select(
            pl.lit(BROUGHT_DEVICE).alias("device"),
            (pl.col("brought") * 2 + more).alias("seq"),
            pl.col(at).alias("time"),
            pl.lit(action).alias("action"),
            *("carer", "service_user", "grade", "place_ref", "carer_ref", "agreed_since"),
        )
        for at, action, more in ends
    )


def graded(told: Told) -> pl.DataFrame:
    """Frame: `BROUGHT` with `grade` (null: not taken) and `agreed_since`, by the agreement with the provider on the visit's day."""
    if told.brought.is_empty() or told.brought_grades.is_empty():
        return told.brought.with_columns(grade=pl.lit(None, dtype=pl.Int64), agreed_since=pl.lit(None, dtype=pl.Date))
    visits = told.brought.with_columns(since=london.civil_day(AT)).sort("since", "brought")
    agreed = told.brought_grades.with_columns(agreed_since=pl.col("since")).sort("since")
    return visits.join_asof(agreed, on="since", by="provider", check_sortedness=False).drop("since")


def told_not_agreed(told: Told) -> pl.DataFrame:
    """Those that are not taken."""
    says = pl.format(
        "The system of {} brought the visit {} of {} at {} on {}, and no agreement with the council takes its visits of that day. It is "
        "kept and makes no contact. The council can agree a grade from that day on under Settings; the next settlement takes it in.",
        pl.col("provider"),
        pl.col("their_id"),
        pl.col("carer"),
        pl.col("service_user"),
        london.day(AT),
    )
    lacking = graded(told).filter(pl.col("grade").is_null())
    first = pl.col("brought") * 2 + pl.when(pl.col("started").is_null()).then(1).otherwise(0)
    return problems(lacking.with_columns(device=pl.lit(BROUGHT_DEVICE), seq=first), kind="not_agreed", says=says)


def told_needless(ends: pl.DataFrame) -> pl.DataFrame:
    """Of ends that do not count (`TAPS`): one for each visit."""
    says = pl.format(
        "The visit of {} at {} that another system brought, {} at {}, does not count as far as doors saw it: a tap is not replaced. "
        "Nothing needs to be done.",
        pl.col("carer"),
        pl.col("service_user"),
        pl.col("action"),
        london.moment(pl.col("time")),
    )
    once = ends.sort("seq").filter((pl.col("seq") // 2).is_first_distinct())
    return problems(once, kind="brought_not_needed", says=says)
