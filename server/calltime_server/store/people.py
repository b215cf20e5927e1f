"""Who is signed in? The office asks this as itself: no role may read what is secret in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from calltime_server.rights import Person, Role
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values

SEEN_EVERY = timedelta(minutes=1)
"""How often a session notes that it is in use: not with every click."""


def add_person(
    connection: Connection,
    *,
    name: str,
    email: str,
    role: Role,
    provider: str | None,
    carer: str | None,
    by: str,
    now: datetime,
    issuer: str | None = None,
) -> Person:
    """Make an account that nobody can sign in to yet; with an issuer, by that organisation's sign-in and no other way."""
    rows = fetch(
        connection,
        """
        INSERT INTO person (name, email, role, provider, carer, issuer, made_by, made_at)
        VALUES (%(name)s, %(email)s, %(role)s, %(provider)s, %(carer)s, %(issuer)s, %(by)s, %(now)s) RETURNING person
        """,
        {
            "name": name,
            "email": email.lower(),
            "role": role.value,
            "provider": provider,
            "carer": carer,
            "issuer": issuer,
            "by": by,
            "now": now,
        },
    )
    return Person(id=rows[0][0], name=name, role=role, provider=provider, carer=carer)


def begin_session(
    connection: Connection, *, person: int, digest: bytes, csrf: str, complete: bool, now: datetime, lasts: timedelta, agent: str
) -> None:
    """Note that somebody signed in. `digest` is that of what the browser holds, `agent` what it says of itself."""
    execute(
        connection,
        """
        INSERT INTO session (digest, person, csrf, begun_at, seen_at, ends_at, complete, agent)
        VALUES (%(digest)s, %(person)s, %(csrf)s, %(now)s, %(now)s, %(ends)s, %(complete)s, %(agent)s)
        """,
        {
            "digest": digest,
            "person": person,
            "csrf": csrf,
            "now": now,
            "ends": now + lasts,
            "complete": complete,
            "agent": agent[:300],
        },
    )
    if complete:
        execute(connection, "UPDATE person SET seen_at = %(now)s WHERE person = %(person)s", {"now": now, "person": person})


def person_of_session(
    connection: Connection, digest: bytes, *, now: datetime, idle: timedelta, seen: bool = True
) -> tuple[Person, str, str] | None:
    """Who holds this session, the token of its forms, and the person's language. None: there is none, it is over, or it is not complete."""
    rows = fetch(
        connection,
        """
        SELECT person, name, role, provider, carer, csrf, language, session.seen_at FROM session JOIN person USING (person)
        WHERE digest = %(digest)s AND complete AND disabled_at IS NULL AND ends_at > %(now)s AND session.seen_at > %(idle_since)s
        """,
        {"digest": digest, "now": now, "idle_since": now - idle},
    )
    if not rows:
        return None
    number, name, role, provider, carer, csrf, language, seen_at = rows[0]
    if seen and now - seen_at > SEEN_EVERY:
        execute(connection, "UPDATE session SET seen_at = %(now)s WHERE digest = %(digest)s", {"now": now, "digest": digest})
    return Person(id=number, name=name, role=Role(role), provider=provider, carer=carer), csrf, language


def end_session(connection: Connection, digest: bytes) -> None:
    """Sign out."""
    execute(connection, "DELETE FROM session WHERE digest = %(digest)s", {"digest": digest})


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfIn:
    """Somebody whose password was right and whose second factor is still asked for. `challenge` and `offered` are what they were shown."""

    who: Person
    email: str
    csrf: str
    challenge: bytes | None
    offered: str | None


def half_of_session(connection: Connection, digest: bytes, *, now: datetime) -> HalfIn | None:
    """Who holds this session that is not complete yet."""
    rows = fetch(
        connection,
        """
        SELECT person, name, role, provider, carer, email, csrf, challenge, offered FROM session JOIN person USING (person)
        WHERE digest = %(digest)s AND NOT complete AND disabled_at IS NULL AND ends_at > %(now)s
        """,
        {"digest": digest, "now": now},
    )
    if not rows:
        return None
    number, name, role, provider, carer, email, csrf, challenge, offered = rows[0]
    who = Person(id=number, name=name, role=Role(role), provider=provider, carer=carer)
    return HalfIn(who=who, email=email, csrf=csrf, challenge=challenge, offered=offered)


def keep_challenge(connection: Connection, digest: bytes, challenge: bytes | None) -> None:
    """Note what a passkey of this session must sign; None: it was signed, and is good for nothing more."""
    execute(connection, "UPDATE session SET challenge = %(challenge)s WHERE digest = %(d)s", {"challenge": challenge, "d": digest})


def keep_offered(connection: Connection, digest: bytes, secret: str | None) -> None:
    """Note the secret that was shown to a code app in this session."""
    execute(connection, "UPDATE session SET offered = %(secret)s WHERE digest = %(d)s", {"secret": secret, "d": digest})


def asked_of_session(connection: Connection, digest: bytes) -> tuple[bytes | None, str | None]:
    """The challenge and the offered secret of a session."""
    rows = fetch(connection, "SELECT challenge, offered FROM session WHERE digest = %(d)s", {"d": digest})
    return (rows[0][0], rows[0][1]) if rows else (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of a person's sessions. `here`: the one that asks."""

    begun_at: datetime
    seen_at: datetime
    agent: str
    here: bool


def list_sessions(connection: Connection, person: int, digest: bytes, *, now: datetime, idle: timedelta) -> tuple[Session, ...]:
    """Where a person is signed in, the latest first."""
    rows = fetch(
        connection,
        """
        SELECT begun_at, seen_at, agent, digest = %(digest)s FROM session
        WHERE person = %(person)s AND complete AND ends_at > %(now)s AND seen_at > %(idle_since)s ORDER BY seen_at DESC LIMIT 50
        """,
        {"person": person, "digest": digest, "now": now, "idle_since": now - idle},
    )
    return as_values(Session, rows)


def end_sessions(connection: Connection, person: int, *, but: bytes | None = None) -> int:
    """Sign a person out everywhere, or everywhere but here."""
    return execute(
        connection,
        "DELETE FROM session WHERE person = %(person)s AND digest IS DISTINCT FROM %(but)s",
        {"person": person, "but": but},
    )
