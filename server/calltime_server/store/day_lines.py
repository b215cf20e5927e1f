"""What stands in the ledger for a day: its sums by provider, and its lines, a page at a time?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from calltime_server.store.connection import Connection, fetch, read_frame
from calltime_server.store.ledger import RUN_LINES
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import span_of

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigure:
    """What the standing lines of one provider with one outcome come to on a day; `commissioned_minutes` of visits alone."""

    provider: str
    outcome: str
    lines: int
    commissioned_minutes: int
    contact_seconds: int
    paid_minutes: int
    pence: int


def read_day_figures(connection: Connection, day: date, *, provider: str | None) -> tuple[DayFigure, ...]:
    """Those that are not nothing, by provider. A reversal takes off what its line had put on, whatever its run."""
    rows = fetch(
        connection,
        """
        SELECT provider, outcome, sum(lines)::bigint, coalesce(sum(planned_minutes) FILTER (WHERE kind = 'visit'), 0)::bigint,
               sum(contact_seconds)::bigint, sum(paid_minutes)::bigint, sum(pence)::bigint
        FROM ledger_figure WHERE day = %(day)s AND (%(provider)s::text IS NULL OR provider = %(provider)s)
        GROUP BY provider, outcome HAVING sum(lines) <> 0 ORDER BY provider, outcome
        """,
        {"day": day, "provider": provider},
    )
    return as_values(DayFigure, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which standing lines of a day; None is all. `after` is the place of the last line of the page before: its start, visit and carer."""

    day: date
    provider: str | None = None
    outcome: str | None = None
    reason: str | None = None
    zone: str | None = None
    carer: str | None = None
    service_user: str | None = None
    after: tuple[datetime, str, int] | None = None


def read_day_lines(connection: Connection, wanted: Wanted, *, at_most: int = PAGE) -> pl.DataFrame:
    """Read a RUN_LINES frame in the order of a statement: the visits of the day, and what is settled with it and is no visit."""
    start, end = span_of(wanted.day)
    after = wanted.after or (None, None, None)
    return read_frame(
        connection,
        """
        WITH wanted AS (
            SELECT * FROM (
                (SELECT * FROM standing_line WHERE falls_on IS NULL
                 AND planned_start >= coalesce(%(after_start)s::timestamptz, %(start)s) AND planned_start < %(end)s
                 AND (%(after_start)s::timestamptz IS NULL
                      OR (planned_start, visit_id, carer_no) > (%(after_start)s::timestamptz, %(after_visit)s::text, %(after_no)s::integer))
                 AND (%(provider)s::text IS NULL OR provider = %(provider)s) AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
                 AND (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(zone)s::text IS NULL OR zone = %(zone)s)
                 AND (%(carer)s::text IS NULL OR carer = %(carer)s)
                 AND (%(service_user)s::text IS NULL OR service_user = %(service_user)s)
                 ORDER BY planned_start, visit_id, carer_no LIMIT %(at_most)s)
                UNION ALL
                (SELECT * FROM standing_line WHERE falls_on = %(day)s
                 AND (%(after_start)s::timestamptz IS NULL
                      OR (planned_start, visit_id, carer_no) > (%(after_start)s::timestamptz, %(after_visit)s::text, %(after_no)s::integer))
                 AND (%(provider)s::text IS NULL OR provider = %(provider)s) AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
                 AND (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(zone)s::text IS NULL OR zone = %(zone)s)
                 AND (%(carer)s::text IS NULL OR carer = %(carer)s)
                 AND (%(service_user)s::text IS NULL OR service_user = %(service_user)s)
                 ORDER BY planned_start, visit_id, carer_no LIMIT %(at_most)s)
            ) AS either ORDER BY planned_start, visit_id, carer_no LIMIT %(at_most)s
        )
        SELECT line, run, reverses, visit_id, carer_no, kind, service_user, provider, coalesce(payee, provider), package, zone, service,
               carer, period, planned_start, planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade,
               delivery, contact_seconds, waiting_seconds, paid_minutes, parked_minutes, pence, rounding_360000ths,
               coalesce(council_pence, pence), health_pence, charge_pence, bank_minutes, outcome, reason, explanation, falls_on
        FROM wanted ORDER BY planned_start, visit_id, carer_no
        """,
        {
            "start": start,
            "end": end,
            "day": wanted.day,
            "at_most": at_most,
            "provider": wanted.provider,
            "outcome": wanted.outcome,
            "reason": wanted.reason,
            "zone": wanted.zone,
            "carer": wanted.carer,
            "service_user": wanted.service_user,
            "after_start": after[0],
            "after_visit": after[1],
            "after_no": after[2],
        },
        RUN_LINES,
    )
