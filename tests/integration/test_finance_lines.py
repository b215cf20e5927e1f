"""Can a program read every line of a run, and does it come to the ledger's pence? CSV, JSON Lines and Parquet, read by other libraries."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import jsonschema
import pytest

from calltime_server.jobs.finance.handing_over import finance_files
from calltime_server.jobs.finance.lines_schema import SAYS, lines_schema
from calltime_server.jobs.finance.run import RUN_LINES, FinanceFile, PaidRun
from fixtures.finance import PENCE, SETTINGS, frame, line, lines, run_of

PUBLISHED = Path(__file__).parents[2] / "docs" / "finance-files" / "lines.schema.json"


def only_file(run: PaidRun, format_: str) -> FinanceFile:
    (made,) = finance_files(run, [format_], SETTINGS)
    assert isinstance(made, FinanceFile)
    return made


def test_the_neutral_csv_has_every_line_under_the_ledgers_names() -> None:
    rows = list(csv.DictReader(io.StringIO(only_file(run_of(), "csv").content.decode(), newline="")))

    assert list(rows[0]) == RUN_LINES.names()
    assert sum(int(row["pence"]) for row in rows) == PENCE
    assert [row["line"] for row in rows] == ["6", "7", "1", "2", "4", "5", "8", "9", "10", "11", "12"]
    assert rows[2]["planned_start"] == "2026-07-06T07:00:00Z"
    assert rows[0]["provider"] == "Gofal Gŵyr"
    assert rows[0]["zone"] == "Gŵyr, De"
    assert rows[0]["explanation"] == 'Said "yes", then\nleft.'


def test_no_text_of_a_csv_begins_like_a_formula_and_no_number_is_touched() -> None:
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1+1", " =1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1"]
    run = run_of([line(at, "v", -5, service_user=text) for at, text in enumerate(dangerous)])

    for format_ in ("csv", "abacus", "controcc", "adam"):
        for made in finance_files(run, [format_], SETTINGS):
            assert isinstance(made, FinanceFile)
            for row in csv.reader(io.StringIO(made.content.decode(), newline="")):
                signs = ("=", "+", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
                risky = [field for field in row if field.strip().startswith(signs) or field[:1] in ("\t", "\r") or field == "-1"]
                assert risky == []
    first = next(csv.DictReader(io.StringIO(only_file(run, "csv").content.decode(), newline="")))
    assert (first["service_user"], first["pence"]) == ("'=1+1", "-5")


def test_each_json_line_keeps_to_the_published_schema() -> None:
    check = jsonschema.Draft202012Validator(
        json.loads(PUBLISHED.read_text(encoding="utf-8")), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    records = [json.loads(text) for text in only_file(run_of(), "jsonl").content.splitlines()]

    assert [error.message for record in records for error in check.iter_errors(record)] == []
    assert sum(record["pence"] for record in records) == PENCE
    assert records[0]["visit_id"] == "=HYPERLINK(0)"  # a program does not calculate: nothing is put before it here


def test_the_published_schema_is_that_of_the_ledger() -> None:
    assert list(SAYS) == RUN_LINES.names()
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == lines_schema(), "Write it anew: see docs/finance-files/README.md"


@pytest.mark.parametrize("wrong", [{"pence": "936"}, {"kind": "call"}, {"outcome": None}, {"started": "yesterday"}, {"pounds": 9}])
def test_the_schema_refuses_a_line_that_is_none(wrong: dict[str, object]) -> None:
    record = json.loads(only_file(run_of([line(1, "v1", 936)]), "jsonl").content)

    assert not jsonschema.Draft202012Validator(lines_schema()).is_valid(record | wrong)


def test_parquet_is_read_by_duckdb_with_whole_pence(tmp_path: Path) -> None:
    file = tmp_path / "lines.parquet"
    file.write_bytes(only_file(run_of(), "parquet").content)

    rows = duckdb.connect().execute("SELECT typeof(any_value(pence)), sum(pence), count(*) FROM read_parquet(?)", [str(file)]).fetchall()

    assert rows == [("BIGINT", PENCE, len(lines()))]


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet", "xlsx", "abacus", "controcc", "adam", "ubl"])
def test_the_same_run_gives_the_same_bytes_in_whatever_order_it_was_read(format_: str) -> None:
    run = run_of()
    shuffled = replace(run, lines=frame(lines()[::-1]))

    assert finance_files(run, [format_], SETTINGS) == finance_files(shuffled, [format_], SETTINGS)


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet", "xlsx", "abacus", "controcc", "adam", "ubl"])
def test_a_run_without_lines_gives_files_without_rows(format_: str) -> None:
    for made in finance_files(run_of([]), [format_], SETTINGS):
        assert isinstance(made, FinanceFile)
        assert (made.rows, made.pence) in {(0, 0)}
