"""What would a file of the plan, or of what was agreed, change; and how is exactly that written?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Literal, TypeAlias, cast

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.difference import Difference, compare
from calltime_server.jobs.note_said import against_the_record
from calltime_server.jobs.plan_csv import READERS as PLAN_READERS
from calltime_server.jobs.plan_csv import read_plan
from calltime_server.jobs.said_csv import FORMS, What, read_said
from calltime_server.store import plan as planned
from calltime_server.store.agreement import read_standing
from calltime_server.store.concerned_days import concerned_days
from calltime_server.store.connection import Connection
from calltime_server.store.noting import note
from calltime_server.store.visit_log import mark_days
from calltime_server.visits import london
from calltime_server.visits.civil_day import span_of

Brought: TypeAlias = Literal["plan", "package", "block", "provider", "carer_provider", "journey"]
BROUGHT: tuple[Brought, ...] = ("plan", "package", "block", "provider", "carer_provider", "journey")
COLUMNS: dict[Brought, tuple[str, ...]] = {what: tuple(PLAN_READERS if what == "plan" else FORMS[what].readers) for what in BROUGHT}
"""The columns that the file of each kind has."""


def would_change(
    connection: Connection, data: bytes, what: Brought, *, removing: bool = False, now: datetime
) -> Difference | tuple[Fault, ...]:
    """Read a file and compare it with what stands: the difference, or every fault. Nothing is written.

    With `removing`, planned visits of the days and the providers that the file has, and that are not in it, would go (of a plan only).
    """
    if what == "plan":
        plan = read_plan(data)
        return plan if isinstance(plan, tuple) else difference_of_plan(connection, plan, removing=removing)
    frame = read_said(data, what)
    if isinstance(frame, tuple):
        return frame
    faults = tuple(against_the_record(connection, frame, what, now=now))
    return faults or compare(read_standing(connection, what), frame, key=FORMS[what].key)


def difference_of_plan(connection: Connection, plan: pl.DataFrame, *, removing: bool) -> Difference:
    """The same of a PLAN frame."""
    standing = planned.read_planned(connection, plan["visit_id"].to_list())
    if removing and plan.height:
        days = plan.select(day=london.civil_day(pl.col("planned_start")))["day"]
        start, end = span_of(cast(date, days.min()))[0], span_of(cast(date, days.max()))[1]
        around = planned.read_planned_in(connection, start=start, end=end, providers=plan["provider"].unique().to_list())
        standing = pl.concat([standing, around]).unique("visit_id")
    found = compare(standing, plan, key=("visit_id",), removing=removing)
    concerned = [*found.before["visit_id"], *found.removed["visit_id"]]
    return replace(found, touched=planned.read_touched(connection, concerned))


def days_of_plan(found: Difference) -> list[date]:
    """On which days visits would be added, changed (also those on which they stand now) or removed."""
    rows = pl.concat([found.added, found.before, found.after, found.removed])
    return rows.select(day=london.civil_day(pl.col("planned_start")))["day"].unique().sort().to_list()


def take(connection: Connection, what: Brought, found: Difference, *, by: str, now: datetime) -> None:
    """Write exactly this difference, and let the days be looked at anew whose visits are concerned."""
    if what == "plan":
        planned.import_plan(connection, found.written)
        planned.remove_planned(connection, found.removed["visit_id"].to_list())
        if days := days_of_plan(found):
            mark_days(connection, days, now=now)
        return
    note(connection, cast(What, what), found.written, by=by, now=now)
    mark_days(connection, concerned_days(connection, cast(What, what), found.written, now=now), now=now)
