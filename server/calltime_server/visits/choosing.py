"""Who chooses whom, when every planned visit and every contact would like the nearest of the other side?

All pairs stand in one order (nearest first, then the better fit in length, then by visit and contact), so both sides agree on which of
two pairs is the better one. In each round every pair that is the best left for its visit *and* for its contact is taken: nobody could
ever bid it away. The best pair of all is always one of them, so the rounds end; a round is a few operations on columns, however many
pairs there are. Where a visit and a contact have nobody but each other, they need no round.
"""

import polars as pl

CHOSEN = ("visit_no", "contact_no", "carer_no")

# Of two pairs, the one that is smaller in these is the better one. `device` and `seq` are those of the contact's first tap.
BETTER = ("distance", "misfit", "visit_no", "carer_no", "device", "seq")


def choose(pairs: pl.DataFrame, *, places: pl.DataFrame, taps: pl.DataFrame, already: pl.DataFrame | None = None) -> pl.DataFrame:
    """Which pairs come together: a contact once, a visit as often as it has places (visit_no, places), by different carers.

    Frames: `pairs` as of pairs_within → visit_no, contact_no, carer_no. `taps` says by which tap each contact began (contact_no, device,
    seq); `already` are pairs that were chosen before and stay.
    """
    taken = pairs.select(CHOSEN).clear() if already is None else already
    open_pairs = pairs.join(places, on="visit_no", maintain_order="left")
    if not taken.is_empty():
        open_pairs = _still_possible(open_pairs, taken)
    alone = open_pairs["visit_no"].is_unique() & open_pairs["contact_no"].is_unique()
    chosen = [taken, open_pairs.filter(alone).select(CHOSEN)]
    left = open_pairs.filter(~alone).join(taps, on="contact_no").sort(BETTER).select(*CHOSEN, "places")
    while not left.is_empty():
        best = left.filter(pl.col("visit_no").is_first_distinct() & pl.col("contact_no").is_first_distinct()).select(CHOSEN)
        chosen.append(best)
        left = _still_possible(left, best)
    return pl.concat(chosen)


def _still_possible(left: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Without the contacts that are taken, the carers whom a visit already has, and the visits that are full; `places` is what is open.

    Keeps the order of the rows.
    """
    concerned = taken.filter(
        pl.col("visit_no").is_in(left["visit_no"].implode()) | pl.col("contact_no").is_in(left["contact_no"].implode())
    )
    taken = concerned.select(CHOSEN)
    filled = taken.group_by("visit_no").agg(filled=pl.len().cast(pl.Int64))
    return (
        left.join(taken, on="contact_no", how="anti", maintain_order="left")
        .join(taken, on=["visit_no", "carer_no"], how="anti", maintain_order="left")
        .join(filled, on="visit_no", how="left", maintain_order="left")
        .with_columns(places=pl.col("places") - pl.col("filled").fill_null(0))
        .drop("filled")
        .filter(pl.col("places") > 0)
    )
