"""How do a reader and a card of ISO/IEC 14443-4 pass whole commands and answers in small blocks?

Pure. Blocks are without their CRC_A. Card numbers (CID), node addresses and waiting time extensions are not used: a block with
one is not answered.
"""

from collections.abc import Callable
from typing import TypeAlias

from calltime_sim.pn532.cards import Speech

_I_BLOCK, _MORE = 0x02, 0x10
_ACK, _NAK = 0xA2, 0xB2
_DESELECT = b"\xc2"
_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
# Of every block the control byte and CRC_A are counted in its size.
_FRAME_COSTS = 3

Exchange: TypeAlias = Callable[[bytes], bytes]


class CardSide:
    """The card's end, from RATS to DESELECT. `speak` answers whole commands; `ats` is what the card answered to `rats`."""

    def __init__(self, speak: Speech, *, rats: bytes, ats: bytes) -> None:
        self._speak = speak
        self._longest = min(_SIZES[min(rats[1] >> 4, 8)], _SIZES[min(ats[1] & 0x0F, 8)]) - _FRAME_COSTS
        self._number = 1
        self._heard = b""
        self._pieces: list[bytes] = []
        self._last = b""

    def answer(self, block: bytes) -> bytes:
        """The block that answers a block; empty when there is nothing to say to it."""
        if not block:
            return b""
        control = block[0]
        if control & ~(_MORE | 1) == _I_BLOCK:
            self._last = self._on_information(bool(control & _MORE), block[1:])
        elif control & ~1 in (_ACK, _NAK) and len(block) == 1:
            return self._on_receipt(control)
        elif block == _DESELECT:
            return _DESELECT
        else:
            return b""
        return self._last

    def _on_information(self, more: bool, said: bytes) -> bytes:
        self._number ^= 1
        self._heard += said
        if more:
            return bytes([_ACK | self._number])
        answer, self._heard = self._speak(self._heard), b""
        self._pieces = _cut(answer, self._longest)
        return self._next_piece()

    def _on_receipt(self, control: int) -> bytes:
        if control & 1 == self._number:  # our last block did not arrive
            return self._last
        if control & ~1 == _NAK:
            return bytes([_ACK | self._number])
        if self._pieces:
            self._number ^= 1
            self._last = self._next_piece()
            return self._last
        return b""

    def _next_piece(self) -> bytes:
        piece = self._pieces.pop(0)
        return bytes([_I_BLOCK | self._number | (_MORE if self._pieces else 0)]) + piece


class ReaderSide:
    """The reader's end, as the PN532 does it by itself. `exchange` passes one block and gives the card's, empty when it is silent."""

    def __init__(self, exchange: Exchange, *, ats: bytes) -> None:
        self._exchange = exchange
        self._longest = _SIZES[min(ats[1] & 0x0F, 8)] - _FRAME_COSTS
        self._number = 0

    def command(self, command: bytes) -> bytes | None:
        """The card's answer to a whole command; None when it fell silent."""
        pieces = _cut(command, self._longest)
        block = b""
        for position, piece in enumerate(pieces):
            more = _MORE if position + 1 < len(pieces) else 0
            block = self._pass(bytes([_I_BLOCK | more | self._number]) + piece)
        answer = block[1:]
        while block and block[0] & _MORE:
            block = self._pass(bytes([_ACK | self._number]))
            answer += block[1:]
        return answer if block else None

    def _pass(self, block: bytes) -> bytes:
        answer = self._exchange(block)
        self._number ^= 1
        return answer


def _cut(whole: bytes, longest: int) -> list[bytes]:
    return [whole[at : at + longest] for at in range(0, len(whole), longest)] or [b""]
