"""Which homes have a tag, and which have none yet?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A service user's home with its tags, the oldest first."""

    service_user: str
    tags: tuple[str, ...]
    made_at: datetime | None


def list_homes(connection: Connection, *, which: str = "all", behind: str = "", limit: int) -> list[Home]:
    """Homes for which visits are planned, in order; `which`: all, with or without (a tag). From one home to the next by the index alone."""
    rows = fetch(
        connection,
        """
        WITH RECURSIVE home (service_user) AS (
            (SELECT service_user FROM planned_visit WHERE service_user > %(behind)s ORDER BY service_user LIMIT 1)
            UNION ALL
            SELECT (SELECT p.service_user FROM planned_visit p WHERE p.service_user > home.service_user ORDER BY p.service_user LIMIT 1)
            FROM home WHERE home.service_user IS NOT NULL
        )
        SELECT home.service_user, tags, made_at FROM home
        CROSS JOIN LATERAL (SELECT array_agg(tag ORDER BY made_at, tag) AS tags, min(made_at) AS made_at FROM tag
                            WHERE tag.service_user = home.service_user) AS hung
        WHERE home.service_user IS NOT NULL AND (%(which)s = 'all' OR (%(which)s = 'with') = (tags IS NOT NULL))
        LIMIT %(limit)s
        """,
        {"which": which, "behind": behind, "limit": limit},
    )
    return [Home(service_user=home, tags=tuple(tags or ()), made_at=made_at) for home, tags, made_at in rows]


def find_homes(connection: Connection, text: str) -> list[Home]:
    """The home with this reference, or the one at which this tag hangs."""
    return read_homes(connection, [text, *(home for (home,) in fetch(connection, _HANGS_AT, {"tag": text}))])


_HANGS_AT = "SELECT service_user FROM tag WHERE tag = %(tag)s"


def read_homes(connection: Connection, service_users: Sequence[str]) -> list[Home]:
    """These homes, of those that whoever asks may see, in order."""
    rows = fetch(
        connection,
        """
        SELECT home, tags, made_at FROM (SELECT DISTINCT home FROM unnest(%(homes)s::text[]) AS home) AS asked
        CROSS JOIN LATERAL (SELECT array_agg(tag ORDER BY made_at, tag) AS tags, min(made_at) AS made_at FROM tag
                            WHERE tag.service_user = home) AS hung
        WHERE tags IS NOT NULL OR EXISTS (SELECT FROM planned_visit WHERE service_user = home) ORDER BY home
        """,
        {"homes": list(service_users)},
    )
    return [Home(service_user=home, tags=tuple(tags or ()), made_at=made_at) for home, tags, made_at in rows]


def own_home(connection: Connection, service_user: str, *, council: bool) -> bool:
    """Whether whoever asks may keep tags and readers at this home: a provider where it visits, the council wherever visits are planned."""
    ((found,),) = fetch(
        connection,
        """
        SELECT CASE WHEN %(council)s THEN EXISTS (SELECT FROM planned_visit WHERE service_user = %(home)s)
                                          OR EXISTS (SELECT FROM package WHERE service_user = %(home)s)
                    ELSE is_own_service_user(%(home)s) END
        """,
        {"home": service_user, "council": council},
    )
    return bool(found)
