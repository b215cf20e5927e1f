"""Was this write asked for before, under the same key? The answer is kept in the transaction of what it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calltime_server.store.connection import Connection, execute, fetch

KEPT = timedelta(days=30)
"""How long a program may repeat a write and be told what came of it the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a write was answered. `asked` is the digest of the request; `body` None: it held a secret, which is told once and not kept."""

    asked: bytes
    status: int
    body: bytes | None
    headers: Mapping[str, str]


def hold_key(connection: Connection, *, token: int, key: str) -> bool:
    """Hold a key until this transaction ends, so that nobody else does the same meanwhile. False: somebody does it now."""
    rows = fetch(
        connection,
        """
        SELECT set_config('calltime.token', %(token)s, true), pg_try_advisory_xact_lock(hashtextextended(%(lock)s, 0))
        """,
        {"token": str(token), "lock": f"calltime key {token} {key}"},
    )
    return bool(rows[0][1])


def find_answer(connection: Connection, *, token: int, key: str, now: datetime) -> Answered | None:
    """What was answered under a key that is held. None: nothing, or so long ago that it is forgotten."""
    rows = fetch(
        connection,
        """
        SELECT asked, status, body, headers FROM idempotent_answer
        WHERE token = %(token)s AND key = %(key)s AND at > %(since)s
        """,
        {"token": token, "key": key, "since": now - KEPT},
    )
    if not rows:
        return None
    asked, status, body, headers = rows[0]
    return Answered(asked=bytes(asked), status=status, body=None if body is None else bytes(body), headers=headers)


def keep_answer(connection: Connection, answered: Answered, *, token: int, key: str, now: datetime) -> None:
    """Keep what is answered under a key that is held."""
    execute(connection, "DELETE FROM idempotent_answer WHERE token = %(token)s AND key = %(key)s", {"token": token, "key": key})
    execute(
        connection,
        """
        INSERT INTO idempotent_answer (token, key, asked, status, body, headers, at)
        VALUES (%(token)s, %(key)s, %(asked)s, %(status)s, %(body)s, %(headers)s, %(now)s)
        """,
        {
            "token": token,
            "key": key,
            "asked": answered.asked,
            "status": answered.status,
            "body": answered.body,
            "headers": json.dumps(dict(answered.headers)),
            "now": now,
        },
    )


def forget_answers(connection: Connection, *, now: datetime) -> int:
    """Let go what may no longer be repeated, and say how many answers that were."""
    return execute(connection, "DELETE FROM idempotent_answer WHERE at <= %(before)s", {"before": now - KEPT})
