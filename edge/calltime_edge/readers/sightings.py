"""What can a reader at the door see, and what does it promise to whoever listens?"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, TypeAlias

from calltime_wire.records import Action
from calltime_wire.status import ReaderState

Via: TypeAlias = Literal["nfc", "qr"]

# A card at the edge of the field is missed now and then while nobody moves it; missed this often in a row, it was taken away.
MISSES_UNTIL_GONE = 3


class Why(Enum):
    """Why what was held to a reader is no tap. The value is what the carer is told, in English: what, why and what next."""

    NO_ADDRESS = "This is not a Calltime tag or code. Hold the Calltime tag of this home to the reader."
    DAMAGED = "What is written on this tag is damaged. Tell the office: the tag must be replaced."
    TAKEN_AWAY = "It was taken away too soon. Hold it to the reader until you hear the answer."
    CHANGING_NUMBER = "A telephone or a bank card cannot be a badge. Hold your badge alone to the reader."
    TOGETHER = "Two cards or tags were held to the reader together. Take all of them away, then hold yours to it alone."
    OVERLONG = "This code is too long to be a Calltime code. Scan the code of this home."
    BABBLE = "The scanner sent something that is no code. Scan again; if this stays, tell the office: the scanner must be checked."
    NOT_A_BADGE = "This is a home's tag, and this reader waits for a badge. Hold your badge to it."
    NOT_A_TAG = "This is a badge, or a tag without an address. Hold the device to the tag at the home."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An address `https://<host>/t/<ref>` was read; `proof` is its raw query string, untouched, when it has one.

    `waiting`: the address was `https://<host>/t/<ref>/waiting`, the second tag of a home, for a carer who is not let in yet.
    """

    via: Via
    ref: str
    proof: str | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card that holds no address: a carer's badge. `uid` is upper-case hex."""

    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something was there that cannot be used."""

    via: Via
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was seen before still lies there, longer than a tap takes: the carer means to say that she waits."""

    seen: Tag | Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A carer called the line and keyed in her PIN and what she does. `number` and `pin` are the references that stand for them, `call` the
    telephone company's id of the call: of one call there is one tap.
    """

    number: str
    pin: str
    action: Action
    call: str


Sighting: TypeAlias = Tag | Card | Unreadable | Held | Called


class ReaderGone(Exception):
    """The reader was lost or does not answer; `says` tells the operator what, why and what next, `state` goes into the door's status."""

    def __init__(self, says: str, state: ReaderState = "gone") -> None:
        super().__init__(says)
        self.says = says
        self.state = state


class Reader(Protocol):
    """One reader at one door."""

    @property
    def name(self) -> str:
        """What to call this reader in a message to a person."""

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        """Yield once per presentation, until `stop` is set; raise ReaderGone when the reader is lost.

        `tell` is called with "ready" when the reader answers, and from then on at every look: a reader that says nothing for long is stuck.
        What is held to the reader counts once, and again only after it was taken away. A reader that can tell that it still lies there may
        yield it once more as `Held`.
        """
