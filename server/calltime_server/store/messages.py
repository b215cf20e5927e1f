"""What is to be sent, and how did it go?

A message is taken by one sender at a time, which first writes down when it would be tried again: a sender that dies in between costs a
wait and no message. So each is sent at least once, and a webhook gets the same id with every try.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""After each try how long until the next; after the last of them the message is given up."""
SAYS_AT_MOST = 200
Stands = Literal["waiting", "sent", "given_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message to be sent now. Either to a webhook (`address`, `secret`) or by e-mail (`email`, `subject`)."""

    message: int
    event: str
    body: str
    subject: str | None
    email: str | None
    address: str | None
    secret: str | None
    tried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a message to a webhook stands. `says` is what came of the last try."""

    message: int
    event: str
    made_at: datetime
    tried: int
    tried_at: datetime | None
    next_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    says: str

    @property
    def stands(self) -> Stands:
        return "sent" if self.sent_at else "given_up" if self.given_up_at else "waiting"


def take_due(connection: Connection, *, now: datetime, limit: int) -> tuple[Due, ...]:
    """Take those that are due, so that no other sender does, and note that they are tried. To be committed before they are sent."""
    rows = fetch(
        connection,
        """
        WITH due AS (
            SELECT message FROM message LEFT JOIN webhook USING (webhook)
            WHERE sent_at IS NULL AND given_up_at IS NULL AND not_before <= %(now)s AND webhook.disabled_at IS NULL
            ORDER BY not_before, message LIMIT %(limit)s FOR UPDATE OF message SKIP LOCKED
        ), taken AS (
            UPDATE message SET tried = tried + 1, tried_at = %(now)s, says = 'it is being sent',
                not_before = %(now)s + (%(waits)s::interval[])[least(tried + 1, array_length(%(waits)s::interval[], 1))]
            FROM due WHERE message.message = due.message RETURNING message.*
        )
        SELECT message, event, body, subject, email, address, secret, tried FROM taken LEFT JOIN webhook USING (webhook) ORDER BY message
        """,
        {"now": now, "limit": limit, "waits": list(WAITS)},
    )
    return as_values(Due, rows)


def note_sent(connection: Connection, message: int, *, says: str, now: datetime) -> None:
    """It arrived. What an e-mail said is let go: it may have been a way in."""
    execute(
        connection,
        """
        UPDATE message SET sent_at = %(now)s, says = %(says)s, body = CASE WHEN email IS NULL THEN body ELSE '' END
        WHERE message = %(message)s
        """,
        {"message": message, "says": says[:SAYS_AT_MOST], "now": now},
    )


def note_failed(connection: Connection, message: int, *, says: str, now: datetime) -> None:
    """It did not arrive. It is tried again when it was noted to be; after the last try it is given up, and what an e-mail said let go."""
    execute(
        connection,
        """
        UPDATE message SET says = %(says)s, given_up_at = CASE WHEN tried > %(most)s THEN %(now)s END,
            body = CASE WHEN email IS NOT NULL AND tried > %(most)s THEN '' ELSE body END
        WHERE message = %(message)s AND sent_at IS NULL
        """,
        {"message": message, "says": says[:SAYS_AT_MOST], "most": len(WAITS), "now": now},
    )


def list_deliveries(connection: Connection, webhook: int, *, before: int | None = None, limit: int = 50) -> tuple[Delivery, ...]:
    """Those of one webhook, the latest first; with `before` only older ones."""
    rows = fetch(
        connection,
        """
        SELECT message, event, made_at, tried, tried_at, not_before, sent_at, given_up_at, says FROM message
        WHERE webhook = %(webhook)s AND message < coalesce(%(before)s::bigint, 9223372036854775807)
        ORDER BY message DESC LIMIT %(limit)s
        """,
        {"webhook": webhook, "before": before, "limit": limit},
    )
    return as_values(Delivery, rows)


def send_again(connection: Connection, message: int, *, webhook: int, now: datetime) -> bool:
    """Send a message of this webhook once more, under the id that it had. False: there is none of that number."""
    return bool(
        execute(
            connection,
            """
            UPDATE message SET not_before = %(now)s, tried = 0, sent_at = NULL, given_up_at = NULL
            WHERE message = %(message)s AND webhook = %(webhook)s
            """,
            {"message": message, "webhook": webhook, "now": now},
        )
    )


def write_email(connection: Connection, *, to: str, subject: str, body: str, event: str, provider: str | None, now: datetime) -> None:
    """Write an e-mail; it is sent when this transaction has ended well."""
    execute(
        connection,
        """
        INSERT INTO message (email, provider, event, subject, body, made_at, not_before)
        VALUES (%(to)s, %(provider)s, %(event)s, %(subject)s, %(body)s, %(now)s, %(now)s)
        """,
        {"to": to, "provider": provider, "event": event, "subject": subject, "body": body, "now": now},
    )


def tests_since(connection: Connection, provider: str, *, since: datetime) -> int:
    """How many tests of a provider's e-mail address were written since then."""
    query = "SELECT count(*) FROM message WHERE event = 'test' AND webhook IS NULL AND provider = %(provider)s AND made_at > %(since)s"
    return int(fetch(connection, query, {"provider": provider, "since": since})[0][0])
