"""Which days does somebody ask for on a page: from one to another, both included?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.visits.civil_day import span_of
from calltime_server.web.language import N_

NOT_A_DAY = N_("This is not a day. Write year, month and day, as in 2026-10-05; years from 2000 to 2099 are known.")
BACKWARDS = N_("The last day comes before the first. Exchange them.")
TOO_LONG = N_("That is more than a year. Ask for fewer days.")
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromTo:
    """`first` and `last` are days in London. `faults` are by the name of the field; the days are then those that are shown instead."""

    first: date
    last: date
    faults: dict[str, str]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From midnight to midnight, in UTC, half open."""
        return span_of(self.first)[0], span_of(self.last)[1]

    @property
    def query(self) -> dict[str, str]:
        """As the address of a page has it."""
        return {"first": self.first.isoformat(), "last": self.last.isoformat()}


def read_from_to(first: str, last: str, *, otherwise: tuple[date, date]) -> FromTo:
    """Read two texts as they stand in an address; an empty one is not given."""
    found = {"first": _read(first, otherwise[0]), "last": _read(last, otherwise[1])}
    faults = {name: NOT_A_DAY for name, day in found.items() if day is None}
    begin, end = found["first"], found["last"]
    if begin is None or end is None:
        return FromTo(first=otherwise[0], last=otherwise[1], faults=faults)
    if end < begin and not last:
        end = begin
    if end < begin:
        return FromTo(first=otherwise[0], last=otherwise[1], faults={"last": BACKWARDS})
    if end - begin >= LONGEST:
        return FromTo(first=otherwise[0], last=otherwise[1], faults={"last": TOO_LONG})
    return FromTo(first=begin, last=end, faults={})


def _read(text: str, otherwise: date) -> date | None:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else "")
    except ValueError:
        return None
