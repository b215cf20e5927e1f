"""How does a settlement look as CSV files?"""

import polars as pl

from calltime_server.payment.settling import Settlement

FILES = ("visits.csv", "lines.csv", "problems.csv")


def csv_files(settlement: Settlement) -> dict[str, bytes]:
    """The bytes of visits.csv, lines.csv and problems.csv: UTF-8, times in UTC as 2026-07-06T07:04:10Z, nothing for null."""
    frames = (settlement.visits, settlement.lines, settlement.problems)
    return {name: _csv(frame) for name, frame in zip(FILES, frames, strict=True)}


def _csv(frame: pl.DataFrame) -> bytes:
    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    return frame.with_columns(_written(pl.col(name)) for name in times).write_csv().encode()


def _written(at: pl.Expr) -> pl.Expr:
    exact = pl.when(at.dt.millisecond() == 0).then(at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return exact.otherwise(at.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
