"""How does a browser stay signed in? With a random token in a cookie, of which the office keeps only the digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from calltime_server.rights import Person
from calltime_server.store import people
from calltime_server.store.connection import Connection

LASTS = timedelta(hours=12)
"""A working day with its evening; then everybody signs in anew."""
IDLE = timedelta(minutes=30)
"""Shared computers in offices are left."""
HALF_LASTS = timedelta(minutes=15)
"""How long the second factor is waited for."""


def digest_of(token: str) -> bytes:
    """What is kept of a token. It is random, so that a plain digest cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def begin(connection: Connection, person: int, *, now: datetime, complete: bool = True, agent: str = "") -> str:
    """Begin a session and return the token for the browser's cookie. Not complete: the second factor is still asked for."""
    token = secrets.token_urlsafe(32)
    people.begin_session(
        connection,
        person=person,
        digest=digest_of(token),
        csrf=secrets.token_urlsafe(24),
        complete=complete,
        now=now,
        lasts=LASTS if complete else HALF_LASTS,
        agent=agent,
    )
    return token


def find(connection: Connection, token: str, *, now: datetime, seen: bool = True) -> tuple[Person, str, str] | None:
    """Who holds this token, the token of their forms, and their language. `seen`: somebody sits there, and stays signed in for it."""
    return people.person_of_session(connection, digest_of(token), now=now, idle=IDLE, seen=seen)
