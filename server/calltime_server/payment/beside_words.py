"""In which words is told whose system brought the ends of a visit?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.brought import brought_ends

ENDS = ("start", "stop")


def with_brought(lines: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Frames: lines as of `decide`, visits as of `graded` → the lines. Each says whose system brought its ends, and by what they count."""
    if visits.is_empty():
        return lines
    says = pl.format(
        "Brought by the system of {} on {} as {}, grade {} by agreement from {}.",
        *("provider", london.day(pl.col("brought_at")), "their_id", "grade", pl.col("agreed_since").dt.strftime("%-d %B %Y")),
    )
    of_visit = visits.drop_nulls("grade").rechunk().select("brought", says=says)
    ends = brought_ends(visits).select("device", "seq", brought=pl.col("seq") // 2).join(of_visit, on="brought").drop("brought")
    for end in ENDS:
        own = ends.rename({"device": f"{end}_device", "seq": f"{end}_seq", "says": f"{end}_says"})
        lines = lines.join(own, on=[f"{end}_device", f"{end}_seq"], how="left", maintain_order="left")
    once = pl.when(pl.col("stop_says").ne_missing(pl.col("start_says"))).then("stop_says")
    told = pl.concat_str("explanation", "start_says", once, separator=" ", ignore_nulls=True)
    return lines.with_columns(explanation=told).drop("start_says", "stop_says")
