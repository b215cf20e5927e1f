"""The command that asks what the past would come to by other terms."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from calltime_server.commands.command import AddCommand
from calltime_server.commands.days import a_day
from calltime_server.commands.figures import hours, show
from calltime_server.commands.paying import read_all_terms, read_to_try
from calltime_server.commands.words import Refusal, located, say
from calltime_server.config import Config
from calltime_server.jobs.statement import pounds
from calltime_server.jobs.try_terms import try_terms
from calltime_server.payment.trying import difference
from calltime_server.store.connection import connect
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.written import as_csv

TABLES = (("provider", "By provider"), ("zone", "By zone"), ("service", "By kind of visit"), ("delivery", "By what became of the visit"))


def add_to(command: AddCommand) -> None:
    """Make the parser."""
    trying = command("try-terms", try_them, "settle the past again under other terms and tell the difference; nothing is written")
    trying.add_argument("terms", type=Path, metavar="NEW.toml", help="the terms that are tried, as if they had been in force all the time")
    trying.add_argument("--period", type=a_day, nargs=2, required=True, metavar=("FIRST", "LAST"), help="first and last day, both included")
    trying.add_argument("--csv", action="store_true", help="for programs: by provider, zone, service and kind, in pence and minutes")


def try_them(config: Config, arguments: Namespace) -> None:
    """Tell what would change."""
    first, last = arguments.period
    if last < first:
        raise Refusal(f"The last day, {last}, comes before the first, {first}. Exchange them.")
    trial, in_force = read_to_try(arguments.terms), read_all_terms(config.terms)
    tried = trial.terms
    began = time.monotonic()
    with connect(config.database) as connection:
        both = try_terms(connection, start=span_of(first)[0], end=span_of(last)[1], in_force=in_force, tried=tried, now=datetime.now(UTC))
    if both.now.is_empty() and both.then.is_empty():
        raise Refusal(f"Nothing was planned from {first} to {last}: there is nothing to try these terms on. Name another period.")
    if arguments.csv:
        sys.stdout.write(as_csv(difference(both.now, both.then, by=["provider", "zone", "service", "kind"])).decode())
        return
    took = time.monotonic() - began
    _tell(both.now, both.then, title=f"{tried.name}, tried on {first:%-d %B %Y} to {last:%-d %B %Y}")
    source = "the contacts of the ledger" if both.from_ledger else "the taps, paired and matched again"
    if both.unsettled:
        source += f", since {both.unsettled:,} of the visits planned in these days and their whole periods are not settled,"
    if both.outdated:
        say(
            f"\n{both.outdated:,} lines of the ledger do not have yet what was told or agreed since they were settled, and the difference "
            "holds that as well. Settle these days first: calltime-server settle"
        )
    if trial.to_mend:
        says = "\n".join(located(each, str(arguments.terms)) for each in trial.to_mend)
        say(f"\nBefore these terms are put in force, this must be mended:\n{says}")
    say(f"\n{both.then.height:,} lines decided again from {source} in {took:,.1f} s. Nothing was written.")


def _tell(now: pl.DataFrame, then: pl.DataFrame, *, title: str) -> None:
    say(f"{title}\n")
    sums = [(int(side["pence"].sum()), int(side["paid_minutes"].sum()), int(side["parked_minutes"].sum())) for side in (now, then)]
    for name, (pence, minutes, parked) in zip(("as it stands", "by these terms"), sums, strict=True):
        say(f"{name:<16}{pounds(pence):>18}   paid {hours(minutes):>12} h   parked {hours(parked):>10} h")
    change = sums[1][0] - sums[0][0]
    say(f"{'difference':<16}{('+' if change > 0 else '') + pounds(change):>18}")
    for column, heading in TABLES:
        say(f"\n{heading}")
        show(difference(now, then, by=[column]).head(20), drawn="difference_pence")
