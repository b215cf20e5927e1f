"""Which codes show that somebody is who they are? Those of a code app, each once, and the recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

from calltime_server.store import credentials
from calltime_server.store.connection import Connection
from calltime_server.store.credentials import Account

PERIOD = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper."""


def new_secret() -> str:
    """A secret for a code app."""
    return pyotp.random_base32()


def picture_of(secret: str, *, email: str) -> str:
    """The secret as a QR code for a code app: a `data:` address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Calltime")
    picture: str = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#ffffff")
    return picture


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step in which this code is right: this one or a neighbour, since clocks of phones differ. None: it is wrong."""
    digits = "".join(code.split()).encode()
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // PERIOD
    right = [step for step in (current - 1, current, current + 1) if hmac.compare_digest(totp.generate_otp(step).encode(), digits)]
    return max(right, default=None)


def take_code(connection: Connection, account: Account, code: str, *, now: datetime) -> bool:
    """Whether this code of the app or on paper is right; it is not good a second time."""
    if account.totp_secret is not None:
        step = step_of(account.totp_secret, code, now=now)
        if step is not None:
            return credentials.use_totp_step(connection, account.who.id, step)
    return credentials.use_recovery_code(connection, account.who.id, _digest(account.who.id, code), now=now)


def new_recovery_codes(connection: Connection, person: int) -> tuple[str, ...]:
    """Ten codes, shown this once; earlier ones count no more."""
    made = tuple("-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES))
    credentials.set_recovery_codes(connection, person, [_digest(person, code) for code in made])
    return made


def _digest(person: int, code: str) -> bytes:
    """What is kept of one. Sixteen random letters cannot be guessed from a plain digest."""
    written = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{person} {written}".encode()).digest()
