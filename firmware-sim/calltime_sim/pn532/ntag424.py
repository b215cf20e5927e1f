"""What does an NTAG 424 DNA answer to who selects its files and reads them?

After NXP's data sheet NT4H2421Gx: the NDEF application with its capability container and one NDEF file, plain reading, and a
dynamic message in the address. Authentication, writing and the proprietary file are refused.
"""

import os
from collections.abc import Callable
from typing import ClassVar

from calltime_sim.pn532 import desfire_version, sun
from calltime_sim.pn532.cards import SmartCard, Speech, need_uid
from calltime_sim.pn532.ndef import record_of

_APPLICATION = bytes.fromhex("D2 76 00 00 85 01 01")
_CONTAINER, _NDEF = 0xE103, 0xE104
_CONTAINER_SAYS = bytes.fromhex("00 17  20  01 00  00 FF  04 06 E1 04 01 00 00 00  05 06 E1 05 00 80 82 83").ljust(32, b"\x00")
_NDEF_BYTES = 256
_BYTES_OF = {_CONTAINER: len(_CONTAINER_SAYS), _NDEF: _NDEF_BYTES}
_LARGEST_COUNTER = 0xFFFFFF

_OK = bytes.fromhex("90 00")
_WRONG_LENGTH, _NOT_ALLOWED, _NOT_FOUND = bytes.fromhex("67 00"), bytes.fromhex("69 85"), bytes.fromhex("6A 82")
_WRONG_PLACE, _UNKNOWN_COMMAND, _UNKNOWN_CLASS = bytes.fromhex("6A 86"), bytes.fromhex("6D 00"), bytes.fromhex("6E 00")


class Ntag424(SmartCard):
    """A tag whose address carries `e=` and `c=`, new at each tap.

    `counter` is how often it was read; it stays in the object, so that the tag goes on counting when it is presented again.
    `address` is what stands before the dynamic part, or None for a tag without an address. `padding` makes the random bytes.
    """

    ats = bytes.fromhex("06 77 77 71 02 80")
    _version: ClassVar[tuple[bytes, bytes]] = (bytes.fromhex("04 04 02 30 00 11 05"), bytes.fromhex("04 04 02 01 02 11 05"))

    def __init__(
        self,
        *,
        uid: bytes,
        address: str | None = None,
        keys: sun.Keys | None = None,
        counter: int = 0,
        padding: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._uid = need_uid(uid, "An NTAG 424 DNA", 7)
        self.address, self.keys, self.counter = address, keys or sun.Keys(), counter
        self._padding = padding
        self.ndef_file()

    @property
    def uid(self) -> bytes:
        return self._uid

    def awaken(self) -> Speech:
        """See `SmartCard.awaken`."""
        return _Files(self).answer

    def version(self) -> tuple[bytes, ...]:
        """The three parts that GET_VERSION tells."""
        return (*self._version, desfire_version.production(self._uid))

    def count(self) -> None:
        """Take note that the address is being read."""
        self.counter = min(self.counter + 1, _LARGEST_COUNTER)

    def ndef_file(self) -> bytes:
        """The NDEF file as it reads now, its length before it. Raises ValueError when the address does not fit."""
        message = b"" if self.address is None else record_of(self._mirrored(self.address))
        return (len(message).to_bytes(2, "big") + message).ljust(_NDEF_BYTES, b"\x00")

    def _mirrored(self, address: str) -> str:
        tapped = sun.Tapped(uid=self._uid, counter=self.counter)
        return address + ("&" if "?" in address else "?") + sun.message(tapped, self.keys, self._padding(sun.PADDING_BYTES))


class _Files:
    """One activation of a tag: what is selected, and whether a reading goes on."""

    def __init__(self, tag: Ntag424) -> None:
        self._tag = tag
        self._in_application = False
        self._file: int | None = None
        self._reading = b""
        self._version = desfire_version.Telling(tag.version())

    def answer(self, command: bytes) -> bytes:
        """The answer to a command of ISO/IEC 7816-4, its status word at the end."""
        if len(command) < 4:
            return _WRONG_LENGTH
        if command[:2] != b"\x00\xb0":
            # The counter goes up at the first of several reads in a row; any other command ends the row.
            self._reading = b""
        match command[0], command[1]:
            case 0x00, 0xA4:
                return self._select(command)
            case 0x00, 0xB0:
                return self._read(command)
            case 0x90, code:
                return self._version.wrapped(code)
            case 0x00, _:
                return _UNKNOWN_COMMAND
            case _:
                return _UNKNOWN_CLASS

    def _select(self, command: bytes) -> bytes:
        length = command[4] if len(command) > 4 else 0
        wanted, rest = command[5 : 5 + length], command[5 + length :]
        if len(wanted) != length or len(rest) > 1:
            return _WRONG_LENGTH
        if command[2] == 0x04:
            return self._select_application(wanted)
        if command[2] in (0x00, 0x02) and length == 2:
            return self._select_file(int.from_bytes(wanted, "big"))
        return _WRONG_PLACE

    def _select_application(self, name: bytes) -> bytes:
        if name != _APPLICATION:
            return _NOT_FOUND
        self._in_application, self._file = True, None
        return _OK

    def _select_file(self, file: int) -> bytes:
        if not self._in_application or file not in (_CONTAINER, _NDEF):
            return _NOT_FOUND
        self._file = file
        return _OK

    def _read(self, command: bytes) -> bytes:
        if len(command) != 5:
            return _WRONG_LENGTH
        at = int.from_bytes(command[2:4], "big")
        if at & 0x8000:  # the file is named in the command itself
            file, at = {0x03: _CONTAINER, 0x04: _NDEF}.get(command[2] & 0x1F), command[3]
            if file is None or not self._in_application:
                return _NOT_FOUND
            self._file = file
        if self._file is None:
            return _NOT_ALLOWED
        if at >= _BYTES_OF[self._file]:
            return _WRONG_PLACE
        # ASSUMPTION: whoever asks for more than there is gets what there is.
        return self._held()[at : at + (command[4] or 256)] + _OK

    def _held(self) -> bytes:
        if self._file == _CONTAINER:
            return _CONTAINER_SAYS
        if not self._reading:
            self._tag.count()
            self._reading = self._tag.ndef_file()
        return self._reading
