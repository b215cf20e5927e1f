"""What do some days come to, and what of it is new to the ledger?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.jobs.settled_csv import csv_files
from calltime_server.payment.inputs import digests_of
from calltime_server.payment.settling import Settlement
from calltime_server.payment.spanning import settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.store import ledger
from calltime_server.store.connection import Connection
from calltime_server.store.posting import Posted, Worked, post
from calltime_server.store.reaching import reach
from calltime_server.store.span import all_of, span_inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The settlement of the days asked for, and what it changed in the ledger."""

    settlement: Settlement
    posted: Posted


def settle_days(connection: Connection, *, first: date, last: date, terms: Terms | Sequence[Terms], now: datetime) -> Settled:
    """Settle the planned visits of these London days from the record, and bring the ledger to the result.

    Where terms count over more than a day, what is settled reaches further: news of one visit may change what is paid for another.
    """
    ledger.lock(connection)
    given = all_of(terms)
    start, end = reach(connection, first, last, given)
    inputs = span_inputs(connection, start=start, end=end, terms=given, known_by=now)
    settlement = settle_inputs(inputs, start=start, end=end, terms=given, known_by=now)
    worked = Worked(
        start=start, end=end, terms=given, inputs=digests_of(inputs), digest=digest_of_lines(settlement, given), at=now,
        kept={"plan": inputs.plan, "badges": inputs.badges},
    )  # fmt: skip
    return Settled(settlement=settlement, posted=post(connection, worked, settlement.lines))


def digest_of_lines(settlement: Settlement, terms: Sequence[Terms]) -> str:
    """SHA-256 over the terms and everything that came out: what a second run is compared with."""
    digest = hashlib.sha256("".join(each.sha256 for each in terms).encode("ascii"))
    for content in csv_files(settlement).values():
        digest.update(content)
    return digest.hexdigest()
