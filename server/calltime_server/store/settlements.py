"""Which settlements were there: of what span, by which terms, from what, and what came out?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A settlement as it is recorded. `inputs` has a digest for each frame; `terms` are the digests of the files."""

    settlement: int
    start: datetime
    end: datetime
    terms: tuple[str, ...]
    inputs: Mapping[str, str]
    inputs_digest: str
    digest: str
    settled_at: datetime


def settlements_of(connection: Connection, run: int) -> tuple[Recorded, ...]:
    """Those that added to this run, oldest first."""
    rows = fetch(
        connection,
        """
        SELECT settlement, from_time, to_time, terms, inputs, inputs_digest, digest, settled_at FROM settlement
        WHERE settlement IN (SELECT settlement FROM ledger_line WHERE run = %(run)s) ORDER BY settlement
        """,
        {"run": run},
    )
    return tuple(replace(each, terms=tuple(each.terms)) for each in as_values(Recorded, rows))


def settled_between(connection: Connection, *, start: datetime, end: datetime | None) -> tuple[datetime, datetime] | None:
    """From when to when, within [start, end), something was settled (None as `end`: without a bound). None: nothing was."""
    found = fetch(
        connection,
        """
        SELECT greatest(min(from_time), %(start)s), least(max(to_time), %(end)s::timestamptz) FROM settlement
        WHERE from_time < coalesce(%(end)s::timestamptz, 'infinity') AND to_time > %(start)s HAVING count(*) > 0
        """,
        {"start": start, "end": end},
    )
    return (found[0][0], found[0][1]) if found else None


def read_terms_text(connection: Connection, sha256: str) -> tuple[str, str] | None:
    """The name and the text of a file of terms by which something was settled."""
    rows = fetch(connection, "SELECT name, text FROM terms_text WHERE sha256 = %(sha256)s", {"sha256": sha256})
    return (rows[0][0], rows[0][1]) if rows else None
