"""In which time were all the carers of a visit there at once, and where did one not come?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.problems import problems


def with_together(places: pl.DataFrame) -> pl.DataFrame:
    """Adds together_seconds: from the last start to the first stop of all carers asked for, 0 if they never met; null if not all of them
    came with both taps. Frame: one row for each planned visit and carer asked for, with visit_no.
    """
    both = pl.col("started").is_not_null() & pl.col("ended").is_not_null()
    shared = (
        places.filter(pl.col("carers") > 1)
        .group_by("visit_no")
        .agg(
            met=pl.max_horizontal(pl.col("ended").min() - pl.col("started").max(), pl.duration(seconds=0)).dt.total_seconds(),
            all_whole=both.all(),
        )
        .filter("all_whole")
        .drop("all_whole")
    )
    alone = pl.when((pl.col("carers") == 1) & both).then("contact_seconds")
    seen = places.join(shared, on="visit_no", how="left", maintain_order="left")
    return seen.with_columns(together_seconds=pl.coalesce("met", alone)).drop("met")


def told_one_short(places: pl.DataFrame) -> pl.DataFrame:
    """`PROBLEMS` of the visits to which some, but not all of the carers came, at the first tap of the first who came."""
    here = pl.col("carer").is_not_null()
    lacking = places.filter((pl.col("carers") > 1) & ~here).select("visit_no").unique()
    counted = (
        places.join(lacking, on="visit_no", how="semi")
        .group_by("visit_id", "service_user", "planned_start", "carers")
        .agg(
            *(pl.col(name).filter(here).sort_by(pl.col("carer_no").filter(here)).first() for name in ("device", "seq", "carer")),
            came=here.sum().cast(pl.Int64),
            who=pl.col("carer").filter(here).sort().str.join(", "),
        )
    )
    says = pl.format(
        "{} carers were planned for {} at {}, and {} came: {}. The places are paid each by itself as the contract says. "
        "Ask the provider who else was there, and have missing taps entered with the reason.",
        *("carers", "service_user", london.moment(pl.col("planned_start")), "came", "who"),
    )
    return problems(counted.filter(pl.col("came") > 0), kind="one_carer_short", says=says)
