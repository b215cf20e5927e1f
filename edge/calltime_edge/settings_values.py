"""What may a setting be? Each function takes what stood in the file or in a variable, and returns it or says what it must be (Unfit)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from calltime_wire import broker_address

Word = TypeVar("Word", bound=str)


class Unfit(ValueError):
    """The message says what it must be, as the end of a sentence about it."""


LONGEST_HOLD = 9.0
"""Seconds. A hold changes only a start that is less than ten seconds old into waiting."""


def one_of(*words: Word) -> Callable[[object], Word]:
    """One of these words."""

    def read(given: object) -> Word:
        for word in words:
            if given == word:
                return word
        raise Unfit(f"must be {' or '.join(words)}")

    return read


def text(given: object) -> str | None:
    """Some words; none when it is empty."""
    if not isinstance(given, str):
        raise Unfit("must be text in quotes")
    return given.strip() or None


def path(given: object) -> Path | None:
    """Where a file or a folder is, from the root on: a service has no folder of its own to start from."""
    words = text(given)
    if words is not None and not words.startswith("/"):
        raise Unfit("must be a path that begins with /")
    return None if words is None else Path(words)


def folder(given: object) -> Path:
    """The same, and it must be there."""
    found = path(given)
    if found is None:
        raise Unfit("must be a path that begins with /")
    return found


def broker(given: object) -> str | None:
    """Where the broker is, or several with commas between; none when it is empty."""
    words = text(given)
    try:
        return words and broker_address.write_all(broker_address.parse_all(words))
    except ValueError:
        raise Unfit("must be an address such as mqtts://broker.example.org:8883, or several, each once, with commas between") from None


def server(given: object) -> str | None:
    """Where the office's server is; none when it is empty."""
    words = text(given)
    if words is not None and not words.startswith(("https://", "http://")):
        raise Unfit("must be an address such as https://care.example.org")
    return words


def pin(given: object) -> int | None:
    """A GPIO by Broadcom's number. 0 and 1 belong to the memory chip of an add-on board."""
    if given == "none":
        return None
    return _whole(given, 2, 27, 'must be a Broadcom (BCM) number from 2 to 27, or "none"')


def i2c_address(given: object) -> int:
    """The address of a display."""
    return _whole(given, 0x08, 0x77, "must be an I²C address from 0x08 to 0x77")


def baud(given: object) -> int:
    """A speed that serial scanners have."""
    number = _whole(given, 1200, 921_600, "must be a speed from 1200 to 921600")
    if number not in {1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600}:
        raise Unfit("must be a speed that serial ports have, such as 9600 or 115200")
    return number


def hold_seconds(given: object) -> float:
    """How long to hold on; 0 switches it off. Under a second nobody means it."""
    says = f"must be 0, or a number of seconds from 1 to {LONGEST_HOLD:g}"
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Unfit(says)
    try:
        number = float(given)
    except ValueError:
        raise Unfit(says) from None
    if number != 0 and not 1 <= number <= LONGEST_HOLD:
        raise Unfit(says)
    return number


def _whole(given: object, least: int, most: int, says: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise Unfit(says)
    try:
        number = given if isinstance(given, int) else int(given, 0)
    except ValueError:
        raise Unfit(says) from None
    if not least <= number <= most:
        raise Unfit(says)
    return number
