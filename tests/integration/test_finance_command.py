"""Does `export` write a run's files, all of them or none? The real ledger on a real database, with the command as it is wired in."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from calltime_server.commands import finance
from calltime_server.commands.words import Refusal
from calltime_server.config import Config
from calltime_server.config.environment import from_environment
from calltime_server.jobs.settle_days import settle_days
from calltime_server.store.connection import connect
from calltime_server.store.handed_over import read_carers, read_facts
from calltime_server.store.runs import read_changes
from fixtures.care import example_terms
from fixtures.small_day import DAY, write_small_day

NOW = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)
COUNCIL = '[council]\nname = "The Council"\nstreet = "1 Market Place"\ntown = "Bury"\npostcode = "BL9 0SW"\n'


BY = ("--by", "Payments Officer")


def settled_run(dsn: str) -> int:
    write_small_day(dsn)
    with connect(dsn) as connection:
        settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=NOW)
    with psycopg.connect(dsn) as connection_:
        (run,) = connection_.execute("SELECT DISTINCT run FROM ledger_line").fetchone() or (0,)
    return int(run)


def export(dsn: str, *words: str) -> None:
    """The command as a person gives it."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()

    def command(name: str, act: Callable[[Config, argparse.Namespace], None], says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says)
        made.set_defaults(act=act)
        return made

    finance.add_to(command)
    arguments = parser.parse_args(["export", *words])
    arguments.act(from_environment({"CALLTIME_DATABASE": dsn}), arguments)


def say_state(dsn: str, run: int, state: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO run_state (run, state, through, pence, by_role, why, at) VALUES (%s, %s, 0, 0, 'finance officer', 'checked', %s)",
            (run, state, NOW),
        )


def states_of(dsn: str, run: int) -> list[str]:
    with connect(dsn) as connection:
        return [change.state for change in read_changes(connection, run)]


def import_provider(dsn: str, reference: str, name: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            INSERT INTO provider (provider, kind, name, country, noted_by, noted_at)
            VALUES (%s, 'lead', %s, 'GB', 'contracts officer', now())
            """,
            (reference, name),
        )


def providers_of(dsn: str, run: int) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT provider FROM ledger_line WHERE run = %s", (run,)).fetchall()]


def test_an_approved_run_is_written_in_every_format_and_comes_to_the_ledger(
    postgres_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = settled_run(postgres_database)
    say_state(postgres_database, run, "approved")
    for reference in providers_of(postgres_database, run):
        import_provider(postgres_database, reference, "An earlier name")
        import_provider(postgres_database, reference, f"Care of {reference}")
    tmp_path.joinpath("council.toml").write_text(COUNCIL, encoding="utf-8")

    words = (str(run), "--as", "all", "--out", str(tmp_path / "out"), "--config", str(tmp_path / "council.toml"))
    export(postgres_database, *words, *BY)
    first = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    export(postgres_database, *words)

    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == first
    endings = {name.removeprefix(f"run-{run}") for name in first}
    assert {"-lines.csv", "-lines.jsonl", "-lines.parquet", ".xlsx", "-abacus.csv", "-adam-receipts.csv", "-invoice-001.xml"} <= endings
    with (tmp_path / "out" / f"run-{run}-lines.csv").open(newline="", encoding="utf-8") as file:
        # V1: 27 min = 842p; V2: 45 min = 1404p; V5: 60 of 70 min = 1872p.
        assert sum(int(row["pence"]) for row in csv.DictReader(file)) == 842 + 1404 + 1872
    assert b"Care of" in first[f"run-{run}-invoice-001.xml"]
    assert "£41.18" in capsys.readouterr().out


def test_a_draft_is_refused_or_named_as_one(postgres_database: str, tmp_path: Path) -> None:
    run = settled_run(postgres_database)

    with pytest.raises(Refusal, match="not approved"):
        export(postgres_database, str(run), "--as", "csv", "--out", str(tmp_path))
    assert list(tmp_path.iterdir()) == []

    export(postgres_database, str(run), "--as", "csv", "--out", str(tmp_path), "--draft")
    assert [file.name for file in tmp_path.iterdir()] == [f"draft-run-{run}-lines.csv"]


def test_nothing_is_written_when_one_format_lacks_something(postgres_database: str, tmp_path: Path) -> None:
    run = settled_run(postgres_database)
    say_state(postgres_database, run, "approved")

    with pytest.raises(Refusal, match=r"An invoice names who pays[^\0]*has no name and address"):
        export(postgres_database, str(run), "--as", "csv", "ubl", "--out", str(tmp_path / "out"), *BY)

    assert not (tmp_path / "out").exists()
    assert states_of(postgres_database, run) == ["approved"]


def test_what_is_exported_is_noted_once_with_who_and_why_and_may_be_written_again(postgres_database: str, tmp_path: Path) -> None:
    run = settled_run(postgres_database)
    say_state(postgres_database, run, "approved")
    words = (str(run), "--as", "csv", "--out", str(tmp_path))

    with pytest.raises(Refusal, match=f"Who exports run {run}.*--by ROLE"):
        export(postgres_database, *words)
    export(postgres_database, *words, "--draft")
    assert states_of(postgres_database, run) == ["approved"]

    export(postgres_database, *words, *BY)
    export(postgres_database, *words)

    with connect(postgres_database) as connection:
        exported = read_changes(connection, run)[-1]
    assert states_of(postgres_database, run) == ["approved", "exported"]
    assert (exported.by, exported.why, exported.pence) == (BY[1], f"written: run-{run}-lines.csv", 842 + 1404 + 1872)


def test_a_folder_in_the_way_of_one_file_stops_all(postgres_database: str, tmp_path: Path) -> None:
    run = settled_run(postgres_database)
    say_state(postgres_database, run, "paid")
    in_the_way = tmp_path / f"run-{run}.xlsx"
    in_the_way.mkdir()

    with pytest.raises(Refusal, match="Nothing can be written here"):
        export(postgres_database, str(run), "--as", "csv", "xlsx", "--out", str(tmp_path))

    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_run_that_there_is_not_is_told(postgres_database: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="There is no run 77"):
        export(postgres_database, "77", "--as", "csv", "--out", str(tmp_path))


def test_how_many_carers_a_visit_has_is_read_as_it_stood_after_the_run(postgres_database: str) -> None:
    run = settled_run(postgres_database)
    say_state(postgres_database, run, "approved")
    with psycopg.connect(postgres_database) as connection_:
        # V2 is now planned longer, for one carer. The difference comes in another run.
        connection_.execute("UPDATE planned_visit SET planned_minutes = 40, carers = 1 WHERE visit_id = 'V2'")
    with connect(postgres_database) as connection:
        settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=NOW + timedelta(hours=1))
    with psycopg.connect(postgres_database) as connection_:
        (later,) = connection_.execute("SELECT max(run) FROM ledger_line").fetchone() or (0,)
    with connect(postgres_database) as connection:
        both = [read_carers(connection, each).rows() for each in (run, later)]

    assert later != run
    assert both == [[("V2", 2)], []]


def test_the_days_of_a_run_are_those_of_its_pay_period_or_of_what_was_settled(postgres_database: str) -> None:
    run = settled_run(postgres_database)
    with connect(postgres_database) as connection:
        settled = read_facts(connection, run)
    with psycopg.connect(postgres_database) as connection_:
        connection_.execute("INSERT INTO pay_period VALUES ('2026-09-28', '2026-10-25', %s, 'finance officer', now())", (run,))
    with connect(postgres_database) as connection:
        in_period = read_facts(connection, run)

    assert settled is not None
    assert in_period is not None
    assert (settled.first, settled.last) == (DAY, DAY)
    assert (in_period.first, in_period.last) == (date(2026, 9, 28), date(2026, 10, 25))
