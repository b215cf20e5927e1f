"""What was told of which planned visit, if several things were told?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.problems import problems

WORDS = {
    "no_access": "no access",
    "declined_at_door": "declined at the door",
    "cancelled_by_client": "cancelled by the service user",
    "cancelled_by_council": "cancelled by the council",
    "approved_later": "approved later",
}


def latest(reports: pl.DataFrame) -> pl.DataFrame:
    """Of each visit what was told last: visit_id, report, report_at. Frame: `REPORTS`, in any order and as often as it was delivered."""
    ordered = reports.sort("visit_id", "told_at", "kind", "by", "reason", nulls_last=True)
    return ordered.unique("visit_id", keep="last", maintain_order=True).select("visit_id", report="kind", report_at="told_at")


def told_reports(reports: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """`PROBLEMS`: told_twice of a visit of which different things were told, report_of_nothing of a visit that is not in `plan`."""
    told = pl.format("{} at {} by {}", pl.col("kind").replace(WORDS), london.moment(pl.col("told_at")), "by")
    each = reports.unique().sort("visit_id", "told_at", "kind", "by", "reason", nulls_last=True).rechunk()
    of_visit = each.group_by("visit_id", maintain_order=True).agg(told=told.str.join("; "), count=pl.len())
    known = pl.col("visit_id").is_in(plan["visit_id"].filter(plan["visit_id"].is_in(reports["visit_id"].implode())).implode())
    twice = pl.format(
        "{} things were told of this visit: {}. The last one counts. Nothing needs to be done if that is right.", "count", "told"
    )
    nothing = pl.format(
        "This was told of a visit that is not in the plan: {}. It counts for nothing. Check the number of the visit, and tell it again.",
        "told",
    )
    return pl.concat(
        [
            problems(of_visit.filter(known & (pl.col("count") > 1)), kind="told_twice", says=twice),
            problems(of_visit.filter(~known), kind="report_of_nothing", says=nothing),
        ]
    )


def told_otherwise(visits: pl.DataFrame) -> pl.DataFrame:
    """`PROBLEMS` of visits with both taps that were told not to have been made. Frame: those, with report and report_at."""
    says = pl.format(
        "{} was at {} for the visit planned for {} with a start and a stop, but it was told at {}: {}. They count. "
        "Ask the provider how it was, and have the report taken back or the right times entered with the reason.",
        *("carer", "service_user", london.moment(pl.col("planned_start")), london.moment(pl.col("report_at"))),
        pl.col("report").replace(WORDS),
    )
    return problems(visits, kind="told_otherwise", says=says)
