"""Commands about pay periods and their runs: open, send, approve, pay, close, check."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial

import polars as pl

from calltime_server.commands.days import a_day
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Config
from calltime_server.jobs.check_run import check_run
from calltime_server.jobs.statement import pounds
from calltime_server.payment.spanning import in_force, period_of
from calltime_server.store import ledger
from calltime_server.store.connection import Connection, connect
from calltime_server.store.periods import PeriodRefused, close_period, list_periods, open_period
from calltime_server.store.runs import NEXT, SPOKEN, RunRefused, change_state, list_runs, read_changes, read_run_facts
from calltime_server.visits.wall import LONDON

Act = Callable[[Config, Namespace], None]
AddCommand = Callable[[str, Act, str], argparse.ArgumentParser]

# The command, the state to which it brings a run, and what it is for.
CHANGES = (
    ("send", "with_provider", "give the provider its run to look at; again, when it has changed since"),
    ("approve", "approved", "approve a run, as another person than the one who opened its period or sent it: from then on it stays"),
    ("paid", "paid", "note that a run that was exported (calltime-server export RUN) was paid"),
)


def add_to(command: AddCommand) -> None:
    """Make the parsers."""
    period = command("period", show_periods, "open, list and close pay periods").add_subparsers(
        dest="period_command", required=True, metavar="COMMAND"
    )
    _sub(period, "list", show_periods, "list all pay periods, with their runs")
    opening = _sub(period, "open", begin_period, "open a pay period and begin its run")
    opening.add_argument("--first", type=a_day, metavar="DAY", help="its first day (the one after the latest period)")
    opening.add_argument("--last", type=a_day, metavar="DAY", help="its last day, included (as the terms' own periods lie)")
    opening.add_argument("--by", required=True, metavar="ROLE", help="who opens it: an account or a role")
    closing = _sub(period, "close", end_period, "close a pay period for good; refused while something is unfinished")
    closing.add_argument("first", type=a_day, metavar="DAY", help="its first day")
    _who_and_why(closing)
    run = command("run", show_runs, "list, show, check and approve payment runs").add_subparsers(
        dest="run_command", required=True, metavar="COMMAND"
    )
    _sub(run, "list", show_runs, "list all runs and what they come to")
    _sub(run, "show", show_run, "show a run by provider, with every change of its state").add_argument("run", type=int)
    _sub(run, "check", check, "settle again what a run was made from, and say whether it comes out the same").add_argument("run", type=int)
    for name, state, says in CHANGES:
        change = _sub(run, name, partial(bring_to, state=state), says)
        change.add_argument("run", type=int)
        _who_and_why(change)


def _sub(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, act: Act, says: str) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    made.set_defaults(act=act)
    return made


def _who_and_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", required=True, metavar="ROLE", help="who does it: an account or a role")
    parser.add_argument("--why", required=True, help="in a sentence; it is kept")


@contextmanager
def _asked(config: Config) -> Iterator[Connection]:
    """A transaction in which no settlement writes; what is refused is told."""
    try:
        with connect(config.database) as connection:
            ledger.lock(connection)
            yield connection
    except (RunRefused, PeriodRefused) as error:
        raise Refusal(str(error)) from error


def show_periods(config: Config, arguments: Namespace) -> None:  # noqa: ARG001
    """List the pay periods."""
    with connect(config.database) as connection:
        periods = list_periods(connection)
    if not periods:
        say("There is no pay period yet. Open the first: calltime-server period open --first DAY --last DAY --by ROLE")
        return
    closed = ("closed" if period.closed_at else "open" for period in periods)
    rows = ((each.first_day, each.last_day, state, each.run, SPOKEN[each.state]) for each, state in zip(periods, closed, strict=True))
    table(("first day", "last day", "period", "run", "state of the run"), rows)


def begin_period(config: Config, arguments: Namespace) -> None:
    """Open a period; its days are those that the terms give, unless they are told."""
    with _asked(config) as connection:
        periods = list_periods(connection)
        first = arguments.first or (periods[-1].last_day + timedelta(days=1) if periods else None)
        if first is None:
            raise PeriodRefused("There is no pay period yet. Name the first day of this one: --first DAY")
        last = arguments.last or _last_day(config, first)
        _refuse_half_periods(config, first, last)
        period = open_period(connection, first_day=first, last_day=last, by=arguments.by, now=_now())
    say(f"Pay period {period.first_day} to {period.last_day} is open. What is settled for its days goes into run {period.run}.")


def _last_day(config: Config, first: date) -> date:
    terms = in_force(read_all_terms(config.terms), first)
    if terms.period is None:
        raise PeriodRefused(f"The terms {terms.name} have no period of their own. Name the last day as well: --last DAY")
    begins, ends = period_of(terms, first)
    if begins != first:
        raise PeriodRefused(
            f"{first} lies within the terms' period {begins} to {ends}. Begin on {begins}, or name the last day: --last DAY"
        )
    return ends


def _refuse_half_periods(config: Config, first: date, last: date) -> None:
    """Terms that count over a period are not to be paid by halves of it."""
    terms = in_force(read_all_terms(config.terms), first)
    if not terms.period_steps:
        return
    begins, ends = period_of(terms, first)[0], period_of(terms, last)[1]
    if (first, last) != (begins, ends):
        raise PeriodRefused(
            f"The terms {terms.name} count hours over periods, and {first} to {last} holds halves of them. "
            f"Open whole ones: --first {begins} --last {ends}"
        )


def end_period(config: Config, arguments: Namespace) -> None:
    """Close a period."""
    with _asked(config) as connection:
        period = close_period(connection, first_day=arguments.first, by=arguments.by, why=arguments.why, now=_now())
    say(
        f"Pay period {period.first_day} to {period.last_day} is closed. Late news of its days becomes a difference in the next open period."
    )


def show_runs(config: Config, arguments: Namespace) -> None:  # noqa: ARG001
    """List the runs."""
    with connect(config.database) as connection:
        runs = list_runs(connection)
    if not runs:
        say("There is no run yet: one begins with a pay period (calltime-server period open) or with a settlement.")
        return
    rows = (
        (each.run, each.first_day, each.last_day, SPOKEN[each.state], each.lines, each.differences, pounds(each.pence)) for each in runs
    )
    table(("run", "first day", "last day", "state", "lines", "of them reversals", "to pay"), rows)


def show_run(config: Config, arguments: Namespace) -> None:
    """Show one run."""
    with _asked(config) as connection:
        facts = read_run_facts(connection, arguments.run)
        changes = read_changes(connection, arguments.run)
        lines = ledger.read_run(connection, arguments.run)
    say(f"Run {facts.run}, {facts.first_day} to {facts.last_day}: {SPOKEN[facts.state]}, {facts.lines:,} lines, {pounds(facts.pence)}.")
    for change in changes:
        at = f"{change.at.astimezone(LONDON):%-d %B %Y %H:%M}"
        say(f"  {at}  {SPOKEN[change.state]} by {change.by}, at {pounds(change.pence)}: {change.why}")
    say(NEXT[facts.state].format(run=facts.run))
    sums = lines.group_by("payee").agg(pl.len(), pl.sum("pence")).sort("payee")
    table(("paid to", "lines", "to pay"), ((payee, count, pounds(pence)) for payee, count, pence in sums.iter_rows()))


def bring_to(config: Config, arguments: Namespace, *, state: str) -> None:
    """Change the state of a run."""
    with _asked(config) as connection:
        facts = change_state(connection, arguments.run, to=state, by=arguments.by, why=arguments.why, now=_now())
    say(f"Run {facts.run} is {SPOKEN[facts.state]}: {facts.lines:,} lines, {pounds(facts.pence)}.")


def check(config: Config, arguments: Namespace) -> None:
    """Settle again what a run was made from."""
    with _asked(config) as connection:
        found = check_run(connection, arguments.run)
    for says in found.says:
        say(says)
    if not found.same:
        raise Refusal(f"Run {arguments.run} does not come out as it was written.")


def _now() -> datetime:
    return datetime.now(UTC)
