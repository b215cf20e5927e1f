"""Which program holds this token, and what may it do?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from calltime_server.rights import Person, Right, Role
from calltime_server.store.connection import Connection, execute, fetch

USED_EVERY = timedelta(minutes=1)
"""How often a token notes that it is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; what programs send is not."""

    number: int
    called: str
    role: Role
    provider: str | None
    scopes: tuple[str, ...]
    made_by: int
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether a program with it is let in."""
        return self.revoked_at is None and self.expires_at > now


def program_of_token(connection: Connection, digest: bytes, *, now: datetime) -> tuple[Person, int] | None:
    """The program as a person who may do what the token lets, and the token's number. None: not known, over, or revoked."""
    rows = fetch(
        connection,
        """
        SELECT token, called, t.role, t.provider, scopes, t.made_by, used_at FROM api_token t JOIN person ON person = t.made_by
        WHERE digest = %(digest)s AND revoked_at IS NULL AND expires_at > %(now)s AND disabled_at IS NULL
        """,
        {"digest": digest, "now": now},
    )
    if not rows:
        return None
    token, called, role, provider, scopes, made_by, used_at = rows[0]
    if used_at is None or now - used_at > USED_EVERY:
        execute(connection, "UPDATE api_token SET used_at = %(now)s WHERE token = %(token)s", {"now": now, "token": token})
    known = {right.value for right in Right}
    may = frozenset(Right(scope) for scope in scopes if scope in known)
    return Person(id=made_by, name=called, role=Role(role), provider=provider, scopes=may), token


def add_token(
    connection: Connection, *, digest: bytes, called: str, who: Person, scopes: frozenset[Right], now: datetime, expires_at: datetime
) -> int:
    """Write down a token that acts with this person's role, and return its number."""
    rows = fetch(
        connection,
        """
        INSERT INTO api_token (digest, called, role, provider, scopes, made_by, made_at, expires_at)
        VALUES (%(digest)s, %(called)s, %(role)s, %(provider)s, %(scopes)s, %(by)s, %(now)s, %(expires)s) RETURNING token
        """,
        {
            "digest": digest,
            "called": called,
            "role": who.role.value,
            "provider": who.provider,
            "scopes": sorted(scopes),
            "by": who.id,
            "now": now,
            "expires": expires_at,
        },
    )
    return int(rows[0][0])


def list_tokens(connection: Connection, *, before: int | None, limit: int) -> list[Token]:
    """The tokens that whoever asks may see, the newest first, from behind the one with this number."""
    rows = fetch(
        connection,
        """
        SELECT token, called, role, provider, scopes, made_by, made_at, expires_at, used_at, revoked_at FROM api_token
        WHERE %(before)s::bigint IS NULL OR token < %(before)s ORDER BY token DESC LIMIT %(limit)s
        """,
        {"before": before, "limit": limit},
    )
    return [_token(*row) for row in rows]


def _token(number: int, called: str, role: str, provider: str | None, scopes: list[str], made_by: int, *times: datetime | None) -> Token:
    made_at, expires_at, used_at, revoked_at = times
    assert made_at is not None, "the table lets none be without"  # noqa: S101
    assert expires_at is not None, "the table lets none be without"  # noqa: S101
    return Token(
        number=number,
        called=called,
        role=Role(role),
        provider=provider,
        scopes=tuple(scopes),
        made_by=made_by,
        made_at=made_at,
        expires_at=expires_at,
        used_at=used_at,
        revoked_at=revoked_at,
    )


def revoke_token(connection: Connection, number: int, *, now: datetime) -> bool:
    """Let nobody in with it from now on. False: whoever asks sees no such token. One that was revoked before stays so since then."""
    rows = fetch(connection, "SELECT revoked_at FROM api_token WHERE token = %(token)s", {"token": number})
    if rows and rows[0][0] is None:
        execute(connection, "UPDATE api_token SET revoked_at = %(now)s WHERE token = %(token)s", {"token": number, "now": now})
    return bool(rows)


def revoke_tokens_of(connection: Connection, person: int, *, now: datetime) -> None:
    """Let nobody in any more with a token that this person made."""
    execute(
        connection,
        "UPDATE api_token SET revoked_at = %(now)s WHERE made_by = %(person)s AND revoked_at IS NULL",
        {"now": now, "person": person},
    )


def maker_of_tokens(connection: Connection, email: str) -> Person | None:
    """The person with this e-mail address, who may make tokens. None: there is none, or not any more, or it is a carer."""
    rows = fetch(
        connection,
        """
        SELECT person, name, role, provider FROM person
        WHERE email = lower(%(email)s) AND disabled_at IS NULL AND role <> 'carer'
        """,
        {"email": email},
    )
    return Person(id=rows[0][0], name=rows[0][1], role=Role(rows[0][2]), provider=rows[0][3]) if rows else None
