"""What do people look at: the actuals of a day, the lines of a visit, and whether the office is ready?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from calltime_server.payment.deciding import STANDING as IN_FRONT
from calltime_server.payment.lines import LINES
from calltime_server.store.connection import Connection, fetch
from calltime_server.store.ledger import STANDING, read_standing
from calltime_server.store.rows import as_value
from calltime_server.visits.civil_day import span_of

# As in lines.csv, without what stands there behind the columns of the terms' own steps.
LINE_ORDER = [*IN_FRONT, *(name for name in LINES.names() if name not in (*IN_FRONT, "rounding_360000ths"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A settlement that was written to the ledger, and by which terms (the last ones, where they changed within its days)."""

    settlement: int
    settled_at: datetime
    terms_name: str
    terms_sha256: str


def read_actuals(connection: Connection, *, day: date | None, provider: str | None, outcome: str | None) -> pl.DataFrame:
    """Read the standing lines of a London day, in the columns of lines.csv that every terms file has; none without a day."""
    if day is None:
        return STANDING.to_frame().select(LINE_ORDER)
    start, end = span_of(day)
    frame = read_standing(connection, start=start, end=end).select(LINE_ORDER)
    for column, wanted in (("provider", provider), ("outcome", outcome)):
        if wanted is not None:
            frame = frame.filter(pl.col(column) == wanted)
    return frame


def read_latest_settlement(connection: Connection, *, day: date) -> Settled | None:
    """Fetch the latest settlement that covers this London day."""
    start, end = span_of(day)
    rows = fetch(
        connection,
        """
        SELECT settlement, settled_at, terms_names[cardinality(terms_names)], terms[cardinality(terms)] FROM settlement
        WHERE from_time <= %(start)s AND to_time >= %(end)s ORDER BY settlement DESC LIMIT 1
        """,
        {"start": start, "end": end},
    )
    return as_value(Settled, rows[0]) if rows else None


def planned_start_of(connection: Connection, visit_id: str) -> datetime | None:
    """When a visit is planned to start; None: there is no such planned visit."""
    rows = fetch(connection, "SELECT planned_start FROM planned_visit WHERE visit_id = %(visit_id)s", {"visit_id": visit_id})
    return rows[0][0] if rows else None


def require_schema(connection: Connection) -> None:
    """Raise SchemaMissing unless the database has been migrated to this version: its newest table is there."""
    fetch(connection, "SELECT FROM run_state LIMIT 0", {})
