"""Which days in London look otherwise once something was told or agreed? They are to be worked out again for the visit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import polars as pl

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.noting import Told
from calltime_server.visits import london
from calltime_server.visits.civil_day import day_of

A_DAY = timedelta(days=1)
LOOKS_BACK = 31 * A_DAY
"""What has no day of its own is followed this far back: older days are settled and looked at no more."""


def concerned_days(connection: Connection, table: Told, frame: pl.DataFrame, *, now: datetime) -> list[date]:
    """The days that these rows, which are written already, concern. What only payment asks for concerns none."""
    today = day_of(now)
    since = today - LOOKS_BACK
    match table:
        case "entry":
            return beside(frame.select(day=london.civil_day(pl.col("time")))["day"].unique())
        case "visit_report":
            return _asked(connection, _OF_VISITS, {"visits": frame["visit_id"].to_list()})
        case "absence":
            return _asked(connection, _OF_ABSENCES, {"who": frame["service_user"].to_list(), "since": frame["since"].to_list()})
        case "journey":
            homes = {"from": frame["from_home"].to_list(), "to": frame["to_home"].to_list()}
            return _asked(connection, _OF_JOURNEYS, {**homes, "first": since})
        case "carer_provider":
            # For whom a carer works decides whose an unplanned visit is.
            first = max(min(frame["since"], default=today + A_DAY), since)
            return [first + number * A_DAY for number in range((today - first).days + 1)]
        case "package" | "block" | "provider":
            return []


def beside(days: Iterable[date]) -> list[date]:
    """These and their neighbours: a visit may begin before midnight and end after it."""
    return sorted({day + by for day in days for by in (-A_DAY, timedelta(), A_DAY)})


_OF_VISITS: LiteralString = """
    SELECT DISTINCT (planned_start AT TIME ZONE 'Europe/London')::date FROM planned_visit WHERE visit_id = ANY(%(visits)s)
"""
# What was noted before with the same beginning concerned its days as well.
_OF_ABSENCES: LiteralString = """
    SELECT DISTINCT (v.planned_start AT TIME ZONE 'Europe/London')::date
    FROM unnest(%(who)s::text[], %(since)s::timestamptz[]) AS told (service_user, since)
    JOIN absence a USING (service_user, since)
    JOIN planned_visit v ON v.service_user = a.service_user AND v.planned_start + v.planned_minutes * interval '1 minute' > a.since
        AND v.planned_start < coalesce(a.until, 'infinity')
"""
_OF_JOURNEYS: LiteralString = """
    SELECT DISTINCT here.day FROM unnest(%(from)s::text[], %(to)s::text[]) AS way (from_home, to_home)
    JOIN logged_visit here ON here.service_user = way.from_home AND here.day >= %(first)s
    JOIN logged_visit there ON there.service_user = way.to_home AND there.day = here.day AND there.carer = here.carer
"""


def _asked(connection: Connection, query: LiteralString, values: Mapping[str, Any]) -> list[date]:
    return sorted(day for (day,) in fetch(connection, query, values))
