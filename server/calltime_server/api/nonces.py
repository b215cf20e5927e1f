"""Is what a door signs from now, and not a copy of something older? It signs a number that the office has just given it.

The office keeps none of them: it knows each again by its own secret. Good for five minutes: what was overheard is of no use later.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from calltime_server.evidence import Unreadable, from_base64url, to_base64url

GOOD_FOR = timedelta(minutes=5)
AHEAD = timedelta(seconds=5)
"""By how much the clocks of two machines of the office may differ."""
PURPOSE = b"calltime nonce 1\0"


def make_nonce(secret: bytes, now: datetime) -> str:
    """A number to be signed soon."""
    told = _milliseconds(now).to_bytes(8, "big")
    return to_base64url(told + _seal(secret, told))


def is_fresh(secret: bytes, nonce: str, now: datetime) -> bool:
    """Whether the office gave it out, within the last five minutes."""
    try:
        data = from_base64url(nonce)
    except Unreadable:
        return False
    told, seal = data[:8], data[8:]
    if not hmac.compare_digest(seal, _seal(secret, told)):
        return False
    age = timedelta(milliseconds=_milliseconds(now) - int.from_bytes(told, "big"))
    return -AHEAD <= age < GOOD_FOR


def _seal(secret: bytes, told: bytes) -> bytes:
    return hmac.digest(secret, PURPOSE + told, "sha256")[:16]


def _milliseconds(now: datetime) -> int:
    return (now - datetime.fromtimestamp(0, tz=now.tzinfo)) // timedelta(milliseconds=1)
