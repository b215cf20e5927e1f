"""What can a reader at the door see, and what does it promise to whoever listens?"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Via: TypeAlias = Literal["nfc", "qr"]

# A card at the edge of the field is missed now and then while nobody moves it; missed this often in a row, it was taken away.
MISSES_UNTIL_GONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An address `https://<host>/t/<ref>` was read; `proof` is its raw query string, untouched, when it has one."""

    via: Via
    ref: str
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card that holds no address: a carer's badge. `uid` is upper-case hex."""

    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something was there that cannot be used; `says` tells the carer what, why and what next."""

    via: Via
    says: str


Sighting: TypeAlias = Tag | Card | Unreadable


class ReaderGone(Exception):
    """The reader was lost or does not answer; `says` tells what, why and what next."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


class Reader(Protocol):
    """One reader at one door."""

    @property
    def name(self) -> str:
        """What to call this reader in a message to a person."""

    def sightings(self, stop: threading.Event, found: Callable[[], None]) -> Iterator[Sighting]:
        """Call `found` when the reader answers; yield once per presentation, until `stop` is set; raise ReaderGone when it is lost.

        What is held to the reader counts once, and again only after it was taken away.
        """
