"""Who tries to come in, by which way? Attempts, links that are good once, and who was sent to their own organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from calltime_server.store.connection import Connection, execute, fetch

Purpose = Literal["invitation", "sign_in", "straight_in"]
"""Straight in is who has set up no second step, and may stay without: of a demo. Only the machine's owner makes such a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """How often it went wrong lately, and when last."""

    times: int
    last: datetime | None


def lock_account(connection: Connection, account: bytes) -> None:
    """Let nobody else try this account until the transaction ends."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtextextended(encode(%(account)s, 'hex'), 0))", {"account": account})


def failed_here(connection: Connection, account: bytes, address: str, *, since: datetime) -> Failed:
    """For this account from this address, since it last went well."""
    return _failed(
        fetch(
            connection,
            """
            SELECT count(*), max(at) FROM sign_in_attempt
            WHERE account = %(account)s AND address = %(address)s AND NOT succeeded AND at > greatest(%(since)s, (
                SELECT max(at) FROM sign_in_attempt WHERE account = %(account)s AND address = %(address)s AND succeeded))
            """,
            {"account": account, "address": address, "since": since},
        )
    )


def failed_anywhere(connection: Connection, account: bytes, *, since: datetime) -> Failed:
    """For this account from all addresses."""
    query = "SELECT count(*), max(at) FROM sign_in_attempt WHERE account = %(account)s AND NOT succeeded AND at > %(since)s"
    return _failed(fetch(connection, query, {"account": account, "since": since}))


def failed_from(connection: Connection, address: str, *, since: datetime) -> Failed:
    """From this address for all accounts."""
    query = "SELECT count(*), max(at) FROM sign_in_attempt WHERE address = %(address)s AND NOT succeeded AND at > %(since)s"
    return _failed(fetch(connection, query, {"address": address, "since": since}))


def _failed(rows: list[tuple[int, datetime | None]]) -> Failed:
    return Failed(times=rows[0][0], last=rows[0][1])


def begin_attempt(connection: Connection, account: bytes, address: str, *, now: datetime) -> int:
    """Count an attempt as failed until it is known to be better; its number."""
    rows = fetch(
        connection,
        """
        INSERT INTO sign_in_attempt (at, account, address, succeeded) VALUES (%(now)s, %(account)s, %(address)s, false) RETURNING attempt
        """,
        {"now": now, "account": account, "address": address},
    )
    return int(rows[0][0])


def attempt_went_well(connection: Connection, attempt: int) -> None:
    """Somebody came in by it."""
    execute(connection, "UPDATE sign_in_attempt SET succeeded = true WHERE attempt = %(attempt)s", {"attempt": attempt})


def withdraw_attempt(connection: Connection, attempt: int) -> None:
    """It was neither good nor bad: the password was right, and the second factor is still to come."""
    execute(connection, "DELETE FROM sign_in_attempt WHERE attempt = %(attempt)s", {"attempt": attempt})


def add_link(connection: Connection, *, person: int, digest: bytes, purpose: Purpose, by: str, now: datetime, lasts: timedelta) -> None:
    """Write down a link that is good once."""
    execute(
        connection,
        """
        INSERT INTO sign_in_link (digest, person, purpose, made_by, made_at, expires_at)
        VALUES (%(digest)s, %(person)s, %(purpose)s, %(by)s, %(now)s, %(expires)s)
        """,
        {"digest": digest, "person": person, "purpose": purpose, "by": by, "now": now, "expires": now + lasts},
    )


def purpose_of_link(connection: Connection, digest: bytes, *, now: datetime) -> tuple[int, Purpose] | None:
    """Whose link this is and what it is for, while it is good."""
    rows = fetch(
        connection,
        """
        SELECT person, purpose FROM sign_in_link JOIN person USING (person)
        WHERE digest = %(digest)s AND used_at IS NULL AND expires_at > %(now)s AND disabled_at IS NULL
        """,
        {"digest": digest, "now": now},
    )
    return (rows[0][0], rows[0][1]) if rows else None


def use_link(connection: Connection, digest: bytes, *, now: datetime) -> bool:
    """Take a link as used, and with it every other of the same person. False: somebody was quicker, or it is over."""
    rows = fetch(
        connection,
        """
        UPDATE sign_in_link SET used_at = %(now)s WHERE digest = %(digest)s AND used_at IS NULL AND expires_at > %(now)s RETURNING person
        """,
        {"digest": digest, "now": now},
    )
    if not rows:
        return False
    execute(
        connection,
        "UPDATE sign_in_link SET used_at = %(now)s WHERE person = %(person)s AND used_at IS NULL",
        {"now": now, "person": rows[0][0]},
    )
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Whom we sent to their organisation's sign-in, and what must come back with them."""

    state: str
    nonce: str
    verifier: str
    back: str


def send_elsewhere(connection: Connection, digest: bytes, going: Elsewhere, *, now: datetime) -> None:
    """Note that somebody goes there."""
    execute(
        connection,
        """
        INSERT INTO sign_in_elsewhere (digest, state, nonce, verifier, back, made_at)
        VALUES (%(digest)s, %(state)s, %(nonce)s, %(verifier)s, %(back)s, %(now)s)
        """,
        {"digest": digest, "state": going.state, "nonce": going.nonce, "verifier": going.verifier, "back": going.back, "now": now},
    )


def back_from_elsewhere(connection: Connection, digest: bytes, *, since: datetime) -> Elsewhere | None:
    """Who went there with this browser since then; asked once."""
    rows = fetch(
        connection,
        "DELETE FROM sign_in_elsewhere WHERE digest = %(digest)s RETURNING state, nonce, verifier, back, made_at",
        {"digest": digest},
    )
    if not rows or rows[0][4] < since:
        return None
    return Elsewhere(state=rows[0][0], nonce=rows[0][1], verifier=rows[0][2], back=rows[0][3])
