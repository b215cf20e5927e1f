"""For which visits was the service user away, and from when on?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.problems import problems

# A contact with both ends.
WHOLE = pl.col("started").is_not_null() & pl.col("ended").is_not_null()


def with_absences(visits: pl.DataFrame, absences: pl.DataFrame) -> pl.DataFrame:
    """Adds `absence` and `stopped_at`: kind and beginning of the earliest absence that counts for the visit. Frames: `VISITS`, `ABSENCES`.

    It counts if it begins before the visit ends, and still lasts when the visit begins: the planned start or, of those who came later
    (the service user may just have come home), the start. The end is the stop or, without both taps, the planned one.
    """
    begins = pl.when(WHOLE).then(pl.max_horizontal("planned_start", "started")).otherwise("planned_start")
    ends = pl.when(WHOLE).then("ended").otherwise(pl.col("planned_start") + pl.duration(minutes="planned_minutes"))
    rows = visits.drop("absence", "stopped_at").with_row_index("row")
    concerned = rows.filter(pl.col("service_user").is_in(absences["service_user"].implode()) & pl.col("visit_id").is_not_null())
    away = (
        concerned.select("row", "service_user", begins=begins, ends=ends)
        .join(absences, on="service_user")
        .filter((pl.col("since") < pl.col("ends")) & (pl.col("until").is_null() | (pl.col("until") > pl.col("begins"))))
        .sort("since", "kind")
        .group_by("row", maintain_order=True)
        .agg(absence=pl.col("kind").first(), stopped_at=pl.col("since").first())
    )
    return rows.join(away, on="row", how="left", maintain_order="left").drop("row")


def told_tapped_while_absent(visits: pl.DataFrame) -> pl.DataFrame:
    """`PROBLEMS` of the planned visits with taps and an absence."""
    says = pl.format(
        "{} was at {} for the visit planned for {}, but {} is told of the service user since {}. Contact counts to then at the most. "
        "Ask the provider which of the two is wrong, and correct the absence or enter the right times with the reason.",
        *("carer", "service_user", london.moment(pl.col("planned_start")), _told_kind(), london.moment(pl.col("stopped_at"))),
    )
    tapped = visits.filter(pl.col("absence").is_not_null() & pl.col("carer").is_not_null())
    return problems(tapped, kind="tapped_while_absent", says=says)


def _told_kind() -> pl.Expr:
    return pl.col("absence").replace({"hospital": "a stay in hospital", "respite": "respite care", "away": "that they are away"})
