"""What does a run take back of other runs, as differences: how many of whose lines, of which days?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values
from calltime_server.store.run_lines import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Lines of the run `of` that another takes back: their days, how many they are, and what that changes its sum by."""

    of: int
    first_day: date
    last_day: date
    lines: int
    pence: int


def read_differences(connection: Connection, run: int, wanted: Wanted) -> tuple[Differences, ...]:
    """Those among the `wanted` lines of a run, by the run that they are of."""
    # Reversals are few, and each looks up the one line that it takes back.
    rows = fetch(
        connection,
        """
        SELECT taken.run, min(day), max(day), count(*), sum(r.pence)::bigint
        FROM ledger_line r,
            LATERAL (SELECT run, coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date) AS day
                     FROM ledger_line WHERE line = r.reverses LIMIT 1) AS taken
        WHERE r.run = %(run)s AND r.reverses IS NOT NULL AND taken.run <> r.run
        AND (%(provider)s::text IS NULL OR r.provider = %(provider)s) AND (%(outcome)s::text IS NULL OR r.outcome = %(outcome)s)
        AND (%(reason)s::text IS NULL OR r.reason = %(reason)s)
        GROUP BY taken.run ORDER BY taken.run
        """,
        {"run": run, "provider": wanted.provider, "outcome": wanted.outcome, "reason": wanted.reason},
    )
    return as_values(Differences, rows)


def runs_of_lines(connection: Connection, lines: Collection[int]) -> dict[int, int]:
    """In which run each of these lines stands."""
    rows = fetch(connection, "SELECT line, run FROM ledger_line WHERE line = ANY(%(lines)s::bigint[])", {"lines": list(lines)})
    return {int(line): int(run) for line, run in rows}
