"""Whose home is this tag at, and whose badge is this?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from calltime_server.store.connection import Connection, execute, fetch

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that are taken for one another when somebody types an address from a worn label."""


PIN = "pin_"
"""So begins what stands for a PIN among the badges. It is written in small letters, and a badge's own number in capitals."""


def badge_number(uid: str) -> str:
    """A badge's number, or what stands for a PIN, as records have it."""
    return uid.lower() if uid.lower().startswith(PIN) else uid.upper()


def make_missing_tags(connection: Connection, *, now: datetime) -> int:
    """Give every planned service user without a tag one of their own; return how many were made. Ids are not guessable."""
    homes = fetch(
        connection,
        """
        SELECT DISTINCT service_user FROM planned_visit
        WHERE service_user NOT IN (SELECT service_user FROM tag WHERE NOT starts_with(tag, 'tel_')) ORDER BY service_user
        """,
        {},
    )
    tags = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in homes]
    return execute(
        connection,
        "INSERT INTO tag (tag, service_user, made_at) SELECT *, %(now)s FROM unnest(%(tags)s::text[], %(homes)s::text[])",
        {"tags": tags, "homes": [home for (home,) in homes], "now": now},
    )


def make_tags(connection: Connection, homes: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Make a tag for each of these homes, whatever hangs there, and return them by home."""
    made = {home: "".join(secrets.choice(ALPHABET) for _ in range(12)) for home in homes}
    execute(
        connection,
        "INSERT INTO tag (tag, service_user, made_at) SELECT *, %(now)s FROM unnest(%(tags)s::text[], %(homes)s::text[])",
        {"tags": list(made.values()), "homes": list(made), "now": now},
    )
    return made


def hang_new_tag(connection: Connection, *, tag: str, home: str, now: datetime) -> bool:
    """Say at whose home a tag hangs; False: it hangs somewhere already. As whatever role: whose home that is, is not told."""
    return (
        execute(
            connection,
            "INSERT INTO tag (tag, service_user, made_at) VALUES (%(tag)s, %(home)s, %(now)s) ON CONFLICT (tag) DO NOTHING",
            {"tag": tag, "home": home, "now": now},
        )
        > 0
    )


def hang_tag(connection: Connection, *, tag: str, home: str, now: datetime) -> str:
    """Say at whose home a tag hangs, and return whose it is: another's, if it was given away before."""
    rows = fetch(
        connection,
        """
        WITH made AS (
            INSERT INTO tag (tag, service_user, made_at) VALUES (%(tag)s, %(home)s, %(now)s)
            ON CONFLICT (tag) DO NOTHING RETURNING service_user
        )
        SELECT service_user FROM made UNION ALL SELECT service_user FROM tag WHERE tag = %(tag)s
        """,
        {"tag": tag, "home": home, "now": now},
    )
    return str(rows[0][0])


def is_known_tag(connection: Connection, tag: str) -> bool:
    """Whether it hangs anywhere; at whose home is told to those alone who visit there."""
    ((known,),) = fetch(connection, "SELECT is_known_tag(%(tag)s)", {"tag": tag})
    return bool(known)


def list_tags(connection: Connection) -> list[tuple[str, str]]:
    """List tag and service user, by service user. Telephones hang nowhere."""
    rows = fetch(connection, "SELECT tag, service_user FROM tag WHERE NOT starts_with(tag, 'tel_') ORDER BY service_user, made_at, tag", {})
    return [(tag, home) for tag, home in rows]


def give_badge(connection: Connection, *, uid: str, carer: str, now: datetime) -> None:
    """Say whose badge this is: the first carer has had it always, a later one has it from now on."""
    execute(
        connection,
        """
        INSERT INTO badge (uid, carer, valid_from)
        SELECT %(uid)s, %(carer)s, CASE WHEN EXISTS (SELECT FROM badge WHERE uid = %(uid)s) THEN %(now)s ELSE '-infinity' END
        """,
        {"uid": uid, "carer": carer, "now": now},
    )
