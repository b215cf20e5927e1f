"""How does trouble become a row that somebody can act on?"""

import polars as pl

from calltime_server.visits.columns import PROBLEMS


def problems(frame: pl.DataFrame, *, kind: str, says: pl.Expr) -> pl.DataFrame:
    """One problem of this kind for each row of `frame`.

    Frame: device, seq, carer, service_user (what is lacking becomes null). `says` is an expression over it: what, why and what next.
    """
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in PROBLEMS.items() if name not in frame.columns]
    whole = frame.rechunk()  # polars 2.1 breaks off in pl.format where the columns of a frame lie in pieces of different lengths
    return whole.with_columns(*lacking).with_columns(kind=pl.lit(kind), says=says).select(PROBLEMS.names())


def gathered(*frames: pl.DataFrame) -> pl.DataFrame:
    """All of them in the one order in which problems are shown."""
    return pl.concat([PROBLEMS.to_frame(), *frames]).sort("device", "seq", "kind", "visit_id", "carer", "service_user", nulls_last=True)
