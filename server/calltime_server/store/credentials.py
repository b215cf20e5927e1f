"""With what does somebody prove who they are? Password, code app, passkeys and recovery codes. The office alone asks for these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calltime_server.rights import Person, Role
from calltime_server.store.connection import Connection, execute, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account can be signed in to with. `issuer`: the organisation whose sign-in vouches for it."""

    who: Person
    email: str
    password_hash: str | None
    totp_secret: str | None
    passkeys: int
    issuer: str | None
    subject: str | None

    @property
    def has_second(self) -> bool:
        """Whether a second factor stands."""
        return self.totp_secret is not None or self.passkeys > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that the person's device keeps. `sign_count` is what it counted to last."""

    credential: bytes
    public_key: bytes
    sign_count: int
    called: str
    made_at: datetime
    used_at: datetime | None


def account_of_email(connection: Connection, email: str) -> Account | None:
    """The account that is in use under this address."""
    return _account(
        fetch(connection, _ACCOUNT + " WHERE email = lower(%(email)s) AND disabled_at IS NULL", {"email": email.replace("\0", "")})
    )


def account_of_person(connection: Connection, person: int) -> Account | None:
    """The account with this number, while it is in use."""
    return _account(fetch(connection, _ACCOUNT + " WHERE person = %(person)s AND disabled_at IS NULL", {"person": person}))


def account_of_subject(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The account of whom an organisation knows by this name."""
    return _account(
        fetch(
            connection,
            _ACCOUNT + " WHERE issuer = %(issuer)s AND subject = %(subject)s AND disabled_at IS NULL",
            {"issuer": issuer, "subject": subject},
        )
    )


_ACCOUNT = """
    SELECT person, name, role, provider, carer, email, password_hash, totp_secret, issuer, subject,
           (SELECT count(*) FROM passkey WHERE passkey.person = person.person)
    FROM person
"""


def _account(rows: Sequence[tuple[Any, ...]]) -> Account | None:
    if not rows:
        return None
    number, name, role, provider, carer, email, password, totp, issuer, subject, passkeys = rows[0]
    who = Person(id=number, name=name, role=Role(role), provider=provider, carer=carer)
    return Account(
        who=who,
        email=email,
        password_hash=password,
        totp_secret=totp,
        issuer=issuer,
        subject=subject,
        passkeys=passkeys,
    )


def bind_subject(connection: Connection, person: int, subject: str) -> bool:
    """Write down by what name the organisation knows this person; once. False: another name stands there."""
    return (
        execute(
            connection,
            "UPDATE person SET subject = %(subject)s WHERE person = %(person)s AND issuer IS NOT NULL AND subject IS NULL",
            {"subject": subject, "person": person},
        )
        == 1
    )


def set_password(connection: Connection, person: int, password_hash: str) -> None:
    """Let this password count from now on, and no other."""
    execute(connection, "UPDATE person SET password_hash = %(h)s WHERE person = %(person)s", {"h": password_hash, "person": person})


def set_language(connection: Connection, person: int, language: str) -> None:
    """Speak to this person in this language, wherever they sign in."""
    execute(connection, "UPDATE person SET language = %(language)s WHERE person = %(person)s", {"language": language, "person": person})


def set_totp(connection: Connection, person: int, secret: str | None, *, step: int | None) -> None:
    """Let codes of this secret count, from the step after this one on. None: no codes any more."""
    execute(
        connection,
        "UPDATE person SET totp_secret = %(secret)s, totp_step = %(step)s WHERE person = %(person)s",
        {"secret": secret, "step": step, "person": person},
    )


def use_totp_step(connection: Connection, person: int, step: int) -> bool:
    """Take the code of this step as used. False: it or a later one was used already."""
    return (
        execute(
            connection,
            "UPDATE person SET totp_step = %(step)s WHERE person = %(person)s AND coalesce(totp_step, 0) < %(step)s",
            {"step": step, "person": person},
        )
        == 1
    )


def passkeys_of(connection: Connection, person: int) -> tuple[Passkey, ...]:
    """All passkeys of a person, the oldest first."""
    rows = fetch(
        connection,
        """
        SELECT credential, public_key, sign_count, called, made_at, used_at FROM passkey WHERE person = %(person)s
        ORDER BY made_at, credential
        """,
        {"person": person},
    )
    return tuple(
        Passkey(credential=bytes(row[0]), public_key=bytes(row[1]), sign_count=row[2], called=row[3], made_at=row[4], used_at=row[5])
        for row in rows
    )


def add_passkey(
    connection: Connection, person: int, *, credential: bytes, public_key: bytes, sign_count: int, called: str, now: datetime
) -> bool:
    """Write down a passkey. False: it is known already."""
    return (
        execute(
            connection,
            """
            INSERT INTO passkey (credential, person, public_key, sign_count, called, made_at)
            VALUES (%(credential)s, %(person)s, %(key)s, %(count)s, %(called)s, %(now)s) ON CONFLICT DO NOTHING
            """,
            {"credential": credential, "person": person, "key": public_key, "count": sign_count, "called": called, "now": now},
        )
        == 1
    )


def use_passkey(connection: Connection, credential: bytes, *, sign_count: int, now: datetime) -> None:
    """Note that it was used."""
    execute(
        connection,
        "UPDATE passkey SET sign_count = %(count)s, used_at = %(now)s WHERE credential = %(credential)s",
        {"count": sign_count, "now": now, "credential": credential},
    )


def remove_passkey(connection: Connection, person: int, credential: bytes) -> None:
    """Let it count no more."""
    execute(
        connection,
        "DELETE FROM passkey WHERE person = %(person)s AND credential = %(credential)s",
        {"person": person, "credential": credential},
    )


def set_recovery_codes(connection: Connection, person: int, digests: Sequence[bytes]) -> None:
    """Let these count, and none that were made before."""
    execute(connection, "DELETE FROM recovery_code WHERE person = %(person)s", {"person": person})
    execute(
        connection,
        "INSERT INTO recovery_code (person, digest) SELECT %(person)s, unnest(%(digests)s::bytea[])",
        {"person": person, "digests": list(digests)},
    )


def use_recovery_code(connection: Connection, person: int, digest: bytes, *, now: datetime) -> bool:
    """Take a code as used. False: it is none of this person's, or was used before."""
    return (
        execute(
            connection,
            "UPDATE recovery_code SET used_at = %(now)s WHERE person = %(person)s AND digest = %(digest)s AND used_at IS NULL",
            {"now": now, "person": person, "digest": digest},
        )
        == 1
    )


def recovery_codes_left(connection: Connection, person: int) -> int:
    """How many were not used."""
    rows = fetch(connection, "SELECT count(*) FROM recovery_code WHERE person = %(p)s AND used_at IS NULL", {"p": person})
    return int(rows[0][0])
