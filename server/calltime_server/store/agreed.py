"""What had council and providers agreed for a span of time, and what stood in the banks at its beginning?"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from calltime_server.payment.agreed import BLOCKS, PACKAGES, Agreed
from calltime_server.payment.banked import FLOWS, banked_after
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection, Parameters, read_frame


def read_agreed(connection: Connection, *, start: datetime, end: datetime, terms: Terms, known_by: datetime | None) -> Agreed:
    """Read what was noted at or before `known_by` (None: all). `terms` are those in force at `start`: in the bank lies what they let."""
    asked: Parameters = {"start": start, "end": end, "known_by": known_by}
    packages = read_packages(connection, start=start, end=end, known_by=known_by)
    blocks = read_frame(
        connection,
        """
        SELECT block, provider, zone, service, starts, ends, minutes_per_week FROM (
            SELECT DISTINCT ON (block) * FROM block WHERE noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
            ORDER BY block, number DESC
        ) AS latest
        WHERE starts <= (%(end)s::timestamptz AT TIME ZONE 'Europe/London')::date
        AND (ends IS NULL OR ends >= (%(start)s::timestamptz AT TIME ZONE 'Europe/London')::date)
        ORDER BY block
        """,
        asked,
        BLOCKS,
    )
    return Agreed(packages=packages, blocks=blocks, banked=banked_after(_flows(connection, asked), terms=terms))


def read_packages(
    connection: Connection, *, start: datetime | None = None, end: datetime | None = None, known_by: datetime | None = None
) -> pl.DataFrame:
    """Read the packages that have a day in the span (None: without a bound), as a PACKAGES frame."""
    return read_frame(
        connection,
        """
        SELECT package, service_user, provider, service, starts, ends, agreed_minutes, contingency_minutes, budget_pence, outcome,
               exceptional, health_percent, fund_holder, charge_percent
        FROM (
            SELECT DISTINCT ON (package) * FROM package WHERE noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
            ORDER BY package, number DESC
        ) AS latest
        WHERE starts <= coalesce((%(end)s::timestamptz AT TIME ZONE 'Europe/London')::date, 'infinity')
        AND (ends IS NULL OR ends >= coalesce((%(start)s::timestamptz AT TIME ZONE 'Europe/London')::date, '-infinity'))
        ORDER BY package
        """,
        {"start": start, "end": end, "known_by": known_by},
        PACKAGES,
    )


def _flows(connection: Connection, asked: Parameters) -> pl.DataFrame:
    """What went into the banks and came from them before the span, as FLOWS: of the lines that stood then."""
    return read_frame(
        connection,
        """
        SELECT package, l.period, sum(bank_minutes)::bigint FROM ledger_line l JOIN settlement USING (settlement)
        WHERE bank_minutes <> 0 AND reverses IS NULL
        AND coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date)
            < (%(start)s::timestamptz AT TIME ZONE 'Europe/London')::date
        AND settled_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        AND NOT EXISTS (SELECT FROM ledger_line r JOIN settlement s USING (settlement)
                        WHERE r.reverses = l.line AND s.settled_at <= coalesce(%(known_by)s::timestamptz, 'infinity'))
        GROUP BY package, l.period, bank_minutes > 0 ORDER BY package, l.period, 3
        """,
        asked,
        FLOWS,
    )
