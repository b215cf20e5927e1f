"""What stands for a telephone's number and for a PIN? A digest with a secret that never leaves this line.

A number is of a person, and there are few enough of them to try them all, as there are of PINs: without the secret a digest would hide
neither. With it, whoever holds the record, the database or the broker learns nothing of either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from calltime_edge.door_key import sync_folder

NAME = "telephone.secret"
PIN_DIGITS = 6
"""A million of them. At a hundred guesses a day (`lockout`), each from a number that is a home's, it takes years to find a carer's, and
months until that of any of a hundred carers fits."""


class NoSecret(RuntimeError):
    """The secret is there and cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class References:
    """What this line's secret makes of numbers and PINs. The same for ever: what was registered at the office stays good."""

    _secret: bytes = field(repr=False)

    def of_number(self, number: str) -> str:
        """What stands for a number as `numbers.normal` writes it."""
        return f"tel_{self._digest('number', number)}"

    def of_pin(self, pin: str) -> str:
        """What stands for a PIN."""
        return f"pin_{self._digest('pin', pin)}"

    def _digest(self, kind: str, said: str) -> str:
        made = hmac.new(self._secret, f"{kind}:{said}".encode(), hashlib.sha256).digest()
        return base64.b32encode(made[:16]).decode("ascii").rstrip("=").lower()


def load_or_make(folder: Path, *, randomness: Callable[[int], bytes] = os.urandom) -> References:
    """Read the secret, or make it, durably. Raises NoSecret, OSError."""
    path = folder / NAME
    if not path.exists():
        draft = folder / f"{NAME}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(randomness(32).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(folder)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise NoSecret(
            f"{path} is damaged. Put its copy back: without it every number and PIN must be registered anew. If there is none, move it and "
            "telephone.json away, and register them again."
        )
    return References(secret)


def new_pin() -> str:
    """A PIN that nobody chose: what people choose is guessed."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
