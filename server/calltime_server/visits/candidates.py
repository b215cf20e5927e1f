"""Which contact may be the delivery of which planned visit?"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits.codes import names_of, number_of
from calltime_server.visits.told import EMPLOYED

NOBODY_EMPLOYED = EMPLOYED.to_frame()

# What is looked at of both sides, in numbers: times in milliseconds, names as of `names_of`.
WANTED = ("visit_no", "home", "provider_no", "due", "planned_seconds")
SEEN = ("contact_no", "home", "carer_no", "tapped_ms", "contact_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The plan with visit_no, home, provider_no, planned_seconds, due_start and due_end, in plan order; the contacts with contact_no, home,
    carer_no, tapped, tapped_ms, device and seq (of the first tap), in any order; and by whom a carer is employed from when to when
    (carer_no, provider_no, since_ms, until_ms: null while it lasts).
    """

    wanted: pl.DataFrame
    seen: pl.DataFrame
    employed: pl.DataFrame


def numbered(plan: pl.DataFrame, contacts: pl.DataFrame, employed: pl.DataFrame) -> Sides:
    """Frames: `PLAN`, `CONTACTS`, `EMPLOYED`."""
    homes = names_of(plan["service_user"], contacts["service_user"])
    carers, providers = names_of(contacts["carer"], employed["carer"]), names_of(plan["provider"], employed["provider"])
    works = employed.select("since", carer_no=number_of("carer", carers), provider_no=number_of("provider", providers)).unique()
    due = pl.col("planned_start").dt.epoch("ms")
    wanted = plan.sort("planned_start", "visit_id").with_columns(
        home=number_of("service_user", homes),
        provider_no=number_of("provider", providers),
        planned_seconds=pl.col("planned_minutes") * 60,
        due_start=due,
        due_end=due + pl.col("planned_minutes") * 60_000,
    )
    tapped = pl.coalesce("started", "ended")
    seen = contacts.with_columns(
        home=number_of("service_user", homes),
        carer_no=number_of("carer", carers),
        tapped=tapped,
        tapped_ms=tapped.dt.epoch("ms"),
        device=pl.coalesce("start_device", "stop_device"),
        seq=pl.coalesce("start_seq", "stop_seq"),
    )
    return Sides(wanted=wanted.with_row_index("visit_no"), seen=seen.with_row_index("contact_no"), employed=_until_the_next(works))


def _until_the_next(works: pl.DataFrame) -> pl.DataFrame:
    begins = pl.col("since").cast(pl.Datetime("ms")).dt.replace_time_zone("Europe/London").dt.epoch("ms")
    timed = works.select("carer_no", "provider_no", since_ms=begins)
    changes = timed.select("carer_no", "since_ms").unique().sort("carer_no", "since_ms")
    return timed.join(
        changes.with_columns(until_ms=pl.col("since_ms").shift(-1).over("carer_no")), on=["carer_no", "since_ms"], maintain_order="left"
    )


def pairs_within(window_minutes: int, wanted: pl.DataFrame, seen: pl.DataFrame, employed: pl.DataFrame, *, due: str) -> pl.DataFrame:
    """Every planned visit with every contact at the same service user that is no further than the window from `due`, and whose carer may
    work for its provider: visit_no, contact_no, carer_no, distance (ms), misfit (seconds between the planned length and the contact's).
    """
    window = window_minutes * 60_000
    # Slots much longer than the window: what is near a visit lies in the same slot or in one other. Without them a month of a service
    # user's visits would be joined with a month of contacts.
    slot = 4 * window
    visits = wanted.with_columns(due=pl.col(due)).select(WANTED)
    first, last = (pl.col("due") - window) // slot, (pl.col("due") + window) // slot
    slotted = pl.concat([visits.with_columns(slot=first), visits.filter(first != last).with_columns(slot=last)])
    key = pl.col("home") * 2**32 + pl.col("slot")
    contacts = seen.select(SEEN).with_columns(slot=pl.col("tapped_ms") // slot)
    pairs = slotted.with_columns(key=key).join(contacts.with_columns(key=key).drop("home", "slot"), on="key")
    near = (
        pairs.with_columns(distance=(pl.col("tapped_ms") - pl.col("due")).abs())
        .filter(pl.col("distance") <= window)
        .with_columns(misfit=(pl.col("contact_seconds") - pl.col("planned_seconds")).abs())
    )
    return _of_one_provider(near, employed).select("visit_no", "contact_no", "carer_no", "distance", "misfit")


def _of_one_provider(pairs: pl.DataFrame, employed: pl.DataFrame) -> pl.DataFrame:
    """Without the pairs whose carer worked for others only on that day."""
    if employed.is_empty():
        return pairs
    begun = employed.group_by("carer_no").agg(first_ms=pl.min("since_ms"))
    known = pairs.join(begun, on="carer_no", how="left", maintain_order="left")
    bound = (pl.col("tapped_ms") >= pl.col("first_ms")).fill_null(value=False)
    then = (pl.col("since_ms") <= pl.col("tapped_ms")) & (pl.col("until_ms").is_null() | (pl.col("tapped_ms") < pl.col("until_ms")))
    theirs = known.filter(bound).join(employed, on=["carer_no", "provider_no"]).filter(then)
    return pl.concat([known.filter(~bound), theirs.select(known.columns)])
