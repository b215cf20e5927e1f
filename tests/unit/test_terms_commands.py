"""Do the commands about contract files say what people need?"""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from calltime_server.commands import terms_files
from calltime_server.commands.words import Refusal
from calltime_server.config import Config
from calltime_server.config.environment import from_environment
from calltime_server.payment.catalogue import StepKind, catalogue
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_begun import begun_terms
from calltime_server.payment.terms_file import load_terms
from fixtures.care import EXAMPLE

COLUMNS = ("window_minutes", "pounds_per_hour")
SETTINGS = from_environment({"CALLTIME_DATABASE": "postgresql://nowhere/none"})


def run(*words: str) -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()

    def command(name: str, act: Callable[[Config, argparse.Namespace], None], says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says)
        made.set_defaults(act=act)
        return made

    terms_files.add_to(command)
    arguments = parser.parse_args(["terms", *words])
    arguments.act(SETTINGS, arguments)


def test_check_says_that_the_examples_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    run("check", str(EXAMPLE))

    assert capsys.readouterr().out == f"{EXAMPLE}: 8 examples come out.\n"


def test_check_says_every_fault_of_every_file_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    wrong, no_text = tmp_path / "wrong.toml", tmp_path / "no_text.toml"
    wrong.write_text(text.replace("window_minutes = 120", "window_minutes = 0").replace('"18.72"', "18.72"), encoding="utf-8")
    no_text.write_bytes(b"\xff")
    with pytest.raises(SystemExit) as ended:
        run("check", str(wrong), str(no_text), str(EXAMPLE))
    said = capsys.readouterr().out.splitlines()

    assert ended.value.code == 1
    window, price = (next(at for at, line in enumerate(text.splitlines(), start=1) if name in line) for name in COLUMNS)
    assert said[0].startswith(f"{wrong}:{window}: window_minutes: ")
    assert said[1].startswith(f"{wrong}:{price}: pounds_per_hour: ")
    assert said[2].startswith(f"{no_text}: this is not UTF-8 text")
    assert said[3] == f"{EXAMPLE}: 8 examples come out."


def test_explain_tells_the_calculation_with_its_clauses_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", str(EXAMPLE))
    said = capsys.readouterr().out

    assert "3. **Whole minutes** (Schedule 4, 3.1): “The Council pays for whole minutes of contact;" in said
    assert "A tap of the same kind no more than 60 seconds after the one before it does not count." in said
    assert "| every day | all day | all care | £18.72 | Schedule 5, 1 |" in said
    assert "- Refused (Schedule 4, 4.1): “A visit that was not made is not paid.”" in said
    assert "**1. A short visit is paid for the minutes that were given**: 27 min, £8.42." in said
    assert "Whole minutes (Schedule 4, 3.1): 27 min, 45 s dropped." in said


def test_what_new_begins_can_be_used_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "north" / "2026-12-01.toml"
    run("new", "north", "--starts", "2026-12-01", "--out", str(file))
    run("check", str(file))

    assert capsys.readouterr().out.endswith(f"{file}: 2 examples come out.\n")
    with pytest.raises(Refusal, match="is there already, and terms are never edited"):
        run("new", "north", "--starts", "2026-12-01", "--out", str(file))


def test_new_prints_where_no_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    run("new", "north", "--starts", "2026-12-01")

    assert capsys.readouterr().out == begun_terms("north", starts=date(2026, 12, 1))


def test_a_council_s_name_is_that_of_a_folder() -> None:
    with pytest.raises(Refusal, match="cannot be a folder's name"):
        run("new", "../north")


def test_steps_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    run("steps")
    said = capsys.readouterr().out

    assert all(f"  {kind.name}: {kind.does}\n" in said for kind in catalogue())
    assert "      threshold_minutes: whole number from 1 to 59 (may be left out)\n" in said


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.name)
def test_every_step_that_new_shows_as_a_comment_can_be_made_to_count(kind: StepKind) -> None:
    """Its table has the shape that the loader takes: what is told of it then is about the other tables."""
    text = begun_terms("north", starts=date(2026, 12, 1))
    lines = text.splitlines()
    begins = next(number for number, line in enumerate(lines) if line.endswith(f'step = "{kind.name}"')) - 1
    ends = next(number for number in range(begins, len(lines)) if not lines[number])
    shown = [line.removeprefix("# ") for line in lines[begins:ends]]
    if kind.name == "tolerance":  # it needs one of two, and `new` cannot know which
        shown = [line.removeprefix("# ") for line in shown]
    found = load_terms("\n".join([*lines[:begins], *shown, *lines[ends:]]), name="terms.toml")

    if not isinstance(found, Terms):
        assert all("[[step]]" not in fault.says for fault in found), found
