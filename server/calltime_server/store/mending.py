"""What is to mend, in which queue, and since when? Read from the visit log, oldest first: that is also what locks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND

OF_VISITS = ("no_start", "no_stop", "missed")
"""Queues of visits that lack an end or both; all others are of problems that the log tells in a sentence."""
FOR_THE_RECORD = ("told_twice", "entry_not_needed", "brought_not_needed", "second_tap", "waiting")
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
    start_device: str | None

    @property
    def at_door(self) -> bool:
        """Whether its start was tapped at a door: neither entered by hand nor brought by the provider's own system."""
        return self.start_device not in (None, ENTERED_BY_HAND, BROUGHT_DEVICE)

    @property
    def may_be_stop(self) -> bool:
        """Whether its one tap, which its door took for a start, is nearer to the planned end than to the planned start."""
        if self.planned_start is None or self.started is None or self.ended is not None or not self.at_door:
            return False
        return self.started - self.planned_start > timedelta(minutes=self.planned_minutes or 0) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ToLookAt:
    """A problem that is no missing end, as the log tells it. `reference`: the tag or the badge of which nobody knows whose it is; `device`:
    the door at which it was tapped.
    """

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
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The next `limit` rows of a queue behind this (day, place); `since`: as for count_queues."""

    kind: str
    since: date | None
    provider: str | None
    now: datetime
    limit: int
    behind: tuple[date, int] | None = None


# Who looked at a row sees it no more, the other side still does.
# What was mended waits until its day is worked out again, and is not to be mended twice meanwhile.
_VISITS: LiteralString = """
    SELECT known_as, lacks AS kind, day, place, visit_id, carer_no, carers, service_user, provider, planned_start, planned_minutes, carer,
           started, ended, start_device
    FROM logged_visit lacking WHERE lacks IN ('no_start', 'no_stop', 'missed') AND (%(provider)s::text IS NULL OR provider = %(provider)s)
    AND coalesce(CASE lacks WHEN 'missed' THEN missed_from WHEN 'no_stop' THEN open_until END, '-infinity') <= %(now)s
    AND NOT EXISTS (SELECT FROM looked_at l
                    WHERE l.known_as = lacking.known_as AND l.by_provider IS NOT DISTINCT FROM (SELECT own_provider()))
    AND NOT (EXISTS (SELECT FROM day_to_log w WHERE w.day = lacking.day) AND (
        EXISTS (SELECT FROM entry e WHERE e.meant_for = lacking.known_as
                AND NOT EXISTS (SELECT FROM entry_withdrawn w WHERE w.entry = e.entry))
        OR coalesce((SELECT r.kind <> 'withdrawn' FROM visit_report r WHERE r.visit_id = lacking.visit_id
                     ORDER BY r.number DESC LIMIT 1), false)))
"""
_PROBLEMS: LiteralString = """
    SELECT known_as, kind, day, place, visit_id, carer, service_user, provider, says, reference, device
    FROM logged_problem told WHERE kind <> ALL (%(elsewhere)s) AND (%(provider)s::text IS NULL OR provider = %(provider)s)
    AND NOT EXISTS (SELECT FROM looked_at l
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
# Days whose rows may be others with every minute, or with what was just mended. All others are counted already.
_CHANGING: LiteralString = "SELECT day FROM logged_day WHERE day >= %(late)s UNION SELECT day FROM day_to_log"
# What is counted is as if nobody had looked at a row: those at which somebody has are taken off.
_COUNTS: LiteralString = (
    """
    WITH looked AS (
        SELECT DISTINCT known_as FROM looked_at WHERE by_provider IS NOT DISTINCT FROM (SELECT own_provider())
    ), rows AS (
        SELECT kind, day, provider, rows FROM logged_queue WHERE provider = coalesce(%(provider)s, (SELECT own_provider()), '')
        UNION ALL SELECT v.lacks, v.day, v.provider, -1 FROM looked JOIN logged_visit v USING (known_as)
        WHERE v.lacks IS NOT NULL AND (%(provider)s::text IS NULL OR v.provider = %(provider)s)
        UNION ALL SELECT p.kind, p.day, p.provider, -1 FROM looked JOIN logged_problem p USING (known_as)
        WHERE p.kind <> ALL (%(elsewhere)s) AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
    ), by_day AS (
        SELECT kind, day, sum(rows) AS rows FROM (
            SELECT kind, day, provider, rows FROM rows WHERE day <> ALL (%(changing)s::date[])
            UNION ALL SELECT kind, day, provider, 1 FROM ("""  # noqa: S608 (made of what stands here)
    + _VISITS
    + """ AND day = ANY(%(changing)s::date[])) AS visits
            UNION ALL SELECT kind, day, provider, 1 FROM ("""
    + _PROBLEMS
    + """ AND day = ANY(%(changing)s::date[])) AS problems
        ) AS waiting WHERE """
    + _OPEN
    + """ GROUP BY kind, day
    )
    SELECT kind, sum(rows)::bigint, min(day),
           coalesce(sum(rows) FILTER (WHERE day <= %(locking)s AND day >= coalesce(%(first)s::date, '-infinity')), 0)::bigint
    FROM by_day WHERE rows > 0 GROUP BY kind
    """
)
ELSEWHERE = [*OF_VISITS, *FOR_THE_RECORD]
"""Problems that are in no queue of their own."""
CHANGING = timedelta(days=3)
"""So long a day may still change by the clock alone: its visits may be made until after midnight."""


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
    changing = [day for (day,) in fetch(connection, _CHANGING, {"late": day_of(now) - CHANGING})]
    rows = fetch(
        connection,
        _COUNTS,
        {"since": since, "first": locking[0], "locking": locking[1], "provider": provider, "now": now, "elsewhere": ELSEWHERE}
        | {"changing": changing},
    )
    return tuple(sorted(as_values(Queue, rows), key=lambda each: (each.kind not in OF_VISITS, -each.locking, each.oldest, each.kind)))


def list_visits(connection: Connection, part: Part) -> tuple[ToMend, ...]:
    """Part of a queue of visits."""
    return as_values(ToMend, _rows_of(connection, _VISITS + " AND lacks = %(kind)s", part))


def list_problems(connection: Connection, part: Part) -> tuple[ToLookAt, ...]:
    """Part of a queue of problems."""
    return as_values(ToLookAt, _rows_of(connection, _PROBLEMS + " AND kind = %(kind)s", part))


def list_rows(connection: Connection, part: Part) -> tuple[ToMend, ...] | tuple[ToLookAt, ...]:
    """Part of whichever queue it is."""
    return list_visits(connection, part) if part.kind in OF_VISITS else list_problems(connection, part)


def _rows_of(connection: Connection, waiting: LiteralString, part: Part) -> list[tuple[Any, ...]]:
    day, place = part.behind or (None, None)
    return fetch(
        connection,
        "SELECT * FROM ("  # noqa: S608 (what stands above)
        + waiting
        + ") AS waiting WHERE "
        + _OPEN
        + " AND (%(day)s::date IS NULL OR (day, place) > (%(day)s::date, %(place)s::integer)) ORDER BY day, place LIMIT %(limit)s",
        {"kind": part.kind, "since": part.since, "provider": part.provider, "now": part.now, "limit": part.limit}
        | {"elsewhere": ELSEWHERE, "day": day, "place": place},
    )


def find_visits(connection: Connection, known_as: Sequence[str], *, now: datetime) -> dict[str, ToMend]:
    """Those of these rows that still stand as they did: nobody has mended them, and no tap has come."""
    rows = fetch(
        connection,
        _VISITS + " AND day = ANY(%(days)s::date[]) AND known_as = ANY(%(known_as)s)",
        {"days": _days_in(known_as), "known_as": list(known_as), "provider": None, "now": now},
    )
    found = as_values(ToMend, rows)
    return {each.known_as: each for each in found}


def find_problems(connection: Connection, known_as: Sequence[str]) -> dict[str, ToLookAt]:
    """Those of these problems that are still told, and at which nobody has looked."""
    rows = fetch(
        connection,
        _PROBLEMS + " AND day = ANY(%(days)s::date[]) AND known_as = ANY(%(known_as)s)",
        {"days": _days_in(known_as), "known_as": list(known_as), "provider": None, "elsewhere": ELSEWHERE},
    )
    found = as_values(ToLookAt, rows)
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
