"""Of which days were the taps forgotten, on purpose, and since when? For whoever looks at such a day."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """At `at`, taps from before `before` were forgotten, because they are kept for so many years."""

    before: datetime
    years: int
    at: datetime


def forgettings(connection: Connection, *, since: date) -> tuple[Forgetting, ...]:
    """Those that concern this London day or later ones, the first first; nothing, while all of their taps are kept."""
    rows = fetch(
        connection,
        "SELECT before, years, forgotten_at FROM forgotten WHERE before > %(start)s ORDER BY forgotten_at",
        {"start": span_of(since)[0]},
    )
    return as_values(Forgetting, rows)


def forgotten_on(known: Sequence[Forgetting], day: date) -> Forgetting | None:
    """When taps of this day were forgotten first; None: they are kept."""
    start = span_of(day)[0]
    return next((each for each in known if each.before > start), None)


def taps_forgotten(connection: Connection, line: Mapping[str, Any], known: Container[tuple[str, int]]) -> Forgetting | None:
    """When a tap was forgotten on which this line of the ledger rests; None: all of its taps are among the `known` ones."""
    ends = ((line["start_device"], line["start_seq"]), (line["stop_device"], line["stop_seq"]))
    if all(end in known or end[0] in (None, ENTERED_BY_HAND, BROUGHT_DEVICE) for end in ends):
        return None
    day = day_of(line["planned_start"])
    return forgotten_on(forgettings(connection, since=day), day)


def gone_says(forgetting: Forgetting, day: date) -> str:
    """For a day that has no visits in the log, and can have none any more: what, why and what next."""
    return (
        f"{day:%-d %B %Y} is not in the visit log and cannot come into it any more: taps before {forgetting.before:%-d %B %Y} were "
        f"forgotten on purpose on {forgetting.at:%-d %B %Y}, because they are kept for {forgetting.years} years. What was paid for the day "
        "stands in the ledger: look at its actuals."
    )
