"""Commands about contract files: check, explain, begin one, and list the steps there are."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.paying import read_terms
from calltime_server.commands.plans import read_bytes
from calltime_server.commands.words import Refusal, located, say
from calltime_server.config import Config
from calltime_server.payment.catalogue import catalogue
from calltime_server.payment.examples import play
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_begun import begun_terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.payment.terms_told import told_terms


def add_to(command: AddCommand) -> None:
    """Add `terms` with its own commands."""
    terms = command("terms", list_steps, "check, explain or begin a council's terms, or list the steps that terms can have")
    commands = terms.add_subparsers(dest="terms_command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check", help="say every fault with its line, or that all examples come out; exit status 1: there are faults"
    )
    check.set_defaults(act=check_files)
    check.add_argument("files", type=Path, nargs="+", metavar="FILE")
    explain = commands.add_parser("explain", help="tell the calculation in plain English, with the worked examples step by step")
    explain.set_defaults(act=explain_file)
    explain.add_argument("file", type=Path, metavar="FILE")
    new = commands.add_parser("new", help="begin terms: a file that works, with all that terms can say as comments")
    new.set_defaults(act=begin_file)
    new.add_argument("council", help="the name of its folder: small letters, digits and hyphens")
    new.add_argument(
        "--starts", type=date.fromisoformat, metavar="DAY", help="the first day, YYYY-MM-DD (the name of --out, or the first of next month)"
    )
    new.add_argument("--out", type=Path, metavar="FILE", help="write it here, where nothing stands yet (it is printed)")
    commands.add_parser("steps", help="list the steps, what each does and what it is told").set_defaults(act=list_steps)


def check_files(_: Config, arguments: Namespace) -> None:
    """Say what is wrong with each file, or how many examples come out. Exit status 1 when anything is wrong."""
    count = sum([_check(file) for file in arguments.files])
    if count:
        sys.exit(1)


def explain_file(_: Config, arguments: Namespace) -> None:
    """Tell the terms in plain English."""
    terms = read_terms(arguments.file)
    sys.stdout.write(told_terms(terms, play(terms)))


def begin_file(_: Config, arguments: Namespace) -> None:
    """Write a file to begin with."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", arguments.council) is None:
        raise Refusal(f"{arguments.council!r} cannot be a folder's name. Use small letters, digits and hyphens, as in: north-shire")
    text = begun_terms(arguments.council, starts=arguments.starts or _first_day(arguments.out))
    if arguments.out is None:
        sys.stdout.write(text)
        return
    try:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        with arguments.out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refusal(f"{arguments.out} is there already, and terms are never edited. Choose another name.") from None
    say(f"{arguments.out}: replace the sentences, clauses and numbers by the contract's, then: calltime-server terms check {arguments.out}")


def list_steps(_: Config, __: Namespace) -> None:
    """List the catalogue."""
    for works_on, title in (("visit", "Steps on each visit"), ("period", "Steps on all visits of a period")):
        say(f"{title}:")
        for kind in catalogue():
            if kind.works_on == works_on:
                say(f"  {kind.name}: {kind.does}")
                for each in kind.parameters:
                    say(f"      {each.name}: {each.takes}{'' if each.needed else ' (may be left out)'}")


def _check(file: Path) -> int:
    try:
        terms = load_terms(read_bytes(file).decode("utf-8"), name=f"{file.parent.name}/{file.name}")
    except UnicodeDecodeError as error:
        say(f"{file}: this is not UTF-8 text: {error}. Save it as UTF-8.")
        return 1
    if isinstance(terms, Terms):
        count = len(terms.examples)
        say(f"{file}: {count} example{'s come' if count != 1 else ' comes'} out.")
        return 0
    for fault in terms:
        say(located(fault, str(file)))
    return len(terms)


def _first_day(out: Path | None) -> date:
    """The day by which the file is named, else the first of next month."""
    try:
        return date.fromisoformat(out.stem if out else "")
    except ValueError:
        return _first_of_next_month(datetime.now(UTC).date())


def _first_of_next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=31)).replace(day=1)
