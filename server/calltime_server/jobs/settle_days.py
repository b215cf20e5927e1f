"""What do some days come to, and what of it is new to the ledger?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from calltime_server.jobs.settled_csv import csv_files
from calltime_server.payment.settling import Settlement, settle
from calltime_server.payment.terms import Terms
from calltime_server.store import inputs, ledger
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import Posted
from calltime_server.visits.problems import gathered
from calltime_server.visits.retiming import retime
from calltime_server.visits.wall import LONDON


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The settlement of the days asked for, and what it changed in the ledger."""

    settlement: Settlement
    posted: Posted


def span_of_days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the span [start, end) in UTC of London days, both included."""
    midnight = time(tzinfo=LONDON)
    return datetime.combine(first, midnight).astimezone(UTC), datetime.combine(last + timedelta(days=1), midnight).astimezone(UTC)


def settle_days(connection: Connection, *, first: date, last: date, terms: Terms, now: datetime) -> Settled:
    """Settle the planned visits of these London days from the record, and bring the ledger to the result."""
    start, end = span_of_days(first, last)
    settlement = settle_span(connection, start=start, end=end, terms=terms)
    posted = ledger.post(
        connection,
        start=start,
        end=end,
        lines=settlement.lines,
        problems=settlement.problems,
        terms_name=terms.name,
        terms_sha256=terms.sha256,
        digest=_digest(settlement, terms),
        now=now,
    )
    return Settled(settlement=settlement, posted=posted)


def settle_span(connection: Connection, *, start: datetime, end: datetime, terms: Terms) -> Settlement:
    """Settle what is planned in [start, end). Visits around it are matched too, so that none of their contacts is taken for this span's."""
    around = timedelta(hours=terms.pairing.longest_hours, minutes=terms.matching.window_minutes)
    plan = inputs.read_plan(connection, start=start - around, end=end + around)
    timed = retime(inputs.read_taps(connection, start=start - 2 * around, end=end + 2 * around), inputs.read_clocks(connection))
    whole = settle(plan=plan, taps=timed.taps, terms=terms)
    inside = plan.filter(pl.col("planned_start").is_between(start, end, closed="left"))["visit_id"].implode()
    problems = gathered(whole.problems, timed.problems)
    return Settlement(
        visits=whole.visits.filter(_is_inside(inside, pl.coalesce("started", "ended"), start, end)),
        lines=whole.lines.filter(pl.col("visit_id").is_in(inside)),
        problems=problems.join(timed.taps.select("device", "seq", "time").unique(["device", "seq"]), on=["device", "seq"], how="left")
        .filter(_is_inside(inside, pl.col("time").fill_null(start), start, end))
        .select(problems.columns),
    )


def _is_inside(visits: pl.Series, at: pl.Expr, start: datetime, end: datetime) -> pl.Expr:
    """A row belongs to its planned visit; without one, to the time at which it happened."""
    happened = at.is_between(start, end, closed="left")
    return pl.when(pl.col("visit_id").is_null()).then(happened).otherwise(pl.col("visit_id").is_in(visits))


def _digest(settlement: Settlement, terms: Terms) -> str:
    """SHA-256 over the terms and everything that came out: what a second run is compared with."""
    digest = hashlib.sha256(terms.sha256.encode("ascii"))
    for content in csv_files(settlement).values():
        digest.update(content)
    return digest.hexdigest()
