"""Which visits were reported as not made, by whom, and does that stand? And which rows of queues were looked at, with which words?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.rights import Person
from calltime_server.store.amending import Filter
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One report. `by_provider` is whose account wrote it (None: the council's). `then` is what was told of the visit next, or None."""

    number: int
    visit_id: str
    kind: str
    told_at: datetime
    why: str
    by_provider: str | None
    by: str
    at: datetime
    service_user: str | None
    provider: str | None
    planned_start: datetime | None
    then: str | None
    then_why: str | None
    then_by: str | None
    then_at: datetime | None

    @property
    def stands(self) -> bool:
        """Whether nothing was told of the visit since."""
        return self.then is None


_REPORTS = """
    SELECT r.number, r.visit_id, r.kind, r.told_at, r.reason, r.by_provider, r.noted_by, r.noted_at, p.service_user, p.provider,
           p.planned_start, n.kind, n.reason, n.noted_by, n.noted_at
    FROM visit_report r LEFT JOIN planned_visit p ON p.visit_id = r.visit_id
    LEFT JOIN LATERAL (
        SELECT kind, reason, noted_by, noted_at FROM visit_report n WHERE n.visit_id = r.visit_id AND n.number > r.number
        ORDER BY n.number LIMIT 1) n ON true
    WHERE r.kind <> 'withdrawn'
"""


def reports_of(connection: Connection, visit_id: str) -> tuple[Reported, ...]:
    """Everything that was reported of this visit, oldest first."""
    return as_values(Reported, fetch(connection, _REPORTS + " AND r.visit_id = %(visit)s ORDER BY r.number", {"visit": visit_id}))


def find_report(connection: Connection, number: int) -> Reported | None:
    """One report; None: there is none that the asking role may see."""
    rows = as_values(Reported, fetch(connection, _REPORTS + " AND r.number = %(number)s", {"number": number}))
    return rows[0] if rows else None


def list_reports(connection: Connection, wanted: Filter, *, limit: int, behind: int | None = None) -> tuple[Reported, ...]:
    """Part of all reports, the latest first: those before the number `behind`. None has a reason of the list."""
    start, end = span_of(wanted.day) if wanted.day else (None, None)
    rows = fetch(
        connection,
        _REPORTS
        + """
        AND %(reason)s::text IS NULL AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
        AND (%(by)s::text IS NULL OR r.noted_by = %(by)s)
        AND (%(start)s::timestamptz IS NULL OR (p.planned_start >= %(start)s AND p.planned_start < %(end)s))
        AND (%(behind)s::bigint IS NULL OR r.number < %(behind)s) ORDER BY r.number DESC LIMIT %(limit)s
        """,
        {
            "provider": wanted.provider,
            "by": wanted.by,
            "reason": wanted.reason,
            "start": start,
            "end": end,
            "behind": behind,
            "limit": limit,
        },
    )
    return as_values(Reported, rows)


def write_withdrawal(connection: Connection, report: Reported, who: Person, *, why: str, now: datetime) -> None:
    """Let a report count no more: the visit was missed again, as far as the record goes."""
    execute(
        connection,
        """
        INSERT INTO visit_report (visit_id, kind, told_at, reason, person, noted_by, noted_at)
        VALUES (%(visit_id)s, 'withdrawn', %(now)s, %(why)s, %(person)s, %(by)s, %(now)s)
        """,
        {"visit_id": report.visit_id, "why": why, "person": who.id, "by": who.name, "now": now},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """That somebody looked at a row of a queue and changed nothing."""

    number: int
    kind: str
    day: date
    provider: str
    words: str
    by_provider: str | None
    by: str
    at: datetime


def list_looks(connection: Connection, wanted: Filter, *, limit: int, behind: int | None = None) -> tuple[Look, ...]:
    """Part of all looks, the latest first: those before the number `behind`. With a reason of the list there are none."""
    rows = fetch(
        connection,
        """
        SELECT number, kind, day, provider, words, by_provider, noted_by, noted_at FROM looked_at
        WHERE %(reason)s::text IS NULL AND (%(provider)s::text IS NULL OR provider = %(provider)s)
        AND (%(by)s::text IS NULL OR noted_by = %(by)s) AND (%(day)s::date IS NULL OR day = %(day)s)
        AND (%(behind)s::bigint IS NULL OR number < %(behind)s) ORDER BY number DESC LIMIT %(limit)s
        """,
        {"provider": wanted.provider, "by": wanted.by, "reason": wanted.reason, "day": wanted.day, "behind": behind, "limit": limit},
    )
    return as_values(Look, rows)
