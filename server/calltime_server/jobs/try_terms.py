"""What would a span of the past come to by other terms, beside what it came to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from calltime_server.payment.spanning import A_DAY, Part, parts_of, settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.payment.trying import as_visits, decided_by, tried_on
from calltime_server.store import ledger
from calltime_server.store.agreed import read_agreed
from calltime_server.store.connection import Connection
from calltime_server.store.inputs import read_plan
from calltime_server.store.span import span_inputs
from calltime_server.store.told import read_told
from calltime_server.visits.civil_day import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`LINES` as they stand and as they would be. `from_ledger`: who was matched with which visit was taken from the ledger, and not
    worked out again from the taps. `unsettled`: how many of the planned visits that are needed have no line in the ledger. `outdated`: how
    many lines of the ledger come to something else by the terms in force, because of what was told or agreed since they were settled.
    """

    now: pl.DataFrame
    then: pl.DataFrame
    from_ledger: bool
    unsettled: int
    outdated: int = 0


def try_terms(
    connection: Connection, *, start: datetime, end: datetime, in_force: Sequence[Terms], tried: Terms, now: datetime | None = None
) -> Tried:
    """Decide [start, end) by terms that are tried, whole periods of them, and cut that back. Nothing is written.

    Where the ledger has all that was planned, and the terms pair and match as those in force do, its contacts are taken as they stand: that
    is what makes a year a matter of seconds. Else both sides are worked out from the taps, unless those were forgotten (TapsForgotten).
    `now` is what the clock says: days before it are known (None: those of the span).
    """
    part = tried_on(tried, start=start, end=end)
    since, until = part.decided
    standing = ledger.read_standing(connection, start=since, end=until)
    planned = read_plan(connection, start=since, end=until)
    unsettled = planned.join(standing, on="visit_id", how="anti").height
    if standing.is_empty() or unsettled or not _match_alike(in_force, tried, since, until):
        sides = [_from_the_taps(connection, start, end, each, now) for each in (in_force, [part.terms])]
        return Tried(now=sides[0], then=sides[1], from_ledger=False, unsettled=unsettled)
    stands = ledger.read_standing(connection, start=start, end=end)
    known = day_of(now or end) - A_DAY
    then = _decided(connection, standing, part, known=known)
    in_force_then = parts_of(start=start, end=end, terms=in_force)
    # Where several files were in force, it is not looked at.
    outdated = _outdated(stands, _decided(connection, standing, in_force_then[0], known=known)) if len(in_force_then) == 1 else 0
    return Tried(now=stands, then=then, from_ledger=True, unsettled=0, outdated=outdated)


def _outdated(stands: pl.DataFrame, again: pl.DataFrame) -> int:
    """How many of the lines that stand come to other pence now."""
    both = stands.select("visit_id", "carer_no", "pence").join(
        again.select("visit_id", "carer_no", now="pence"), on=["visit_id", "carer_no"]
    )
    return both.filter(pl.col("pence") != pl.col("now")).height


def _from_the_taps(connection: Connection, start: datetime, end: datetime, terms: Sequence[Terms], now: datetime | None) -> pl.DataFrame:
    inputs = span_inputs(connection, start=start, end=end, terms=terms, known_by=None)
    return settle_inputs(inputs, start=start, end=end, terms=terms, known_by=now).lines


def _decided(connection: Connection, standing: pl.DataFrame, part: Part, *, known: date) -> pl.DataFrame:
    since, until = part.decided
    told = read_told(connection, start=since, end=until, known_by=None)
    agreed = read_agreed(connection, start=since, end=until, terms=part.terms, known_by=None)
    return decided_by(part, as_visits(standing), told, agreed, known=known)


def _match_alike(in_force: Sequence[Terms], tried: Terms, start: datetime, end: datetime) -> bool:
    return all(
        (own.debounce_seconds, own.longest_hours, part.terms.matching.window_minutes)
        == (tried.pairing.debounce_seconds, tried.pairing.longest_hours, tried.matching.window_minutes)
        for part in parts_of(start=start, end=end, terms=in_force)
        for own in [part.terms.pairing]
    )
