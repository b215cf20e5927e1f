"""What have people told the office about the visits of a span of time?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from calltime_server.store.brought import read_brought, read_brought_grades
from calltime_server.store.connection import Connection, Parameters, fetch, read_frame
from calltime_server.store.rows import as_value
from calltime_server.visits.told import ABSENCES, EMPLOYED, ENTRIES, JOURNEYS, REPORTS, Told


def read_told(
    connection: Connection, *, start: datetime, end: datetime, known_by: datetime | None, visits: pl.Series | None = None
) -> Told:
    """Read what was noted at or before `known_by` (None: all): of what was told several times, the last.

    Reports are those of these visits, or of those that are planned in the span now. Absences are all that began before the end: how long a
    retainer is paid is counted from the first of several that follow one another.
    """
    asked: Parameters = {"start": start, "end": end, "known_by": known_by, "of_any": visits is not None}
    reports = read_frame(
        connection,
        """
        SELECT visit_id, kind, told_at, noted_by, reason FROM (
            SELECT DISTINCT ON (visit_id) * FROM visit_report
            WHERE (%(of_any)s OR visit_id IN (
                SELECT visit_id FROM planned_visit WHERE planned_start >= %(start)s AND planned_start < %(end)s))
            AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
            ORDER BY visit_id, number DESC
        ) AS latest WHERE kind <> 'withdrawn' ORDER BY visit_id
        """,
        asked,
        REPORTS,
    )
    if visits is not None:
        # Few visits are reported, and to name a month of them in the question takes longer than to read what was reported of all.
        reports = reports.filter(pl.col("visit_id").is_in(visits.implode()))
    absences = read_frame(
        connection,
        """
        SELECT service_user, kind, since, until FROM (
            SELECT DISTINCT ON (service_user, since) * FROM absence
            WHERE since < %(end)s AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
            ORDER BY service_user, since, number DESC
        ) AS latest WHERE kind <> 'withdrawn' ORDER BY service_user, since
        """,
        asked,
        ABSENCES,
    )
    entries = read_frame(
        connection,
        """
        SELECT entry, time, action, carer, service_user, reason, noted_by, noted_at FROM entry
        WHERE time >= %(start)s AND time < %(end)s AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        AND NOT EXISTS (SELECT FROM entry_withdrawn w
                        WHERE w.entry = entry.entry AND w.noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity'))
        ORDER BY entry
        """,
        asked,
        ENTRIES,
    )
    employed = read_frame(
        connection,
        """
        SELECT DISTINCT ON (carer, since) carer, provider, since FROM carer_provider
        WHERE since <= (%(end)s::timestamptz AT TIME ZONE 'Europe/London')::date
        AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        ORDER BY carer, since, number DESC
        """,
        asked,
        EMPLOYED,
    )
    journeys = read_frame(
        connection,
        """
        SELECT DISTINCT ON (from_home, to_home) from_home, to_home, least_minutes FROM journey
        WHERE noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity') ORDER BY from_home, to_home, number DESC
        """,
        asked,
        JOURNEYS,
    )
    return Told(
        reports=reports,
        absences=absences,
        entries=entries,
        employed=employed,
        journeys=journeys,
        brought=read_brought(connection, start=start, end=end, known_by=known_by),
        brought_grades=read_brought_grades(connection, until=end, known_by=known_by),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An end of a visit that was entered by hand: who, when and why. `words` is what was said besides the reason."""

    entry: int
    time: datetime
    action: str
    reason: str
    words: str | None
    by: str
    entered_at: datetime


def read_entry(connection: Connection, entry: int) -> Entered | None:
    """Fetch one entry, withdrawn or not."""
    rows = fetch(
        connection,
        "SELECT entry, time, action, reason, words, noted_by, noted_at FROM entry WHERE entry = %(entry)s",
        {"entry": entry},
    )
    return as_value(Entered, rows[0]) if rows else None
