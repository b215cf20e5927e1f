"""What is written into the ledger, and what stands in it? Lines are added, never edited: a correction is a reversal and a new line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch, read_frame, write_frame
from calltime_server.visits.columns import INSTANT

# A ledger line as it was decided.
LINE = pl.Schema(
    {
        "visit_id": pl.String(),
        "carer_no": pl.Int64(),
        "service_user": pl.String(),
        "provider": pl.String(),
        "zone": pl.String(),
        "service": pl.String(),
        "carer": pl.String(),
        "planned_start": INSTANT,
        "planned_minutes": pl.Int64(),
        "started": INSTANT,
        "ended": INSTANT,
        "start_device": pl.String(),
        "start_seq": pl.Int64(),
        "stop_device": pl.String(),
        "stop_seq": pl.Int64(),
        "grade": pl.Int64(),
        "contact_seconds": pl.Int64(),
        "paid_minutes": pl.Int64(),
        "pence": pl.Int64(),
        "outcome": pl.String(),
        "reason": pl.String(),
        "explanation": pl.String(),
    }
)
# The same with its number in the ledger.
STANDING = pl.Schema({"line": pl.Int64(), **LINE})

KEY = ["visit_id", "carer_no"]


class DoublePay(RuntimeError):
    """A settlement would pay one contact twice; the message says which, and what to settle instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a settlement changed in the ledger: its run (an earlier one, if nothing was new), lines added and lines reversed."""

    run: int
    added: int
    reversed: int


def read_standing(
    connection: Connection, *, start: datetime | None = None, end: datetime | None = None, visits: Sequence[str] = ()
) -> pl.DataFrame:
    """Read the lines that stand for visits planned in [start, end), and for these visits: a STANDING frame in the order of a statement."""
    return read_frame(
        connection,
        """
        SELECT line, visit_id, carer_no, service_user, provider, zone, service, carer, planned_start, planned_minutes, started, ended,
               start_device, start_seq, stop_device, stop_seq, grade, contact_seconds, paid_minutes, pence, outcome, reason, explanation
        FROM standing_line
        WHERE (planned_start >= %(start)s::timestamptz AND planned_start < %(end)s::timestamptz) OR visit_id = ANY(%(visits)s)
        ORDER BY planned_start, visit_id, carer_no
        """,
        {"start": start, "end": end, "visits": list(visits)},
        STANDING,
    )


def lock(connection: Connection) -> None:
    """Let no other settlement write until this transaction ends. To be taken before the inputs are read: else older news could win."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime ledger'))", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line or reversal of a visit, with the (device, number) of the taps behind it."""

    line: int
    run: int
    settled_at: datetime
    reverses: int | None
    carer_no: int
    pence: int
    outcome: str
    explanation: str
    taps: tuple[tuple[str, int], ...]


def read_history(connection: Connection, visit_id: str) -> list[Entry]:
    """List every line and reversal of a visit, oldest first."""
    rows = fetch(
        connection,
        """
        SELECT line, run, settled_at, reverses, carer_no, pence, outcome, explanation, start_device, start_seq, stop_device, stop_seq
        FROM ledger_line JOIN payment_run USING (run) WHERE visit_id = %(visit_id)s ORDER BY line
        """,
        {"visit_id": visit_id},
    )
    return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    line, run, settled_at, reverses, carer_no, pence, outcome, explanation, *ends = row
    taps = tuple((device, seq) for device, seq in (ends[:2], ends[2:]) if device is not None)
    return Entry(
        line=line, run=run, settled_at=settled_at, reverses=reverses, carer_no=carer_no,
        pence=pence, outcome=outcome, explanation=explanation, taps=taps,
    )  # fmt: skip


def post(
    connection: Connection,
    *,
    start: datetime,
    end: datetime,
    lines: pl.DataFrame,
    terms_name: str,
    terms_sha256: str,
    digest: str,
    now: datetime,
) -> Posted:
    """Bring the ledger to these lines (LINE, for planned visits in [start, end)) with the fewest entries. The ledger must be locked.

    A line that stands already with the same content is left alone; running the same settlement again writes nothing at all.
    """
    decided = lines.select(LINE.names())
    # A visit that was moved here from another day has its old line there: it must not be paid on both.
    standing = read_standing(connection, start=start, end=end, visits=decided["visit_id"].unique().to_list())
    unchanged = standing.join(decided, on=LINE.names(), how="semi", nulls_equal=True)
    outdated = standing.join(unchanged.select("line"), on="line", how="anti")
    added = decided.join(unchanged.select(KEY), on=KEY, how="anti")
    latest = _latest_run(connection, start=start, end=end)
    if added.is_empty() and outdated.is_empty() and latest is not None and latest[1] == digest:
        return Posted(run=latest[0], added=0, reversed=0)
    run = _open_run(connection, start=start, end=end, terms_name=terms_name, terms_sha256=terms_sha256, digest=digest, now=now)
    _reverse(connection, run, outdated["line"].to_list())
    write_frame(connection, "ledger_line", added.with_columns(run=pl.lit(run)))
    _refuse_double_pay(connection, added)
    return Posted(run=run, added=added.height, reversed=outdated.height)


def _refuse_double_pay(connection: Connection, added: pl.DataFrame) -> None:
    """Raise DoublePay when a tap that begins one of these lines begins another that stands: a contact belongs to one visit."""
    begun = added.drop_nulls("start_device")
    twice = fetch(
        connection,
        """
        SELECT start_device, start_seq, min(planned_start), max(planned_start), string_agg(visit_id, ' and ' ORDER BY visit_id)
        FROM standing_line
        JOIN (SELECT DISTINCT * FROM unnest(%(devices)s::text[], %(seqs)s::bigint[]) AS t (start_device, start_seq)) AS begun
             USING (start_device, start_seq)
        GROUP BY start_device, start_seq HAVING count(*) > 1
        """,
        {"devices": begun["start_device"].to_list(), "seqs": begun["start_seq"].to_list()},
    )
    if twice:
        device, seq, first, last, visits = twice[0]
        raise DoublePay(
            f"Tap {device}/{seq} would stand behind the visits {visits}, planned on {first:%-d %B %Y} and {last:%-d %B %Y}. "
            "Nothing was written. Settle all of these days together: --from the first --to the last."
        )


def _latest_run(connection: Connection, *, start: datetime, end: datetime) -> tuple[int, str] | None:
    rows = fetch(
        connection,
        "SELECT run, digest FROM payment_run WHERE from_time = %(start)s AND to_time = %(end)s ORDER BY run DESC LIMIT 1",
        {"start": start, "end": end},
    )
    return (rows[0][0], rows[0][1]) if rows else None


def _open_run(
    connection: Connection, *, start: datetime, end: datetime, terms_name: str, terms_sha256: str, digest: str, now: datetime
) -> int:
    rows = fetch(
        connection,
        """
        INSERT INTO payment_run (from_time, to_time, terms_name, terms_sha256, digest, settled_at)
        VALUES (%(start)s, %(end)s, %(name)s, %(sha256)s, %(digest)s, %(now)s) RETURNING run
        """,
        {"start": start, "end": end, "name": terms_name, "sha256": terms_sha256, "digest": digest, "now": now},
    )
    return int(rows[0][0])


def _reverse(connection: Connection, run: int, lines: list[int]) -> None:
    execute(
        connection,
        """
        INSERT INTO ledger_line (run, reverses, visit_id, carer_no, service_user, provider, zone, service, carer, planned_start,
            planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade, contact_seconds, paid_minutes,
            pence, outcome, reason, explanation)
        SELECT %(run)s, line, visit_id, carer_no, service_user, provider, zone, service, carer, planned_start,
            planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade, -contact_seconds, -paid_minutes,
            -pence, outcome, reason, format('Reversal of line %%s, which later news made untrue: %%s', line, explanation)
        FROM ledger_line WHERE line = ANY(%(lines)s) ORDER BY line
        """,
        {"run": run, "lines": lines},
    )
