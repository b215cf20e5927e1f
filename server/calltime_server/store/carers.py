"""Who are the carers, for whom do they work, which badges do they have, and how do they tap?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerSeen:
    """A carer in a list. `visits` and `tapped` (both ends by tap at a door) are of the days asked for."""

    carer: str
    providers: tuple[str, ...]
    badges: int
    doors: int
    visits: int
    tapped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """For whom a carer works from a day on."""

    provider: str
    since: date
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A badge that was given to a carer; `since` None: always. `until`: when it was given to another one."""

    uid: str
    since: datetime | None
    until: datetime | None


def list_carers(connection: Connection, *, first: date, last: date, text: str = "", behind: str = "", limit: int) -> list[CarerSeen]:
    """Those who work for whoever asks, who have a device, and who made visits on these days: in order, behind this one."""
    rows = fetch(
        connection,
        """
        WITH known AS (
            SELECT carer FROM carer_provider WHERE carer > %(behind)s AND (%(text)s = '' OR carer = %(text)s)
            UNION
            SELECT carer FROM door WHERE revoked_at IS NULL AND carer > %(behind)s AND (%(text)s = '' OR carer = %(text)s)
            UNION
            SELECT carer FROM logged_visit WHERE day BETWEEN %(first)s AND %(last)s AND carer > %(behind)s
            AND (%(text)s = '' OR carer = %(text)s)
            ORDER BY carer LIMIT %(limit)s
        )
        SELECT carer, (SELECT array_agg(DISTINCT provider ORDER BY provider) FROM carer_provider c WHERE c.carer = known.carer AND since = (
                          SELECT max(since) FROM carer_provider l WHERE l.carer = known.carer AND since <= %(last)s)),
               (SELECT count(DISTINCT uid) FROM badge WHERE badge.carer = known.carer),
               (SELECT count(*) FROM door WHERE door.carer = known.carer AND revoked_at IS NULL), visits, tapped
        FROM known CROSS JOIN LATERAL (
            SELECT count(*) AS visits, count(*) FILTER (WHERE started IS NOT NULL AND ended IS NOT NULL AND NOT amended
                                                     AND start_device <> 'brought' AND stop_device <> 'brought') AS tapped
            FROM logged_visit v WHERE v.carer = known.carer AND v.day BETWEEN %(first)s AND %(last)s
        ) AS week ORDER BY carer
        """,
        {"first": first, "last": last, "text": text, "behind": behind, "limit": limit},
    )
    return [
        CarerSeen(carer=carer, providers=tuple(providers or ()), badges=badges, doors=doors, visits=visits, tapped=tapped)
        for carer, providers, badges, doors, visits, tapped in rows
    ]


def employments_of(connection: Connection, carer: str) -> tuple[Employment, ...]:
    """For whom the carer worked and works, the latest first."""
    rows = fetch(
        connection,
        "SELECT provider, since, noted_by, noted_at FROM carer_provider WHERE carer = %(carer)s ORDER BY since DESC, number DESC LIMIT 100",
        {"carer": carer},
    )
    return as_values(Employment, rows)


def badges_of(connection: Connection, carer: str) -> tuple[Badge, ...]:
    """The badges that the carer has or had."""
    rows = fetch(
        connection,
        """
        SELECT uid, nullif(valid_from, '-infinity'),
               (SELECT min(valid_from) FROM badge l WHERE l.uid = b.uid AND l.valid_from > b.valid_from AND l.carer <> b.carer)
        FROM badge b WHERE carer = %(carer)s ORDER BY valid_from DESC, uid LIMIT 100
        """,
        {"carer": carer},
    )
    return as_values(Badge, rows)


def is_free(connection: Connection, carer: str, *, council: bool) -> bool:
    """Whether whoever asks may note for whom this carer works: a provider not of another one's carers."""
    ((found,),) = fetch(connection, "SELECT %(council)s OR NOT is_anothers_carer(%(carer)s)", {"carer": carer, "council": council})
    return bool(found)


def is_own(connection: Connection, carer: str, *, council: bool) -> bool:
    """Whether whoever asks may give this carer a badge or a device: a provider to those that work for it."""
    ((found,),) = fetch(connection, "SELECT %(council)s OR is_own_carer(%(carer)s)", {"carer": carer, "council": council})
    return bool(found)


def is_noted(connection: Connection, carer: str, provider: str, *, since: date) -> bool:
    """Whether it stands already that the carer works for this provider from this day on: of one day the last word counts."""
    rows = fetch(
        connection,
        "SELECT provider FROM carer_provider WHERE carer = %(carer)s AND since = %(since)s ORDER BY number DESC LIMIT 1",
        {"carer": carer, "since": since},
    )
    return bool(rows) and rows[0][0] == provider


def note_employment(connection: Connection, carer: str, provider: str, *, since: date, by: str, now: datetime) -> list[date]:
    """Note for whom a carer works from this day on, and return the days whose log that may change."""
    execute(
        connection,
        """
        INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES (%(carer)s, %(provider)s, %(since)s, %(by)s, %(now)s)
        """,
        {"carer": carer, "provider": provider, "since": since, "by": by, "now": now},
    )
    return _days_of(connection, carer, since)


def badge_state(connection: Connection, uid: str, *, council: bool) -> tuple[bool, bool, datetime | None]:
    """Whether somebody has had this badge, whether it is free for whoever asks, and since when its last one has it."""
    rows = fetch(
        connection,
        """
        SELECT is_known_badge(%(uid)s), %(council)s OR is_free_badge(%(uid)s),
               (SELECT max(valid_from) FROM badge WHERE uid = %(uid)s AND valid_from > '-infinity')
        """,
        {"uid": uid, "council": council},
    )
    known, free, since = rows[0]
    return bool(known), bool(free), since


def give_badge_from(connection: Connection, uid: str, carer: str, *, since: datetime | None) -> None:
    """Say whose badge this is from a moment on; None: always, where nobody has had it."""
    execute(
        connection,
        "INSERT INTO badge (uid, carer, valid_from) VALUES (%(uid)s, %(carer)s, coalesce(%(since)s::timestamptz, '-infinity'))",
        {"uid": uid, "carer": carer, "since": since},
    )


def _days_of(connection: Connection, carer: str, since: date) -> list[date]:
    rows = fetch(
        connection, "SELECT DISTINCT day FROM logged_visit WHERE carer = %(carer)s AND day >= %(since)s", {"carer": carer, "since": since}
    )
    return [day for (day,) in rows]
