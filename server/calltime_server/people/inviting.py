"""How does somebody get an account, and the link to begin with?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from calltime_server.people import links
from calltime_server.people.email_address import is_email
from calltime_server.rights import Person, Role
from calltime_server.store import accounts
from calltime_server.store.connection import Connection, execute
from calltime_server.store.people import add_person


def _(text: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return text


NO_NAME = _("Write the person's name, with 200 characters at most.")
NO_EMAIL = _("Write an e-mail address such as name@example.org.")
TAKEN = _("There is an account with this e-mail address already. Look for it under People; if it is disabled, enable it.")
NO_ROLE = _("Choose a role.")
NO_PROVIDER = _("Write the provider for whom this person works, as it stands in the plan.")
NO_CARER = _("Write which carer this is, as in the plan.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom to let in. `issuer`: by whose sign-in; None: by a link, a password and a second factor."""

    name: str
    email: str
    role: Role
    provider: str | None
    carer: str | None
    issuer: str | None = None


def read(written: Mapping[str, str], *, providers: Collection[str], issuer: str | None = None) -> Invited | dict[str, str]:
    """What was written (name, email, role, provider, carer), or all its faults by field.

    `providers` are those that are known. Where none is known yet, before the first plan, any is taken.
    """
    plain = {name: written.get(name, "").replace("\0", "").strip() for name in ("name", "email", "role", "provider", "carer")}
    role = next((each for each in Role if each.value == plain["role"]), None)
    faults = {}
    if not 1 <= len(plain["name"]) <= 200:
        faults["name"] = NO_NAME
    if not is_email(plain["email"]):
        faults["email"] = NO_EMAIL
    if role is None:
        faults["role"] = NO_ROLE
    works = role in (Role.PROVIDER, Role.CARER)
    if works and not 1 <= len(plain["provider"]) <= 200:
        faults["provider"] = NO_PROVIDER
    elif works and providers and plain["provider"] not in providers:
        faults["provider"] = _not_known(plain["provider"], providers)
    if role is Role.CARER and not 1 <= len(plain["carer"]) <= 200:
        faults["carer"] = NO_CARER
    if faults or role is None:
        return faults
    return Invited(
        name=plain["name"],
        email=plain["email"].lower(),
        role=role,
        provider=plain["provider"] if works else None,
        carer=plain["carer"] if role is Role.CARER else None,
        issuer=issuer,
    )


def _not_known(provider: str, providers: Collection[str]) -> str:
    # Whoever signs in for a provider that no plan names would see empty pages and not know why.
    nearest = max(sorted(providers), key=lambda each: SequenceMatcher(a=each.lower(), b=provider.lower()).ratio())
    return (
        f"No plan and no list of providers names “{provider[:60]}”. The nearest that is known is “{nearest}”. "
        "Write the provider as it stands in the plan, or bring in its plan first."
    )


def invite(connection: Connection, invited: Invited, *, by: str, now: datetime) -> tuple[Person, str] | None:
    """Make the account and a link to begin with (a path, shown this once; empty where an organisation vouches). None: it exists."""
    if accounts.account_by_email(connection, invited.email) is not None:
        return None
    person = add_person(
        connection,
        name=invited.name,
        email=invited.email,
        role=invited.role,
        provider=invited.provider,
        carer=invited.carer,
        issuer=invited.issuer,
        by=by,
        now=now,
    )
    return person, "" if invited.issuer else links.make(connection, person.id, "invitation", by=by, now=now)


def send(connection: Connection, email: str, name: str, address: str, *, now: datetime) -> None:
    """Let the link go by e-mail. What is sent is blanked once it is, and no role reads it before."""
    body = (
        f"Dear {name},\n\nyou have an account at Calltime, where visits of home care are recorded. To begin, open this address and choose "
        f"a password; it is good once, for seven days:\n\n{address}\n\nIf you do not expect this, leave it: nothing happens without you.\n"
    )
    execute(
        connection,
        """
        INSERT INTO message (email, event, subject, body, made_at, not_before)
        VALUES (%(email)s, 'invitation', 'Your account at Calltime', %(body)s, %(now)s, %(now)s)
        """,
        {"email": email, "body": body, "now": now},
    )
