"""What is to mend, in which queue, and since when? Read from the visit log, oldest first: that is also what locks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from calltime_server.store.connection import Connection, fetch

OF_VISITS = ("no_start", "no_stop", "missed")
"""Queues of visits that lack an end or both; all others are of problems that the log tells in a sentence."""
FOR_THE_RECORD = ("told_twice", "entry_not_needed", "second_tap", "waiting")
"""Problems of which nobody need do anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`oldest` is the day of its first row; `locking` of its rows are of days that lock next."""

    kind: str
    count: int
    oldest: date
    locking: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMend:
    """A visit that lacks an end. Without a plan visit_id, carer_no and what was planned are None; of a missed one `carer` is None."""

    known_as: str
    kind: str
    day: date
    place: int
    visit_id: str | None
    carer_no: int | None
    carers: int | None
    service_user: str
    provider: str | None
    planned_start: datetime | None
    planned_minutes: int | None
    carer: str | None
    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToLookAt:
    """A problem that is no missing end, as the log tells it. `reference`: the tag or the badge of which nobody knows whose it is."""

    known_as: str
    kind: str
    day: date
    place: int
    visit_id: str | None
    carer: str | None
    service_user: str | None
    provider: str | None
    says: str
    reference: str | None


# Who looked at a row sees it no more, the other side still does.
# What was mended waits until its day is worked out again, and is not to be mended twice meanwhile.
_VISITS = """
    SELECT * FROM (
        SELECT known_as(v.day, 'visit', visit_id, carer_no::text, start_device, start_seq::text, stop_device, stop_seq::text) AS known_as,
               CASE WHEN started IS NULL AND ended IS NULL AND delivery = 'missed' AND coalesce(missed_from, '-infinity') <= %(now)s
                    THEN 'missed'
                    WHEN ended IS NULL AND started IS NOT NULL AND delivery IN ('no_stop', 'not_planned')
                         AND coalesce(open_until, '-infinity') <= %(now)s THEN 'no_stop'
                    WHEN started IS NULL AND ended IS NOT NULL AND delivery IN ('no_start', 'not_planned') THEN 'no_start' END AS kind,
               v.day, place, visit_id, carer_no, carers, service_user, provider, planned_start, planned_minutes, carer, started, ended
        FROM logged_visit v WHERE (started IS NULL OR ended IS NULL) AND service_user IS NOT NULL
        AND (%(provider)s::text IS NULL OR provider = %(provider)s)
    ) AS lacking WHERE kind IS NOT NULL
    AND NOT EXISTS (SELECT FROM looked_at l
                    WHERE l.known_as = lacking.known_as AND l.by_provider IS NOT DISTINCT FROM (SELECT own_provider()))
    AND NOT (EXISTS (SELECT FROM day_to_log w WHERE w.day = lacking.day) AND (
        EXISTS (SELECT FROM entry e WHERE e.meant_for = lacking.known_as
                AND NOT EXISTS (SELECT FROM entry_withdrawn w WHERE w.entry = e.entry))
        OR coalesce((SELECT r.kind <> 'withdrawn' FROM visit_report r WHERE r.visit_id = lacking.visit_id
                     ORDER BY r.number DESC LIMIT 1), false)))
"""
_PROBLEMS = """
    SELECT * FROM (
        SELECT known_as(day, 'problem', kind, device, seq::text, visit_id, carer, service_user) AS known_as,
               kind, day, place, visit_id, carer, service_user, provider, says, reference
        FROM logged_problem WHERE kind <> ALL (%(elsewhere)s) AND (%(provider)s::text IS NULL OR provider = %(provider)s)
    ) AS told WHERE NOT EXISTS (SELECT FROM looked_at l
                                WHERE l.known_as = told.known_as AND l.by_provider IS NOT DISTINCT FROM (SELECT own_provider()))
"""
# Days from `since` on, and earlier ones that were opened again for whom the row concerns. That there is none is known before rows are read.
_OPEN: LiteralString = """
    day >= CASE WHEN %(since)s::date IS NULL THEN '-infinity' ELSE least(%(since)s::date, (
        SELECT min(first_day) FROM unlock_asked JOIN unlock_decided USING (unlock) WHERE open_until > %(now)s)) END
    AND (day >= coalesce(%(since)s::date, '-infinity') OR EXISTS (
        SELECT FROM unlock_asked a JOIN unlock_decided USING (unlock)
        WHERE a.provider = waiting.provider AND waiting.day BETWEEN a.first_day AND a.last_day AND open_until > %(now)s))
"""
_COUNTS: LiteralString = (
    "SELECT kind, count(*), min(day), count(*) FILTER (WHERE day <= %(locking)s AND day >= coalesce(%(first)s::date, '-infinity')) FROM ("  # noqa: S608 (made of what stands here)
    "SELECT kind, day, provider FROM (" + _VISITS + ") AS v UNION ALL SELECT kind, day, provider FROM (" + _PROBLEMS + ") AS p"
    ") AS waiting WHERE " + _OPEN + " GROUP BY kind"
)
_ELSEWHERE = [*OF_VISITS, *FOR_THE_RECORD]


def count_queues(
    connection: Connection,
    *,
    since: date | None,
    locking: tuple[date | None, date | None],
    provider: str | None,
    now: datetime,
) -> tuple[Queue, ...]:
    """All queues that have rows from that day on (None: all), or of earlier days that were opened again; those of visits first.

    `locking` are the first and the last day that lock next; without a last one none do.
    """
    rows = fetch(
        connection,
        _COUNTS,
        {"since": since, "first": locking[0], "locking": locking[1], "provider": provider, "now": now, "elsewhere": _ELSEWHERE},
    )
    queues = [Queue(kind=kind, count=count, oldest=oldest, locking=locking) for kind, count, oldest, locking in rows]
    return tuple(sorted(queues, key=lambda each: (each.kind not in OF_VISITS, -each.locking, each.oldest, each.kind)))


def list_visits(
    connection: Connection,
    *,
    kind: str,
    since: date | None,
    provider: str | None,
    now: datetime,
    limit: int,
    behind: tuple[date, int] | None = None,
) -> tuple[ToMend, ...]:
    """Part of a queue of visits: its rows behind that (day, place)."""
    day, place = behind or (None, None)
    rows = fetch(
        connection,
        "SELECT * FROM ("  # noqa: S608 (what stands above)
        + _VISITS
        + " AND kind = %(kind)s) AS waiting WHERE "
        + _OPEN
        + " AND (%(day)s::date IS NULL OR (day, place) > (%(day)s::date, %(place)s::integer)) ORDER BY day, place LIMIT %(limit)s",
        {"kind": kind, "since": since, "provider": provider, "now": now, "limit": limit, "day": day, "place": place},
    )
    return tuple(ToMend(**dict(zip(ToMend.__dataclass_fields__, row, strict=True))) for row in rows)


def find_visits(connection: Connection, known_as: Sequence[str], *, now: datetime) -> dict[str, ToMend]:
    """Those of these rows that still stand as they did: nobody has mended them, and no tap has come."""
    rows = fetch(
        connection,
        _VISITS + " AND day = ANY(%(days)s::date[]) AND known_as = ANY(%(known_as)s)",
        {"days": _days_in(known_as), "known_as": list(known_as), "provider": None, "now": now},
    )
    found = (ToMend(**dict(zip(ToMend.__dataclass_fields__, row, strict=True))) for row in rows)
    return {each.known_as: each for each in found}


def list_problems(
    connection: Connection,
    *,
    kind: str,
    since: date | None,
    provider: str | None,
    now: datetime,
    limit: int,
    behind: tuple[date, int] | None = None,
) -> tuple[ToLookAt, ...]:
    """Part of a queue of problems: its rows behind that (day, place)."""
    day, place = behind or (None, None)
    rows = fetch(
        connection,
        "SELECT * FROM ("  # noqa: S608 (what stands above)
        + _PROBLEMS
        + " AND kind = %(kind)s) AS waiting WHERE "
        + _OPEN
        + " AND (%(day)s::date IS NULL OR (day, place) > (%(day)s::date, %(place)s::integer)) ORDER BY day, place LIMIT %(limit)s",
        {
            "kind": kind,
            "since": since,
            "provider": provider,
            "now": now,
            "limit": limit,
            "elsewhere": _ELSEWHERE,
            "day": day,
            "place": place,
        },
    )
    return tuple(ToLookAt(**dict(zip(ToLookAt.__dataclass_fields__, row, strict=True))) for row in rows)


def find_problems(connection: Connection, known_as: Sequence[str]) -> dict[str, ToLookAt]:
    """Those of these problems that are still told, and at which nobody has looked."""
    rows = fetch(
        connection,
        _PROBLEMS + " AND day = ANY(%(days)s::date[]) AND known_as = ANY(%(known_as)s)",
        {"days": _days_in(known_as), "known_as": list(known_as), "provider": None, "elsewhere": _ELSEWHERE},
    )
    found = (ToLookAt(**dict(zip(ToLookAt.__dataclass_fields__, row, strict=True))) for row in rows)
    return {each.known_as: each for each in found}


def _days_in(known_as: Sequence[str]) -> list[date]:
    """The days that these names begin with; what was not made by us names none."""
    days = set()
    for name in known_as:
        try:
            days.add(date.fromisoformat(name.partition(".")[0]))
        except ValueError:
            continue
    return sorted(days)


def carers_of(connection: Connection, provider: str) -> tuple[str, ...]:
    """Who works for this provider, or ever did, by reference."""
    rows = fetch(
        connection, "SELECT DISTINCT carer FROM carer_provider WHERE provider = %(provider)s ORDER BY carer", {"provider": provider}
    )
    return tuple(carer for (carer,) in rows)


def known_carers(connection: Connection, carers: Sequence[str]) -> frozenset[str]:
    """Those of these carers who have worked for somebody, have a badge or a door, or made a visit, as far as whoever asks may see."""
    rows = fetch(
        connection,
        """
        SELECT c FROM unnest(%(carers)s::text[]) AS c WHERE EXISTS (SELECT FROM carer_provider WHERE carer = c)
        OR EXISTS (SELECT FROM badge WHERE carer = c) OR EXISTS (SELECT FROM door WHERE carer = c)
        OR EXISTS (SELECT FROM logged_visit WHERE carer = c)
        """,
        {"carers": list(carers)},
    )
    return frozenset(carer for (carer,) in rows)


def carers_at(connection: Connection, visits: Sequence[str]) -> dict[str, frozenset[str]]:
    """Who is known to have been at these planned visits: by the log, and by what was entered for them since."""
    rows = fetch(
        connection,
        """
        SELECT visit_id, array_agg(DISTINCT carer) FROM (
            SELECT visit_id, carer FROM logged_visit WHERE visit_id = ANY(%(visits)s) AND carer IS NOT NULL
            UNION ALL SELECT visit_id, carer FROM entry e WHERE visit_id = ANY(%(visits)s)
            AND NOT EXISTS (SELECT FROM entry_withdrawn w WHERE w.entry = e.entry)
        ) AS there GROUP BY visit_id
        """,
        {"visits": list(visits)},
    )
    return {visit: frozenset(carers) for visit, carers in rows}
