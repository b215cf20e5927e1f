"""Would one contact be paid twice? A tap begins one visit and ends one visit, whatever is settled when."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from calltime_server.store.connection import Connection, read_frame
from calltime_server.store.ledger import DoublePay
from calltime_server.visits.columns import INSTANT

# Two visits to which one tap can belong lie closer together than this: terms let a tap be a day from its visit.
APART = timedelta(days=7)

ENDS = ("start", "stop")
TAP = ["end", "device", "seq"]
SEEN = pl.Schema(
    {
        "line": pl.Int64(),
        "planned_start": INSTANT,
        "visit_id": pl.String(),
        **{f"{end}_{name}": kind for end in ENDS for name, kind in {"device": pl.String(), "seq": pl.Int64()}.items()},
    }
)


def refuse_double_pay(
    connection: Connection, *, start: datetime, end: datetime, added: pl.DataFrame, stays: pl.DataFrame, outdated: pl.DataFrame
) -> None:
    """Raise DoublePay when a tap that begins (ends) one of the added lines of [start, end) begins (ends) another that stands or is added.

    `stays` are the lines of the span that are left alone, `outdated` those that are taken back. What stands on the days around is read.
    """
    new = _taps(added.with_columns(line=pl.lit(None, dtype=pl.Int64)))
    around = (_seen(connection, start=since, end=until) for since, until in ((start - APART, start), (end, end + APART)))
    others = pl.concat([*around, stays.filter(pl.col("kind") == "visit").select(SEEN.names())]).unique("line")
    others = _taps(others.join(outdated.select("line"), on="line", how="anti")).join(new, on=TAP, how="semi")
    found = pl.concat([new, others])
    twice = found.filter(found.select(TAP).is_duplicated()).sort(*TAP, "planned_start", "visit_id")
    if not twice.is_empty():
        _, device, seq = twice.select(TAP).row(0)
        raise _double_pay(f"{device}/{seq}", twice.join(twice.head(1), on=TAP, how="semi"))


def _taps(lines: pl.DataFrame) -> pl.DataFrame:
    """A row for each end of a line."""
    ends = (
        lines.select("planned_start", "visit_id", end=pl.lit(end), device=f"{end}_device", seq=f"{end}_seq").drop_nulls(TAP) for end in ENDS
    )
    return pl.concat(ends)


def _double_pay(tap: str, lines: pl.DataFrame) -> DoublePay:
    first, last = lines.select(first=pl.min("planned_start"), last=pl.max("planned_start")).row(0)
    return DoublePay(
        f"Tap {tap} would stand behind the visits {' and '.join(lines['visit_id'].sort())}, planned on {first:%-d %B %Y} and "
        f"{last:%-d %B %Y}. Nothing was written. Settle all of these days together, from the first to the last."
    )


def _seen(connection: Connection, *, start: datetime, end: datetime) -> pl.DataFrame:
    return read_frame(
        connection,
        """
        SELECT line, planned_start, visit_id, start_device, start_seq, stop_device, stop_seq FROM standing_line
        WHERE planned_start >= %(start)s AND planned_start < %(end)s AND kind = 'visit'
        """,
        {"start": start, "end": end},
        SEEN,
    )
