"""Commands about payment: settle, and explain."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
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
from calltime_server.payment.terms_file import Trial, load_to_try
from calltime_server.payment.terms_folder import FileFault as TermsFault
from calltime_server.payment.terms_folder import load_council
from calltime_server.store import evidence, ledger
from calltime_server.store.brought import Brought, read_one_brought
from calltime_server.store.connection import connect
from calltime_server.store.forgetting import forgotten_before
from calltime_server.store.periods import NoOpenPeriod
from calltime_server.store.told import Entered, read_entry
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND
from calltime_server.visits.wall import LONDON

FROM_FILES = ("plan", "taps", "out")


def read_terms(path: Path) -> Terms:
    """Read the terms, or refuse with all their faults."""
    found = read_to_try(path)
    if found.to_mend:
        raise refuse_faults(found.to_mend, str(path))
    return found.terms


def read_to_try(path: Path) -> Trial:
    """Read terms that are only tried, or refuse with all their faults."""
    try:
        terms = load_to_try(read_bytes(path).decode("utf-8"), name=f"{path.parent.name}/{path.name}")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    if isinstance(terms, tuple):
        raise refuse_faults(terms, str(path))
    return terms


def read_all_terms(path: Path) -> tuple[Terms, ...]:
    """Read a file of terms, or all of a council's folder; or refuse with all their faults."""
    if not path.is_dir():
        return (read_terms(path),)
    council = load_council(path)
    if isinstance(council, tuple):
        raise Refusal(
            "\n".join([*(located(wrong.fault, str(wrong.file)) for wrong in council), f"{len(council)} faults; nothing was changed."])
        )
    return council.terms


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
    if span_of(last)[1] > datetime.now(UTC):
        raise Refusal(f"{last:%-d %B %Y} is not over: visits still to come would be refused. Settle it from the next day on.")
    agreed = read_all_terms(terms)
    try:
        with connect(config.database) as connection:
            now = ledger.lock_now(connection)
            settled = settle_days(connection, first=first, last=last, terms=agreed, now=now)
    except NoOpenPeriod as error:
        raise Refusal(str(error)) from error
    names = " and ".join(each.name for each in agreed)
    _write(
        settled,
        arguments,
        title=f"Payment actuals, {first:%-d %B %Y}{'' if first == last else f' to {last:%-d %B %Y}'}, terms {names}",
    )
    for line in totals(settled.settlement.lines):
        say(line)
    posted = settled.posted
    runs = f"run{'s' if len(posted.runs) != 1 else ''} {' and '.join(map(str, posted.runs))}"
    news = (
        f"{posted.added:,} line{'s' if posted.added != 1 else ''} added, {posted.reversed:,} reversed, in {runs}"
        if posted.runs
        else "nothing new"
    )
    say(f"Ledger: settlement {posted.settlement}, {news}.")
    if found := settled.settlement.problems.height:
        say(
            f"Problems to look at: {found:,} (taps that are missing, too many or contradict each other). They are no further lines: "
            "some are why a line is parked or refused, others changed nothing. The visit log lists them under To mend."
        )


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
            _show_entry(entry)
            for device, seq in entry.taps:
                if device == ENTERED_BY_HAND:
                    _show_entered(read_entry(connection, seq), seq)
                elif device == BROUGHT_DEVICE:
                    _show_brought(read_one_brought(connection, seq // 2), "stop" if seq % 2 else "start")
                else:
                    _show_tap(evidence.read_tap(connection, device, seq), device, seq, forgotten_before(connection))


def _show_entry(entry: ledger.Entry) -> None:
    settled_at = f"{entry.settled_at.astimezone(LONDON):%-d %B %Y %H:%M}"
    posted_in = f" of the period from {entry.posted_in:%-d %B %Y}" if entry.posted_in else ""
    say(
        f"Line {entry.line} (run {entry.run}{posted_in}, settled {settled_at}), carer {entry.carer_no}: "
        f"{entry.outcome}, {pounds(entry.pence)}"
    )
    for part in _parts(entry):
        say(f"    {part}")
    for sentence in entry.explanation.replace(". ", ".\n").splitlines():
        say(f"    {sentence}")


def _parts(entry: ledger.Entry) -> Iterator[str]:
    """What is told only where there is something to tell."""
    if entry.payee != entry.provider:
        yield f"Paid to {entry.payee}, for a visit of {entry.provider}."
    if entry.package:
        yield f"Package {entry.package}."
    if entry.parked_minutes:
        yield f"Parked: {entry.parked_minutes} min."
    if entry.health_pence:
        yield f"Council {pounds(entry.council_pence)}, NHS {pounds(entry.health_pence)}."
    if entry.charge_pence:
        yield f"Charged to the service user: {pounds(entry.charge_pence)}."


def _show_entered(entered: Entered | None, seq: int) -> None:
    if entered is None:
        raise Refusal(f"The record has no entry {seq}, which the ledger names: the database is not whole. Restore it from a backup.")
    words = f" ({entered.words})" if entered.words else ""
    at = entered.entered_at.astimezone(LONDON)
    say(
        f"  entered by hand, number {seq}: {entered.action} at {entered.time:%Y-%m-%d %H:%M:%S}Z, "
        f"by {entered.by} on {at:%-d %B %Y}: {entered.reason}{words}"
    )


def _show_brought(visit: Brought | None, end: str) -> None:
    if visit is None:
        raise Refusal("The record lacks a brought visit that the ledger names: the database is not whole. Restore it from a backup.")
    at = visit.started if end == "start" else visit.ended
    on = visit.noted_at.astimezone(LONDON)
    say(
        f"  {end} at {at:%Y-%m-%d %H:%M:%S}Z, brought by the system of {visit.provider} as {visit.their_id}, "
        f"number {visit.brought}, by {visit.noted_by} on {on:%-d %B %Y}"
    )


def _show_tap(tap: evidence.SignedTap | None, device: str, seq: int, forgotten: datetime | None) -> None:
    if tap is None and forgotten is not None:
        say(f"  tap {device}/{seq}: no longer in the record. Taps before {forgotten:%-d %B %Y} were forgotten for their age.")
        return
    if tap is None:
        raise Refusal(f"The record has no tap {device}/{seq}, which the ledger names: the database is not whole. Restore it from a backup.")
    say(f"  tap {device}/{seq} at {tap.time:%Y-%m-%d %H:%M:%S}Z, received {tap.received_at:%Y-%m-%d %H:%M:%S}Z, signed record:")
    say(f"    {tap.jws}")


def _placed(wrong: FileFault | TermsFault) -> str:
    return located(wrong.fault, str(wrong.file))
