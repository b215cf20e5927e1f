"""What became of each planned visit, by its taps and by what people told?"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits.absences import WHOLE, told_tapped_while_absent, with_absences
from calltime_server.visits.columns import VISITS
from calltime_server.visits.problems import gathered
from calltime_server.visits.reported import latest, told_otherwise, told_reports
from calltime_server.visits.told import Told

PLANNED = pl.col("visit_id").is_not_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """`VISITS` in the order in which they came, and `PROBLEMS`."""

    visits: pl.DataFrame
    problems: pl.DataFrame


def outcomes(visits: pl.DataFrame, told: Told, *, tolerance_minutes: int, notice_hours: int) -> Outcomes:
    """Frame: `VISITS` as of `match` → `VISITS` with `delivery`, `absence`, `stopped_at` and `told_at`.

    Both taps are stronger than anything told; what was told of a visit is stronger than an absence, which stands beside it; an absence
    that covers the planned start explains a visit of which there is no tap at all.
    """
    seen = with_absences(visits, told.absences).join(latest(told.reports), on="visit_id", how="left", maintain_order="left")
    not_made = _not_made(notice_hours)
    explained = (pl.col("delivery") == "missed") & (pl.col("stopped_at") <= pl.col("planned_start"))
    delivery = (
        pl.when(WHOLE & PLANNED)
        .then(_made(tolerance_minutes))
        .when(PLANNED & not_made.is_not_null())
        .then(not_made)
        .when(PLANNED & explained)
        .then(pl.lit("absent"))
        .otherwise("delivery")
    )
    after = seen.with_columns(delivery=delivery, told_at=pl.when(PLANNED & ~WHOLE & not_made.is_not_null()).then("report_at"))
    return Outcomes(visits=after.select(VISITS.names()), problems=_problems(after, told))


def _made(tolerance_minutes: int) -> pl.Expr:
    """Of a visit with both taps: whether it was added to the plan later, else how its contact compares with the planned length."""
    over = pl.col("contact_seconds") - pl.col("planned_minutes") * 60
    return (
        pl.when(pl.col("report") == "approved_later")
        .then(pl.lit("not_planned_approved"))
        .when(over > tolerance_minutes * 60)
        .then(pl.lit("delivered_over"))
        .when(over < -tolerance_minutes * 60)
        .then(pl.lit("delivered_short"))
        .otherwise(pl.lit("delivered"))
    )


def _not_made(notice_hours: int) -> pl.Expr:
    """What was told instead of a visit; null where nothing was. Told exactly so long before its planned start is in notice."""
    in_notice = pl.col("report_at") <= pl.col("planned_start") - pl.duration(hours=notice_hours)
    return (
        pl.when(pl.col("report") == "cancelled_by_client")
        .then(pl.when(in_notice).then(pl.lit("cancelled_in_notice")).otherwise(pl.lit("cancelled_short_notice")))
        .when(pl.col("report") != "approved_later")
        .then("report")
    )


def _problems(visits: pl.DataFrame, told: Told) -> pl.DataFrame:
    tapped = visits.filter(PLANNED & pl.col("carer").is_not_null() & (pl.col("report").is_not_null() | pl.col("absence").is_not_null()))
    at_tap = tapped.with_columns(device=pl.coalesce("start_device", "stop_device"), seq=pl.coalesce("start_seq", "stop_seq"))
    return gathered(
        told_reports(told.reports, visits),
        told_otherwise(at_tap.filter(WHOLE & (pl.col("report") != "approved_later"))),
        told_tapped_while_absent(at_tap),
    )
