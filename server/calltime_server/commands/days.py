"""How does a person name a span of days?"""

from __future__ import annotations

import argparse
from datetime import date

from calltime_server.commands.words import Refusal


def a_day(text: str) -> date:
    """Read a day, or say how one is written."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day is written YYYY-MM-DD, not {text!r}") from None
    if not 2000 <= day.year < 2100:
        raise argparse.ArgumentTypeError(f"a day lies in the years 2000 to 2099, and {text} does not")
    return day


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
