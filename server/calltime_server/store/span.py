"""What does a span of time come to, if it is settled from the record as it stands now?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from calltime_server.payment.inputs import Inputs
from calltime_server.payment.settling import Settlement, settle
from calltime_server.payment.spanning import parts_of, settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection
from calltime_server.store.forgetting import refuse_forgotten
from calltime_server.store.inputs import read_inputs
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.columns import PLAN, TAPS


def settle_span(
    connection: Connection, *, start: datetime, end: datetime, terms: Terms | Sequence[Terms], known_by: datetime | None = None
) -> Settlement:
    """Settle the visits planned in [start, end); nothing is written.

    `terms` are all of the council's: each day goes by those in force. Raises TapsForgotten where what a visit may need is gone.
    """
    own = all_of(terms)
    inputs = span_inputs(connection, start=start, end=end, terms=own, known_by=known_by)
    return settle_inputs(inputs, start=start, end=end, terms=own, known_by=known_by)


def span_inputs(connection: Connection, *, start: datetime, end: datetime, terms: Sequence[Terms], known_by: datetime | None) -> Inputs:
    """Read all that goes in, unless some of it was forgotten."""
    first = parts_of(start=start, end=end, terms=terms)[0]
    refuse_forgotten(connection, since=first.decided[0] - first.around)
    return read_inputs(connection, start=start, end=end, terms=terms, known_by=known_by)


def all_of(terms: Terms | Sequence[Terms]) -> tuple[Terms, ...]:
    """One file, or several."""
    return (terms,) if isinstance(terms, Terms) else tuple(terms)


def settle_day(connection: Connection, *, day: date | None, provider: str | None, terms: Terms | Sequence[Terms]) -> Settlement:
    """The same for a day in London and what concerns one provider (None: all of them). Without a day it is empty.

    For people who look at visits: of the lines, those that a whole period comes to are not worked out, nor who above its hours is parked.
    """
    of_visits = tuple(replace(each, period_steps=()) for each in all_of(terms))
    if day is None:
        return settle(plan=PLAN.to_frame(), taps=TAPS.to_frame(), terms=of_visits[0])
    start, end = span_of(day)
    settlement = settle_span(connection, start=start, end=end, terms=of_visits)
    return settlement if provider is None else _for_provider(settlement, provider)


def _for_provider(settlement: Settlement, provider: str) -> Settlement:
    """What concerns one provider.

    What nobody planned names no provider. It is shown to whoever plans visits to that service user, or whose carer it was, on that day.
    """
    planned = settlement.visits.filter(pl.col("provider") == provider)

    def theirs(name: str) -> pl.Expr:
        return pl.col(name).is_in(planned[name].drop_nulls().implode()).fill_null(value=False)

    unplanned = pl.col("visit_id").is_null() & (theirs("service_user") | theirs("carer"))
    return Settlement(
        visits=settlement.visits.filter((pl.col("provider") == provider) | unplanned),
        lines=settlement.lines.filter(pl.col("provider") == provider),
        problems=settlement.problems.filter(theirs("visit_id") | unplanned),
    )
