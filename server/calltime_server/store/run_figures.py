"""What do runs come to: each as a whole, and one by provider, outcome and reason? From figures that are kept with every line.

Whoever is bound by row-level security gets those of the lines that they may see: a provider its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in the list of runs. `period` is whether it is that of a pay period; `parked` and `refused` count lines."""

    run: int
    first_day: date
    last_day: date
    period: bool
    closed: bool
    state: str
    lines: int
    differences: int
    paid: int
    parked: int
    refused: int
    parked_minutes: int
    pence: int


def list_run_rows(connection: Connection, *, before: int | None = None, at_most: int = 27) -> tuple[RunRow, ...]:
    """The runs, the latest first; those with a number below `before`, for the next page."""
    rows = fetch(
        connection,
        """
        SELECT p.run, (from_time AT TIME ZONE 'Europe/London')::date,
               ((to_time - interval '1 second') AT TIME ZONE 'Europe/London')::date, y.first_day IS NOT NULL, c.first_day IS NOT NULL,
               coalesce((SELECT state FROM run_state s WHERE s.run = p.run ORDER BY number DESC LIMIT 1), 'draft'), own.*
        FROM (SELECT * FROM payment_run WHERE run < coalesce(%(before)s::bigint, 9223372036854775807)
              ORDER BY run DESC LIMIT %(at_most)s) AS p
        LEFT JOIN pay_period y USING (run) LEFT JOIN period_closed c USING (first_day) CROSS JOIN LATERAL (
            SELECT coalesce(sum(lines), 0)::bigint, coalesce(sum(differences), 0)::bigint,
                   coalesce(sum(lines) FILTER (WHERE outcome = 'pay'), 0)::bigint,
                   coalesce(sum(lines) FILTER (WHERE outcome = 'park'), 0)::bigint,
                   coalesce(sum(lines) FILTER (WHERE outcome = 'refuse'), 0)::bigint,
                   coalesce(sum(parked_minutes), 0)::bigint, coalesce(sum(pence), 0)::bigint
            FROM run_figure f WHERE f.run = p.run
        ) AS own ORDER BY p.run DESC
        """,
        {"before": before, "at_most": at_most},
    )
    return as_values(RunRow, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What the lines of one provider with one outcome and reason come to in a run."""

    provider: str
    kind: str
    outcome: str
    reason: str
    lines: int
    differences: int
    planned_minutes: int
    contact_seconds: int
    paid_minutes: int
    parked_minutes: int
    pence: int


def read_run_figures(connection: Connection, run: int) -> tuple[Figure, ...]:
    """Those of a run that are not nothing."""
    rows = fetch(
        connection,
        """
        SELECT provider, kind, outcome, reason, lines, differences, planned_minutes, contact_seconds, paid_minutes, parked_minutes, pence
        FROM run_figure WHERE run = %(run)s AND (lines <> 0 OR differences <> 0) ORDER BY provider, outcome, reason, kind
        """,
        {"run": run},
    )
    return as_values(Figure, rows)
