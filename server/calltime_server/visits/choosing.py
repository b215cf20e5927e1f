"""Who chooses whom, when every planned visit and every contact would like the nearest of the other side?

All pairs stand in one order (nearest first, then the better fit in length, then by visit and contact), so both sides agree on which of
two pairs is the better one. In each round every pair that is the best left for its visit *and* for its contact is taken: nobody could
ever bid it away. The best pair of all is always one of them, so the rounds end; a round is a few operations on columns, however many
pairs there are.
"""

import polars as pl


def pairs_within(window_minutes: int, wanted: pl.DataFrame, seen: pl.DataFrame, *, due: str, tapped: str) -> pl.DataFrame:
    """Every planned visit with every contact at the same service user that is no further than the window from it.

    Frames: visit_no, service_user, planned_minutes, `due`; contact_no, service_user, carer, contact_seconds, `tapped`
    → visit_no, contact_no, carer, distance, misfit (seconds between the planned length and that of the contact).
    """
    window = pl.duration(minutes=window_minutes)
    # Slots as long as the window: what is no further away than that lies in the same slot or in a neighbour. Without them a month of a
    # service user's visits would be joined with a month of contacts.
    slot = window_minutes * 60_000
    visits = wanted.select("visit_no", "service_user", "planned_minutes", due=due).with_columns(slot=pl.col("due").dt.epoch("ms") // slot)
    visits = visits.with_columns(slot=pl.concat_list(pl.col("slot") - 1, "slot", pl.col("slot") + 1)).explode("slot")
    contacts = seen.select("contact_no", "service_user", "carer", "contact_seconds", tapped=tapped)
    contacts = contacts.with_columns(slot=pl.col("tapped").dt.epoch("ms") // slot)
    return (
        visits.join(contacts, on=["service_user", "slot"])
        .with_columns(distance=(pl.col("tapped") - pl.col("due")).abs())
        .with_columns(misfit=(pl.col("contact_seconds") - pl.col("planned_minutes") * 60).abs())
        .filter(pl.col("distance") <= window)
        .select("visit_no", "contact_no", "carer", "distance", "misfit")
    )


def choose(pairs: pl.DataFrame, *, places: pl.DataFrame, already: pl.DataFrame | None = None) -> pl.DataFrame:
    """Which pairs come together: a contact once, a visit as often as it has places (visit_no, places), by different carers.

    Frames: `pairs` as of pairs_within → visit_no, contact_no, carer; `already` are pairs that were chosen before and stay.
    """
    taken = pairs.select("visit_no", "contact_no", "carer").clear() if already is None else already
    left = (
        pairs.sort("distance", "misfit", "visit_no", "contact_no")
        .with_row_index("rank")
        .join(places, on="visit_no")
        .drop("distance", "misfit")
    )
    left = _still_possible(left, taken)
    while not left.is_empty():
        best_for_both = (pl.col("rank") == pl.col("rank").min().over("visit_no")) & (
            pl.col("rank") == pl.col("rank").min().over("contact_no")
        )
        best = left.filter(best_for_both).select("visit_no", "contact_no", "carer")
        taken = pl.concat([taken, best])
        left = _still_possible(left, best)
    return taken


def _still_possible(left: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Without the contacts that are taken, the carers whom a visit already has, and the visits that are full; `places` is what is open."""
    filled = taken.group_by("visit_no").agg(filled=pl.len().cast(pl.Int64))
    return (
        left.join(taken, on="contact_no", how="anti")
        .join(taken, on=["visit_no", "carer"], how="anti")
        .join(filled, on="visit_no", how="left")
        .with_columns(places=pl.col("places") - pl.col("filled").fill_null(0))
        .drop("filled")
        .filter(pl.col("places") > 0)
    )
