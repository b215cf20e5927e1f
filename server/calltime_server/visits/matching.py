"""Which contact delivered which planned visit?

The nearest in time, fairly: no planned visit and contact that were not put together would both rather have each other. Contacts with both
ends choose first, those with one end take what is left open. A carer of whom we know for whom she works delivers the visits of that
provider only. What is left over on either side stays visible.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits.candidates import NOBODY_EMPLOYED, Sides, numbered, pairs_within
from calltime_server.visits.choosing import choose
from calltime_server.visits.columns import CONTACTS, VISITS
from calltime_server.visits.together import told_one_short, with_together
from calltime_server.visits.unplanned import told_unplanned

# What a place has of the contact that fills it.
CAME = [name for name in CONTACTS if name != "service_user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`VISITS`, in plan order (planned_start, visit_id, carer_no), then what nobody planned; and `PROBLEMS`.

    What people told is not looked at yet: `delivery` is delivered, no_stop, no_start, missed or not_planned.
    """

    visits: pl.DataFrame
    problems: pl.DataFrame


def match(plan: pl.DataFrame, contacts: pl.DataFrame, *, window_minutes: int, employed: pl.DataFrame = NOBODY_EMPLOYED) -> Matched:
    """Frames: `PLAN` (visit_id unique), `CONTACTS` and `EMPLOYED`, in any order → `VISITS`.

    How far apart they are is the time between the start and the planned start or, without a start, between the stop and the planned end.
    """
    sides = numbered(plan, contacts, employed)
    chosen = _chosen(sides, window_minutes)
    places = _places(sides, chosen)
    leftover = sides.seen.filter(~pl.col("contact_no").is_in(chosen["contact_no"].implode())).sort("tapped", "carer", "device", "seq")
    empty = sides.wanted.filter(~pl.col("visit_no").is_in(chosen["visit_no"].implode()))
    return Matched(
        visits=pl.concat([_as_visits(places), _as_visits(leftover.with_columns(delivery=pl.lit("not_planned")).drop("carer_no"))]),
        problems=pl.concat([told_one_short(places), told_unplanned(leftover, empty, sides, window_minutes=window_minutes)]),
    )


def _chosen(sides: Sides, window_minutes: int) -> pl.DataFrame:
    """The pairs visit_no, contact_no, carer_no that belong together."""
    places = sides.wanted.select("visit_no", places="carers")
    taps = sides.seen.select("contact_no", "device", "seq")
    no_stop, no_start = pl.col("ended").is_null(), pl.col("started").is_null()
    whole = sides.seen.filter(~no_stop & ~no_start)
    first = choose(pairs_within(window_minutes, sides.wanted, whole, sides.employed, due="due_start"), places=places, taps=taps)
    singles = ((sides.seen.filter(no_stop), "due_start"), (sides.seen.filter(no_start), "due_end"))
    filled = first.group_by("visit_no").agg(filled=pl.len().cast(pl.Int64))
    still_open = sides.wanted.join(filled, on="visit_no", how="left").filter(pl.col("filled").fill_null(0) < pl.col("carers"))
    single = pl.concat(pairs_within(window_minutes, still_open, some, sides.employed, due=due) for some, due in singles)
    return choose(single, places=places, taps=taps, already=first)


def _places(sides: Sides, chosen: pl.DataFrame) -> pl.DataFrame:
    """One row per planned visit and carer asked for: those who came in the order in which they came, then the places left empty."""
    came = sides.seen.select(pl.col(*CAME, "device", "seq").gather(_filled(sides, chosen)))
    places = pl.concat([_asked_for(sides.wanted), came], how="horizontal")
    delivery = (
        pl.when(pl.col("carer").is_null())
        .then(pl.lit("missed"))
        .when(pl.col("started").is_null())
        .then(pl.lit("no_start"))
        .when(pl.col("ended").is_null())
        .then(pl.lit("no_stop"))
        .otherwise(pl.lit("delivered"))
    )
    return with_together(places.with_columns(delivery=delivery))


def _asked_for(wanted: pl.DataFrame) -> pl.DataFrame:
    """One row for each carer of each planned visit, with carer_no from 1."""
    rows = wanted.select(pl.col("visit_no").repeat_by("carers").explode(empty_as_null=False))["visit_no"]
    carer_no = pl.int_range(rows.len(), dtype=pl.Int64, eager=True) - _first_places(wanted).gather(rows) + 1
    return wanted[rows].with_columns(carer_no=carer_no)


def _filled(sides: Sides, chosen: pl.DataFrame) -> pl.Series:
    """Of each place in their order, the contact_no that fills it, or null."""
    alone = chosen["visit_no"].is_unique()
    several = chosen.filter(~alone).join(sides.seen.select("contact_no", "tapped", "device", "seq"), on="contact_no")
    in_order = several.sort("visit_no", "tapped", "carer_no", "device", "seq")
    place_of_visit = pl.int_range(pl.len(), dtype=pl.Int64).over("visit_no")
    came = pl.concat(
        [
            chosen.filter(alone).select("visit_no", "contact_no", place=pl.lit(0, dtype=pl.Int64)),
            in_order.select("visit_no", "contact_no", place=place_of_visit),
        ]
    )
    places = _first_places(sides.wanted).gather(came["visit_no"]) + came["place"]
    return pl.Series([None], dtype=pl.UInt32).new_from_index(0, int(sides.wanted["carers"].sum())).scatter(places, came["contact_no"])


def _first_places(wanted: pl.DataFrame) -> pl.Series:
    """At which row the places of each visit begin, if they stand one after the other."""
    return wanted["carers"].cum_sum() - wanted["carers"]


def _as_visits(rows: pl.DataFrame) -> pl.DataFrame:
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in VISITS.items() if name not in rows.columns]
    return rows.with_columns(lacking).select(VISITS.names())
