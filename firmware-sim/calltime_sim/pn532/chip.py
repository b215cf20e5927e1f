"""What does the PN532 answer to a command, given what lies on it?"""

import threading
from collections.abc import Callable

from calltime_sim.pn532.tags import Contactless

_FROM_HOST, _FROM_CHIP = 0xD4, 0xD5
_SYNTAX_ERROR = b"\x7f"
_OK, _NO_ANSWER, _BAD_CHECKSUM = b"\x00", b"\x01", b"\x02"

_RX_MODE, _FIFO_DATA = 0x6303, 0x6339
_CHECK_CRC = 0x80
# The first thing that the chip says over the air. It is still in the FIFO when no card answered, and that is where drivers look.
_SENS_REQ = 0x26

_FIRMWARE = bytes.fromhex("32 01 06 07")


class Chip:
    """Commands in, answers out. One thread speaks the commands, another may lay cards on it and take them away."""

    def __init__(self) -> None:
        self._now = threading.Condition()
        self._card: Contactless | None = None
        self._selected = False
        self._looks = 0
        self._registers = {_FIFO_DATA: _SENS_REQ}
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            0x00: self._diagnose,
            0x02: lambda _: _FIRMWARE,
            0x06: self._read_registers,
            0x08: self._write_registers,
            0x10: _nothing_to_say,  # serial baud rate: a pty has none
            0x12: _nothing_to_say,  # parameters
            0x14: _nothing_to_say,  # SAM configuration
            0x16: lambda _: _OK,  # power down
            0x32: self._configure_field,
            0x42: self._communicate_through,
            0x4A: self._list_passive_targets,
        }

    def lay(self, card: Contactless | None) -> None:
        """Put a card into the field, or take away what lies there (None)."""
        with self._now:
            self._card, self._selected, self._looks = card, False, 0

    def wait_for_looks(self, times: int, timeout: float) -> bool:
        """Wait until the reader has looked for any card `times` times since the last `lay`; False if it did not in time."""
        with self._now:
            return self._now.wait_for(lambda: self._looks >= times, timeout)

    def answer(self, body: bytes) -> bytes:
        """The body of the answer to the body of a command; the error mark when it is none that is known here."""
        command = self._commands.get(body[1]) if len(body) >= 2 and body[0] == _FROM_HOST else None
        if command is None:
            return _SYNTAX_ERROR
        with self._now:
            said = command(body[2:])
        return _SYNTAX_ERROR if said is None else bytes([_FROM_CHIP, body[1] + 1]) + said

    def _diagnose(self, data: bytes) -> bytes | None:
        """The line test echoes what it was sent; the others find the memory in order."""
        if data[:1] == b"\x00":
            return data
        return _OK if data in (b"\x01", b"\x02") else None

    def _read_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 2:
            return None
        return bytes(self._registers.get(_address(data, at), 0) for at in range(0, len(data), 2))

    def _write_registers(self, data: bytes) -> bytes | None:
        if not data or len(data) % 3:
            return None
        self._registers |= {_address(data, at): data[at + 2] for at in range(0, len(data), 3)}
        return b""

    def _configure_field(self, data: bytes) -> bytes | None:
        if len(data) < 2:
            return None
        if data[0] == 0x01 and not data[1] & 0x01:
            self._selected = False
        return b""

    def _list_passive_targets(self, data: bytes) -> bytes | None:
        """Select the card: type A at 106 kbit/s only, any card or the one whose UID is given."""
        if len(data) < 2:
            return None
        bit_rate, wanted = data[1], data[2:]
        self._registers |= {_RX_MODE: _CHECK_CRC, _FIFO_DATA: _SENS_REQ}
        if bit_rate == 0 and not wanted:
            self._looks += 1
            self._now.notify_all()
        card = self._card
        self._selected = card is not None and bit_rate == 0 and wanted in (b"", _cascaded(card.uid))
        if card is None or not self._selected:
            return b"\x00"
        return bytes([1, 1]) + card.sens_res + card.sel_res + bytes([len(card.uid)]) + card.uid

    def _communicate_through(self, data: bytes) -> bytes:
        """Pass the command on to the card. Whoever wants to see refusals, which have no checksum, switches the check of it off."""
        if self._card is None or not self._selected:
            return _NO_ANSWER
        said = self._card.answer(data)
        refused = len(said) < 2
        self._selected = not refused
        if not self._registers[_RX_MODE] & _CHECK_CRC:
            return _OK + said
        return _BAD_CHECKSUM if refused else _OK + said[:-2]


def _nothing_to_say(_: bytes) -> bytes:
    return b""


def _address(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _cascaded(uid: bytes) -> bytes:
    """A UID of seven bytes is asked for in two steps, the first marked with 88."""
    return uid if len(uid) == 4 else b"\x88" + uid
