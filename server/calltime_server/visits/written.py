"""How is a frame written for programs? Times in UTC with a Z, nothing for null; the same in CSV and in JSON."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import polars as pl


def as_csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with a header line, times as 2026-07-06T07:04:10Z."""
    written = io.BytesIO()
    with_written_times(frame).write_csv(written)
    return written.getvalue()


def as_sheet(frame: pl.DataFrame) -> bytes:
    """The same for people, who open it in a spreadsheet: no text in it is worked out as a formula."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return as_csv(frame.with_columns(_plain_texts(pl.col(name)).alias(name) for name in texts))


def plain_cell(cell: Any) -> Any:
    """What a spreadsheet shows as it is. A text that begins as a formula does gets an apostrophe; a figure written as text stays one."""
    is_formula = isinstance(cell, str) and re.match(_FORMULA, cell) and not re.fullmatch(_FIGURE, cell)
    return f"'{cell}" if is_formula else cell


_FORMULA = r"^[=+\-@\t\r]"
_FIGURE = r"^[+-]?[0-9]+([.,:][0-9]+)*$"


def _plain_texts(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(_FORMULA) & ~text.str.contains(_FIGURE)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def as_records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One mapping per row, ready for JSON."""
    return with_written_times(frame).to_dicts()


def written_time(at: datetime) -> str:
    """One instant in the same spelling; what is finer than a thousandth is dropped."""
    told = at.isoformat(timespec="milliseconds" if at.microsecond >= 1000 else "seconds")
    # A list of lines has thousands of times, nearly all of them in UTC already.
    return f"{told[:-6]}Z" if told.endswith("+00:00") else written_time(at.astimezone(UTC))


def with_written_times(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its instants as text; thousandths of a second only where there are any."""
    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    return frame.with_columns(_written(pl.col(name)) for name in times)


def _written(at: pl.Expr) -> pl.Expr:
    exact = pl.when(at.dt.millisecond() == 0).then(at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return exact.otherwise(at.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
