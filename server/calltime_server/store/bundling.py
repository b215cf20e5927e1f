"""What was signed and stored behind a run? The records themselves, with the doors that made them, for somebody who does not believe us."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from calltime_server.store.connection import Connection, read_frame
from calltime_server.visits.columns import INSTANT
from calltime_server.visits.signed import DOORS, POSTED, RECEIPTS, TAGS

# A record with the receipt under which it was stored; `jws` is null where the record is gone.
STORED = pl.Schema({**RECEIPTS, "received_at": INSTANT, "jws": pl.String()})


def read_stored(connection: Connection, *, start: datetime, end: datetime, known_by: datetime) -> pl.DataFrame:
    """Read what was stored by then of the doors whose taps lie in [start, end), as a STORED frame: whole chains.

    Of each door from the first to the last number that such a tap has, or a record that tells the time of one. A door that has declared a
    loss says so in a later record: there the chain goes on to its end.
    """
    return read_frame(
        connection,
        """
        WITH seen AS (
            SELECT device, seq, boot FROM tap WHERE time >= %(start)s AND time < %(end)s AND received_at <= %(known_by)s
            UNION ALL SELECT device, seq, boot FROM untimed_tap WHERE received_at <= %(known_by)s
        ), needed AS (
            SELECT device, seq FROM seen
            UNION ALL SELECT device, seq FROM clock_record
                      WHERE (device, boot) IN (SELECT device, boot FROM seen) AND received_at <= %(known_by)s
        ), range AS (
            SELECT device, min(seq) AS first,
                   CASE WHEN device NOT IN (SELECT device FROM declared_loss WHERE received_at <= %(known_by)s) THEN max(seq) END AS last
            FROM needed GROUP BY device
        )
        SELECT device, seq, rtrim(translate(encode(digest, 'base64'), '+/', '-_'), '='),
               rtrim(translate(encode(prev, 'base64'), '+/', '-_'), '='), receipt.received_at, jws
        FROM range JOIN receipt USING (device)
        LEFT JOIN (SELECT device, seq, jws FROM every_tap UNION ALL SELECT device, seq, jws FROM clock_record) AS record USING (device, seq)
        WHERE seq BETWEEN first AND coalesce(last, seq) AND receipt.received_at <= %(known_by)s
        ORDER BY device, seq
        """,
        {"start": start, "end": end, "known_by": known_by},
        STORED,
    )


def read_doors(connection: Connection) -> pl.DataFrame:
    """Read for whom each door is enrolled, and its public key in base64url."""
    return read_frame(
        connection,
        """
        SELECT device, alg, rtrim(translate(replace(encode(public_key, 'base64'), E'\\n', ''), '+/', '-_'), '='), carer, home
        FROM door ORDER BY device
        """,
        {},
        DOORS,
    )


def read_tags(connection: Connection, *, known_by: datetime) -> pl.DataFrame:
    """Read at whose home each tag hangs."""
    return read_frame(
        connection, "SELECT tag, service_user FROM tag WHERE made_at <= %(known_by)s ORDER BY tag", {"known_by": known_by}, TAGS
    )


def read_posted(connection: Connection, run: int) -> pl.DataFrame:
    """Read every entry of a run, lines and reversals, as a POSTED frame."""
    return read_frame(
        connection,
        """
        SELECT l.line, l.visit_id, l.carer_no, l.pence, l.reverses, undone.run, undone.pence
        FROM ledger_line l LEFT JOIN ledger_line undone ON undone.line = l.reverses WHERE l.run = %(run)s ORDER BY l.line
        """,
        {"run": run},
        POSTED,
    )


def read_runs_of(connection: Connection, lines: list[int]) -> pl.DataFrame:
    """Read which run posted each of these lines: line, run."""
    return read_frame(
        connection,
        "SELECT line, run FROM ledger_line WHERE line = ANY(%(lines)s) ORDER BY line",
        {"lines": lines},
        pl.Schema({"line": pl.Int64(), "run": pl.Int64()}),
    )
