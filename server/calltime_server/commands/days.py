"""How does a person name a span of days?"""

from __future__ import annotations

import argparse
from datetime import date, datetime

from calltime_server.commands.words import Refusal
from calltime_server.visits.wall import instants


def a_day(text: str) -> date:
    """Read a day, or say how one is written."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day is written YYYY-MM-DD, not {text!r}") from None
    if not 2000 <= day.year < 2100:
        raise argparse.ArgumentTypeError(f"a day lies in the years 2000 to 2099, and {text} does not")
    return day


def a_moment(text: str) -> datetime:
    """Read a moment of London's clocks (where they show it twice, the first), or say how one is written."""
    try:
        written = datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 (London's, by `instants`)
        found = instants(a_day(text[:10]), written.time())
    except ValueError:
        raise argparse.ArgumentTypeError(f"a moment is written YYYY-MM-DDTHH:MM, not {text!r}") from None
    if not found:
        raise argparse.ArgumentTypeError(f"London's clocks go forward over {text!r}; write the time that is meant")
    return found[0]


def add_span(parser: argparse.ArgumentParser) -> None:
    """Ask for the first and the last day."""
    parser.add_argument("--from", dest="first", type=a_day, required=True, metavar="DAY", help="first day, in London: YYYY-MM-DD")
    parser.add_argument("--to", dest="last", type=a_day, required=True, metavar="DAY", help="last day, included")


def span_asked_for(arguments: argparse.Namespace) -> tuple[date, date]:
    """The first and the last day; refused where the last comes first."""
    first, last = arguments.first, arguments.last
    if last < first:
        raise Refusal(f"The last day, {last}, comes before the first, {first}. Exchange them.")
    return first, last
