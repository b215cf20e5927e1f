"""What should somebody look at, of a day or of a visit?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.logged import Wanted, asked_for, conditions
from calltime_server.store.rows import as_values

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


# While a visit is under way its stop may still be tapped, and while its time is not over the second carer may still come. Only a visit of a
# day or two ago can be, and it is looked for by itself: to gather all such visits of a year first would take seconds.
_OVER: LiteralString = """NOT (
    (kind = 'no_stop' AND p.day >= %(now)s::timestamptz::date - 3
     AND EXISTS (SELECT FROM logged_visit v WHERE v.visit_id = p.visit_id AND v.start_device = p.device
                 AND v.start_seq = p.seq AND v.delivery = 'no_stop' AND v.open_until > %(now)s AND v.day BETWEEN p.day - 1 AND p.day + 1))
    OR (kind = 'one_carer_short' AND p.day >= %(now)s::timestamptz::date - 3
        AND EXISTS (SELECT FROM logged_visit v WHERE v.visit_id = p.visit_id AND v.delivery = 'missed'
                    AND v.missed_from > %(now)s AND v.day BETWEEN p.day - 1 AND p.day + 1)))"""


def problems_of_day(connection: Connection, wanted: Wanted, *, now: datetime) -> Mapping[str, OfKind]:
    """What is told of the first of these days, by kind: of the visits, carers and service users that are asked for."""
    rows = fetch(
        connection,
        """
        SELECT kind, count(*), (array_agg(says ORDER BY at NULLS LAST, place))[:%(sentences)s] FROM logged_problem p
        WHERE day = %(first)s AND """  # noqa: S608
        + " AND ".join([*_concerned(wanted), _OVER])
        + " GROUP BY kind",
        asked_for(wanted) | {"sentences": SENTENCES, "now": now},
    )
    return {kind: OfKind(count=count, sentences=tuple(sentences)) for kind, count, sentences in rows}


def _concerned(wanted: Wanted) -> Iterator[LiteralString]:
    """Whose problems they are. A problem has no zone, no service and no state: its visit has."""
    if wanted.provider:
        yield "provider = %(provider)s"
    if wanted.carer:
        yield "carer = %(carer)s"
    if wanted.service_user:
        yield "service_user = %(service_user)s"
    if wanted.search:
        yield "(visit_id = %(search)s OR service_user = %(search)s OR carer = %(search)s)"
    if any((wanted.zone, wanted.service, wanted.state, wanted.delivery, wanted.amended is not None)):
        yield "visit_id IN (SELECT visit_id FROM logged_visit WHERE " + conditions(wanted) + ")"  # noqa: S608 (made of literals)


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
    return list(as_values(Problem, rows))


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
    return list(as_values(Problem, rows))
