"""Up to which day can providers amend no more, and who has asked to be let in again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.rights import Person, Role
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_value, as_values
from calltime_server.visits.civil_day import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """`through` is the last locked day; `next_through` will be at `next_at`. None: nothing is locked, nothing is announced."""

    through: date | None = None
    next_through: date | None = None
    next_at: datetime | None = None

    @property
    def open_since(self) -> date | None:
        """The first day that is not locked."""
        return self.through + timedelta(days=1) if self.through else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """A provider's wish to amend locked days (both included), and what became of it: `decided_by` is None while nobody has answered."""

    unlock: int
    provider: str
    first_day: date
    last_day: date
    why: str
    asked_by: str
    asked_at: datetime
    open_until: datetime | None
    answer: str | None
    decided_by: str | None
    decided_at: datetime | None


def read_lock(connection: Connection, *, now: datetime) -> Lock:
    """How it stands now. What locks next is the earliest that is announced: unless a later word has come, that locks no later."""
    rows = fetch(
        connection,
        """
        SELECT (SELECT locked_through FROM lock_date WHERE locks_at <= %(now)s ORDER BY number DESC LIMIT 1), next.*
        FROM (SELECT 1) AS one LEFT JOIN (
            SELECT locked_through, locks_at FROM lock_date announced WHERE locks_at > %(now)s
            AND NOT EXISTS (SELECT FROM lock_date later WHERE later.number > announced.number AND later.locks_at <= announced.locks_at)
            ORDER BY locks_at, number DESC LIMIT 1
        ) AS next ON true
        """,
        {"now": now},
    )
    return as_value(Lock, rows[0])


def bound_since(lock: Lock, who: Person) -> date | None:
    """From which day on this person may amend; None: of all, for the council is not bound."""
    return lock.open_since if who.role is Role.PROVIDER else None


def may_lock(through: date, *, at: datetime, now: datetime) -> bool:
    """Whether all days up to this one are over when it locks: a day that is under way, or to come, is mended first."""
    return span_of(through)[1] <= max(at, now)


def set_lock(connection: Connection, *, through: date, at: datetime, by: str, now: datetime) -> None:
    """Lock all days up to this one, from that moment on."""
    execute(
        connection,
        "INSERT INTO lock_date (locked_through, locks_at, noted_by, noted_at) VALUES (%(through)s, %(at)s, %(by)s, %(now)s)",
        {"through": through, "at": at, "by": by, "now": now},
    )


def locked_days(connection: Connection, days: Sequence[tuple[date, str | None]], *, now: datetime) -> frozenset[tuple[date, str | None]]:
    """Which of these (day, provider) are locked."""
    rows = fetch(
        connection,
        """
        SELECT d, p FROM unnest(%(days)s::date[], %(providers)s::text[]) AS asked (d, p) WHERE is_locked(d, p, %(now)s)
        """,
        {"days": [day for day, _ in days], "providers": [provider for _, provider in days], "now": now},
    )
    return frozenset((day, provider) for day, provider in rows)


def list_unlocks(connection: Connection, *, limit: int, before: int | None = None) -> tuple[Unlock, ...]:
    """What was asked, the latest first; behind the one with the number `before`."""
    rows = fetch(
        connection,
        """
        SELECT unlock, provider, first_day, last_day, a.why, a.noted_by, a.noted_at, d.open_until, d.why, d.noted_by, d.noted_at
        FROM unlock_asked a LEFT JOIN unlock_decided d USING (unlock)
        WHERE %(before)s::bigint IS NULL OR unlock < %(before)s ORDER BY unlock DESC LIMIT %(limit)s
        """,
        {"before": before, "limit": limit},
    )
    return as_values(Unlock, rows)


def waiting_unlocks(connection: Connection, *, limit: int = 200) -> tuple[Unlock, ...]:
    """What was asked and nobody has answered, the oldest first."""
    rows = fetch(
        connection,
        """
        SELECT unlock, provider, first_day, last_day, why, noted_by, noted_at, NULL, NULL, NULL, NULL FROM unlock_asked a
        WHERE NOT EXISTS (SELECT FROM unlock_decided d WHERE d.unlock = a.unlock) ORDER BY unlock LIMIT %(limit)s
        """,
        {"limit": limit},
    )
    return as_values(Unlock, rows)


def find_unlock(connection: Connection, unlock: int) -> Unlock | None:
    """What was asked under this number, and what became of it."""
    found = list_unlocks(connection, limit=1, before=unlock + 1)
    return found[0] if found and found[0].unlock == unlock else None


def ask_unlock(connection: Connection, who: Person, *, first_day: date, last_day: date, why: str, now: datetime) -> int:
    """Write down what a provider asks, and return its number."""
    rows = fetch(
        connection,
        """
        INSERT INTO unlock_asked (provider, first_day, last_day, why, noted_by, noted_at)
        VALUES (%(provider)s, %(first)s, %(last)s, %(why)s, %(by)s, %(now)s) RETURNING unlock
        """,
        {"provider": who.provider, "first": first_day, "last": last_day, "why": why, "by": who.name, "now": now},
    )
    return int(rows[0][0])


def decide_unlock(connection: Connection, unlock: int, *, open_until: datetime | None, why: str, by: str, now: datetime) -> bool:
    """Open the days until then, or (None) refuse. False: nobody asked this, or somebody has answered already."""
    written = execute(
        connection,
        """
        INSERT INTO unlock_decided (unlock, open_until, why, noted_by, noted_at)
        SELECT unlock, %(until)s, %(why)s, %(by)s, %(now)s FROM unlock_asked WHERE unlock = %(unlock)s ON CONFLICT DO NOTHING
        """,
        {"unlock": unlock, "until": open_until, "why": why, "by": by, "now": now},
    )
    return written == 1
