"""How does a program show who it is? With a token that a person made for it, limited in what it may do and for how long."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from calltime_server.people.sessions import digest_of
from calltime_server.rights import RIGHTS, NotAllowed, Person, Right
from calltime_server.store import tokens
from calltime_server.store.connection import Connection

PREFIX = "ct_"
"""So that a token that was published by mistake is found by those who search for such."""
LONGEST = timedelta(days=366)


def make(connection: Connection, who: Person, *, called: str, scopes: frozenset[Right], lasts: timedelta, now: datetime) -> tuple[str, int]:
    """Make a token and return it, shown this once, with its number. Raises NotAllowed for a scope that the person has not."""
    lacking = scopes - RIGHTS[who.role] if who.scopes is None else scopes - who.scopes
    if lacking or not timedelta(0) < lasts <= LONGEST:
        what = f"the scopes {', '.join(sorted(lacking))}" if lacking else f"a life of more than {LONGEST.days} days"
        raise NotAllowed(f"A token cannot have {what}: it may do no more than whoever makes it, and not for ever.")
    token = PREFIX + secrets.token_urlsafe(32)
    number = tokens.add_token(connection, digest=digest_of(token), called=called, who=who, scopes=scopes, now=now, expires_at=now + lasts)
    return token, number
