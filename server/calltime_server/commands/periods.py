"""Commands about pay periods and their runs: open, send, approve, pay, close, check."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial

import polars as pl

from calltime_server.commands.command import AddCommand, add_command
from calltime_server.commands.days import a_day, a_moment
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Config
from calltime_server.jobs.check_run import check_run
from calltime_server.jobs.statement import pounds
from calltime_server.payment.spanning import in_force, period_of
from calltime_server.store import ledger
from calltime_server.store.connection import Connection, connect
from calltime_server.store.locking import may_lock, set_lock
from calltime_server.store.periods import PeriodRefused, close_period, list_periods, open_period
from calltime_server.store.roles import folded
from calltime_server.store.runs import NEXT, SPOKEN, RunRefused, change_state, list_runs, read_changes, read_run_facts
from calltime_server.visits.wall import LONDON

# The command, the state to which it brings a run, and what it is for.
CHANGES = (
    ("send", "with_provider", "give the provider its run to look at; again, when it has changed since"),
    ("approve", "approved", "approve a run, as another person than the one who opened its period or sent it: from then on it stays"),
    ("paid", "paid", "note that a run that was exported (calltime-server export RUN) was paid"),
)

# By which command the next step is taken, after what `store.runs.NEXT` says of it.
NEXT_COMMANDS = {
    "draft": "calltime-server run send {run}",
    "with_provider": "calltime-server run approve {run}",
    "approved": "calltime-server export {run}",
    "exported": "calltime-server run paid {run}",
}


def add_to(command: AddCommand) -> None:
    """Make the parsers."""
    period = command("period", show_periods, "open, list and close pay periods").add_subparsers(
        dest="period_command", required=True, metavar="COMMAND"
    )
    add_command(period, "list", show_periods, "list all pay periods, with their runs")
    opening = add_command(period, "open", begin_period, "open a pay period and begin its run")
    opening.add_argument("--first", type=a_day, metavar="DAY", help="its first day (the one after the latest period)")
    opening.add_argument("--last", type=a_day, metavar="DAY", help="its last day, included (as the terms' own periods lie)")
    opening.add_argument("--by", required=True, metavar="ROLE", help="who opens it: an account or a role")
    closing = add_command(period, "close", end_period, "close a pay period for good; refused while something is unfinished")
    closing.add_argument("first", type=a_day, metavar="DAY", help="its first day")
    _who_and_why(closing)
    locking = add_command(period, "lock", lock_days, "set up to which day providers can amend no more, and from when on")
    locking.add_argument("through", type=a_day, metavar="DAY", help="the last day that is locked")
    locking.add_argument("--at", type=a_moment, metavar="MOMENT", help="from when on, by London's clocks: YYYY-MM-DDTHH:MM (now)")
    locking.add_argument("--by", required=True, metavar="ROLE", help="who sets it: an account or a role")
    run = command("run", show_runs, "list, show, check and approve payment runs").add_subparsers(
        dest="run_command", required=True, metavar="COMMAND"
    )
    add_command(run, "list", show_runs, "list all runs and what they come to")
    add_command(run, "show", show_run, "show a run by provider, with every change of its state").add_argument("run", type=int)
    add_command(run, "check", check, "settle again what a run was made from, and say whether it comes out the same").add_argument(
        "run", type=int
    )
    for name, state, says in CHANGES:
        change = add_command(run, name, partial(bring_to, state=state), says)
        change.add_argument("run", type=int)
        _who_and_why(change)


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
    except RunRefused as error:
        raise Refusal(f"{error} See: calltime-server run list, run show RUN") from error
    except PeriodRefused as error:
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


def lock_days(config: Config, arguments: Namespace) -> None:
    """Set the lock date, as the page for it does."""
    now = _now()
    at = arguments.at or now
    if not folded(arguments.by):
        raise Refusal("Say who sets the lock date, in words that can be read.")
    if not may_lock(arguments.through, at=at, now=now):
        raise Refusal(f"{arguments.through:%-d %B %Y} is not over when it is to lock. Choose an earlier day, or a later moment.")
    with connect(config.database) as connection:
        set_lock(connection, through=arguments.through, at=at, by=arguments.by, now=now)
    shown = at.astimezone(LONDON)
    say(f"Providers amend no visits up to {arguments.through:%-d %B %Y} any more from {shown:%H:%M on %-d %B %Y} on.")


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
    say(f"{NEXT[facts.state]} {NEXT_COMMANDS.get(facts.state, '').format(run=facts.run)}".rstrip())
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
