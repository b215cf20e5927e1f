"""Which accounts are there, and what does an administrator do with them? As the administrator: no secret is seen here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calltime_server.rights import Role
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.tokens import revoke_tokens_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An account as it is shown. `issuer`: by whose sign-in the person comes; None: by password and second factor."""

    person: int
    name: str
    email: str
    role: Role
    provider: str | None
    carer: str | None
    issuer: str | None
    made_by: str
    made_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None


class AccountRefused(ValueError):
    """This cannot be done to this account; the message says why and what next."""


_SELECT = "SELECT person, name, email, role, provider, carer, issuer, made_by, made_at, seen_at, disabled_at FROM person"


def list_accounts(connection: Connection, *, find: str = "", behind: tuple[str, int] | None = None, limit: int) -> tuple[Listed, ...]:
    """Those whose name, e-mail address, provider or carer holds `find`, by name, from behind one on."""
    query = """
        SELECT person, name, email, role, provider, carer, issuer, made_by, made_at, seen_at, disabled_at FROM person
        WHERE (%(find)s = '' OR strpos(lower(concat_ws(' ', name, email, provider, carer)), lower(%(find)s)) > 0)
          AND (%(person)s::bigint IS NULL OR (lower(name), person) > (%(name)s, %(person)s::bigint))
        ORDER BY lower(name), person LIMIT %(limit)s
    """
    name, person = behind or ("", None)
    values = {"find": find.replace("\0", ""), "name": name.lower().replace("\0", ""), "person": person, "limit": limit}
    return tuple(_listed(row) for row in fetch(connection, query, values))


def read_account(connection: Connection, person: int) -> Listed | None:
    """The account with this number."""
    rows = fetch(connection, _SELECT + " WHERE person = %(person)s", {"person": person})
    return _listed(rows[0]) if rows else None


def account_by_email(connection: Connection, email: str) -> Listed | None:
    """The account with this e-mail address, in use or not."""
    rows = fetch(connection, _SELECT + " WHERE email = lower(%(email)s)", {"email": email.replace("\0", "")})
    return _listed(rows[0]) if rows else None


def _listed(row: tuple[Any, ...]) -> Listed:
    person, name, email, role, provider, carer, issuer, made_by, made_at, seen_at, disabled_at = row
    return Listed(
        person=person,
        name=name,
        email=email,
        role=Role(role),
        provider=provider,
        carer=carer,
        issuer=issuer,
        made_by=made_by,
        made_at=made_at,
        seen_at=seen_at,
        disabled_at=disabled_at,
    )


def change_account(
    connection: Connection, person: int, *, name: str, role: Role, provider: str | None, carer: str | None, by: int, now: datetime
) -> None:
    """Change what an account may do. It is signed out, and tokens that it made count no more. Raises AccountRefused."""
    before = _lock(connection, person)
    moved = (before.role, before.provider, before.carer) != (role, provider, carer)
    if moved and person == by:
        raise AccountRefused("Nobody changes what their own account may do. Ask another administrator.")
    if moved and before.role is Role.ADMINISTRATOR:
        _need_another(connection, person)
    execute(
        connection,
        """
        UPDATE person SET name = %(name)s, role = %(role)s, provider = %(provider)s, carer = %(carer)s WHERE person = %(person)s
        """,
        {"name": name, "role": role.value, "provider": provider, "carer": carer, "person": person},
    )
    if moved:
        _show_out(connection, person, now=now)


def disable_account(connection: Connection, person: int, *, by: int | None, now: datetime) -> None:
    """Let nobody in by this account, and end its sessions and tokens. Raises AccountRefused. `by` None: by a command of the machine."""
    before = _lock(connection, person)
    if person == by:
        raise AccountRefused("Nobody disables their own account. Ask another administrator.")
    if before.role is Role.ADMINISTRATOR:
        _need_another(connection, person)
    execute(connection, "UPDATE person SET disabled_at = %(now)s WHERE person = %(p)s AND disabled_at IS NULL", {"now": now, "p": person})
    _show_out(connection, person, now=now)


def enable_account(connection: Connection, person: int) -> None:
    """Let the account be used again. Tokens that were revoked stay revoked."""
    execute(connection, "UPDATE person SET disabled_at = NULL WHERE person = %(person)s", {"person": person})


def refuse_own(person: int, *, by: int | None) -> None:
    """Raise AccountRefused where somebody would give a way in to themselves."""
    if person == by:
        raise AccountRefused("This is your own account. Change your password and second step under Settings, or ask another administrator.")


def refuse_vouched(connection: Connection, person: int) -> None:
    """Raise AccountRefused where an organisation vouches for this person: what it has ended must not go on by a link of ours."""
    account = read_account(connection, person)
    if account is not None and account.issuer is not None:
        raise AccountRefused(
            "This person signs in with the organisation's own sign-in, and no other way. Have whoever runs that let them in."
        )


def reset_second_factor(connection: Connection, person: int, *, by: int | None, now: datetime) -> None:
    """Take password, code app, passkeys and recovery codes away, so that all are set up anew. Raises AccountRefused.

    `by` None: by a command of the machine.
    The password goes, too: whoever found it could else set up the second factor of their choice; and tokens, which may be theirs.
    """
    refuse_own(person, by=by)
    _lock(connection, person)
    execute(connection, "SELECT take_way_in_away(%(person)s)", {"person": person})
    execute(connection, "DELETE FROM passkey WHERE person = %(person)s", {"person": person})
    execute(connection, "DELETE FROM recovery_code WHERE person = %(person)s", {"person": person})
    _show_out(connection, person, now=now)


def _lock(connection: Connection, person: int) -> Listed:
    rows = fetch(connection, _SELECT + " WHERE person = %(person)s FOR NO KEY UPDATE", {"person": person})
    if not rows:
        raise AccountRefused("There is no such account. Look for it under People.")
    return _listed(rows[0])


def _need_another(connection: Connection, person: int) -> None:
    # Locked, so that two administrators do not disable each other in the same moment.
    query = """
        SELECT person FROM person WHERE role = 'administrator' AND disabled_at IS NULL ORDER BY person FOR NO KEY UPDATE
    """
    if all(number == person for (number,) in fetch(connection, query, {})):
        raise AccountRefused("This is the last administrator: without one nobody could let people in. Make another first.")


def _show_out(connection: Connection, person: int, *, now: datetime) -> None:
    execute(connection, "DELETE FROM session WHERE person = %(person)s", {"person": person})
    revoke_tokens_of(connection, person, now=now)
