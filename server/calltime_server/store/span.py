"""What does a span of time come to, if it is settled from the record as it stands now?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from calltime_server.payment.settling import Settlement, settle
from calltime_server.payment.telling import with_placed
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection
from calltime_server.store.forgetting import refuse_forgotten
from calltime_server.store.inputs import read_badges, read_clocks, read_plan, read_taps
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.columns import PLAN, TAPS
from calltime_server.visits.problems import gathered
from calltime_server.visits.retiming import retime
from calltime_server.visits.whose import resolve


def settle_span(connection: Connection, *, start: datetime, end: datetime, terms: Terms) -> Settlement:
    """Settle the visits planned in [start, end); nothing is written.

    More than the span is read on both sides, so that a visit over midnight finds both its taps, and a tap near midnight that belongs to
    the day before is not taken for a visit that nobody planned. Raises TapsForgotten where what a visit of the span may need is gone.
    """
    around = timedelta(hours=terms.pairing.longest_hours, minutes=terms.matching.window_minutes)
    refuse_forgotten(connection, since=start - around)
    plan = read_plan(connection, start=start - around, end=end + around)
    first, last = start - 2 * around, end + 2 * around
    placed = retime(read_taps(connection, start=first, end=last), read_clocks(connection, start=first, end=last))
    resolved = resolve(placed, read_badges(connection))
    wide = settle(plan=plan, taps=resolved.taps, terms=terms)

    def within(at: pl.Expr) -> pl.Expr:
        return (at >= start) & (at < end)

    visits = wide.visits.filter(within(pl.coalesce("planned_start", "started", "ended")))
    tapped = placed.filter(within(pl.col("time"))).select("device", "seq").unique()
    unplaced = resolved.problems.filter(pl.col("kind") == "no_time")
    misused = resolved.problems.filter(pl.col("kind") != "no_time")
    return Settlement(
        visits=visits,
        lines=with_placed(wide.lines.filter(within(pl.col("planned_start"))), placed),
        # A tap that nobody can place in time belongs to no day; it is shown on each until it is mended.
        problems=gathered(unplaced, _of_span(pl.concat([wide.problems, misused]), visits, tapped)),
    )


def _of_span(problems: pl.DataFrame, visits: pl.DataFrame, tapped: pl.DataFrame) -> pl.DataFrame:
    named = problems.filter(pl.col("visit_id").is_in(visits["visit_id"].drop_nulls().implode()))
    unnamed = problems.filter(pl.col("visit_id").is_null()).join(tapped, on=["device", "seq"], how="semi")
    return pl.concat([named, unnamed])


def settle_day(connection: Connection, *, day: date | None, provider: str | None, terms: Terms) -> Settlement:
    """The same for a day in London and what concerns one provider (None: all of them). Without a day it is empty."""
    if day is None:
        return settle(plan=PLAN.to_frame(), taps=TAPS.to_frame(), terms=terms)
    start, end = span_of(day)
    settlement = settle_span(connection, start=start, end=end, terms=terms)
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
