"""What is a carer's own phone told? The carer's homes, what is planned there, and the carer's visits: nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values

AT_MOST = 2000
"""Rows of one kind; no carer has as many in the time that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDoor:
    """A door as it was enrolled. `carer` is None for a reader at a home; `language` that of the carer's account, None without one."""

    alg: str
    public_key: bytes
    carer: str | None
    revoked: bool
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTold:
    """A home with one of its tags (None: the carer has tapped none of them), and what phones call it."""

    tag: str | None
    service_user: str
    called: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTold:
    """A planned visit at one of these homes."""

    visit: str
    service_user: str
    start: datetime
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTold:
    """A visit that the carer made, as the log has it."""

    service_user: str
    day: date
    planned_start: datetime | None
    planned_minutes: int | None
    started: datetime | None
    ended: datetime | None
    waiting_seconds: int
    contact_seconds: int


def find_door(connection: Connection, device: str) -> KnownDoor | None:
    """As the office."""
    rows = fetch(
        connection,
        """
        SELECT alg, public_key, carer, revoked_at IS NOT NULL,
               (SELECT language FROM person p WHERE p.carer = door.carer AND disabled_at IS NULL ORDER BY seen_at DESC NULLS LAST LIMIT 1)
        FROM door WHERE device = %(device)s
        """,
        {"device": device},
    )
    if not rows:
        return None
    alg, public_key, carer, revoked, language = rows[0]
    return KnownDoor(alg=alg, public_key=bytes(public_key), carer=carer, revoked=revoked, language=language)


def office_secret(connection: Connection) -> bytes:
    """That by which the office knows again what it gave out. As the office."""
    ((secret,),) = fetch(connection, "SELECT secret FROM office_secret", {})
    return bytes(secret)


def homes_of_own(connection: Connection, *, seen: Sequence[str], now: datetime) -> tuple[HomeTold, ...]:
    """The homes of the carer who asks, a row for each tag that she has tapped; of those `seen` by the phone itself also others."""
    rows = fetch(
        connection,
        "SELECT tag, service_user, called FROM homes_of_own(%(seen)s::text[], %(now)s) ORDER BY service_user, tag LIMIT %(limit)s",
        {"seen": list(seen), "now": now, "limit": AT_MOST},
    )
    return as_values(HomeTold, rows)


def planned_of_own(connection: Connection, *, seen: Sequence[str], now: datetime, span: tuple[datetime, datetime]) -> tuple[PlanTold, ...]:
    """What the carer's providers planned at those homes in [from, until), by its time."""
    rows = fetch(
        connection,
        """
        SELECT visit_id, service_user, planned_start, planned_minutes
        FROM planned_of_own(%(seen)s::text[], %(now)s, %(first)s, %(until)s) ORDER BY planned_start, visit_id LIMIT %(limit)s
        """,
        {"seen": list(seen), "now": now, "first": span[0], "until": span[1], "limit": AT_MOST},
    )
    return as_values(PlanTold, rows)


def visits_of_own(connection: Connection, *, first: date, last: date) -> tuple[VisitTold, ...]:
    """The visits that the carer who asks made on these days: the database shows no others."""
    rows = fetch(
        connection,
        """
        SELECT service_user, day, planned_start, planned_minutes, started, ended, waiting_seconds, contact_seconds FROM logged_visit
        WHERE day BETWEEN %(first)s AND %(last)s AND service_user IS NOT NULL
        ORDER BY coalesce(started, ended, planned_start), day, place LIMIT %(limit)s
        """,
        {"first": first, "last": last, "limit": AT_MOST},
    )
    return as_values(VisitTold, rows)


def call_home(connection: Connection, service_user: str, called: str, *, by: str, now: datetime) -> None:
    """Say what phones call a home; with nothing, they show its reference again. Raises RowRefused for another's home."""
    if not called:
        execute(connection, "DELETE FROM home_called WHERE service_user = %(home)s", {"home": service_user})
        return
    execute(
        connection,
        """
        INSERT INTO home_called (service_user, called, noted_by, noted_at) VALUES (%(home)s, %(called)s, %(by)s, %(now)s)
        ON CONFLICT (service_user) DO UPDATE SET called = excluded.called, noted_by = excluded.noted_by, noted_at = excluded.noted_at
        """,
        {"home": service_user, "called": called, "by": by, "now": now},
    )
