"""Which homes have a tag, and which have none yet?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from calltime_server.store.connection import Connection, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A service user's home with its tags, the oldest first. `called`: what phones show, where somebody said so. `telephone`: carers can
    log in from the one there.
    """

    service_user: str
    tags: tuple[str, ...]
    made_at: datetime | None
    called: str | None = None
    telephone: bool = False


# Of each `home`. What stands for a telephone is none of its tags.
_HOMES: LiteralString = """
    SELECT home.service_user, tags, made_at, called, telephone FROM home LEFT JOIN home_called USING (service_user)
    CROSS JOIN LATERAL (SELECT array_agg(tag ORDER BY made_at, tag) FILTER (WHERE NOT starts_with(tag, 'tel_')) AS tags,
                               min(made_at) FILTER (WHERE NOT starts_with(tag, 'tel_')) AS made_at,
                               coalesce(bool_or(starts_with(tag, 'tel_')), false) AS telephone
                        FROM tag WHERE tag.service_user = home.service_user) AS hung
"""


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
        """  # noqa: S608 (what stands above)
        + _HOMES
        + "WHERE home.service_user IS NOT NULL AND (%(which)s = 'all' OR (%(which)s = 'with') = (tags IS NOT NULL)) LIMIT %(limit)s",
        {"which": which, "behind": behind, "limit": limit},
    )
    return [_home(row) for row in rows]


def find_homes(connection: Connection, text: str) -> list[Home]:
    """The home with this reference, or the one at which this tag hangs."""
    return read_homes(connection, [text, *(home for (home,) in fetch(connection, _HANGS_AT, {"tag": text}))])


_HANGS_AT = "SELECT service_user FROM tag WHERE tag = %(tag)s"


def read_homes(connection: Connection, service_users: Sequence[str]) -> list[Home]:
    """These homes, of those that whoever asks may see, in order."""
    rows = fetch(
        connection,
        "WITH home AS (SELECT DISTINCT service_user FROM unnest(%(homes)s::text[]) AS service_user)"  # noqa: S608 (what stands above)
        + _HOMES
        + """WHERE tags IS NOT NULL OR telephone
        OR EXISTS (SELECT FROM planned_visit p WHERE p.service_user = home.service_user) ORDER BY home.service_user
        """,
        {"homes": list(service_users)},
    )
    return [_home(row) for row in rows]


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


def _home(row: tuple[Any, ...]) -> Home:
    home, tags, made_at, called, telephone = row
    return Home(service_user=home, tags=tuple(tags or ()), made_at=made_at, called=called, telephone=telephone)
