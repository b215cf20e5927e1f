"""What does a person see who opens the workbook? Read back with openpyxl: money to the penny, and nothing that is calculated."""

import io
from decimal import Decimal
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from calltime_server.jobs.finance import workbook
from calltime_server.jobs.finance.handing_over import finance_files
from calltime_server.jobs.finance.run import FinanceFile, PaidRun
from calltime_server.web import actuals
from fixtures.finance import PENCE, SETTINGS, line, lines, run_of


def book_of(run: PaidRun) -> Any:
    (made,) = finance_files(run, ["xlsx"], SETTINGS)
    assert isinstance(made, FinanceFile)
    return openpyxl.load_workbook(io.BytesIO(made.content))


def column(sheet: Any, heading: str) -> list[Any]:
    rows = list(sheet.iter_rows(values_only=True))
    return [row[rows[0].index(heading)] for row in rows[1:]]


def pence(values: list[Any]) -> int:
    """A number of a spreadsheet as it is shown, in pence; more than two places would show here."""
    shown = [Decimal(str(value)) * 100 for value in values]
    assert all(value == int(value) for value in shown), values
    return int(sum(shown))


def test_each_provider_has_a_sheet_and_all_sheets_come_to_the_ledgers_pence() -> None:
    book = book_of(run_of())

    assert book.sheetnames == ["Summary", "Gofal Gŵyr", "north"]
    assert pence([value for name in book.sheetnames[1:] for value in column(book[name], "Pounds")]) == PENCE
    assert sum(len(column(book[name], "Line")) for name in book.sheetnames[1:]) == len(lines())
    assert book["north"].freeze_panes == "A2"
    assert "0.00" in book["north"].cell(row=2, column=18).number_format
    assert column(book["north"], "Planned")[0] == "2026-07-06 08:00"


def test_the_summary_has_each_payee_and_the_total() -> None:
    summary = book_of(run_of())["Summary"]

    assert column(summary, "Provider") == ["Gofal Gŵyr", "north", "north", "All"]
    assert column(summary, "Payee") == ["Gofal Gŵyr", "fund 7", "north", None]
    assert [pence([value]) for value in column(summary, "Pounds")] == [3124, 624, 1872, PENCE]
    assert pence([column(summary, "NHS")[-1]]) == 351
    assert (column(summary, "Lines parked")[-1], column(summary, "Lines refused")[-1]) == (1, 2)


def test_outcomes_and_reasons_are_said_as_the_pages_say_them() -> None:
    run = run_of([line(1, "v1", 0, outcome="park", reason="no_stop"), line(2, "v2", 0, outcome="refuse", reason="out_of_hours")])
    sheet = book_of(run)["north"]

    assert (column(sheet, "Outcome"), column(sheet, "Reason")) == (["Parked", "Refused"], ["stop missing", "out of hours"])
    assert {each.name: each.words for each in actuals.OUTCOMES} == workbook.OUTCOMES
    assert workbook.REASONS.items() <= actuals.REASONS.items()


def test_a_reference_that_looks_like_a_formula_stays_text() -> None:
    sheet = book_of(run_of([line(1, "=1+1", 936, service_user='=HYPERLINK("http://x","y")', carer="007")]))["north"]

    cells = {cell.value: cell.data_type for cell in sheet[2]}
    assert cells["=1+1"] == "s"
    assert cells['=HYPERLINK("http://x","y")'] == "s"
    assert cells["007"] == "s"
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.parametrize("amount", [1, 5, 95, 995, 1872, 100_01, 1_000_000_07, 99_999_999_999, -29])
def test_every_amount_is_read_back_to_the_penny(amount: int) -> None:
    assert pence(column(book_of(run_of([line(1, "v1", amount)]))["north"], "Pounds")) == amount


def test_names_of_providers_become_names_of_sheets_whatever_they_are() -> None:
    names = ["a/b:c", "A/B:C", "x" * 40, "x" * 40 + "y", "summary", "'", "History"]
    run = run_of([line(at, f"v{at}", 1, provider=name) for at, name in enumerate(names)])

    sheets = book_of(run).sheetnames

    assert len(sheets) == 1 + len(names)
    assert all(len(name) <= 31 for name in sheets)
    assert {"a_b_c (2)", "summary (2)", "Provider", "History (2)"} <= set(sheets)


def test_a_name_whose_last_sign_that_fits_is_an_apostrophe_becomes_one_too() -> None:
    run = run_of([line(1, "v1", 1, provider="Care for Older People in the W's Valley"), line(2, "v2", 1, provider="A" * 30 + "'s Care")])

    assert book_of(run).sheetnames[1:] == ["A" * 30, "Care for Older People in the W"]
