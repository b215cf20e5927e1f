"""Which lines has a run: a page of them at a time, all of them as a stream, and what came in since the provider was shown it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, LiteralString

import polars as pl

from calltime_server.store.connection import Connection, fetch, read_frame, stream
from calltime_server.store.ledger import RUN_LINES
from calltime_server.store.rows import as_values

PAGE = 50
"""Lines on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines of a run; None is all. `after` is the last line of the page before; `differences`: those of other runs, taken back."""

    provider: str | None = None
    outcome: str | None = None
    reason: str | None = None
    zone: str | None = None
    carer: str | None = None
    service_user: str | None = None
    after: int = 0
    differences: bool = False


def read_run_lines(connection: Connection, run: int, wanted: Wanted, *, at_most: int = PAGE) -> pl.DataFrame:
    """Read a RUN_LINES frame, in the order of the ledger. What a run takes back itself is left out, with its reversal."""
    return read_frame(
        connection,
        """
        SELECT l.line, l.run, l.reverses, l.visit_id, l.carer_no, l.kind, l.service_user, l.provider, coalesce(l.payee, l.provider),
               l.package, l.zone, l.service, l.carer, l.period, l.planned_start, l.planned_minutes, l.started, l.ended, l.start_device,
               l.start_seq, l.stop_device, l.stop_seq, l.grade, l.delivery, l.contact_seconds, l.waiting_seconds, l.paid_minutes,
               l.parked_minutes, l.pence, l.rounding_360000ths, coalesce(l.council_pence, l.pence), l.health_pence, l.charge_pence,
               l.bank_minutes, l.outcome, l.reason, l.explanation, l.falls_on
        FROM ledger_line l
        WHERE l.run = %(run)s AND l.line > %(after)s
        AND (%(provider)s::text IS NULL OR l.provider = %(provider)s) AND (%(outcome)s::text IS NULL OR l.outcome = %(outcome)s)
        AND (%(reason)s::text IS NULL OR l.reason = %(reason)s) AND (%(zone)s::text IS NULL OR l.zone = %(zone)s)
        AND (%(carer)s::text IS NULL OR l.carer = %(carer)s)
        AND (%(service_user)s::text IS NULL OR l.service_user = %(service_user)s)
        AND (NOT %(differences)s OR l.reverses IS NOT NULL)
        AND NOT EXISTS (SELECT FROM ledger_line undone WHERE undone.line = l.reverses AND undone.run = l.run)
        AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line AND r.run = l.run)
        ORDER BY l.line LIMIT %(at_most)s
        """,
        {
            "run": run,
            "after": wanted.after,
            "provider": wanted.provider,
            "outcome": wanted.outcome,
            "reason": wanted.reason,
            "zone": wanted.zone,
            "carer": wanted.carer,
            "service_user": wanted.service_user,
            "differences": wanted.differences,
            "at_most": at_most,
        },
        RUN_LINES,
    )


def stream_run(connection: Connection, run: int, *, through: int, provider: str | None, form: Literal["csv", "jsonl"]) -> Iterator[bytes]:
    """Give all lines of a run as they come from the database, whatever their number: CSV with a heading, or a JSON object a line.

    As the run stood after its entry `through`: what came in since it was looked at is left out, whatever it takes back.
    """
    asked = {"run": run, "through": through, "provider": provider}
    if form == "csv":
        return stream(connection, _LINES, asked, heading=True)
    # A JSON text has no line break in it and none of these two characters, so each is written as it is.
    as_json: LiteralString = "SELECT row_to_json(every) FROM (" + _LINES + ") AS every"  # noqa: S608 (two literals)
    return stream(connection, as_json, asked, delimiter="\x02", quote="\x01")


_LINES = """
    SELECT l.line, l.run, l.reverses, l.visit_id, l.carer_no, l.kind, l.service_user, l.provider, coalesce(l.payee, l.provider) AS payee,
           l.package, l.zone, l.service, l.carer, l.period,
           to_char(l.planned_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS planned_start, l.planned_minutes,
           replace(to_char(l.started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z') AS started,
           replace(to_char(l.ended AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z') AS ended,
           l.start_device, l.start_seq, l.stop_device, l.stop_seq, l.grade, l.delivery, l.contact_seconds, l.waiting_seconds,
           l.paid_minutes, l.parked_minutes, l.pence, coalesce(l.council_pence, l.pence) AS council_pence, l.health_pence, l.charge_pence,
           l.bank_minutes, l.outcome, l.reason, l.explanation
    FROM ledger_line l
    WHERE l.run = %(run)s AND l.line <= %(through)s AND (%(provider)s::text IS NULL OR l.provider = %(provider)s)
    AND NOT EXISTS (SELECT FROM ledger_line undone WHERE undone.line = l.reverses AND undone.run = l.run)
    AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line AND r.run = l.run AND r.line <= %(through)s)
    ORDER BY l.line
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What another run takes back of a run: so many of its lines, which came to `pence`."""

    run: int
    lines: int
    pence: int


def read_taken_back(connection: Connection, run: int) -> tuple[TakenBack, ...]:
    """By which other runs lines of this one were taken back."""
    # Reversals are few. They are found by the numbers between which the lines of the run lie, and looked up one by one: a join would be
    # planned for many, and read every line of the run.
    rows = fetch(
        connection,
        """
        SELECT r.run, count(*), -sum(r.pence)::bigint
        FROM ledger_line r, LATERAL (SELECT run FROM ledger_line WHERE line = r.reverses LIMIT 1) AS taken
        WHERE r.reverses BETWEEN (SELECT min(line) FROM ledger_line WHERE run = %(run)s)
            AND (SELECT max(line) FROM ledger_line WHERE run = %(run)s)
            AND taken.run = %(run)s AND r.run <> %(run)s GROUP BY r.run ORDER BY r.run
        """,
        {"run": run},
    )
    return as_values(TakenBack, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An entry that came into a run after it was sent: a new line, or what takes back one that was there."""

    line: int
    reverses: int | None
    visit_id: str
    carer_no: int
    provider: str
    outcome: str
    reason: str
    pence: int


def read_moved(connection: Connection, run: int, *, through: int, at_most: int = PAGE) -> tuple[Moved, ...]:
    """What came into a run after this entry, oldest first."""
    rows = fetch(
        connection,
        """
        SELECT line, reverses, visit_id, carer_no, provider, outcome, reason, pence FROM ledger_line
        WHERE run = %(run)s AND line > %(through)s ORDER BY line LIMIT %(at_most)s
        """,
        {"run": run, "through": through, "at_most": at_most},
    )
    return as_values(Moved, rows)
