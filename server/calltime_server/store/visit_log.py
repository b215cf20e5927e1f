"""How is the visit log kept? Day by day: only what differs is written, and whoever looks at the day is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch, read_frame, write_frame
from calltime_server.store.rows import as_value
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.columns import INSTANT

CHANNEL = "calltime_log"
"""Where PostgreSQL tells that a day has changed: NOTIFY, with the day."""
LATE_MINUTES = 15
"""From when on a visit is late, for providers that have not said."""

# The columns of logged_visit and of logged_problem but for `day`.
LOGGED_VISITS = pl.Schema(
    {
        "place": pl.Int64(),
        "visit_id": pl.String(),
        "carer_no": pl.Int64(),
        **dict.fromkeys(("service_user", "provider", "zone", "service"), pl.String()),
        "planned_start": INSTANT,
        **dict.fromkeys(("planned_minutes", "carers"), pl.Int64()),
        "carer": pl.String(),
        **dict.fromkeys(("started", "ended"), INSTANT),
        "start_device": pl.String(),
        **dict.fromkeys(("start_seq", "start_grade"), pl.Int64()),
        "stop_device": pl.String(),
        **dict.fromkeys(("stop_seq", "stop_grade", "contact_seconds", "waiting_seconds"), pl.Int64()),
        "delivery": pl.String(),
        **dict.fromkeys(("late_from", "missed_from", "open_until"), INSTANT),
        "amended": pl.Boolean(),
    }
)
TOLD = {
    "kind": pl.String(),
    "device": pl.String(),
    "seq": pl.Int64(),
    **dict.fromkeys(("visit_id", "carer", "service_user", "provider"), pl.String()),
    "at": INSTANT,
    "says": pl.String(),
    "reference": pl.String(),
}
LOGGED_PROBLEMS = pl.Schema({"place": pl.Int64(), **TOLD})
LATE = pl.Schema({"provider": pl.String(), "late_minutes": pl.Int64()})


def mark_days(connection: Connection, days: Iterable[date], *, now: datetime) -> None:
    """Say that these days in London are to be worked out again from `now` on. In the transaction of what changes them, as whatever role."""
    # An earlier mark keeps its time, and is written all the same: whoever works the day out just now must see that it was marked again.
    execute(
        connection,
        """
        INSERT INTO day_to_log (day, since) SELECT day, %(now)s FROM unnest(%(days)s::date[]) AS day ORDER BY day
        ON CONFLICT (day) DO UPDATE SET since = least(day_to_log.since, excluded.since)
        """,
        {"days": sorted(set(days)), "now": now},
    )


def mark_unknown(connection: Connection, *, now: datetime) -> None:
    """The same for all days on which a tag or a badge is not known whose: somebody has just said of one."""
    mark_days(connection, [day for (day,) in fetch(connection, "SELECT days_unknown()", {})], now=now)


def mark_everything(connection: Connection, *, now: datetime) -> None:
    """The same for all days that have a planned visit or a tap, for an office that has not kept a log so far."""
    days = fetch(
        connection,
        """
        SELECT DISTINCT (planned_start AT TIME ZONE 'Europe/London')::date FROM planned_visit
        UNION SELECT DISTINCT (time AT TIME ZONE 'Europe/London')::date FROM tap
        """,
        {},
    )
    mark_days(connection, [day for (day,) in days], now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A day that waits. `version` is of its row: another when the day was marked again."""

    day: date
    version: str


def read_marks(connection: Connection, *, now: datetime, near: date) -> list[Mark]:
    """Those that are due, the nearest to a day first."""
    rows = fetch(
        connection,
        "SELECT day, xmin::text FROM day_to_log WHERE since <= %(now)s ORDER BY abs(day - %(near)s::date), day DESC",
        {"now": now, "near": near},
    )
    return [as_value(Mark, row) for row in rows]


def unmark(connection: Connection, mark: Mark) -> None:
    """The day was worked out, unless it was marked again meanwhile."""
    execute(
        connection,
        "DELETE FROM day_to_log WHERE day = %(day)s AND xmin::text = %(version)s",
        {"day": mark.day, "version": mark.version},
    )


def read_late_minutes(connection: Connection) -> pl.DataFrame:
    """From how many minutes on a visit is late, of the providers that have said: a LATE frame."""
    return read_frame(
        connection, "SELECT DISTINCT ON (provider) provider, late_minutes FROM alert_setting ORDER BY provider, number DESC", {}, LATE
    )


def write_day(connection: Connection, day: date, visits: pl.DataFrame, problems: pl.DataFrame, *, now: datetime) -> bool:
    """Bring the log of a day to these frames; says whether that changed anything. Frames: LOGGED_VISITS; TOLD, in any order."""
    # Two that work out the same day would write the same rows twice.
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime log'), %(day)s::date - date '2000-01-01')", {"day": day})
    changed = _write_visits(connection, day, visits) | _write_problems(connection, day, problems)
    known = fetch(connection, "SELECT FROM logged_day WHERE day = %(day)s", {"day": day})
    if changed or not known:
        execute(
            connection,
            """
            INSERT INTO logged_day (day, version, worked_at) VALUES (%(day)s, 1, %(now)s)
            ON CONFLICT (day) DO UPDATE SET version = logged_day.version + 1, worked_at = excluded.worked_at
            """,
            {"day": day, "now": now},
        )
        execute(connection, "SELECT pg_notify(%(channel)s, %(day)s)", {"channel": CHANNEL, "day": day.isoformat()})
    return changed


def _write_visits(connection: Connection, day: date, visits: pl.DataFrame) -> bool:
    before = read_frame(
        connection,
        """
        SELECT place, visit_id, carer_no, service_user, provider, zone, service, planned_start, planned_minutes, carers, carer, started,
               ended, start_device, start_seq, start_grade, stop_device, stop_seq, stop_grade, contact_seconds, waiting_seconds, delivery,
               late_from, missed_from, open_until, amended
        FROM logged_visit WHERE day = %(day)s
        """,
        {"day": day},
        LOGGED_VISITS,
    )
    gone = before.join(visits, on=before.columns, how="anti", nulls_equal=True)
    new = visits.join(before, on=before.columns, how="anti", nulls_equal=True)
    _delete(connection, day, gone["place"], "DELETE FROM logged_visit WHERE day = %(day)s AND place = ANY(%(places)s)")
    if not new.is_empty():
        write_frame(connection, "logged_visit", new.select(pl.lit(day).alias("day"), *LOGGED_VISITS.names()))
    return not (gone.is_empty() and new.is_empty())


def _write_problems(connection: Connection, day: date, problems: pl.DataFrame) -> bool:
    """What stays keeps its place, so that a form that was filled in meanwhile still speaks of the same."""
    before = read_frame(
        connection,
        """
        SELECT place, kind, device, seq, visit_id, carer, service_user, provider, at, says, reference FROM logged_problem
        WHERE day = %(day)s
        """,
        {"day": day},
        LOGGED_PROBLEMS,
    )
    gone = before.join(problems, on=list(TOLD), how="anti", nulls_equal=True)
    new = problems.join(before, on=list(TOLD), how="anti", nulls_equal=True)
    _delete(connection, day, gone["place"], "DELETE FROM logged_problem WHERE day = %(day)s AND place = ANY(%(places)s)")
    if not new.is_empty():
        placed = new.with_row_index("place", offset=1 + max(before["place"], default=0)).with_columns(pl.col("place").cast(pl.Int64))
        write_frame(connection, "logged_problem", placed.select(pl.lit(day).alias("day"), *LOGGED_PROBLEMS.names()))
    return not (gone.is_empty() and new.is_empty())


def _delete(connection: Connection, day: date, places: pl.Series, statement: LiteralString) -> None:
    if not places.is_empty():
        execute(connection, statement, {"day": day, "places": places.to_list()})


def latest_logged(connection: Connection, *, until: date) -> date | None:
    """The latest day that was worked out, of those up to this one; else the first after it."""
    rows = fetch(
        connection,
        """
        SELECT coalesce((SELECT max(day) FROM logged_day WHERE day <= %(until)s), (SELECT min(day) FROM logged_day WHERE day > %(until)s))
        """,
        {"until": until},
    )
    found: date | None = rows[0][0]
    return found


def unlogged(connection: Connection, first: date, last: date) -> list[date]:
    """Those of these days that were not worked out yet."""
    rows = fetch(
        connection,
        """
        SELECT day::date FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS each (day)
        WHERE NOT EXISTS (SELECT FROM logged_day WHERE logged_day.day = each.day::date) ORDER BY day
        """,
        {"first": first, "last": last},
    )
    return [day for (day,) in rows]


def planned_of(connection: Connection, days: Sequence[date]) -> list[date]:
    """Those of these days on which something is planned that this person may see: they belong into the log."""
    spans = [span_of(day) for day in days]
    rows = fetch(
        connection,
        """
        SELECT day FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS each (day, starts, ends)
        WHERE EXISTS (SELECT FROM planned_visit WHERE planned_start >= starts AND planned_start < ends) ORDER BY day
        """,
        {"days": list(days), "starts": [start for start, _ in spans], "ends": [end for _, end in spans]},
    )
    return [day for (day,) in rows]


def latest_with_visits(connection: Connection, *, until: date, provider: str | None) -> date | None:
    """The latest day up to this one that has visits in the log; None: there is none."""
    rows = fetch(
        connection,
        """
        SELECT day FROM logged_visit WHERE day <= %(until)s AND (%(provider)s::text IS NULL OR provider = %(provider)s)
        ORDER BY day DESC LIMIT 1
        """,
        {"until": until, "provider": provider},
    )
    return rows[0][0] if rows else None
