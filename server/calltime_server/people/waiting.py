"""How long must somebody wait who guesses? Longer each time, but never for good: whoever it really is comes in again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from calltime_server.store import coming_in
from calltime_server.store.coming_in import Failed
from calltime_server.store.connection import Connection

LOOKED_BACK = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
SHORT_WAIT = timedelta(minutes=1)
FREE_HERE, FREE_FROM, FREE_ANYWHERE = 5, 30, 50
"""How many failures are free: of one account at one address, of one address, and of one account at all addresses."""


def account_of(email: str) -> bytes:
    """What attempts are counted by. Not the address itself: people type passwords there by mistake."""
    return hashlib.sha256(email.strip().lower().encode()).digest()


def begin(connection: Connection, account: bytes, address: str, *, now: datetime) -> int | datetime:
    """Count an attempt and return its number, or when it may be made: then it does not count."""
    coming_in.lock_account(connection, account)
    since = now - LOOKED_BACK
    waits = (
        _until(coming_in.failed_here(connection, account, address, since=since), FREE_HERE, LONGEST_WAIT),
        _until(coming_in.failed_from(connection, address, since=since), FREE_FROM, LONGEST_WAIT),
        # Many machines guess at one account: they are slowed, and its owner waits a minute at most.
        _until(coming_in.failed_anywhere(connection, account, since=since), FREE_ANYWHERE, SHORT_WAIT),
    )
    until = max(each or since for each in waits)
    if until > now:
        return until
    return coming_in.begin_attempt(connection, account, address, now=now)


def _until(failed: Failed, free: int, longest: timedelta) -> datetime | None:
    if failed.last is None or failed.times < free:
        return None
    doubled: timedelta = FIRST_WAIT * (1 << min(failed.times - free, 10))
    return failed.last + min(doubled, longest)
