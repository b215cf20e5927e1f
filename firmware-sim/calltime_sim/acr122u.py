"""Where does a reader that wants an ACR122U get one from, without USB?

It stands where nfcpy's USB transport stands, so that nfcpy's own driver is tested from the bytes of a bulk transfer on: CCID messages
around pseudo-commands of PC/SC, and in some of these a command for the PN532 inside, which the simulated chip answers.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from typing import Literal, TypeAlias

from calltime_edge.readers.sightings import MISSES_UNTIL_GONE
from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.chip import Chip

Fault: TypeAlias = Literal["none", "silent", "cut short", "babbling"]

_HEADER = struct.Struct("<BI5B")
_POWER_ON, _TRANSFER, _DATA = 0x62, 0x6F, 0x80
_ANSWER_TO_RESET = bytes.fromhex("3B 00")
_DONE, _FAILED = bytes.fromhex("90 00"), bytes.fromhex("63 00")


class SimulatedAcr122u:
    """An ACR122U and the USB socket for it. It is plugged in from the start; whatever opens it must close it before it is opened again."""

    def __init__(self, *, firmware: bytes = b"ACR122U207", product_name: str | None = "ACR122U PICC Interface") -> None:
        self.firmware, self.product_name = firmware, product_name
        self.fault: Fault = "none"
        self.beeps_by_itself = True
        """Whether it beeps when a card comes near, as it does when it is new."""
        self.is_plugged, self.is_open = True, False
        self._chip = Chip()

    def plugged(self, place: str) -> list[Callable[[], _Transport]]:  # noqa: ARG002 - there is one socket
        """What opens it, if it is plugged in: to be given to the door's `acr122u`."""
        return [self._open] if self.is_plugged else []

    def present(self, *cards: Card) -> None:
        """Hold these cards to it, instead of what was there."""
        self._chip.lay(*cards)

    def remove(self) -> None:
        """Take the cards away."""
        self._chip.lay()

    def wait_until_noticed(self, *, looks: int = MISSES_UNTIL_GONE, timeout: float = 20.0) -> None:
        """Wait until the reader has looked often enough since the last `present` or `remove`; TimeoutError if it does not look."""
        if not self._chip.wait_for_looks(looks, timeout):
            raise TimeoutError(f"Nobody looked for cards at the ACR122U {looks} times in {timeout} s. Is a reader running on it?")

    def answer(self, command: bytes) -> bytes:
        """The answer to a pseudo-command `FF 00 what …`."""
        if command[:2] != b"\xff\x00" or len(command) < 5:
            return _FAILED
        match command[2]:
            case 0x00 if len(command) == 5 + command[4]:  # for the chip
                said = self._chip.answer(command[5:])
                return _FAILED if said[:1] != b"\xd5" else said + _DONE
            case 0x48:  # what are you
                return self.firmware
            case 0x51:  # look for cards by yourself, or not
                return bytes([0x90, command[3]])
            case 0x52:  # beep when a card comes, or not
                self.beeps_by_itself = command[3] != 0
                return _DONE
            case 0x40:  # lights and buzzer
                return _DONE
            case _:
                return _FAILED

    def _open(self) -> _Transport:
        if self.is_open:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.is_open = True
        return _Transport(self)


class _Transport:
    """What nfcpy's driver sees of it."""

    TYPE = "USB"
    manufacturer_name = "ACS"

    def __init__(self, reader: SimulatedAcr122u) -> None:
        self.product_name = reader.product_name
        self._reader = reader
        self._said = b""

    def write(self, message: bytes, timeout: int = 0) -> None:  # noqa: ARG002 - takes no time
        """Take a CCID message."""
        self._need_plug()
        kind, length, slot, number, *_ = _HEADER.unpack_from(message)
        command = bytes(message[_HEADER.size :])
        if len(command) != length:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        said = _ANSWER_TO_RESET if kind == _POWER_ON else self._reader.answer(command) if kind == _TRANSFER else b""
        self._said = _HEADER.pack(_DATA, len(said), slot, number, 0, 0, 0) + said

    def read(self, timeout: int = 0) -> bytearray:  # noqa: ARG002 - silence needs no waiting for
        """Give its answer."""
        self._need_plug()
        match self._reader.fault:
            case "silent":
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            case "cut short":
                return bytearray(self._said[:-1])
            case "babbling":
                return bytearray(b"\x55" * len(self._said))
            case _:
                return bytearray(self._said)

    def close(self) -> None:
        """Let go of it. Once is enough, twice does no harm."""
        self._reader.is_open = False

    def _need_plug(self) -> None:
        if not self._reader.is_plugged:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
