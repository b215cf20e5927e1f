"""How are the figures of a report shown in a terminal? Money as pounds, time as hours, shares as per cent, and one column as bars."""

from __future__ import annotations

from typing import Any

import polars as pl

from calltime_server.commands.words import table
from calltime_server.jobs.statement import pounds

BAR = 24


def show(frame: pl.DataFrame, *, drawn: str) -> None:
    """Print a frame as a table, its column `drawn` as bars beside it."""
    most = max((abs(value) for value in frame[drawn] if value is not None), default=0)
    head = [_heading(name, frame.columns) for name in frame.columns]
    rows = [[*(_figure(name, row[name]) for name in frame.columns), _bar(row[drawn], most)] for row in frame.iter_rows(named=True)]
    table([*head, ""], rows)


def _heading(name: str, among: list[str]) -> str:
    """Without its unit, where that leaves it the only one of its name."""
    units = {"_pence": " £", "_seconds": " h", "_minutes": " h"}
    unit = next((ending for ending in units if name.endswith(ending)), "")
    bare = name.removesuffix(unit)
    alike = [other for other in among if other.startswith(bare) and other.removeprefix(bare) in units]
    return bare.upper().replace("_", " ") + (units[unit] if len(alike) > 1 else "")


def _figure(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith("_pence"):
        return pounds(value)
    if name.endswith("_share") or name == "share":
        return f"{value // 10}.{value % 10} %"
    if name.endswith("_seconds"):
        return hours(value // 60)
    return hours(value) if name.endswith("_minutes") else str(value)


def hours(minutes: int) -> str:
    """Write minutes as 1,234:05."""
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60:,}:{abs(minutes) % 60:02}"


def _bar(value: int | None, most: int) -> str:
    return "" if not value or not most else ("▇" if value > 0 else "░") * max(1, abs(value) * BAR // most)
