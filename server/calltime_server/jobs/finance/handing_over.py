"""Which files are made of a run? All of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from calltime_server.faults import Fault
from calltime_server.jobs.finance.abacus import abacus_files
from calltime_server.jobs.finance.adam import adam_files
from calltime_server.jobs.finance.controcc import controcc_files
from calltime_server.jobs.finance.neutral import csv_files, json_files, parquet_files
from calltime_server.jobs.finance.run import FinanceFile, PaidRun
from calltime_server.jobs.finance.settings import FinanceSettings
from calltime_server.jobs.finance.ubl import invoice_files
from calltime_server.jobs.finance.workbook import workbook_files

Made = tuple[FinanceFile, ...] | tuple[Fault, ...]

FORMATS: Mapping[str, Callable[[PaidRun, FinanceSettings], Made]] = {
    "csv": lambda run, _: csv_files(run),
    "jsonl": lambda run, _: json_files(run),
    "parquet": lambda run, _: parquet_files(run),
    "xlsx": lambda run, _: workbook_files(run),
    "abacus": abacus_files,
    "controcc": controcc_files,
    "adam": lambda run, settings: adam_files(run, settings.adam.receipts),
    "ubl": invoice_files,
}


def finance_files(run: PaidRun, formats: Iterable[str], settings: FinanceSettings) -> Made:
    """The files of these formats (keys of FORMATS); or all faults of all of them."""
    made = [each for name in formats for each in FORMATS[name](run, settings)]
    faults = tuple(each for each in made if isinstance(each, Fault))
    return faults or tuple(each for each in made if isinstance(each, FinanceFile))
