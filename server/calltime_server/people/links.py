"""How does somebody come in who has no password yet, or has lost what they had? By a link that is good once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from calltime_server.people.sessions import digest_of
from calltime_server.store import coming_in
from calltime_server.store.coming_in import Purpose
from calltime_server.store.connection import Connection

LASTS: dict[Purpose, timedelta] = {"invitation": timedelta(days=7), "sign_in": timedelta(minutes=15), "straight_in": timedelta(minutes=15)}
PATH = "/sign-in/link/"


def make(connection: Connection, person: int, purpose: Purpose, *, by: str, now: datetime) -> str:
    """Make a link and return its path, shown this once."""
    token = secrets.token_urlsafe(32)
    coming_in.add_link(connection, person=person, digest=digest_of(token), purpose=purpose, by=by, now=now, lasts=LASTS[purpose])
    return PATH + token
