"""How are the frames kept of which no earlier state can be read back? With the settlement, as gzipped CSV."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.visits.columns import PLAN
from calltime_server.visits.whose import BADGES
from calltime_server.visits.written import as_csv

SHAPES: Mapping[str, pl.Schema] = {"plan": PLAN, "badges": BADGES}


def keep(connection: Connection, settlement: int, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write them beside their settlement."""
    for name, frame in frames.items():
        execute(
            connection,
            "INSERT INTO settlement_input (settlement, name, content) VALUES (%(settlement)s, %(name)s, %(content)s)",
            {"settlement": settlement, "name": name, "content": gzip.compress(as_csv(frame), compresslevel=1, mtime=0)},
        )


def kept(connection: Connection, settlement: int, name: str) -> pl.DataFrame | None:
    """Read one of them; None: this settlement kept none."""
    rows = fetch(
        connection,
        "SELECT content FROM settlement_input WHERE settlement = %(settlement)s AND name = %(name)s",
        {"settlement": settlement, "name": name},
    )
    if not rows:
        return None
    shape = SHAPES[name]
    instants = [column for column, kind in shape.items() if isinstance(kind, pl.Datetime)]
    raw = pl.Schema({column: pl.String() if column in instants else kind for column, kind in shape.items()})
    frame = pl.read_csv(io.BytesIO(gzip.decompress(bytes(rows[0][0]))), schema=raw)
    return frame.with_columns(pl.col(instants).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"))
