"""Which cards are in the field, and which of them hears what is said? The states of ISO/IEC 14443-3 type A, and no radio."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from calltime_sim.pn532.cards import Card, SmartCard, with_crc_a
from calltime_sim.pn532.isodep import CardSide

_HALT = bytes.fromhex("50 00")
_RATS = 0xE0
_DESELECT = b"\xc2"
_DONE = b"\x0a"


class _State(Enum):
    IDLE = auto()
    ACTIVE = auto()
    HALTED = auto()


@dataclass(slots=True, kw_only=True, eq=False)
class Laid:
    """A card that lies in the field. `uid` is the one that it has while the field is up."""

    card: Card
    uid: bytes
    state: _State = _State.IDLE
    session: CardSide | None = None

    @property
    def smart(self) -> bool:
        """Whether it says of itself that it speaks ISO/IEC 14443-4."""
        return isinstance(self.card, SmartCard)

    def answer(self, command: bytes) -> bytes:
        """What the card says over the air to a command without CRC_A."""
        if self.state is not _State.ACTIVE or not command:
            return b""
        said = self._smart(self.card, command) if isinstance(self.card, SmartCard) else self._plain(self.card.answer, command)
        return b"" if said is None else said

    def wake(self) -> None:
        self.state, self.session = _State.ACTIVE, None

    def fall_idle(self) -> None:
        self.state, self.session = _State.IDLE, None

    def halt(self) -> None:
        self.state, self.session = _State.HALTED, None

    def _plain(self, answer: Callable[[bytes], bytes], command: bytes) -> bytes | None:
        if command == _HALT:
            self.halt()
            return None
        said = answer(command)
        if len(said) < 2 and said != _DONE:
            self.fall_idle()
        return said

    def _smart(self, card: SmartCard, command: bytes) -> bytes | None:
        if self.session is None:
            if command[0] != _RATS or len(command) != 2:
                self.halt() if command == _HALT else self.fall_idle()
                return None
            self.session = CardSide(card.awaken(), rats=command, ats=card.ats)
            return with_crc_a(card.ats)
        said = self.session.answer(command)
        if said == _DESELECT:
            self.halt()
        return with_crc_a(said) if said else None


class Field:
    """The field of one reader: what lies in it, and for how many more exchanges. `on_vanished` is called when these are used up."""

    def __init__(self, on_vanished: Callable[[], None] = lambda: None) -> None:
        self._cards: tuple[Card, ...] = ()
        self._laid: list[Laid] = []
        self._exchanges_left: int | None = None
        self._on_vanished = on_vanished

    def lay(self, cards: tuple[Card, ...], exchanges: int | None) -> None:
        """Put these cards, and no others, into the field. After so many exchanges they are taken away (None: they stay)."""
        self._cards, self._exchanges_left = cards, exchanges
        self.go_down()

    def go_down(self) -> None:
        """Switch the field off: when it comes up again, no card remembers anything, and one with a random UID has another."""
        self._laid = []

    def find(self, at_most: int, wanted: bytes | None = None) -> list[Laid]:
        """Call the cards and select up to so many, or the one whose UID is given; a card that was halted does not hear the call.

        ASSUMPTION: a card that is selected when cards are called is released first, and hears the call.
        """
        if not self._laid:
            self._laid = [Laid(card=card, uid=card.uid) for card in self._cards]
        for laid in self._laid:
            if laid.state is _State.ACTIVE:
                laid.fall_idle()
        hearing = [laid for laid in self._laid if laid.state is _State.IDLE and wanted in (None, cascaded(laid.uid))]
        found = sorted(hearing, key=lambda laid: _as_it_collides(laid.uid), reverse=True)[:at_most]
        for laid in found:
            laid.wake()
        return found

    def wake(self, laid: Laid) -> bool:
        """Select a card again, halted or not; False when it is gone."""
        if laid in self._laid:
            laid.wake()
        return laid in self._laid

    def exchange(self, laid: Laid, command: bytes) -> bytes:
        """What this card says to a command; empty when it is silent, halted or gone."""
        if self._exchanges_left == 0:
            self.lay((), None)
            self._on_vanished()
        elif self._exchanges_left is not None:
            self._exchanges_left -= 1
        return laid.answer(command) if laid in self._laid else b""


def cascaded(uid: bytes) -> bytes:
    """The UID as it goes over the air: one of seven bytes in two steps, the first marked with 88."""
    return uid if len(uid) == 4 else b"\x88" + uid


def _as_it_collides(uid: bytes) -> list[str]:
    """Sorts as the anticollision picks: bits come low one first, and where two cards differ the reader goes on with the 1."""
    return [f"{byte:08b}"[::-1] for byte in cascaded(uid)]
