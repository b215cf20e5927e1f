"""Commands about payment: settle, and explain."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from calltime_server.commands.plans import read_bytes
from calltime_server.commands.words import Refusal, located, refuse_faults, say
from calltime_server.config import Config
from calltime_server.jobs.settle_days import Settled, settle_days
from calltime_server.jobs.settle_files import FileFault, SettledFiles, settle_files
from calltime_server.jobs.settled_csv import csv_files
from calltime_server.jobs.statement import pounds, statement, totals
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.store import evidence, ledger
from calltime_server.store.connection import connect
from calltime_server.store.forgetting import forgotten_before
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.wall import LONDON

FROM_FILES = ("plan", "taps", "out")


def read_terms(path: Path) -> Terms:
    """Read the terms, or refuse with all their faults."""
    try:
        terms = load_terms(read_bytes(path).decode("utf-8"), name=f"{path.parent.name}/{path.name}")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    if isinstance(terms, tuple):
        raise refuse_faults(terms, str(path))
    return terms


def settle_from_files(arguments: Namespace, terms: Path) -> None:
    """Settle three files, without a database."""
    lacking = [f"--{name}" for name in FROM_FILES if getattr(arguments, name) is None]
    if lacking:
        raise Refusal(f"To settle from files, all of --plan, --taps and --out are needed; {' and '.join(lacking)} is not there.")
    settled = settle_files(plan=arguments.plan, taps=arguments.taps, terms=terms, out=arguments.out)
    if not isinstance(settled, SettledFiles):
        raise Refusal("\n".join([*map(_placed, settled), f"{len(settled)} fault{'s' if len(settled) != 1 else ''}; nothing was written."]))
    say(
        f"{settled.planned_visits:,} planned visits, {settled.lines:,} lines: "
        f"{settled.paid_lines:,} paid, {settled.parked_lines:,} parked, {settled.refused_lines:,} refused. "
        f"To pay: {pounds(settled.pence)}. Problems: {settled.problems:,}."
    )
    for file in settled.files:
        say(str(file))


def settle_from_record(config: Config, arguments: Namespace, terms: Path) -> None:
    """Settle days from the record and bring the ledger to the result."""
    first, last = (arguments.day, arguments.day) if arguments.day else (arguments.first, arguments.last)
    if first is None or last is None or last < first:
        raise Refusal("Which days? --day DAY, or --from DAY --to DAY (both included). Or files: --plan, --taps, --terms and --out.")
    now = datetime.now(UTC).replace(microsecond=0)
    if span_of(last)[1] > now:
        raise Refusal(f"{last:%-d %B %Y} is not over: visits still to come would be refused. Settle it from the next day on.")
    agreed = read_terms(terms)
    with connect(config.database) as connection:
        settled = settle_days(connection, first=first, last=last, terms=agreed, now=now)
    _write(
        settled,
        arguments,
        title=f"Payment actuals, {first:%-d %B %Y}{'' if first == last else f' to {last:%-d %B %Y}'}, terms {agreed.name}",
    )
    for line in totals(settled.settlement.lines):
        say(line)
    posted = settled.posted
    news = f"{posted.added:,} lines added, {posted.reversed:,} reversed" if posted.added or posted.reversed else "nothing new"
    say(f"Ledger: run {posted.run}, {news}. Problems to look at: {settled.settlement.problems.height:,}.")


def _write(settled: Settled, arguments: Namespace, *, title: str) -> None:
    if arguments.actuals is not None:
        arguments.actuals.parent.mkdir(parents=True, exist_ok=True)
        arguments.actuals.write_bytes(csv_files(settled.settlement)["lines.csv"])
    if arguments.statement is not None:
        arguments.statement.parent.mkdir(parents=True, exist_ok=True)
        arguments.statement.write_text(statement(settled.settlement.lines, title=title) + "\n", encoding="utf-8")


def explain(config: Config, arguments: Namespace) -> None:
    """Tell a visit from the ledger line down to the signed taps."""
    with connect(config.database) as connection:
        history = ledger.read_history(connection, arguments.visit_id)
        if not history:
            raise Refusal(
                f"The ledger has no line for visit {arguments.visit_id}. Has its day been settled? calltime-server settle --day DAY"
            )
        for entry in history:
            settled_at = f"{entry.settled_at.astimezone(LONDON):%-d %B %Y %H:%M}"
            say(
                f"Line {entry.line} (run {entry.run}, settled {settled_at}), carer {entry.carer_no}: {entry.outcome}, {pounds(entry.pence)}"
            )
            for sentence in entry.explanation.replace(". ", ".\n").splitlines():
                say(f"    {sentence}")
            for device, seq in entry.taps:
                _show_tap(evidence.read_tap(connection, device, seq), device, seq, forgotten_before(connection))


def _show_tap(tap: evidence.SignedTap | None, device: str, seq: int, forgotten: datetime | None) -> None:
    if tap is None and forgotten is not None:
        say(f"  tap {device}/{seq}: no longer in the record. Taps before {forgotten:%-d %B %Y} were forgotten for their age.")
        return
    if tap is None:
        raise Refusal(f"The record has no tap {device}/{seq}, which the ledger names: the database is not whole. Restore it from a backup.")
    say(f"  tap {device}/{seq} at {tap.time:%Y-%m-%d %H:%M:%S}Z, received {tap.received_at:%Y-%m-%d %H:%M:%S}Z, signed record:")
    say(f"    {tap.jws}")


def _placed(wrong: FileFault) -> str:
    return located(wrong.fault, str(wrong.file))
