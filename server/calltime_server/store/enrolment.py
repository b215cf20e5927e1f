"""Which doors do we know, and who may become one?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from calltime_server.store.broker_passwords import forget
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a code is for: one carer's device, the reader at one service user's home, or a telephone line. Exactly one is given."""

    carer: str | None = None
    home: str | None = None
    line: str | None = None


def add_codes(connection: Connection, codes: Sequence[tuple[str, Place]], *, now: datetime, expires: datetime) -> None:
    """Remember the digests of one-time codes."""
    for code, place in codes:
        execute(
            connection,
            """
            INSERT INTO enrolment (code_digest, carer, home, line, made_at, expires_at)
            VALUES (%(digest)s, %(carer)s, %(home)s, %(line)s, %(now)s, %(expires)s)
            """,
            {"digest": _digest(code), **asdict(place), "now": now, "expires": expires},
        )


def homes_without_a_plan(connection: Connection, homes: Sequence[str]) -> list[str]:
    """Say which of these service users no planned visit names."""
    rows = fetch(
        connection,
        """
        SELECT home FROM unnest(%(homes)s::text[]) AS asked (home)
        WHERE NOT EXISTS (SELECT FROM planned_visit WHERE service_user = home) ORDER BY 1
        """,
        {"homes": list(homes)},
    )
    return [home for (home,) in rows]


def use_code(connection: Connection, code: str, *, device: str, now: datetime) -> Place | None:
    """Use up a code for this door. None: it was never given out, is too old, or another door has used it.

    The same door may use its code again, because the answer to its first call may have been lost on the way; not to undo a revocation.
    """
    rows = fetch(
        connection,
        """
        UPDATE enrolment SET used_at = coalesce(used_at, %(now)s), used_by = %(device)s
        WHERE code_digest = %(digest)s AND expires_at > %(now)s
          AND (used_by IS NULL OR used_by = %(device)s AND NOT EXISTS (SELECT FROM door WHERE device = used_by AND revoked_at >= used_at))
        RETURNING carer, home, line
        """,
        {"digest": _digest(code), "device": device, "now": now},
    )
    return as_value(Place, rows[0]) if rows else None


def add_door(connection: Connection, *, device: str, alg: str, public_key: bytes, place: Place, now: datetime) -> bool:
    """Enrol a door; a revoked one is enrolled again by this.

    False: the door is enrolled for somebody else. Its earlier taps would change hands, so it must come with a new key.
    """
    added = execute(
        connection,
        """
        INSERT INTO door (device, alg, public_key, carer, home, line, enrolled_at)
        VALUES (%(device)s, %(alg)s, %(key)s, %(carer)s, %(home)s, %(line)s, %(now)s)
        ON CONFLICT (device) DO UPDATE SET enrolled_at = excluded.enrolled_at, revoked_at = NULL
        WHERE (door.carer, door.home, door.line) IS NOT DISTINCT FROM (excluded.carer, excluded.home, excluded.line)
        """,
        {"device": device, "alg": alg, "key": public_key, **asdict(place), "now": now},
    )
    execute(
        connection,
        "INSERT INTO door_progress (device) SELECT device FROM door WHERE device = %(device)s ON CONFLICT DO NOTHING",
        {"device": device},
    )
    return added > 0


def revoke_door(connection: Connection, device: str, *, now: datetime) -> bool:
    """Revoke a door, and with it its password at the brokers; say whether there was one to revoke."""
    touched = execute(
        connection,
        "UPDATE door SET revoked_at = %(now)s WHERE device = %(device)s AND revoked_at IS NULL",
        {"device": device, "now": now},
    )
    forget(connection, device)
    return touched > 0


def gateway_key(connection: Connection) -> bytes | None:
    """Fetch the public key that doors pin; None while no gateway has ever started."""
    rows = fetch(connection, "SELECT public_key FROM gateway_key", {})
    return bytes(rows[0][0]) if rows else None


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8")).digest()
