"""What would a competent analyst write in Polars? Pair start and stop, take the nearest planned visit, sum whole minutes times rate.

One lazy query. It trusts its input: nothing is counted twice, nobody forgets a tap, a visit has one carer, and no word is said about a
line. That is what it is measured for.
"""

import polars as pl

WINDOW = "2h"


def pence(plan: pl.DataFrame, taps: pl.DataFrame, *, per_hour: int) -> int:
    """Frames: `PLAN`, `TAPS` → what all visits come to, in pence. `per_hour` in hundredths of a penny."""
    together = ("carer", "service_user")
    contacts = (
        taps.lazy()
        .sort(*together, "time")
        .with_columns(pl.col("time", "action", *together).shift(-1).name.prefix("next_"))
        .filter(action="start", next_action="stop")
        .filter(*(pl.col(name) == pl.col(f"next_{name}") for name in together))
        .select("service_user", started="time", minutes=(pl.col("next_time") - pl.col("time")).dt.total_minutes())
        .sort("started")
    )
    visits = plan.lazy().select("visit_id", "service_user", "planned_start", "planned_minutes").sort("planned_start")
    matched = contacts.join_asof(
        visits,
        left_on="started",
        right_on="planned_start",
        by="service_user",
        strategy="nearest",
        tolerance=WINDOW,
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    exact = pl.min_horizontal("minutes", "planned_minutes") * per_hour * 60
    paid = matched.filter(pl.col("visit_id").is_not_null()).select(pence=(exact * 2 + 360_000) // 720_000)
    return int(paid.collect()["pence"].sum())
