"""What does the PN532 answer to a command, given what lies on it?

After NXP's user manual UM0701-02, for the commands that a reader of cards needs.
"""

import math
import threading
from collections.abc import Callable
from typing import TypeAlias

from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.field import Field
from calltime_sim.pn532.initiator import FIFO_DATA, RX_MODE, SENS_REQ, TX_MODE, Initiator
from calltime_sim.pn532.target import NO_ANSWER, OK

SET_SERIAL_BAUD_RATE, POWER_DOWN = 0x10, 0x16
_LIST_TARGETS, _AUTO_POLL = 0x4A, 0x60
_FROM_HOST, _FROM_CHIP = 0xD4, 0xD5
_SYNTAX_ERROR = b"\x7f"

_FIRMWARE = bytes.fromhex("32 01 06 07")
_ACTIVATE_BY_ITSELF = 0x10
_BAUD_RATES = 9
_LOOK_SECONDS = 0.15

_Handler: TypeAlias = Callable[[bytes], bytes | None]


class Chip:
    """Commands in, answers out. One thread speaks the commands, another may lay cards on it and take them away."""

    def __init__(self) -> None:
        self._now = threading.Condition()
        self._looks = 0
        self._field = Field(on_vanished=self._start_counting)
        self.power_up()

    def power_up(self) -> None:
        """Begin anew: only the cards that lie there are still there."""
        with self._now:
            self._field.go_down()
            self._registers = {FIFO_DATA: SENS_REQ, TX_MODE: 0, RX_MODE: 0}
            self._cards = Initiator(self._field, self._registers)
            self._commands = self._table(self._cards)

    def lay(self, *cards: Card, exchanges: int | None = None) -> None:
        """Put these cards into the field, and take away what lay there; they stay for so many exchanges (None: until the next `lay`)."""
        with self._now:
            self._field.lay(cards, exchanges)
            self._start_counting()

    def wait_for_looks(self, times: int, timeout: float) -> bool:
        """Wait until the reader has looked for any card `times` times since the last `lay`; False if it did not in time."""
        with self._now:
            return self._now.wait_for(lambda: self._looks >= times, timeout)

    def answer(self, body: bytes) -> bytes:
        """The body of the answer to the body of a command; the error mark when it is none that is known here."""
        _, command = self._commands.get(body[1], ("", _unknown)) if len(body) >= 2 and body[0] == _FROM_HOST else ("", _unknown)
        with self._now:
            said = command(body[2:])
        return _SYNTAX_ERROR if said is None else bytes([_FROM_CHIP, body[1] + 1]) + said

    def looks_on(self, body: bytes, answer: bytes) -> float:
        """For how many seconds a chip goes on looking for cards before it gives this answer; 0 when the answer is final."""
        if answer[2:] != b"\x00":
            return 0
        if body[1] == _LIST_TARGETS and self._cards.tireless:
            return math.inf
        if body[1] == _AUTO_POLL:
            rounds, period, *kinds = body[2:]
            return math.inf if rounds == 0xFF else rounds * period * len(kinds) * _LOOK_SECONDS
        return 0

    def name(self, body: bytes) -> str:
        """What the manual calls this command."""
        return self._commands.get(body[1], ("?", _unknown))[0] if len(body) >= 2 else "?"

    def _table(self, cards: Initiator) -> dict[int, tuple[str, _Handler]]:
        return {
            0x00: ("Diagnose", self._diagnose),
            0x02: ("GetFirmwareVersion", lambda _: _FIRMWARE),
            0x04: ("GetGeneralStatus", lambda _: b"\x00\x00" + cards.status() + b"\x80"),
            0x06: ("ReadRegister", self._read_registers),
            0x08: ("WriteRegister", self._write_registers),
            SET_SERIAL_BAUD_RATE: ("SetSerialBaudRate", lambda data: b"" if len(data) == 1 and data[0] < _BAUD_RATES else None),
            0x12: ("SetParameters", self._set_parameters),
            0x14: ("SAMConfiguration", lambda data: b"" if data else None),
            POWER_DOWN: ("PowerDown", lambda data: OK if data else None),
            0x32: ("RFConfiguration", cards.configure),
            0x40: ("InDataExchange", cards.exchange),
            0x42: ("InCommunicateThru", cards.communicate_through),
            0x44: ("InDeselect", cards.deselect),
            0x46: ("InJumpForPSL", lambda _: NO_ANSWER),
            _LIST_TARGETS: ("InListPassiveTarget", self._list_targets),
            0x52: ("InRelease", cards.release),
            0x54: ("InSelect", cards.select),
            0x56: ("InJumpForDEP", lambda _: NO_ANSWER),
            _AUTO_POLL: ("InAutoPoll", self._poll),
        }

    def _start_counting(self) -> None:
        self._looks = 0

    def _looked(self) -> None:
        self._looks += 1
        self._now.notify_all()

    def _diagnose(self, data: bytes) -> bytes | None:
        """The line test echoes what it was sent, the memory tests find it in order, and a card may still be there."""
        match data[:1], data[1:]:
            case b"\x00", _:
                return data
            case b"\x01" | b"\x02", b"":
                return OK
            case b"\x06", b"":
                return self._cards.presence()
            case _:
                return None

    def _read_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 2:
            return None
        return bytes(self._registers.get(_address(data, at), 0) for at in range(0, len(data), 2))

    def _write_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 3:
            return None
        self._registers |= {_address(data, at): data[at + 2] for at in range(0, len(data), 3)}
        return b""

    def _set_parameters(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        self._cards.activates = bool(data[0] & _ACTIVATE_BY_ITSELF)
        return b""

    def _list_targets(self, data: bytes) -> bytes | None:
        said = self._cards.list_targets(data)
        if said is not None and data[1:] == b"\x00":
            self._looked()
        return said

    def _poll(self, data: bytes) -> bytes | None:
        said = self._cards.poll(data)
        if said is not None:
            self._looked()
        return said


def _unknown(_: bytes) -> bytes | None:
    return None


def _address(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
