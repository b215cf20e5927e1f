"""How is what people tell and agree written down? Whole frames at a time, with who and when; nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch, insert_frame

Told = Literal["visit_report", "absence", "entry", "carer_provider", "journey", "package", "block", "provider"]


def one_file_at_a_time(connection: Connection) -> None:
    """Let nobody else bring a file of the plan or of agreements until this transaction ends: what was shown stays what is written.

    Settlements are not kept waiting by that, and do not keep anybody waiting here; see `ledger.share_now` for what they need.
    """
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime files'))", {})


def note(connection: Connection, table: Told, frame: pl.DataFrame, *, by: str, now: datetime) -> int:
    """Append rows whose columns are the table's own, and say how many."""
    stamped = frame.with_columns(noted_by=pl.lit(by), noted_at=pl.lit(now).cast(pl.Datetime("ms", "UTC")))
    insert_frame(connection, table, stamped)
    return frame.height


def unknown_visits(connection: Connection, visits: list[str]) -> list[str]:
    """Those of these visits that nobody planned."""
    rows = fetch(
        connection,
        "SELECT v FROM unnest(%(visits)s::text[]) AS v WHERE NOT EXISTS (SELECT FROM planned_visit WHERE visit_id = v) ORDER BY v",
        {"visits": visits},
    )
    return [visit for (visit,) in rows]


class EntryRefused(ValueError):
    """An entry cannot be withdrawn; the message says why."""


def withdraw_entry(connection: Connection, entry: int, *, by: str, why: str, now: datetime) -> datetime:
    """Say that an end was entered in error, and return its time. It stays in the record and counts no more. Raises EntryRefused."""
    times = fetch(connection, "SELECT time FROM entry WHERE entry = %(entry)s", {"entry": entry})
    if not times:
        raise EntryRefused(f"There is no entry {entry}. The visit that it was made for shows its number.")
    written = execute(
        connection,
        """
        INSERT INTO entry_withdrawn (entry, reason, noted_by, noted_at) VALUES (%(entry)s, %(why)s, %(by)s, %(now)s)
        ON CONFLICT DO NOTHING
        """,
        {"entry": entry, "why": why, "by": by, "now": now},
    )
    if not written:
        raise EntryRefused(f"Entry {entry} was withdrawn already. Nothing was changed.")
    time: datetime = times[0][0]
    return time
