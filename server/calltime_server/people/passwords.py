"""Which passwords are good enough, and is this the right one? Kept as argon2id; the one file that imports argon2."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each takes 19 MiB of memory: a flood of sign-ins waits in line instead of filling it."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_WORN = frozenset(
    {
        *("password", "passwort", "passw", "cyfrinair", "qwerty", "qwertyuiop", "asdfghjkl", "welcome", "croeso", "letmein", "admin"),
        *("administrator", "iloveyou", "changeme", "football", "liverpool", "arsenal", "chelsea", "monkey", "dragon", "sunshine"),
        *("princess", "secret", "login", "calltime", "homecare", "careworker", "council", "summer", "winter", "spring", "autumn"),
        *("monday", "january", "abc", "abcdef", "abcdefgh", "abcdefghijkl"),
    }
)
"""What the commonest long passwords are made of, with figures and marks around it."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return text


_SHORT = _("The password has fewer than 12 characters. Take a longer one; three or four words that do not belong together are good.")
_LONG = _("The password has more than 200 characters. Take a shorter one.")
_EASY = _("The password is one of the first that somebody would try: few different characters, or a row of them. Take another.")
_COMMON = _("The password is a very common word with figures around it. Take another; several words that do not belong together are good.")
_OWN = _("The password is your e-mail address or a part of it. Take another.")


def fault_of(password: str, *, email: str) -> str | None:
    """Why this password will not do; None: it will. No rule of capitals and marks: length is what counts."""
    plain = _plain(password)
    bare = re.sub(r"[\W\d_]+", "", plain.lower())
    if not LEAST <= len(plain) <= MOST:
        return _SHORT if len(plain) < LEAST else _LONG
    if len(set(plain)) < 5 or _is_run(plain):
        return _EASY
    if bare in _WORN or any(bare == word * 2 for word in _WORN):
        return _COMMON
    if plain.lower() in email.lower() or email.lower().partition("@")[0] == bare:
        return _OWN
    return None


def _plain(password: str) -> str:
    """The same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text) if (before, after) not in {("9", "0")}}
    return steps in ({1}, {-1})


def hash_of(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the one that was kept. Where none was, it takes as long to say no."""
    with _AT_ONCE:
        try:
            right = _HASHER.verify(kept or _nobodys(), _plain(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(right) and kept is not None


def is_worn(kept: str) -> bool:
    """Whether it was kept at another cost than is asked for today, and should be kept anew while it is at hand."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody")
