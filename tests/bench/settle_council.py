"""What do a council's plan and taps look like, with all that goes wrong in them? Any size, the same for the same seed.

Carers go in rounds from home to home, five or so times a day. What goes wrong is drawn by quota, so a rate below is met exactly, however
small the council. The four weeks lie around the night when the clocks go back, and somebody is cared for in it.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from bench.settle_taps import drawn, taps_of
from calltime_server.payment.agreed import PACKAGES
from calltime_server.visits.columns import INSTANT, PLAN

CORNWALL = 2700
"""Packages in Cornwall, with 34,000 hours a week: 272,160 planned visits in four weeks."""
FIRST = date(2026, 10, 5)
ZONES = 8
PROVIDERS = 40
IN_A_ROUND = 5
TRAVEL = 10
"""Minutes between two homes, as planned."""

# How many visits a day, by the last figure of the service user's number: 3.6 on average.
A_DAY = (2, 3, 3, 3, 4, 4, 4, 4, 4, 5)
# When the rounds begin, in London. The last ones reach over midnight, the fifth goes through the change of the clocks.
ROUNDS = ((7, 0), (12, 0), (16, 30), (20, 30), (0, 30))
# In hundredths of a per cent: 14 % of the visits of councils that buy them are a quarter of an hour (BMJ 2015, h5057); the rest makes
# Cornwall's half hour on average.
LENGTHS = ((1400, 15), (8800, 30), (9600, 45), (10_000, 60))
SERVICES = ((7000, "personal_care"), (9000, "reablement"), (10_000, "respite_sitting"))
# ASSUMPTION: two carers at once for every twelfth visit.
DOUBLE_HANDED = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """`PLAN`, `TAPS` as they come (in no order, some twice), and a package for all that a service user has in a year (`PACKAGES`)."""

    plan: pl.DataFrame
    taps: pl.DataFrame
    packages: pl.DataFrame


def council(*, users: int = CORNWALL, weeks: int = 4, seed: int = 7, clean: bool = False) -> Council:
    """Make a council. `clean`: one carer a visit, both taps of each, nobody very late: what any script gets right."""
    plan = _in_rounds(_wanted(users, weeks * 7, seed), seed, clean=clean)
    packages = _packages(plan, weeks)
    return Council(plan=plan.select(PLAN.names()), taps=taps_of(plan, seed=seed, clean=clean), packages=packages)


def chosen(table: tuple[tuple[int, int | str], ...], draw: pl.Expr) -> pl.Expr:
    """The value beside the first bound that is above what was drawn."""
    value = pl.lit(table[-1][1])
    for bound, each in reversed(table[:-1]):
        value = pl.when(draw < bound).then(pl.lit(each)).otherwise(value)
    return value


def _wanted(users: int, days: int, seed: int) -> pl.DataFrame:
    """Each service user on each day at each time: user, day, turn, and what does not change from day to day."""
    people = pl.select(user=pl.int_range(users)).with_columns(
        zone_no=pl.col("user") * ZONES // users,
        provider_no=pl.col("user") * PROVIDERS // users,
        service=chosen(SERVICES, drawn(seed, 1)),
        turn=(pl.col("user") % 10).replace_strict(dict(enumerate(A_DAY)), return_dtype=pl.Int64),
    )
    turns = people.with_columns(turn=pl.int_ranges(pl.col("turn"))).explode("turn")
    return pl.select(day=pl.int_range(days)).join(turns, how="cross")


def _in_rounds(wanted: pl.DataFrame, seed: int, *, clean: bool) -> pl.DataFrame:
    """PLAN, with the round (day, turn, round), the place in it, and whether its carer came by that place of the round."""
    hours = pl.col("turn").replace_strict({turn: hour * 60 + minute for turn, (hour, minute) in enumerate(ROUNDS)}, return_dtype=pl.Int64)
    midnight = (pl.lit(FIRST) + pl.duration(days="day")).cast(pl.Datetime("ms"))
    began = (midnight + pl.duration(minutes=hours)).dt.replace_time_zone("Europe/London").dt.convert_time_zone("UTC")
    round_ = ("day", "turn", "round")
    taken = pl.col("planned_minutes") + TRAVEL
    placed = wanted.sort("day", "turn", "user").with_columns(
        place=pl.int_range(pl.len()).over("day", "turn"),
        planned_minutes=chosen(LENGTHS, drawn(seed, 2)).cast(pl.Int64),
        carers=pl.when((drawn(seed, 3) < DOUBLE_HANDED) & (not clean)).then(2).otherwise(1).cast(pl.Int64),
    )
    placed = placed.with_columns(round=pl.col("place") // IN_A_ROUND, place=pl.col("place") % IN_A_ROUND)
    return placed.with_columns(
        visit_id=pl.format("v{}-{}-{}", "user", "day", "turn"),
        service_user=pl.format("s{}", "user"),
        provider=pl.format("provider-{}", "provider_no"),
        zone=pl.format("zone-{}", "zone_no"),
        planned_start=(began + pl.duration(minutes=(taken.cum_sum() - taken).over(round_))).cast(INSTANT),
    )


def _packages(plan: pl.DataFrame, weeks: int) -> pl.DataFrame:
    """What was agreed for four weeks is what is planned, rounded down to whole minutes."""
    planned = plan.group_by("service_user", "provider", "service").agg(agreed_minutes=pl.col("planned_minutes").sum() * 4 // weeks)
    agreed = planned.with_columns(package=pl.format("p-{}", "service_user"), starts=pl.lit(FIRST), exceptional=pl.lit(value=False))
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in PACKAGES.items() if name not in agreed.columns]
    return agreed.with_columns(lacking).select(PACKAGES.names()).sort("package")
