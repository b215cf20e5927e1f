"""The command that tells what a span of days was like: for councils, providers and carers."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from datetime import UTC, datetime

import polars as pl

from calltime_server.commands.command import AddCommand
from calltime_server.commands.days import add_span, span_asked_for
from calltime_server.commands.figures import show
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import Refusal, say
from calltime_server.config import Config
from calltime_server.jobs.reports import REPORTS, facts_of, what_is_over
from calltime_server.store.connection import connect
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.wall import LONDON
from calltime_server.visits.written import as_csv


def add_to(command: AddCommand) -> None:
    """Make the parser."""
    report = command("report", tell, "tell what a span of days was like, as a table with bars or as CSV")
    report.formatter_class = argparse.RawDescriptionHelpFormatter
    report.epilog = "reports:\n" + "\n".join(f"  {name:<14}{each.says}" for name, each in REPORTS.items())
    report.add_argument("name", choices=REPORTS, metavar="REPORT", help="one of those below")
    add_span(report)
    report.add_argument(
        "--csv", action="store_true", help="for programs: money in pence, time in minutes or seconds, shares in tenths of 1 %%"
    )
    report.add_argument("--provider", help="of this provider alone, where the report names providers")


def tell(config: Config, arguments: Namespace, *, now: datetime | None = None) -> None:
    """Settle the days as they stand now, without writing, and show what they were like. `now` is what the clock says."""
    report = REPORTS[arguments.name]
    first, last = span_asked_for(arguments)
    asked = span_of(first)[0], span_of(last)[1]
    now = now or datetime.now(UTC)
    over = what_is_over(*asked, now=now)
    if over is None:
        raise Refusal(f"{first:%-d %B %Y} is still to come, and a report tells what was. Name days that have begun.")
    with connect(config.database) as connection:
        facts = facts_of(connection, start=over[0], end=over[1], terms=read_all_terms(config.terms), now=now)
    frame = report.make(facts)
    if arguments.provider is not None and "provider" in frame.columns:
        frame = frame.filter(pl.col("provider") == arguments.provider)
    if over != asked:
        until = over[1].astimezone(LONDON)
        sys.stderr.write(f"Only visits planned before {until:%-d %B %Y, %H:%M} are counted: what is still to come was not missed.\n")
    if arguments.csv:
        sys.stdout.write(as_csv(frame).decode())
        return
    say(f"{report.says[0].upper()}{report.says[1:]}: {first:%-d %B %Y} to {last:%-d %B %Y}\n")
    if frame.is_empty():
        say(report.nothing)
        return
    show(frame, drawn=report.drawn)
