"""What is planned, and how does a plan come in? Whole files at a time; a visit that is planned already is replaced by its newer version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch, read_frame, write_frame
from calltime_server.visits.columns import PLAN


def import_plan(connection: Connection, plan: pl.DataFrame) -> None:
    """Write a PLAN frame."""
    # By way of a table of our own: COPY does not go into one with row-level security.
    execute(connection, "CREATE TEMPORARY TABLE incoming (LIKE planned_visit) ON COMMIT DROP", {})
    write_frame(connection, "incoming", plan.select(PLAN.names()))
    execute(connection, "DELETE FROM planned_visit USING incoming WHERE planned_visit.visit_id = incoming.visit_id", {})
    execute(connection, "INSERT INTO planned_visit SELECT * FROM incoming", {})
    execute(connection, "DROP TABLE incoming", {})


def remove_planned(connection: Connection, visits: Sequence[str]) -> int:
    """Plan these visits no more, and say how many there were. What the ledger has of them is corrected when their day is settled again."""
    return execute(connection, "DELETE FROM planned_visit WHERE visit_id = ANY(%(visits)s)", {"visits": list(visits)})


def read_planned(connection: Connection, visits: Sequence[str]) -> pl.DataFrame:
    """Read those of these visits that are planned, as a PLAN frame."""
    return read_frame(
        connection,
        """
        SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers
        FROM planned_visit WHERE visit_id = ANY(%(visits)s) ORDER BY planned_start, visit_id
        """,
        {"visits": list(visits)},
        PLAN,
    )


def read_planned_in(connection: Connection, *, start: datetime, end: datetime, providers: Sequence[str]) -> pl.DataFrame:
    """Read what is planned for these providers in [start, end), as a PLAN frame."""
    return read_frame(
        connection,
        """
        SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers
        FROM planned_visit WHERE planned_start >= %(start)s AND planned_start < %(end)s AND provider = ANY(%(providers)s)
        ORDER BY planned_start, visit_id
        """,
        {"start": start, "end": end, "providers": list(providers)},
        PLAN,
    )


def read_touched(connection: Connection, visits: Sequence[str]) -> frozenset[str]:
    """Those of these visits that somebody tapped for, as far as the visit log knows, or that have a line in the ledger."""
    rows = fetch(
        connection,
        """
        SELECT visit_id FROM logged_visit WHERE visit_id = ANY(%(visits)s) AND coalesce(start_device, stop_device) IS NOT NULL
        UNION SELECT visit_id FROM standing_line WHERE visit_id = ANY(%(visits)s)
        """,
        {"visits": list(visits)},
    )
    return frozenset(visit for (visit,) in rows)
