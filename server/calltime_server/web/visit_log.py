"""What is said of how a visit stands, and of what is to mend?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calltime_server.store.logged import TO_COME, Row, became
from calltime_server.store.logged_problems import OfKind
from calltime_server.web.language import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a visit stands, in a symbol and in words: never by colour alone. `name` is the class of its colour."""

    name: str
    symbol: str
    words: str


# In the order in which they are stacked in the picture, from the bottom.
STATES = (
    State(name="delivered", symbol="✓", words=N_("Delivered")),
    State(name="under_way", symbol="▶", words=N_("Under way")),
    State(name="no_stop", symbol="!", words=N_("Stop missing")),
    State(name="no_start", symbol="!", words=N_("Start missing")),
    State(name="told", symbol="–", words=N_("Not made, with a reason")),
    State(name="missed", symbol="✕", words=N_("Nobody tapped")),
    State(name="late", symbol="!", words=N_("Late, nobody there yet")),
    State(name="to_come", symbol="○", words=N_("Still to come")),
)
NOT_PLANNED = State(name="not_planned", symbol="?", words=N_("Not planned"))

# What a problem is called above its sentences; those without "mend" are told for the record only.
KINDS = {
    "no_stop": N_("Stop missing"),
    "no_start": N_("Start missing"),
    "not_planned": N_("Not planned"),
    "one_carer_short": N_("One carer short"),
    "tapped_while_absent": N_("Taps while the service user was away"),
    "report_of_nothing": N_("A reason for a visit that is not planned"),
    "told_otherwise": N_("A reason for no visit, and yet both taps"),
    "moved": N_("Made at another time"),
    "read_as_stop": N_("Tapped as a start, and read as the stop"),
    "two_homes_at_once": N_("In two homes at once"),
    "impossible_journey": N_("From home to home too fast"),
    "unknown_badge": N_("Unknown badge"),
    "unknown_tag": N_("Unknown tag"),
    "no_time": N_("Time unknown"),
    "clock_contradicts": N_("Clock contradicts itself"),
    "fork": N_("Two different taps under one number"),
    "not_agreed": N_("Brought without an agreement"),
}
ONLY_TOLD = {
    "told_twice": N_("Told twice of one visit"),
    "entry_not_needed": N_("Entered by hand, and not needed"),
    "brought_not_needed": N_("Brought, and seen by a door"),
    "second_tap": N_("Tapped twice"),
    "waiting": N_("Waiting at the door"),
}
NAMED: Mapping[str, State] = {state.name: state for state in (*STATES, NOT_PLANNED)}

# What became of a visit, more closely than its state says.
DELIVERIES = {
    "delivered": N_("Delivered"),
    "delivered_short": N_("Delivered, shorter than planned"),
    "delivered_over": N_("Delivered, longer than planned"),
    "not_planned_approved": N_("Delivered, and approved afterwards"),
    "no_stop": N_("Stop missing"),
    "no_start": N_("Start missing"),
    "missed": N_("Nobody tapped"),
    "not_planned": N_("Not planned"),
    "no_access": N_("No access"),
    "declined_at_door": N_("Declined at the door"),
    "cancelled_in_notice": N_("Cancelled in notice"),
    "cancelled_short_notice": N_("Cancelled at short notice"),
    "cancelled_by_council": N_("Cancelled by the council"),
    "absent": N_("The service user was away"),
}


def shown(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows of the log with how they stand as a `State`."""
    return [{**row, "state": NAMED[row["state"]], "became": _became(row)} for row in rows]


def _became(row: Row) -> str:
    return NAMED[row["state"]].words if became(row) == TO_COME else DELIVERIES[row["delivery"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What figures.bars draws of the carer visits by hour: the states that occur, and a row for each hour from the first to the last."""

    states: tuple[State, ...]
    rows: tuple[dict[str, Any], ...]


def hours(counts: Mapping[tuple[int, str], int]) -> Hours:
    """Of how many carer visits were planned to start in an hour of London's clocks, by state."""
    states = tuple(state for state in STATES if any(name == state.name for _, name in counts))
    first, last = min((hour for hour, _ in counts), default=0), max((hour for hour, _ in counts), default=-1)
    rows = (
        {"label": f"{hour:02}:00", "values": [counts.get((hour, state.name), 0) for state in states]} for hour in range(first, last + 1)
    )
    return Hours(states=states, rows=tuple(rows))


def told_apart(problems: Mapping[str, OfKind], *, only_told: bool) -> tuple[tuple[str, str, OfKind], ...]:
    """Kind, heading and problems of those that are to mend, or of those that are told for the record only; unknown kinds last."""
    headings = KINDS | ONLY_TOLD
    kinds = [kind for kind in (*headings, *sorted(problems.keys() - headings.keys())) if kind in problems]
    return tuple((kind, headings.get(kind, kind.replace("_", " ")), problems[kind]) for kind in kinds if (kind in ONLY_TOLD) is only_told)
