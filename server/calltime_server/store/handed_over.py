"""What must a file for a finance system know of a run beside its lines? Its days, its state, and how many carers its visits have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from calltime_server.store.connection import Connection, fetch, read_frame
from calltime_server.visits.wall import LONDON

CARERS = pl.Schema({"visit_id": pl.String(), "carers": pl.Int64()})
APPROVED = ("approved", "exported", "paid")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run's first and last day, its state, and when it was approved (else: begun)."""

    run: int
    first: date
    last: date
    state: str
    at: datetime

    @property
    def approved(self) -> bool:
        """Whether money may be sent for it."""
        return self.state in APPROVED


def read_facts(connection: Connection, run: int) -> RunFacts | None:
    """None: there is no such run."""
    rows = fetch(
        connection,
        """
        SELECT first_day, last_day, from_time, to_time,
               coalesce((SELECT state FROM run_state s WHERE s.run = r.run ORDER BY number DESC LIMIT 1), 'draft'),
               coalesce((SELECT at FROM run_state s WHERE s.run = r.run AND state = 'approved' ORDER BY number DESC LIMIT 1), settled_at)
        FROM payment_run r LEFT JOIN pay_period USING (run) WHERE run = %(run)s
        """,
        {"run": run},
    )
    if not rows:
        return None
    first, last, start, end, state, at = rows[0]
    # A run without a pay period is that of the days that were settled.
    first = first or start.astimezone(LONDON).date()
    last = last or (end.astimezone(LONDON) - timedelta(microseconds=1)).date()
    return RunFacts(run=run, first=first, last=last, state=state, at=at)


def read_carers(connection: Connection, run: int) -> pl.DataFrame:
    """Read visit_id and `carers` of the visits of a run that have more than one carer.

    As they stood after the last line of the run: later news does not change a file that is written again.
    """
    return read_frame(
        connection,
        """
        WITH upto AS (SELECT coalesce(max(line), 0) AS line FROM ledger_line WHERE run = %(run)s)
        SELECT l.visit_id, max(l.carer_no) FROM ledger_line l, upto
        WHERE l.carer_no > 1 AND l.reverses IS NULL AND l.line <= upto.line
        AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line AND r.line <= upto.line)
        AND l.visit_id IN (SELECT visit_id FROM ledger_line WHERE run = %(run)s)
        GROUP BY l.visit_id ORDER BY l.visit_id
        """,
        {"run": run},
        CARERS,
    )
