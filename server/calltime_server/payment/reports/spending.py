"""Where did the money go? What was commissioned and what it came to; how far blocks and banks were used; who delivered the hours.

Frames: `LINES` of whole periods, as they stand. Shares are in tenths of a per cent (int64), money in pence, time in minutes.
"""

import polars as pl

from calltime_server.payment.period.block import COVERED
from calltime_server.payment.price import priced
from calltime_server.payment.reports.share import share
from calltime_server.payment.terms import Terms

# What is known of each provider: lead, additional, framework, small …
PROVIDERS = pl.Schema({"provider": pl.String(), "provider_kind": pl.String()})


def commissioned(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """`LINES` of visits → visit_id, carer_no, commissioned_pence: the planned time at the rates of the planned time."""
    planned = lines.filter(pl.col("kind") == "visit").select(
        "visit_id", "carer_no", "provider", "zone", "service", counted_from="planned_start", planned_seconds=pl.col("planned_minutes") * 60
    )
    return priced(planned, terms, seconds="planned_seconds").select("visit_id", "carer_no", commissioned_pence="pence")


def savings(lines: pl.DataFrame, commissioned: pl.DataFrame) -> pl.DataFrame:
    """`commissioned`: visit_id, carer_no, commissioned_pence (what the planned time would have cost).

    → period, zone, planned_minutes, commissioned_pence, paid_minutes, actual_pence, parked_minutes, parked_commissioned_pence,
    saving_pence (below nothing where more was paid than commissioned). What is parked is no saving, for it may be paid yet: what was
    commissioned for it is told beside and taken off. Of a line that is parked in part that is the same part of its commissioned pence.
    """
    planned = lines.join(commissioned, on=["visit_id", "carer_no"], how="left")
    visits = planned.with_columns(
        pl.when(pl.col("kind") == "visit").then("planned_minutes").otherwise(0).alias("planned_minutes"), **_waiting(lines)
    )
    return (
        visits.group_by("period", "zone")
        .agg(
            pl.col("planned_minutes").sum(),
            pl.col("commissioned_pence").sum(),
            pl.col("paid_minutes").filter(pl.col("kind") == "visit").sum(),
            actual_pence=pl.col("pence").sum(),
            parked_minutes=pl.col("parked_minutes").sum(),
            parked_commissioned_pence=pl.col("parked_commissioned_pence").sum(),
        )
        .with_columns(saving_pence=pl.col("commissioned_pence") - pl.col("parked_commissioned_pence") - pl.col("actual_pence"))
        .sort("period", "zone", nulls_last=True)
    )


def _waiting(lines: pl.DataFrame) -> dict[str, pl.Expr]:
    """How many minutes of a line are parked, and what was commissioned for them. A whole visit without a contact waits with its plan."""
    parked, whole = pl.col("parked_minutes"), pl.col("outcome").eq_missing("park")
    part = pl.col("commissioned_pence") * parked // (parked + _hours(lines))
    return {
        "parked_minutes": pl.when(whole & (parked == 0)).then("planned_minutes").otherwise(parked),
        "parked_commissioned_pence": pl.when(whole).then("commissioned_pence").when(parked > 0).then(part).otherwise(0),
    }


def _hours(lines: pl.DataFrame) -> pl.Expr:
    """The minutes that were paid, by themselves or with a block. Only the terms that have blocks make the column of those in one."""
    in_block = pl.col(COVERED).fill_null(0) // 60 if COVERED in lines.columns else 0
    return pl.col("paid_minutes") + in_block


def utilisation(lines: pl.DataFrame) -> pl.DataFrame:
    """→ kind (block, bank), name, provider, period, bought_minutes, used_minutes, used_share.

    A block has its minutes, and how many of them were used, as its line tells: a visit may lie in it in part. A week in which nobody used
    it stands with nothing. A bank has what went in as bought, and what was drawn as used.
    """
    used = pl.col(COVERED).fill_null(0) // 60 if COVERED in lines.columns else pl.lit(0, dtype=pl.Int64)
    blocks = lines.filter(pl.col("kind") == "block").with_columns(name="visit_id", bought_minutes="paid_minutes", used_minutes=used)
    moved = pl.col("bank_minutes")
    banks = (
        lines.filter(pl.col("kind") == "bank")
        .group_by("kind", "provider", "period", name="package")
        .agg(bought_minutes=moved.filter(moved > 0).sum(), used_minutes=-moved.filter(moved < 0).sum())
    )
    columns = ["kind", "name", "provider", "period", "bought_minutes", "used_minutes"]
    both = pl.concat([blocks.select(columns), banks.select(columns)])
    return both.with_columns(used_share=share("used_minutes", "bought_minutes")).sort("kind", "name", "period", nulls_last=True)


def _visits(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("kind") == "visit").with_columns(paid_minutes=_hours(lines))


def hours_by_kind(lines: pl.DataFrame, providers: pl.DataFrame) -> pl.DataFrame:
    """`PROVIDERS` → zone, provider_kind, paid_minutes (those in a block as well), share of the zone.

    A provider of whom nothing is known is of the kind "unknown".
    """
    known = _visits(lines).join(providers, on="provider", how="left")
    hours = known.group_by("zone", pl.col("provider_kind").fill_null("unknown")).agg(pl.col("paid_minutes").sum())
    everywhere = (
        hours.group_by("provider_kind")
        .agg(pl.col("paid_minutes").sum())
        .select(zone=pl.lit("all zones"), provider_kind="provider_kind", paid_minutes="paid_minutes")
    )
    both = pl.concat(
        [hours.select("zone", "provider_kind", "paid_minutes").sort("zone", "provider_kind"), everywhere.sort("provider_kind")]
    )
    return both.with_columns(share=share(pl.col("paid_minutes"), pl.col("paid_minutes").sum().over("zone")))


def hours_by_provider(lines: pl.DataFrame) -> pl.DataFrame:
    """→ zone, provider, paid_minutes (those in a block as well), share of the zone: how its work is split between its providers."""
    hours = _visits(lines).group_by("zone", "provider").agg(pl.col("paid_minutes").sum())
    return hours.sort("zone", "provider").with_columns(share=share(pl.col("paid_minutes"), pl.col("paid_minutes").sum().over("zone")))


def weekly_hours(lines: pl.DataFrame) -> pl.DataFrame:
    """→ provider, week (Monday, in London), paid_minutes (those in a block as well): what a ceiling of weekly hours is held against."""
    week = pl.col("planned_start").dt.convert_time_zone("Europe/London").dt.truncate("1w").dt.date()
    visits = _visits(lines).with_columns(week=week)
    return visits.group_by("provider", "week").agg(pl.col("paid_minutes").sum()).sort("provider", "week")


def new_work(lines: pl.DataFrame, packages: pl.DataFrame) -> pl.DataFrame:
    """`PACKAGES` that begin among the lines' days → zone, provider, packages, share of the zone's: how new work was handed out."""
    zones = lines.filter(pl.col("package").is_not_null()).group_by("package").agg(pl.col("zone").sort_by("planned_start").first())
    day = lines["planned_start"].dt.convert_time_zone("Europe/London").dt.date()
    begun = packages.filter(pl.col("starts").is_between(pl.lit(day.min(), pl.Date()), pl.lit(day.max(), pl.Date())))
    counted = begun.unique("package").join(zones, on="package").group_by("zone", "provider").agg(packages=pl.len().cast(pl.Int64))
    return counted.sort("zone", "provider").with_columns(share=share(pl.col("packages"), pl.col("packages").sum().over("zone")))
