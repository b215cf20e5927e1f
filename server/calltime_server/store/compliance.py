"""How much of what was due was tapped at both ends, was amended, or is missing? By provider and week, from the counted log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.locking import read_lock
from calltime_server.visits.civil_day import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Carer visits that were due: planned, and not told to be off by the council.

    Each is electronic, amended, brought, reported, or lacks an end or both.

    An amended visit counts against the electronic ones, whatever was entered; so does one that a provider's own system brought, and one
    of which the provider itself reported why it was not made.
    """

    due: int
    electronic: int
    amended: int
    brought: int = 0
    reported: int = 0

    @property
    def missing(self) -> int:
        """Neither tapped at both ends, nor amended, nor brought, nor reported."""
        return self.due - self.electronic - self.amended - self.brought - self.reported

    @property
    def hundredths(self) -> int | None:
        """The electronic share in hundredths of a per cent, rounded down: 94.999 % is not 95 %. None: nothing was due."""
        return self.electronic * 10_000 // self.due if self.due else None

    def part(self, count: int) -> int | None:
        """A count in hundredths of a per cent of what was due."""
        return count * 10_000 // self.due if self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfProvider:
    """A provider's share. `as_planned`: ends by hand that are the planned time to the minute."""

    provider: str
    share: Share
    as_planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWeek:
    """The share of a week, by its Monday."""

    monday: date
    share: Share


def read_providers(connection: Connection, *, first: date, last: date, zone: str | None) -> tuple[OfProvider, ...]:
    """The share of each provider in these days, both included, by reference."""
    rows = fetch(
        connection,
        """
        WITH counted AS (
            SELECT provider, sum(planned - told + reported)::bigint AS due, sum(electronic)::bigint AS electronic,
                   sum(amended)::bigint AS amended, sum(brought)::bigint AS brought, sum(reported)::bigint AS reported
            FROM logged_figures WHERE day BETWEEN %(first)s AND %(last)s AND (%(zone)s::text IS NULL OR zone = %(zone)s)
            AND provider IS NOT NULL GROUP BY provider
        ), by_hand AS (
            SELECT provider, count(*) AS as_planned FROM entry
            WHERE as_planned AND time >= %(first)s::date::timestamp AT TIME ZONE 'Europe/London'
            AND time < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Europe/London'
            AND (%(zone)s::text IS NULL OR EXISTS (SELECT FROM logged_visit v WHERE v.visit_id = entry.visit_id AND v.zone = %(zone)s))
            AND NOT EXISTS (SELECT FROM entry_withdrawn w WHERE w.entry = entry.entry) GROUP BY provider
        )
        SELECT provider, due, electronic, amended, brought, reported, coalesce(as_planned, 0)
        FROM counted LEFT JOIN by_hand USING (provider) ORDER BY provider
        """,
        {"first": first, "last": last, "zone": zone},
        many=True,
    )
    return tuple(
        OfProvider(
            provider=provider,
            share=Share(due=due, electronic=electronic, amended=amended, brought=brought, reported=reported),
            as_planned=as_planned,
        )
        for provider, due, electronic, amended, brought, reported, as_planned in rows
    )


def read_weeks(connection: Connection, *, first: date, last: date, zone: str | None, provider: str | None) -> tuple[OfWeek, ...]:
    """The share of each week of these days."""
    rows = fetch(
        connection,
        """
        SELECT date_trunc('week', day::timestamp)::date, sum(planned - told + reported)::bigint, sum(electronic)::bigint,
               sum(amended)::bigint, sum(brought)::bigint, sum(reported)::bigint
        FROM logged_figures WHERE day BETWEEN %(first)s AND %(last)s AND (%(zone)s::text IS NULL OR zone = %(zone)s)
        AND (%(provider)s::text IS NULL OR provider = %(provider)s) AND provider IS NOT NULL GROUP BY 1 ORDER BY 1
        """,
        {"first": first, "last": last, "zone": zone, "provider": provider},
        many=True,
    )
    return tuple(
        OfWeek(monday=monday, share=Share(due=due, electronic=electronic, amended=amended, brought=brought, reported=reported))
        for monday, due, electronic, amended, brought, reported in rows
    )


def list_zones(connection: Connection, *, first: date, last: date) -> tuple[str, ...]:
    """The zones of these days, that the asking role may see."""
    rows = fetch(
        connection,
        "SELECT DISTINCT zone FROM logged_figures WHERE day BETWEEN %(first)s AND %(last)s AND zone <> '' ORDER BY zone",
        {"first": first, "last": last},
    )
    return tuple(zone for (zone,) in rows)


def read_threshold(connection: Connection) -> int:
    """What share must be electronic, in hundredths of a per cent."""
    return int(fetch(connection, "SELECT hundredths FROM compliance_threshold ORDER BY number DESC LIMIT 1", {})[0][0])


def set_threshold(connection: Connection, hundredths: int, *, by: str, now: datetime) -> None:
    """Ask another share from now on."""
    execute(
        connection,
        "INSERT INTO compliance_threshold (hundredths, noted_by, noted_at) VALUES (%(hundredths)s, %(by)s, %(now)s)",
        {"hundredths": hundredths, "by": by, "now": now},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The days that lock next, `locks_at`, with how they stand; `threshold` in hundredths of a per cent."""

    first: date | None
    last: date
    locks_at: datetime
    minutes_left: int
    share: Share
    threshold: int

    @property
    def hours_left(self) -> int:
        """Whole hours; below two they are better told in minutes."""
        return self.minutes_left // 60

    @property
    def is_below(self) -> bool:
        """Whether less is electronic than the council asks."""
        return self.share.hundredths is not None and self.share.hundredths < self.threshold


def read_deadline(connection: Connection, *, provider: str | None, now: datetime) -> Deadline | None:
    """What locks next; None: no lock is announced. As a provider, of its own visits."""
    lock = read_lock(connection, now=now)
    if lock.next_through is None or lock.next_at is None:
        return None
    # Visits that are still to come are not missing yet.
    last_over = min(lock.next_through, day_of(now) - timedelta(days=1))
    rows = fetch(
        connection,
        """
        SELECT coalesce(sum(planned - told + reported), 0)::bigint, coalesce(sum(electronic), 0)::bigint, coalesce(sum(amended), 0)::bigint,
               coalesce(sum(brought), 0)::bigint,
               coalesce(sum(reported), 0)::bigint
        FROM logged_figures WHERE day BETWEEN coalesce(%(first)s::date, '-infinity') AND %(last)s
        AND (%(provider)s::text IS NULL OR provider = %(provider)s)
        """,
        {"first": lock.open_since, "last": last_over, "provider": provider},
    )
    due, electronic, amended, brought, reported = rows[0]
    return Deadline(
        first=lock.open_since,
        last=lock.next_through,
        locks_at=lock.next_at,
        minutes_left=(lock.next_at - now) // timedelta(minutes=1),
        share=Share(due=due, electronic=electronic, amended=amended, brought=brought, reported=reported),
        threshold=read_threshold(connection),
    )
