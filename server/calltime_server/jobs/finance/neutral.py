"""How does a run look to a program that knows nothing of us? Every line, under the ledger's own names: CSV, JSON Lines, Parquet."""

from __future__ import annotations

import io

import polars as pl

from calltime_server.jobs.finance.csv_text import csv_text
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, ordered, total
from calltime_server.visits.written import with_written_times


def csv_files(run: PaidRun) -> tuple[FinanceFile, ...]:
    """Times in UTC as 2026-07-06T07:04:10Z, money in pence, nothing for null."""
    lines = ordered(run)
    return (_file(run, lines, "csv", csv_text(with_written_times(lines))),)


def json_files(run: PaidRun) -> tuple[FinanceFile, ...]:
    """A JSON object a line, as docs/finance-files/lines.schema.json says."""
    lines = ordered(run)
    return (_file(run, lines, "jsonl", with_written_times(lines).write_ndjson().encode()),)


def parquet_files(run: PaidRun) -> tuple[FinanceFile, ...]:
    """The columns as they are: whole numbers, days and instants in UTC."""
    lines = ordered(run)
    written = io.BytesIO()
    lines.write_parquet(written, compression="zstd")
    return (_file(run, lines, "parquet", written.getvalue()),)


def _file(run: PaidRun, lines: pl.DataFrame, ending: str, content: bytes) -> FinanceFile:
    return FinanceFile(name=f"run-{run.number}-lines.{ending}", content=content, rows=lines.height, pence=total(lines))
