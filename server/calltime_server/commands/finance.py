"""The command that hands a payment run to the council's finance system: its files, and the note that they were made."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.plans import read_bytes
from calltime_server.commands.words import Refusal, refuse_faults, say, table
from calltime_server.config import Config
from calltime_server.faults import Fault
from calltime_server.jobs.finance.from_ledger import paid_run, written
from calltime_server.jobs.finance.handing_over import FORMATS, finance_files
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, total
from calltime_server.jobs.finance.settings import FinanceSettings, read_settings
from calltime_server.jobs.statement import pounds
from calltime_server.jobs.whole_files import put_into
from calltime_server.store.connection import Connection, connect
from calltime_server.store.handed_over import RunFacts, read_facts
from calltime_server.store.ledger import lock
from calltime_server.store.runs import change_state


def add_to(command: AddCommand) -> None:
    """Add `export` to the commands."""
    export_run = command("export", export, "write the files of a payment run for the finance system, all or none, and note the export")
    export_run.add_argument("run", type=int, metavar="RUN", help="the run's number, as `run list` shows it")
    names = f"{', '.join(FORMATS)} or all"
    export_run.add_argument("--as", dest="formats", nargs="+", required=True, choices=[*FORMATS, "all"], metavar="FORMAT", help=names)
    export_run.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the files; made if need be")
    export_run.add_argument("--config", type=Path, metavar="FILE", help="the council's headings and addresses (TOML)")
    export_run.add_argument("--by", metavar="ROLE", help="who exports it: an account or a role; needed the first time")
    export_run.add_argument("--why", help="in a sentence; it is kept (the names of the files)")
    export_run.add_argument("--draft", action="store_true", help="only to look at: the files are named draft-…, and nothing is noted")


def export(config: Config, arguments: Namespace) -> None:
    """Write the files of a run, and note that it is exported. One that was exported before only gets the same files again."""
    settings = _settings(arguments.config)
    with connect(config.database) as connection:
        lock(connection)
        facts = _facts(connection, arguments.run)
        _refuse_early(facts, arguments)
        run = paid_run(connection, facts)
        files = _made(run, FORMATS if "all" in arguments.formats else arguments.formats, settings)
        if arguments.draft:
            files = [dataclasses.replace(file, name=f"draft-{file.name}") for file in files]
        unwritten = put_into(arguments.out, {file.name: file.content for file in files})
        if unwritten is not None:
            raise refuse_faults([unwritten], str(arguments.out))
        noted = facts.state == "approved" and not arguments.draft
        if noted:
            why = arguments.why or written([file.name for file in files])
            change_state(connection, run.number, to="exported", by=arguments.by, why=why, now=datetime.now(UTC))
    _tell(run, files)
    if noted:
        say(f"Run {run.number} is exported. When the money has gone: calltime-server run paid {run.number} --by ROLE --why …")


def _facts(connection: Connection, number: int) -> RunFacts:
    facts = read_facts(connection, number)
    if facts is None:
        raise Refusal(f"There is no run {number}. See which there are: calltime-server run list")
    return facts


def _refuse_early(facts: RunFacts, arguments: Namespace) -> None:
    if arguments.draft:
        return
    if not facts.approved:
        raise Refusal(
            f"Run {facts.run} is not approved: nothing is to be paid for it yet, and it can still change. "
            f"Approve it (calltime-server run approve {facts.run} --by ROLE --why …), or look at it with --draft."
        )
    if facts.state == "approved" and not arguments.by:
        raise Refusal(f"Who exports run {facts.run}? Name an account or a role: --by ROLE. It is kept with the run.")


def _made(run: PaidRun, formats: Iterable[str], settings: FinanceSettings) -> list[FinanceFile]:
    made = finance_files(run, dict.fromkeys(formats), settings)
    faults = [each for each in made if isinstance(each, Fault)]
    if faults:
        raise refuse_faults(faults, "--config FILE")
    return [each for each in made if isinstance(each, FinanceFile)]


def _settings(file: Path | None) -> FinanceSettings:
    if file is None:
        return FinanceSettings()
    try:
        settings = read_settings(read_bytes(file).decode())
    except UnicodeDecodeError as error:
        raise Refusal(f"{file} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    if isinstance(settings, tuple):
        raise refuse_faults(settings, str(file))
    return settings


def _tell(run: PaidRun, files: list[FinanceFile]) -> None:
    """Names, rows and sums; a file without the lines that are no visits comes to less than the run."""
    table(("file", "rows", "sum"), [(file.name, f"{file.rows:,}", pounds(file.pence)) for file in files])
    others = run.lines.filter(run.lines["kind"] != "visit")
    say(f"Run {run.number} comes to {pounds(total(run.lines))} with {run.lines.height:,} lines.")
    if total(others):
        say(f"{pounds(total(others))} of it is for no visit (retainers, budgets, blocks): it is not in the files of abacus and controcc.")
