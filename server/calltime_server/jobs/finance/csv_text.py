"""How does a finance system's CSV look? UTF-8, commas, and no field that a spreadsheet would take for a formula."""

from __future__ import annotations

import polars as pl

# A field that begins with one of these is calculated by a spreadsheet: a reference could fetch or send what it likes. Some pass over the
# space before it, and take the wide signs of East Asian keyboards for the narrow ones. An apostrophe before it makes it text. Numbers are
# numbers here, so that −9.36 stays −9.36.
_FORMULA = r"^(\s*[=+\-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]|[\t\r])"


def csv_text(frame: pl.DataFrame) -> bytes:
    """With a header line; text that begins as a formula does has an apostrophe before it."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_as_text(name) for name in texts).write_csv().encode()


def pounds(pence: pl.Expr) -> pl.Expr:
    """Pence as pounds with two places after the point, exactly: a decimal column."""
    return (pence.cast(pl.Decimal(20, 2)) * pl.lit("0.01").cast(pl.Decimal(3, 2))).cast(pl.Decimal(20, 2))


def pounds_text(pence: int) -> str:
    """936 as 9.36, and −5 as -0.05."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02}"


def _as_text(name: str) -> pl.Expr:
    field = pl.col(name)
    return pl.when(field.str.contains(_FORMULA)).then(pl.lit("'") + field).otherwise(field).alias(name)
