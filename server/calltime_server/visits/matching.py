"""Which contact delivered which planned visit?

The nearest in time, fairly: no planned visit and contact that were not put together would both rather have each other. Contacts with both
ends choose first, those with one end take what is left open. What is left over on either side stays visible.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.choosing import choose, pairs_within
from calltime_server.visits.columns import CONTACTS, VISITS
from calltime_server.visits.problems import problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`VISITS`, in plan order, then what nobody planned; and `PROBLEMS` (kind not_planned)."""

    visits: pl.DataFrame
    problems: pl.DataFrame


def match(plan: pl.DataFrame, contacts: pl.DataFrame, *, window_minutes: int) -> Matched:
    """Frames: `PLAN` (visit_id unique) and `CONTACTS` → `VISITS`.

    How far apart they are is the time between the start and the planned start or, without a start, between the stop and the planned end.
    """
    wanted = _numbered_plan(plan)
    seen = _numbered_contacts(contacts)
    chosen = _chosen(wanted, seen, window_minutes)
    leftover = seen.join(chosen, on="contact_no", how="anti", maintain_order="left")
    visits = pl.concat([_places(wanted, seen, chosen), _not_planned(leftover)], how="diagonal")
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in VISITS.items() if name not in visits.columns]
    visits = visits.with_columns(lacking).select(VISITS.names())
    return Matched(visits=visits, problems=_problems(leftover, window_minutes))


def _numbered_plan(plan: pl.DataFrame) -> pl.DataFrame:
    ordered = plan.sort("planned_start", "visit_id").with_row_index("visit_no")
    return ordered.with_columns(planned_end=pl.col("planned_start") + pl.duration(minutes="planned_minutes"))


def _numbered_contacts(contacts: pl.DataFrame) -> pl.DataFrame:
    device, seq = pl.coalesce("start_device", "stop_device"), pl.coalesce("start_seq", "stop_seq")
    tapped = contacts.with_columns(tapped=pl.coalesce("started", "ended"), device=device, seq=seq)
    return tapped.sort("carer", "tapped", "device", "seq").with_row_index("contact_no")


def _chosen(wanted: pl.DataFrame, seen: pl.DataFrame, window_minutes: int) -> pl.DataFrame:
    """The pairs visit_no, contact_no, carer that belong together."""
    no_stop, no_start = pl.col("ended").is_null(), pl.col("started").is_null()
    places = wanted.select("visit_no", places="carers")
    complete = pairs_within(window_minutes, wanted, seen.filter(~no_stop & ~no_start), due="planned_start", tapped="started")
    single = pl.concat(
        [
            pairs_within(window_minutes, wanted, seen.filter(no_stop), due="planned_start", tapped="started"),
            pairs_within(window_minutes, wanted, seen.filter(no_start), due="planned_end", tapped="ended"),
        ]
    )
    first = choose(complete, places=places)
    return choose(single, places=places, already=first)


def _places(wanted: pl.DataFrame, seen: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """One row per planned visit and carer asked for: those who came in the order in which they came, then the places left empty."""
    came = (
        chosen.select("visit_no", "contact_no")
        .join(seen.drop("service_user"), on="contact_no")
        .sort("visit_no", "tapped", "carer")
        .with_columns(carer_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("visit_no"))
    )
    asked_for = wanted.with_columns(carer_no=pl.int_ranges(1, pl.col("carers") + 1, dtype=pl.Int64)).explode("carer_no")
    places = asked_for.join(came, on=["visit_no", "carer_no"], how="left").sort("visit_no", "carer_no")
    delivery = (
        pl.when(pl.col("contact_no").is_null())
        .then(pl.lit("missed"))
        .when(pl.col("started").is_null())
        .then(pl.lit("no_start"))
        .when(pl.col("ended").is_null())
        .then(pl.lit("no_stop"))
        .otherwise(pl.lit("delivered"))
    )
    return places.with_columns(delivery=delivery)


def _not_planned(leftover: pl.DataFrame) -> pl.DataFrame:
    rows = leftover.sort("tapped", "contact_no").select(CONTACTS.names())
    return rows.with_columns(delivery=pl.lit("not_planned"))


def _problems(leftover: pl.DataFrame, window_minutes: int) -> pl.DataFrame:
    says = pl.format(
        "{} was at {}: {}. No planned visit there within {} minutes had a place open. The time is kept and not paid. "
        "Check whose tag it is and what was planned, then settle again.",
        pl.col("carer"),
        pl.col("service_user"),
        _told_ends(),
        pl.lit(window_minutes),
    )
    return problems(leftover, kind="not_planned", says=says)


def _told_ends() -> pl.Expr:
    started, ended = london.moment(pl.col("started")), london.moment(pl.col("ended"))
    return (
        pl.when(pl.col("ended").is_null())
        .then(pl.format("start {}, no stop", started))
        .when(pl.col("started").is_null())
        .then(pl.format("stop {}, no start", ended))
        .otherwise(pl.format("start {}, stop {}", started, ended))
    )
