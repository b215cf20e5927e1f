"""What do some days come to, and what of it is new to the ledger?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.jobs.settled_csv import csv_files
from calltime_server.payment.settling import Settlement
from calltime_server.payment.terms import Terms
from calltime_server.store import ledger
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import Posted
from calltime_server.store.span import settle_span
from calltime_server.visits.civil_day import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The settlement of the days asked for, and what it changed in the ledger."""

    settlement: Settlement
    posted: Posted


def settle_days(connection: Connection, *, first: date, last: date, terms: Terms, now: datetime) -> Settled:
    """Settle the planned visits of these London days from the record, and bring the ledger to the result."""
    start, end = span_of(first)[0], span_of(last)[1]
    ledger.lock(connection)
    settlement = settle_span(connection, start=start, end=end, terms=terms)
    posted = ledger.post(
        connection,
        start=start,
        end=end,
        lines=settlement.lines,
        terms_name=terms.name,
        terms_sha256=terms.sha256,
        digest=_digest(settlement, terms),
        now=now,
    )
    return Settled(settlement=settlement, posted=posted)


def _digest(settlement: Settlement, terms: Terms) -> str:
    """SHA-256 over the terms and everything that came out: what a second run is compared with."""
    digest = hashlib.sha256(terms.sha256.encode("ascii"))
    for content in csv_files(settlement).values():
        digest.update(content)
    return digest.hexdigest()
