"""How does a one-time code look, and how long is it good for?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from calltime_server.store.connection import Connection
from calltime_server.store.enrolment import Place, add_codes

GOOD_FOR = timedelta(minutes=15)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
"""31 letters and digits that nobody confuses, ten times: 49 bits, for a quarter of an hour."""


def give_codes(connection: Connection, places: Sequence[Place], *, now: datetime) -> list[tuple[str, Place]]:
    """Make and remember one code for each place."""
    codes = [("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)), place) for place in places]
    add_codes(connection, codes, now=now, expires=now + GOOD_FOR)
    return codes
