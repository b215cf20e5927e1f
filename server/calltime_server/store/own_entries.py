"""What was entered by hand for a carer, by whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """An end of a visit that somebody entered by hand for the carer who looks."""

    time: datetime
    action: str
    service_user: str
    english: str
    welsh: str
    words: str | None
    by: str
    entered_at: datetime


def entries_of_own(connection: Connection, *, first: date, last: date) -> list[OwnEntry]:
    """Those of some days, as the carer: the database shows no others' entries."""
    rows = fetch(
        connection,
        """
        SELECT time, action, service_user, coalesce(r.english, e.reason), coalesce(r.welsh, r.english, e.reason), words,
               e.noted_by, e.noted_at
        FROM entry e LEFT JOIN LATERAL (SELECT english, welsh FROM reason WHERE code = e.reason ORDER BY number DESC LIMIT 1) AS r ON true
        WHERE time >= %(start)s AND time < %(end)s ORDER BY time, entry
        """,
        {"start": span_of(first)[0], "end": span_of(last + timedelta(days=1))[0]},
    )
    return list(as_values(OwnEntry, rows))
