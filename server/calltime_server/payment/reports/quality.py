"""How was the care given? Punctual, by the same people, for as long as planned, and recorded by taps and not by hand?

Frames: `VISITS` (planned ones, and contacts that nobody planned). Shares are in tenths of a per cent (int64).
"""

import polars as pl

from calltime_server.payment.reports.share import share
from calltime_server.visits.columns import DELIVERED
from calltime_server.visits.told import ENTERED_BY_HAND

MADE = pl.col("delivery").is_in(DELIVERED)
BY_HAND = (pl.col("start_device") == ENTERED_BY_HAND) | (pl.col("stop_device") == ENTERED_BY_HAND)

# How long a visit lasted, of its planned time, in per cent: from … to below.
PARTS_OF_PLAN = (0, 25, 50, 75, 90, 110, 125, 150)


def compliance(visits: pl.DataFrame) -> pl.DataFrame:
    """→ provider, made, electronic (both ends tapped), one_end (the other is missing), by_hand, missed, electronic_share.

    The share is of all visits that were made, as far as anybody knows: both taps, one tap, or entered by hand. Which level is asked for
    (85 % in Central Bedfordshire, for one) is a council's to set and is not in here.
    """
    one_end = pl.col("delivery").is_in(["no_stop", "no_start"])
    return (
        visits.filter(pl.col("visit_id").is_not_null())
        .group_by("provider")
        .agg(
            made=(MADE | one_end).sum().cast(pl.Int64),
            electronic=(MADE & ~BY_HAND.fill_null(value=False)).sum().cast(pl.Int64),
            one_end=one_end.sum().cast(pl.Int64),
            by_hand=(MADE & BY_HAND.fill_null(value=False)).sum().cast(pl.Int64),
            missed=(pl.col("delivery") == "missed").sum().cast(pl.Int64),
        )
        .with_columns(electronic_share=share("electronic", "made"))
        .sort("provider")
    )


def usage_score(*, accepted: int, electronic: int, exported: int, not_rejected: int) -> int:
    """Texas' score of a quarter, in hundredths of a per cent: 60 % of the electronic share of accepted visits, and 40 % of the share of
    exported ones that were not rejected. It is the twelfth of the sums that this project shows it can do. A figure from elsewhere, to
    compare by: nothing is paid by it, and no report has it, since nobody here accepts or rejects visits as is done there.
    """
    return (6000 * electronic * exported + 4000 * not_rejected * accepted) // (accepted * exported)


def punctuality(visits: pl.DataFrame) -> pl.DataFrame:
    """→ provider, visits, on_time (within 15 minutes of the planned start), early, late, very_late (over 30 minutes), on_time_share."""
    started = visits.filter(pl.col("visit_id").is_not_null() & pl.col("started").is_not_null())
    off = (pl.col("started") - pl.col("planned_start")).dt.total_seconds()
    return (
        started.group_by("provider")
        .agg(
            visits=pl.len().cast(pl.Int64),
            on_time=(off.abs() <= 15 * 60).sum().cast(pl.Int64),
            early=(off < -15 * 60).sum().cast(pl.Int64),
            late=(off > 15 * 60).sum().cast(pl.Int64),
            very_late=(off > 30 * 60).sum().cast(pl.Int64),
        )
        .with_columns(on_time_share=share("on_time", "visits"))
        .sort("provider")
    )


def continuity(visits: pl.DataFrame) -> pl.DataFrame:
    """→ service_user, provider, visits, carers (how many came), main_carer, main_share: how much was by the one who came most."""
    came = visits.filter(pl.col("visit_id").is_not_null() & pl.col("carer").is_not_null())
    by_carer = came.group_by("service_user", "provider", "carer").agg(visits=pl.len().cast(pl.Int64))
    most = by_carer.sort("visits", "carer", descending=[True, False])
    return (
        most.group_by("service_user", "provider", maintain_order=True)
        .agg(
            pl.col("visits").sum().alias("all_visits"),
            carers=pl.len().cast(pl.Int64),
            main_carer=pl.col("carer").first(),
            by_main=pl.col("visits").first(),
        )
        .select(
            "service_user",
            "provider",
            visits="all_visits",
            carers="carers",
            main_carer="main_carer",
            main_share=share("by_main", "all_visits"),
        )
        .sort("service_user", "provider")
    )


def lengths(visits: pl.DataFrame) -> pl.DataFrame:
    """How long visits lasted of what was planned: clipped visits stand at the top.

    → provider, part_of_plan ("under 25 %" …), visits, share of the provider's.
    """
    made = visits.filter(MADE & pl.col("visit_id").is_not_null())
    percent = pl.col("contact_seconds") * 100 // (pl.col("planned_minutes") * 60)
    bounds = list(zip(PARTS_OF_PLAN, [*PARTS_OF_PLAN[1:], None], strict=True))
    bucket = pl.sum_horizontal((percent >= bound).cast(pl.Int64) for bound in PARTS_OF_PLAN) - 1
    names = [
        f"under {end} %" if start == 0 else f"{start} % and more" if end is None else f"{start} to under {end} %" for start, end in bounds
    ]
    counted = made.with_columns(bucket=bucket).group_by("provider", "bucket").agg(visits=pl.len().cast(pl.Int64)).sort("provider", "bucket")
    named = counted.with_columns(part_of_plan=pl.col("bucket").replace_strict(dict(enumerate(names)), return_dtype=pl.String()))
    return named.select("provider", "part_of_plan", "visits", share=share(pl.col("visits"), pl.col("visits").sum().over("provider")))


def edits_as_planned(visits: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Ends entered by hand that are the planned time to the minute: one may be chance, many are a habit.

    → provider, by (the role that entered them), entered, as_planned, as_planned_share.
    """
    planned = visits.filter(pl.col("visit_id").is_not_null())
    ends = pl.concat(
        [
            planned.filter(pl.col(f"{end}_device") == ENTERED_BY_HAND).select("provider", entry=f"{end}_seq", at=at, due=due)
            for end, at, due in (
                ("start", pl.col("started"), pl.col("planned_start")),
                ("stop", pl.col("ended"), pl.col("planned_start") + pl.duration(minutes="planned_minutes")),
            )
        ]
    )
    same = pl.col("at").dt.truncate("1m") == pl.col("due").dt.truncate("1m")
    return (
        ends.join(entries.select("entry", "by"), on="entry", how="left")
        .group_by("provider", "by")
        .agg(entered=pl.len().cast(pl.Int64), as_planned=same.sum().cast(pl.Int64))
        .with_columns(as_planned_share=share("as_planned", "entered"))
        .sort("provider", "by")
    )
