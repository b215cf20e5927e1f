"""How does a plan come in? Whole files at a time; a visit that is planned already is replaced by its newer version."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from calltime_server.store.connection import Connection, execute, write_frame
from calltime_server.visits.columns import PLAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many planned visits were new, and how many replaced an earlier version."""

    new: int
    replaced: int


def import_plan(connection: Connection, plan: pl.DataFrame) -> Imported:
    """Write a PLAN frame."""
    execute(connection, "CREATE TEMPORARY TABLE incoming (LIKE planned_visit) ON COMMIT DROP", {})
    write_frame(connection, "incoming", plan.select(PLAN.names()))
    replaced = execute(connection, "DELETE FROM planned_visit USING incoming WHERE planned_visit.visit_id = incoming.visit_id", {})
    execute(connection, "INSERT INTO planned_visit SELECT * FROM incoming", {})
    return Imported(new=plan.height - replaced, replaced=replaced)
