"""By which messages was a provider told of an alert, and did they arrive?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How telling of an alert went. `news`: there was something to tell; `message` is None where nothing was written to anybody.

    `disabled`: the webhook takes nothing any more. `says` is what came of the last try.
    """

    alert: int
    told_at: datetime
    news: bool
    message: int | None
    by_email: bool
    disabled: bool
    tried: int
    next_at: datetime | None
    sent_at: datetime | None
    given_up_at: datetime | None
    says: str


def read_ways(connection: Connection, alerts: Sequence[int]) -> tuple[Way, ...]:
    """Those of these alerts of which their providers were told, with a row for each message to the provider; e-mail first."""
    rows = fetch(
        connection,
        """
        SELECT t.alert, t.told_at, t.news, m.message, m.webhook IS NULL, w.disabled_at IS NOT NULL, coalesce(m.tried, 0),
               m.not_before, m.sent_at, m.given_up_at, coalesce(m.says, '')
        FROM alert_told t JOIN alert a USING (alert)
        -- They were written in the transaction that noted it as told, at the same moment.
        LEFT JOIN message m ON t.news AND m.provider = a.provider AND m.made_at = t.told_at
            AND m.event IN ('visit.alerts', 'visit.' || a.kind)
        LEFT JOIN webhook w ON w.webhook = m.webhook
        WHERE t.alert = ANY(%(alerts)s::bigint[]) ORDER BY t.alert, m.webhook NULLS FIRST, m.message
        """,
        {"alerts": list(alerts)},
    )
    return as_values(Way, rows)


def list_hooked(connection: Connection) -> frozenset[tuple[str, str]]:
    """Which provider has a webhook for which kind of alert: (provider, late or missed)."""
    rows = fetch(
        connection,
        """
        SELECT DISTINCT provider, substr(event, 7) FROM webhook, unnest(events) AS event
        WHERE provider IS NOT NULL AND disabled_at IS NULL AND event IN ('visit.late', 'visit.missed')
        """,
        {},
    )
    return frozenset((provider, kind) for provider, kind in rows)
