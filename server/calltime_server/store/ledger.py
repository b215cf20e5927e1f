"""What stands in the ledger? Lines are added, never edited: a correction is a reversal and a new line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from calltime_server.payment.lines import LINES
from calltime_server.store.connection import Connection, execute, fetch, read_frame
from calltime_server.store.rows import as_value

# A ledger line as it was decided; `falls_on` is null for a visit, else the last day of the period to which it belongs.
LINE = pl.Schema({**LINES, "explanation": pl.String(), "falls_on": pl.Date()})
# The same with its number in the ledger.
STANDING = pl.Schema({"line": pl.Int64(), **LINE})
# A line of a run; `reverses` names the line of an earlier run that it takes back (its pence below nothing).
RUN_LINES = pl.Schema({"line": pl.Int64(), "run": pl.Int64(), "reverses": pl.Int64(), **LINE})

KEY = ["visit_id", "carer_no"]


class DoublePay(RuntimeError):
    """A settlement would pay one contact twice; the message says which, and what to settle instead."""


def read_standing(
    connection: Connection, *, start: datetime | None = None, end: datetime | None = None, visits: Sequence[str] = ()
) -> pl.DataFrame:
    """Read the lines that stand for [start, end), and for these visits: a STANDING frame in the order of a statement."""
    return read_frame(
        connection,
        """
        SELECT line, visit_id, carer_no, kind, service_user, provider, coalesce(payee, provider), package, zone, service, carer, period,
               planned_start, planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade, delivery,
               contact_seconds, waiting_seconds, paid_minutes, parked_minutes, pence, rounding_360000ths, coalesce(council_pence, pence),
               health_pence, charge_pence, bank_minutes, outcome, reason, explanation, falls_on
        FROM standing_line
        WHERE (planned_start >= %(start)s::timestamptz AND planned_start < %(end)s::timestamptz AND falls_on IS NULL)
        OR (falls_on >= (%(start)s::timestamptz AT TIME ZONE 'Europe/London')::date
            AND falls_on < (%(end)s::timestamptz AT TIME ZONE 'Europe/London')::date)
        OR visit_id = ANY(%(visits)s)
        ORDER BY planned_start, visit_id, carer_no
        """,
        {"start": start, "end": end, "visits": list(visits)},
        STANDING,
    )


def read_standing_at(connection: Connection, run: int, *, start: datetime, end: datetime) -> pl.DataFrame:
    """Read what stood for [start, end) after the last settlement of this run, as a STANDING frame: what came later does not count.

    That settlement may have gone on to other runs; its lines follow one another in the ledger, for it was locked.
    """
    return read_frame(
        connection,
        """
        WITH own AS (SELECT coalesce(max(line), 0) AS line, max(settlement) AS settlement FROM ledger_line WHERE run = %(run)s),
        upto AS (SELECT greatest(own.line, (SELECT l.line FROM ledger_line l WHERE l.settlement = own.settlement AND l.line >= own.line
                                            ORDER BY l.line DESC LIMIT 1)) AS line FROM own)
        SELECT l.line, visit_id, carer_no, kind, service_user, provider, coalesce(payee, provider), package, zone, service, carer, period,
               planned_start, planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade, delivery,
               contact_seconds, waiting_seconds, paid_minutes, parked_minutes, pence, rounding_360000ths, coalesce(council_pence, pence),
               health_pence, charge_pence, bank_minutes, outcome, reason, explanation, falls_on
        FROM ledger_line l, upto
        WHERE l.line <= upto.line AND reverses IS NULL
        AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line AND r.line <= upto.line)
        AND ((planned_start >= %(start)s::timestamptz AND planned_start < %(end)s::timestamptz AND falls_on IS NULL)
        OR (falls_on >= (%(start)s::timestamptz AT TIME ZONE 'Europe/London')::date
            AND falls_on < (%(end)s::timestamptz AT TIME ZONE 'Europe/London')::date))
        ORDER BY planned_start, visit_id, carer_no
        """,
        {"run": run, "start": start, "end": end},
        STANDING,
    )


def read_run(connection: Connection, run: int) -> pl.DataFrame:
    """Read what a run comes to, as a RUN_LINES frame in the order of the ledger.

    A line that was reversed in the same run is left out with its reversal: while the run was a draft, it was only thought of.
    """
    return read_frame(
        connection,
        """
        SELECT l.line, l.run, l.reverses, l.visit_id, l.carer_no, l.kind, l.service_user, l.provider, coalesce(l.payee, l.provider),
               l.package, l.zone, l.service, l.carer, l.period, l.planned_start, l.planned_minutes, l.started, l.ended, l.start_device,
               l.start_seq, l.stop_device, l.stop_seq, l.grade, l.delivery, l.contact_seconds, l.waiting_seconds, l.paid_minutes,
               l.parked_minutes, l.pence, l.rounding_360000ths, coalesce(l.council_pence, l.pence), l.health_pence, l.charge_pence,
               l.bank_minutes, l.outcome, l.reason, l.explanation, l.falls_on
        FROM ledger_line l LEFT JOIN ledger_line undone ON undone.line = l.reverses
        WHERE l.run = %(run)s AND undone.run IS DISTINCT FROM l.run
        AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line AND r.run = l.run)
        ORDER BY l.line
        """,
        {"run": run},
        RUN_LINES,
    )


def lock(connection: Connection) -> None:
    """Let no other settlement write until this transaction ends. To be taken before the inputs are read: else older news could win."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime ledger'))", {})


def lock_now(connection: Connection) -> datetime:
    """Lock the ledger, and say what time it is then: all that was received before, and all that the office noted, can be read now.

    Taken before the lock, the time of a settlement that had to wait for another would be older than what that one knew. And a batch that
    was received before now may still be on its way into the record: the lock of its table waits for such batches, and is let go at once. So
    is the one that waits for whoever is noting something: nobody who notes has to wait until days are settled.
    """
    lock(connection)
    with connection.transaction(force_rollback=True):
        execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime noting'))", {})
        now = datetime.now(UTC)
        execute(connection, "LOCK TABLE receipt IN SHARE MODE", {})
    return now


def share_now(connection: Connection, clock: Callable[[], datetime]) -> datetime:
    """Let no settlement say what time it is until this transaction ends, and say it here. To be called right before something is noted.

    Noted at a time from before, it could be committed after a settlement that says it knew all that was noted until then. Many may note
    at once, also while days are settled: what is noted then is later than what was settled.
    """
    execute(connection, "SELECT pg_advisory_xact_lock_shared(hashtext('calltime noting'))", {})
    return clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line or reversal of a visit, with the (device, number) of the taps behind it. `posted_in`: first day of the run's pay period."""

    line: int
    run: int
    settled_at: datetime
    reverses: int | None
    carer_no: int
    pence: int
    outcome: str
    explanation: str
    posted_in: date | None
    payee: str
    provider: str
    package: str | None
    parked_minutes: int
    council_pence: int
    health_pence: int
    charge_pence: int
    taps: tuple[tuple[str, int], ...]


def read_history(connection: Connection, visit_id: str) -> list[Entry]:
    """List every line and reversal of a visit, oldest first."""
    rows = fetch(
        connection,
        """
        SELECT line, l.run, coalesce(s.settled_at, p.settled_at), reverses, carer_no, pence, outcome, explanation, pay_period.first_day,
               coalesce(payee, provider), provider, package, parked_minutes, coalesce(council_pence, pence), health_pence, charge_pence,
               start_device, start_seq, stop_device, stop_seq
        FROM ledger_line l JOIN payment_run p USING (run) LEFT JOIN settlement s USING (settlement)
        LEFT JOIN pay_period ON pay_period.run = l.run
        WHERE visit_id = %(visit_id)s ORDER BY line
        """,
        {"visit_id": visit_id},
    )
    return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    *values, start_device, start_seq, stop_device, stop_seq = row
    taps = tuple((device, seq) for device, seq in ((start_device, start_seq), (stop_device, stop_seq)) if device is not None)
    return as_value(Entry, (*values, taps))
