"""What should somebody look at, of a day or of a visit?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from calltime_server.store.connection import Connection, fetch

SENTENCES = 20
"""So many sentences of a kind are shown with a day; more are in the queues of what is to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row of logged_problem."""

    day: date
    place: int
    kind: str
    device: str | None
    seq: int | None
    visit_id: str | None
    carer: str | None
    service_user: str | None
    provider: str | None
    at: datetime | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfKind:
    """How many there are of a kind, and the first sentences."""

    count: int
    sentences: tuple[str, ...]


# While a visit is under way its stop may still be tapped, and while its time is not over the second carer may still come.
_OVER: LiteralString = """NOT (
    (kind = 'no_stop' AND EXISTS (SELECT FROM logged_visit v WHERE v.visit_id = p.visit_id AND v.start_device = p.device
                                  AND v.start_seq = p.seq AND v.delivery = 'no_stop' AND v.open_until > %(now)s))
    OR (kind = 'one_carer_short' AND EXISTS (SELECT FROM logged_visit v WHERE v.visit_id = p.visit_id AND v.delivery = 'missed'
                                             AND v.missed_from > %(now)s)))"""


def problems_of_day(connection: Connection, day: date, *, provider: str | None, now: datetime) -> Mapping[str, OfKind]:
    """What is told of a day, by kind."""
    rows = fetch(
        connection,
        """
        SELECT kind, count(*), (array_agg(says ORDER BY at NULLS LAST, place))[:%(sentences)s] FROM logged_problem p
        WHERE day = %(day)s AND (%(provider)s::text IS NULL OR provider = %(provider)s) AND """  # noqa: S608
        + _OVER
        + " GROUP BY kind",
        {"day": day, "provider": provider, "sentences": SENTENCES, "now": now},
    )
    return {kind: OfKind(count=count, sentences=tuple(sentences)) for kind, count, sentences in rows}


def problems_of_visit(connection: Connection, visit_id: str, *, now: datetime) -> list[Problem]:
    """What is told of a planned visit."""
    rows = fetch(
        connection,
        """
        SELECT day, place, kind, device, seq, visit_id, carer, service_user, provider, at, says FROM logged_problem p
        WHERE visit_id = %(visit_id)s AND """  # noqa: S608
        + _OVER
        + " ORDER BY day, at, place",
        {"visit_id": visit_id, "now": now},
    )
    return [_problem(row) for row in rows]


def read_problems(
    connection: Connection, *, first: date, last: date, provider: str | None, kind: str | None, after: tuple[date, int] | None, limit: int
) -> list[Problem]:
    """Those of some days after a place, in the order of the log."""
    rows = fetch(
        connection,
        """
        SELECT day, place, kind, device, seq, visit_id, carer, service_user, provider, at, says FROM logged_problem
        WHERE day BETWEEN %(first)s AND %(last)s AND (%(provider)s::text IS NULL OR provider = %(provider)s)
        AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (day, place) > (%(day)s::date, %(place)s::integer)
        ORDER BY day, place LIMIT %(limit)s
        """,
        {"first": first, "last": last, "provider": provider, "kind": kind, "limit": limit}
        | dict(zip(("day", "place"), after or (first, 0), strict=True)),
    )
    return [_problem(row) for row in rows]


def _problem(row: Sequence[object]) -> Problem:
    return Problem(**dict(zip(Problem.__dataclass_fields__, row, strict=True)))  # type: ignore[arg-type]
