"""Which visits does a finance system hear of that pays visits by itself? One row for each carer visit of the run, in London time.

Reversals and what came in their place are put together: a row tells the visit as it stands now, and its payment is what this run changes.
So the payments still come to the run's pence, and nobody must know what a reversal is. Where late news names another provider or payee,
there are two rows: what is taken back from the one, and what the other gets.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from calltime_server.jobs.finance.csv_text import pounds
from calltime_server.jobs.finance.run import PaidRun, ordered
from calltime_server.visits.columns import DELIVERED

Status = Literal["delivered", "missed", "frustrated", "cancelled"]
STATUSES: dict[Status, str] = {"delivered": "Delivered", "missed": "Missed", "frustrated": "Frustrated", "cancelled": "Cancelled"}

VISIT_FIELDS = (
    *("visit", "carer_no", "carers", "secondary", "service_user", "provider", "payee", "package", "zone", "service", "carer"),
    *("planned_date", "planned_time", "planned_minutes", "planned_duration", "actual_date", "actual_time", "actual_end"),
    *("actual_minutes", "actual_duration", "paid_minutes", "paid_duration", "status", "payment", "week_ending", "run", "line", "reason"),
)
CARER_FIELDS = ("carer", "provider")

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_LONDON = "Europe/London"
_DAY = "%d/%m/%Y"
_TIME = "%H:%M:%S"
_HALF = ("no_stop", "no_start")
_FRUSTRATED = ("no_access", "declined_at_door")


def settled_visits(run: PaidRun) -> pl.DataFrame:
    """RUN_LINES, `carers` and `stands`: for each carer visit, provider and payee the last line that stands, or its reversal, with the pence
    of all such lines here.

    What is parked is left out unless money is taken back: it has no result yet, and a system that pays by itself would pay it.
    """
    visits = ordered(run).filter(pl.col("kind") == "visit")
    taken_back = visits["reverses"].drop_nulls().implode()
    stands = pl.col("reverses").is_null() & ~pl.col("line").is_in(taken_back)
    key = ["visit_id", "carer_no", "provider", "payee"]
    latest = _with_carers(visits.with_columns(stands=stands), run).sort(*key, "stands", pl.col("reverses").is_not_null(), "line")
    settled = latest.with_columns(pl.col("pence").sum().over(key)).unique(key, keep="last", maintain_order=True)
    # Polars 2.1 cannot put texts together from columns in several pieces: hence one piece.
    return settled.filter((pl.col("outcome") != "park") | (pl.col("pence") != 0)).rechunk()


def _with_carers(visits: pl.DataFrame, run: PaidRun) -> pl.DataFrame:
    """How many carers a visit has is known of the visit, not of this run: perhaps only one of two got another sum."""
    here = pl.col("carer_no").filter(pl.col("stands")).max().over("visit_id")
    return visits.join(run.carers, on="visit_id", how="left").with_columns(carers=pl.max_horizontal("carers", "carer_no", here))


def visit_rows(run: PaidRun, *, week_ends: str = "sunday") -> pl.DataFrame:
    """VISIT_FIELDS and `paid` (something is to be paid or taken back), with `status` one of the keys of STATUSES."""
    return (
        settled_visits(run)
        .select(
            *(
                pl.col("visit_id").alias("visit"),
                "carer_no",
                "carers",
                "service_user",
                "provider",
                "payee",
                "package",
                "zone",
                "service",
                "carer",
            ),
            *("run", "line", "reason", "planned_minutes"),
            *_times(),
            secondary=pl.when(pl.col("carer_no") > 1).then(pl.lit("True")).otherwise(pl.lit("False")),
            actual_minutes=_standing("contact_seconds") // 60,
            actual_duration=_clock(_standing("contact_seconds")),
            paid_minutes=_standing("paid_minutes"),
            paid_duration=_clock(_standing("paid_minutes") * 60),
            status=_status(),
            payment=pounds(pl.col("pence")),
            paid=(pl.col("pence") != 0) | (pl.col("stands") & (pl.col("outcome") == "pay")),
            week_ending=_week_ending(week_ends).dt.strftime(_DAY),
        )
        .select(*VISIT_FIELDS, "paid")
    )


def _times() -> tuple[pl.Expr, ...]:
    return (
        _london("planned_start").dt.strftime(_DAY).alias("planned_date"),
        _london("planned_start").dt.strftime(_TIME).alias("planned_time"),
        _clock(pl.col("planned_minutes") * 60).alias("planned_duration"),
        _london("started").dt.strftime(_DAY).alias("actual_date"),
        _london("started").dt.strftime(_TIME).alias("actual_time"),
        _london("ended").dt.strftime(_TIME).alias("actual_end"),
    )


def _status() -> pl.Expr:
    """What is neither delivered nor missed nor frustrated was cancelled, for one reason or another; so is what left the plan."""
    delivery = pl.col("delivery")
    paid_half = delivery.is_in(_HALF) & (pl.col("outcome") == "pay")
    return (
        pl.when(~pl.col("stands") | (pl.col("outcome") == "park"))
        .then(pl.lit("cancelled"))
        .when(delivery.is_in(DELIVERED) | paid_half)
        .then(pl.lit("delivered"))
        .when(delivery.is_in(_FRUSTRATED))
        .then(pl.lit("frustrated"))
        .when((delivery == "missed") | delivery.is_in(_HALF))
        .then(pl.lit("missed"))
        .otherwise(pl.lit("cancelled"))
    )


def _standing(column: str) -> pl.Expr:
    """Nothing where the line was taken back and none came in its place."""
    return pl.when(pl.col("stands")).then(pl.col(column)).otherwise(0)


def _london(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(_LONDON)


def _week_ending(weekday: str) -> pl.Expr:
    day = _london("planned_start").dt.date()
    ahead = (WEEKDAYS.index(weekday) + 1 - day.dt.weekday().cast(pl.Int64)) % 7
    return day + pl.duration(days=ahead)


def _clock(seconds: pl.Expr) -> pl.Expr:
    """Seconds as 01:30:00."""
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in parts))
