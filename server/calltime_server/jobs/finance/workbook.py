"""How does a run look to a person with a spreadsheet? A sheet that sums up, and one for each provider.

The one file that imports xlsxwriter. Everything is a value: there are no formulas, and a reference that looks like one is written as text.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from calltime_server.jobs.finance.csv_text import pounds
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, ordered, total

_MONEY = "#,##0.00;[Red]-#,##0.00"
# As the pages say it. What is not here is said by its name; the CSV formats keep the names, for programs.
OUTCOMES = {"pay": "Paid", "park": "Parked", "refuse": "Refused"}
REASONS = {
    "no_stop": "stop missing",
    "no_start": "start missing",
    "missed": "nobody tapped",
    "entered_reason": "entered by hand, for a reason that the terms do not pay",
}
_ROWS = 1_000_000  # of a sheet; a spreadsheet holds 1,048,576
# Heading, column, width.
_COLUMNS = (
    *(("Line", "line", 9), ("Reverses", "reverses", 9), ("Visit", "visit_id", 18), ("For", "kind", 9)),
    *(("Service user", "service_user", 14), ("Package", "package", 14), ("Zone", "zone", 14), ("Service", "service", 14)),
    *(("Carer", "carer", 14), ("Payee", "payee", 14), ("Planned", "planned", 17), ("Planned minutes", "planned_minutes", 9)),
    *(("Contact minutes", "contact_minutes", 9), ("Paid minutes", "paid_minutes", 9), ("Parked minutes", "parked_minutes", 9)),
    *(("Outcome", "outcome", 9), ("Reason", "reason", 18), ("Pounds", "pence", 12)),
    *(("Of it NHS", "health_pence", 12), ("Charge", "charge_pence", 12)),
)
# Left empty where they are nothing, which they mostly are: a hundred thousand lines are written in less time, and read more easily.
_EMPTY_FOR_NOTHING = ("parked_minutes", "health_pence", "charge_pence")
_SUMMED = ("paid_minutes", "parked_minutes", "pence", "council_pence", "health_pence", "charge_pence")
_SUMMARY = (
    *(("Provider", "provider", 24), ("Payee", "payee", 24), ("Lines paid", "pay", 10), ("Lines parked", "park", 10)),
    *(("Lines refused", "refuse", 10), ("Paid minutes", "paid_minutes", 12), ("Parked minutes", "parked_minutes", 12)),
    *(("Pounds", "pence", 14), ("Council", "council_pence", 14), ("NHS", "health_pence", 14), ("Charge", "charge_pence", 14)),
)


def workbook_files(run: PaidRun) -> tuple[FinanceFile, ...]:
    """One XLSX file; the same run gives the same bytes."""
    lines = ordered(run).with_columns(pl.col("payee").fill_null(pl.col("provider")))
    with tempfile.TemporaryDirectory() as folder:  # rows leave memory as they are written
        path = Path(folder).joinpath("run.xlsx")
        _write(path, run, lines)
        content = path.read_bytes()
    return (FinanceFile(name=f"run-{run.number}.xlsx", content=content, rows=lines.height, pence=total(lines)),)


def _write(path: Path, run: PaidRun, lines: pl.DataFrame) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        book.set_properties({"title": f"Payment run {run.number}", "created": run.issued.replace(tzinfo=None)})
        taken: set[str] = set()
        _sheet(book, _sheet_name("Summary", taken), _SUMMARY, _summary(lines))
        shown = lines.with_columns(
            *(pl.col(name).replace(0, None) for name in _EMPTY_FOR_NOTHING),
            planned=pl.col("planned_start").dt.convert_time_zone("Europe/London").dt.strftime("%Y-%m-%d %H:%M"),
            outcome=pl.col("outcome").replace(OUTCOMES),
            reason=pl.col("reason").replace(REASONS).str.replace_all("_", " ", literal=True),
            contact_minutes=pl.col("contact_seconds").abs() // 60 * pl.col("contact_seconds").sign(),
        )
        for (provider,), each in shown.sort("provider", maintain_order=True).group_by(["provider"], maintain_order=True):
            for rows in each.iter_slices(_ROWS):
                _sheet(book, _sheet_name(str(provider), taken), _COLUMNS, rows)


def _summary(lines: pl.DataFrame) -> pl.DataFrame:
    """A row for each provider and payee, and one for all of them."""
    counts = (pl.col("outcome").eq(outcome).sum().cast(pl.Int64).alias(outcome) for outcome in ("pay", "park", "refuse"))
    sums = [*counts, *(pl.col(name).sum() for name in _SUMMED)]
    each = lines.group_by("provider", "payee").agg(sums).sort("provider", "payee")
    return pl.concat([each, lines.select(pl.lit("All").alias("provider"), pl.lit(None, dtype=pl.String).alias("payee"), *sums)])


def _sheet(book: Any, name: str, columns: Sequence[tuple[str, str, int]], rows: pl.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    head, money = book.add_format({"bold": True, "text_wrap": True, "bottom": 1}), book.add_format({"num_format": _MONEY})
    sheet.freeze_panes(1, 0)
    for at, (heading, _, width) in enumerate(columns):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, heading, head)
    written = rows.select(pounds(pl.col(name)).alias(name) if name.endswith("pence") else pl.col(name) for _, name, _ in columns)
    for number, row in enumerate(written.iter_rows(), start=1):
        for at, value in enumerate(row):
            _cell(sheet, number, at, value, money)


def _cell(sheet: Any, row: int, at: int, value: str | int | Decimal | None, money: Any) -> None:
    """A Decimal has few enough digits that the number in the file is the nearest to it, which every spreadsheet reads back as it was."""
    if isinstance(value, str):
        sheet.write_string(row, at, value)
    elif isinstance(value, Decimal):
        sheet.write_number(row, at, value, money)
    elif value is not None:
        sheet.write_number(row, at, value)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """At most 31 signs, none that a spreadsheet forbids, and no two alike (it does not tell capitals apart)."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", wanted).strip("' ") or "Provider"
    name, number = plain[:31].rstrip("' "), 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        name = f"{plain[: 31 - len(f' ({number})')]} ({number})"
    taken.add(name.lower())
    return name
