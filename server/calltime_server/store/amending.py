"""What was amended by hand: who, when, why, what the taps said, and what stands now? Entries and reports stand beside the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.rights import Person
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An end to enter. `meant_for` is the row of a queue that it mends, `visit_id` the planned visit (None: of none)."""

    time: datetime
    action: str
    carer: str
    service_user: str
    provider: str | None
    reason: str
    words: str | None
    visit_id: str | None
    meant_for: str | None
    as_planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What to write of a planned visit that was not made."""

    visit_id: str
    kind: str
    told_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLook:
    """That somebody looked at a row of a queue, in words."""

    known_as: str
    kind: str
    day: date
    provider: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An end by hand: it was missing (the record had no tap of it), and `time` is what was entered. `withdrawn_why`: it counts no more.

    `by_provider` is whose account entered it; None: the council's.
    """

    entry: int
    time: datetime
    action: str
    carer: str
    service_user: str
    provider: str | None
    reason: str
    reason_english: str
    reason_welsh: str | None
    words: str | None
    as_planned: bool
    by: str
    at: datetime
    withdrawn_why: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    by_provider: str | None


# The words of a reason are those that it had when it was given.
_AMENDMENTS = """
    SELECT e.entry, e.time, e.action, e.carer, e.service_user, e.provider, e.reason, coalesce(r.english, e.reason), r.welsh, e.words,
           coalesce(e.as_planned, false), e.noted_by, e.noted_at, w.reason, w.noted_by, w.noted_at, e.by_provider
    FROM entry e LEFT JOIN entry_withdrawn w USING (entry)
    LEFT JOIN LATERAL (
        SELECT english, welsh FROM reason WHERE code = e.reason ORDER BY noted_at > e.noted_at, number DESC LIMIT 1) r ON true
"""


def amendments_of(connection: Connection, visit_id: str) -> tuple[Amendment, ...]:
    """Every end by hand that is part of this visit now, or was meant for it; oldest first."""
    rows = fetch(
        connection,
        _AMENDMENTS  # noqa: S608 (what stands above)
        + """
        WHERE e.entry IN (
            SELECT CASE WHEN start_device = 'office' THEN start_seq END FROM logged_visit WHERE visit_id = %(visit)s
            UNION ALL SELECT CASE WHEN stop_device = 'office' THEN stop_seq END FROM logged_visit WHERE visit_id = %(visit)s
            UNION ALL SELECT entry FROM entry WHERE visit_id = %(visit)s
        ) ORDER BY e.entry
        """,
        {"visit": visit_id},
    )
    return as_values(Amendment, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which amendments: None is all. `day` is the London day of the end."""

    provider: str | None = None
    by: str | None = None
    reason: str | None = None
    day: date | None = None


def list_amendments(connection: Connection, wanted: Filter, *, limit: int, behind: int | None = None) -> tuple[Amendment, ...]:
    """Part of all amendments, the latest first: those before the entry `behind`."""
    start, end = span_of(wanted.day) if wanted.day else (None, None)
    rows = fetch(
        connection,
        _AMENDMENTS
        + """
        WHERE (%(provider)s::text IS NULL OR e.provider = %(provider)s) AND (%(by)s::text IS NULL OR e.noted_by = %(by)s)
        AND (%(reason)s::text IS NULL OR e.reason = %(reason)s)
        AND (%(start)s::timestamptz IS NULL OR (e.time >= %(start)s AND e.time < %(end)s))
        AND (%(behind)s::bigint IS NULL OR e.entry < %(behind)s) ORDER BY e.entry DESC LIMIT %(limit)s
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
    return as_values(Amendment, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Who entered how many ends by hand; `as_planned` of them were the planned time to the minute."""

    by: str
    provider: str | None
    entered: int
    as_planned: int
    withdrawn: int


def list_editors(connection: Connection, *, since: datetime, limit: int = 50) -> tuple[Editor, ...]:
    """Who enters most, since then."""
    rows = fetch(
        connection,
        """
        SELECT e.noted_by, e.provider, count(*), count(*) FILTER (WHERE e.as_planned), count(w.entry)
        FROM entry e LEFT JOIN entry_withdrawn w USING (entry) WHERE e.noted_at >= %(since)s
        GROUP BY e.noted_by, e.provider ORDER BY count(*) DESC, e.noted_by LIMIT %(limit)s
        """,
        {"since": since, "limit": limit},
    )
    return as_values(Editor, rows)


def hold_rows(connection: Connection, known_as: Sequence[str]) -> None:
    """Let nobody else mend these rows until this transaction ends. To be called before they are looked at again."""
    for name in sorted(set(known_as)):
        execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime mending'), hashtext(%(name)s))", {"name": name})


def write_entry(connection: Connection, entry: NewEntry, who: Person, *, now: datetime) -> None:
    """Enter an end by hand."""
    execute(
        connection,
        """
        INSERT INTO entry (time, action, carer, service_user, reason, words, provider, visit_id, meant_for, as_planned,
                           person, noted_by, noted_at)
        VALUES (%(time)s, %(action)s, %(carer)s, %(service_user)s, %(reason)s, %(words)s, %(provider)s, %(visit_id)s, %(meant_for)s,
                %(as_planned)s, %(person)s, %(by)s, %(now)s)
        """,
        {name: getattr(entry, name) for name in NewEntry.__dataclass_fields__} | {"person": who.id, "by": who.name, "now": now},
    )


def write_report(connection: Connection, report: NewReport, who: Person, *, now: datetime) -> None:
    """Write down why a visit was not made."""
    execute(
        connection,
        """
        INSERT INTO visit_report (visit_id, kind, told_at, reason, person, noted_by, noted_at)
        VALUES (%(visit_id)s, %(kind)s, %(told_at)s, %(reason)s, %(person)s, %(by)s, %(now)s)
        """,
        {name: getattr(report, name) for name in NewReport.__dataclass_fields__} | {"person": who.id, "by": who.name, "now": now},
    )


def write_look(connection: Connection, look: NewLook, who: Person, *, now: datetime) -> None:
    """Write down that somebody looked."""
    execute(
        connection,
        """
        INSERT INTO looked_at (known_as, kind, day, provider, words, person, noted_by, noted_at)
        VALUES (%(known_as)s, %(kind)s, %(day)s, %(provider)s, %(words)s, %(person)s, %(by)s, %(now)s)
        """,
        {name: getattr(look, name) for name in NewLook.__dataclass_fields__} | {"person": who.id, "by": who.name, "now": now},
    )


def find_entry(connection: Connection, entry: int) -> Amendment | None:
    """One entry, withdrawn or not; None: there is none that the asking role may see."""
    rows = as_values(Amendment, fetch(connection, _AMENDMENTS + " WHERE e.entry = %(entry)s", {"entry": entry}))
    return rows[0] if rows else None


def withdraw(connection: Connection, entry: int, who: Person, *, why: str, now: datetime) -> bool:
    """Let an entry count no more. False: it was withdrawn already."""
    written = execute(
        connection,
        """
        INSERT INTO entry_withdrawn (entry, reason, person, noted_by, noted_at) VALUES (%(entry)s, %(why)s, %(person)s, %(by)s, %(now)s)
        ON CONFLICT DO NOTHING
        """,
        {"entry": entry, "why": why, "person": who.id, "by": who.name, "now": now},
    )
    return written == 1
