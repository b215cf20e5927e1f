"""How is one field of a CSV file read? Each function gives the value, or raises ValueError with what to write instead."""

import re
from collections.abc import Callable


def reference(text: str) -> str:
    """An id as the council or the provider writes it."""
    if not text:
        raise ValueError("This field is empty. Write the reference.")
    if len(text) > 200 or not text.isprintable():
        raise ValueError(f"{shown(text)} is not a reference: it has more than 200 characters or some that cannot be seen. Correct it.")
    return text


def reference_or_unknown(text: str) -> str | None:
    """As a reference; empty means that it is not known whose it was."""
    return reference(text) if text else None


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers from `lowest` to `highest`."""

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else -1
        if not lowest <= number <= highest:
            raise ValueError(f"{shown(text)} is not a whole number from {lowest} to {highest}. Correct it.")
        return number

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one of these words, written like this."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{shown(text)} is not known here. Write {', '.join(words[:-1])} or {words[-1]}.")
        return text

    return read


def shown(text: str) -> str:
    """In quotes, and not longer than a person needs to find it."""
    seen = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:40])
    return f"“{seen}”" if len(text) <= 40 else f"“{seen}…”"
