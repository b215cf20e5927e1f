"""Which visits have providers' own systems brought, and by which agreement are they taken?

Nothing is overwritten: the same id again is a correction that stands from then on, and a withdrawn one counts no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from calltime_server.store.connection import Connection, execute, fetch, insert_frame, read_frame
from calltime_server.store.rows import as_values
from calltime_server.visits.columns import INSTANT
from calltime_server.visits.told import BROUGHT, BROUGHT_GRADES

# What is brought: without both times where `withdrawn`.
BRINGING = pl.Schema(
    {
        **dict.fromkeys(("their_id", "service_user", "carer"), pl.String()),
        "started": INSTANT,
        "ended": INSTANT,
        "withdrawn": pl.Boolean(),
    }
)


def read_brought(connection: Connection, *, start: datetime, end: datetime, known_by: datetime | None) -> pl.DataFrame:
    """Read those that have an end in [start, end), as they stood at `known_by` (None: as they stand), as a BROUGHT frame."""
    return read_frame(
        connection,
        """
        SELECT brought, provider, their_id, service_user, carer, started, ended, noted_at FROM brought_visit b
        WHERE ((started >= %(start)s AND started < %(end)s) OR (ended >= %(start)s AND ended < %(end)s)) AND NOT withdrawn
        AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        AND NOT EXISTS (SELECT FROM brought_visit later WHERE later.provider = b.provider AND later.their_id = b.their_id
                        AND later.brought > b.brought AND later.noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity'))
        ORDER BY brought
        """,
        {"start": start, "end": end, "known_by": known_by},
        BROUGHT,
    )


def read_brought_grades(connection: Connection, *, until: datetime, known_by: datetime | None) -> pl.DataFrame:
    """Read what was agreed from which day on with all providers, as a BROUGHT_GRADES frame."""
    return read_frame(
        connection,
        """
        SELECT DISTINCT ON (provider, since) provider, since, grade FROM brought_grade
        WHERE since <= (%(until)s::timestamptz AT TIME ZONE 'Europe/London')::date
        AND noted_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        ORDER BY provider, since, number DESC
        """,
        {"until": until, "known_by": known_by},
        BROUGHT_GRADES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A visit as it was brought. `counts_as` is where it stands in the visit log: the planned visit, or "" for one that nobody planned."""

    brought: int
    provider: str
    their_id: str
    service_user: str
    carer: str
    started: datetime | None
    ended: datetime | None
    withdrawn: bool
    noted_by: str
    noted_at: datetime
    stands: bool
    counts_as: str | None

    @property
    def became(self) -> Literal["withdrawn", "replaced", "matched", "not_planned", "not_counted"]:
        """What came of it, as far as the visit log knows."""
        if self.withdrawn or not self.stands:
            return "withdrawn" if self.withdrawn else "replaced"
        return "not_counted" if self.counts_as is None else "matched" if self.counts_as else "not_planned"


def list_brought(
    connection: Connection, *, provider: str | None = None, their_id: str | None = None, before: int | None = None, limit: int = 100
) -> tuple[Brought, ...]:
    """What was brought, the latest first, corrections and all; with `before` only what is older than this number."""
    rows = fetch(
        connection,
        """
        SELECT b.brought, b.provider, b.their_id, b.service_user, b.carer, b.started, b.ended, b.withdrawn, b.noted_by, b.noted_at,
               NOT EXISTS (SELECT FROM brought_visit later WHERE later.provider = b.provider AND later.their_id = b.their_id
                           AND later.brought > b.brought),
               (SELECT coalesce(v.visit_id, '') FROM logged_visit v
                WHERE v.day BETWEEN (coalesce(b.started, b.ended) AT TIME ZONE 'Europe/London')::date - 1
                                AND (coalesce(b.started, b.ended) AT TIME ZONE 'Europe/London')::date + 1
                AND v.service_user = b.service_user
                AND ((v.start_device = 'brought' AND v.start_seq = b.brought * 2)
                     OR (v.stop_device = 'brought' AND v.stop_seq = b.brought * 2 + 1))
                ORDER BY v.visit_id NULLS LAST LIMIT 1)
        FROM brought_visit b
        WHERE b.brought < coalesce(%(before)s::bigint, 9223372036854775807)
        AND (%(provider)s::text IS NULL OR b.provider = %(provider)s) AND (%(their_id)s::text IS NULL OR b.their_id = %(their_id)s)
        ORDER BY b.brought DESC LIMIT %(limit)s
        """,
        {"provider": provider, "their_id": their_id, "before": before, "limit": limit},
    )
    return as_values(Brought, rows)


def read_one_brought(connection: Connection, brought: int) -> Brought | None:
    """The one with this number, for whoever asks what is behind an end of a line; see `visits.brought`."""
    found = list_brought(connection, before=brought + 1, limit=1)
    return found[0] if found and found[0].brought == brought else None


def standing_of(
    connection: Connection, provider: str, their_ids: Sequence[str]
) -> dict[str, tuple[str, str, datetime | None, datetime | None, bool]]:
    """By their id what stands of those that were brought before: service user, carer, start, end, and whether it is withdrawn."""
    rows = fetch(
        connection,
        """
        SELECT DISTINCT ON (their_id) their_id, service_user, carer, started, ended, withdrawn FROM brought_visit
        WHERE provider = %(provider)s AND their_id = ANY(%(ids)s) ORDER BY their_id, brought DESC
        """,
        {"provider": provider, "ids": list(their_ids)},
    )
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def not_visited(connection: Connection, provider: str, service_users: Sequence[str]) -> set[str]:
    """Those of these service users whom the provider does not visit, by plan or by package."""
    rows = fetch(
        connection,
        """
        SELECT s FROM unnest(%(asked)s::text[]) AS s
        WHERE CASE WHEN own_provider() IS NOT NULL THEN NOT is_own_service_user(s)
                   ELSE NOT EXISTS (SELECT FROM planned_visit p WHERE p.service_user = s AND p.provider = %(provider)s)
                        AND NOT EXISTS (SELECT FROM package p WHERE p.service_user = s AND p.provider = %(provider)s) END
        """,
        {"asked": list(service_users), "provider": provider},
    )
    return {row[0] for row in rows}


def others_carers(connection: Connection, provider: str, carers: Sequence[str]) -> set[str]:
    """Those of these carers who work for other providers and not for this one."""
    rows = fetch(
        connection,
        """
        SELECT c FROM unnest(%(asked)s::text[]) AS c
        WHERE is_anothers_carer(c) AND NOT EXISTS (SELECT FROM carer_provider p WHERE p.carer = c AND p.provider = %(provider)s)
        """,
        {"asked": list(carers), "provider": provider},
    )
    return {row[0] for row in rows}


def lock_provider(connection: Connection, provider: str) -> None:
    """Let nobody else bring this provider's visits until this transaction ends: whoever looks at what stood must be right about it."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtextextended('calltime brought ' || %(provider)s, 0))", {"provider": provider})


def bring(connection: Connection, visits: pl.DataFrame, *, provider: str, by: str, now: datetime) -> None:
    """Append them (BRINGING)."""
    stamped = visits.with_columns(provider=pl.lit(provider), noted_by=pl.lit(by), noted_at=pl.lit(now).cast(INSTANT))
    insert_frame(connection, "brought_visit", stamped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """From `since` on visits of the provider's own system count with this grade (None: they are not taken)."""

    provider: str
    since: date
    grade: int | None
    noted_by: str
    noted_at: datetime


def list_agreements(connection: Connection) -> tuple[Agreement, ...]:
    """Those that stand, by provider, the latest day first."""
    rows = fetch(
        connection,
        """
        SELECT * FROM (
            SELECT DISTINCT ON (provider, since) provider, since, grade, noted_by, noted_at FROM brought_grade
            ORDER BY provider, since, number DESC
        ) AS standing ORDER BY provider, since DESC
        """,
        {},
    )
    return as_values(Agreement, rows)


def agree(connection: Connection, *, provider: str, since: date, grade: int | None, by: str, now: datetime) -> None:
    """Note what was agreed. It stands from that day to the next agreement with this provider."""
    execute(
        connection,
        """
        INSERT INTO brought_grade (provider, since, grade, noted_by, noted_at)
        VALUES (%(provider)s, %(since)s, %(grade)s, %(by)s, %(now)s)
        """,
        {"provider": provider, "since": since, "grade": grade, "by": by, "now": now},
    )


def brought_days_since(connection: Connection, provider: str, since: date) -> list[date]:
    """The London days from that one on for which the provider has brought visits."""
    rows = fetch(
        connection,
        """
        SELECT DISTINCT (coalesce(started, ended) AT TIME ZONE 'Europe/London')::date AS day FROM brought_visit
        WHERE provider = %(provider)s AND (coalesce(started, ended) AT TIME ZONE 'Europe/London')::date >= %(since)s ORDER BY day
        """,
        {"provider": provider, "since": since},
    )
    return [row[0] for row in rows]
