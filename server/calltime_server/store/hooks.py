"""Where do programs want to be told, of what, and what is told them? A message is written in the transaction of what it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values

EVENTS = ("run.approved", "run.exported", "visit.late", "visit.missed")
TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One address. Its secret is told nobody a second time."""

    webhook: int
    address: str
    events: tuple[str, ...]
    provider: str | None
    made_by: str
    made_at: datetime
    disabled_at: datetime | None


def enqueue(connection: Connection, event: str, body: Mapping[str, object], *, provider: str | None, now: datetime) -> int:
    """Write a message for every webhook that wants to know of this event, and say for how many.

    Under any role: the webhooks need not be its own to see. Without a provider it is for all of them, so that the body must name nobody
    and no sums; with one it is for the council's and for that provider's.
    """
    told = fetch(
        connection,
        "SELECT tell_webhooks(%(event)s, %(provider)s, %(body)s, %(now)s)",
        {"event": event, "provider": provider, "body": written(event, body, now=now), "now": now},
    )
    return int(told[0][0])


def written(event: str, body: Mapping[str, object], *, now: datetime) -> str:
    """What is sent: the event, when it was, and what about it."""
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps({"type": event, "timestamp": at, "data": body}, ensure_ascii=False, default=str)


def add_hook(
    connection: Connection, *, address: str, secret: str, events: Sequence[str], provider: str | None, by: str, now: datetime
) -> int:
    """Tell this address of these events from now on; return its number."""
    rows = fetch(
        connection,
        """
        INSERT INTO webhook (address, secret, events, provider, made_by, made_at)
        VALUES (%(address)s, %(secret)s, %(events)s, %(provider)s, %(by)s, %(now)s) RETURNING webhook
        """,
        {"address": address, "secret": secret, "events": list(events), "provider": provider, "by": by, "now": now},
    )
    return int(rows[0][0])


def list_hooks(connection: Connection, *, provider: str | None, behind: int = 0, limit: int = 100) -> tuple[Hook, ...]:
    """Those of one provider, or of the council (None), oldest first."""
    rows = fetch(
        connection,
        """
        SELECT webhook, address, events, provider, made_by, made_at, disabled_at FROM webhook
        WHERE provider IS NOT DISTINCT FROM %(provider)s AND webhook > %(behind)s ORDER BY webhook LIMIT %(limit)s
        """,
        {"provider": provider, "behind": behind, "limit": limit},
    )
    return tuple(replace(each, events=tuple(each.events)) for each in as_values(Hook, rows))


def find_hook(connection: Connection, webhook: int, *, provider: str | None) -> Hook | None:
    """One of them; None: there is none of that number among these."""
    found = list_hooks(connection, provider=provider, behind=webhook - 1, limit=1)
    return found[0] if found and found[0].webhook == webhook else None


def disable_hook(connection: Connection, webhook: int, *, provider: str | None, now: datetime) -> bool:
    """Tell it nothing more, also nothing that waits. False: it was disabled already."""
    return bool(
        execute(
            connection,
            """
            UPDATE webhook SET disabled_at = %(now)s
            WHERE webhook = %(webhook)s AND provider IS NOT DISTINCT FROM %(provider)s AND disabled_at IS NULL
            """,
            {"webhook": webhook, "provider": provider, "now": now},
        )
    )


def test_hook(connection: Connection, hook: Hook, *, now: datetime) -> None:
    """Write a message that says nothing but that messages arrive."""
    body = written(TEST, {"says": "Messages of Calltime arrive here."}, now=now)
    execute(
        connection,
        """
        INSERT INTO message (webhook, provider, event, body, made_at, not_before)
        VALUES (%(webhook)s, %(provider)s, %(event)s, %(body)s, %(now)s, %(now)s)
        """,
        {"webhook": hook.webhook, "provider": hook.provider, "event": TEST, "body": body, "now": now},
    )
