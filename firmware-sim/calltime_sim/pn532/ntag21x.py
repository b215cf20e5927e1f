"""What does an NTAG213, NTAG215 or NTAG216 hold, and what does it answer?

The memory maps, the contents as delivered and the refusals are those of NXP's data sheet NTAG213/215/216. A tag has no password,
lock bits bar nothing, and counter and signature cannot be read.
"""

from typing import ClassVar

from calltime_sim.pn532.cards import need_uid, with_crc_a
from calltime_sim.pn532.ndef import record_of

_PAGE = 4
_FIRST_USER_PAGE = 4
_DONE, _NO_SUCH_THING = b"\x0a", b"\x00"
_END = b"\xfe"
# Dynamic lock bits and configuration as delivered, then password and PACK, which never show.
_SETTINGS = bytes.fromhex("00 00 00 BD  04 00 00 FF  00 05 00 00  00 00 00 00  00 00 00 00")


class Ntag21x:
    """A tag at a home, with an address written on it, or blank (None) as it is delivered. What is written to it stays on it."""

    sens_res = bytes.fromhex("00 44")
    sel_res = bytes.fromhex("00")
    kind: ClassVar[str]
    user_pages: ClassVar[int]
    # What the capability container says that a message and its frame may take.
    capacity: ClassVar[int]
    version: ClassVar[bytes]
    # What stands before the message: on an NTAG213 the place of its dynamic lock bits.
    lock_control: ClassVar[bytes] = b""

    def __init__(self, *, uid: bytes, address: str | None = None) -> None:
        self.uid = need_uid(uid, f"An {self.kind}", 7)
        self.memory = bytearray(self._as_delivered(address))
        self._page_to_write: int | None = None

    @property
    def pages(self) -> int:
        """How many pages of four bytes it has."""
        return len(self.memory) // _PAGE

    def answer(self, command: bytes) -> bytes:
        """GET_VERSION, READ, FAST_READ, WRITE and the two halves of COMPATIBILITY_WRITE; everything else is refused."""
        page_to_write, self._page_to_write = self._page_to_write, None
        if page_to_write is not None and len(command) == 4 * _PAGE:
            self._write(page_to_write, command[:_PAGE])
            return _DONE
        match list(command):
            case [0x60]:
                return with_crc_a(self.version)
            case [0x30, page] if page < self.pages:
                # Four pages are read at once, and after the last page comes the first again.
                return with_crc_a(bytes(self.memory * 2)[page * _PAGE :][: 4 * _PAGE])
            case [0x3A, first, last] if first <= last < self.pages:
                return with_crc_a(bytes(self.memory[first * _PAGE : (last + 1) * _PAGE]))
            case [0xA2, page, _, _, _, _] if 2 <= page < self.pages:
                self._write(page, command[2:])
                return _DONE
            case [0xA0, page] if 2 <= page < self.pages:
                self._page_to_write = page
                return _DONE
            case _:
                return _NO_SUCH_THING

    def _write(self, page: int, data: bytes) -> None:
        at = page * _PAGE
        if page == 2:  # check byte and internal byte stay
            data = bytes(self.memory[at : at + 2]) + data[2:]
        if page < _FIRST_USER_PAGE:  # one time programmable: a bit that is set stays set
            data = bytes(old | new for old, new in zip(self.memory[at : at + _PAGE], data, strict=True))
        if page < self.pages - 2:
            self.memory[at : at + _PAGE] = data

    def _as_delivered(self, address: str | None) -> bytes:
        head, tail = self.uid[:3], self.uid[3:]
        identity = head + bytes([0x88 ^ head[0] ^ head[1] ^ head[2]]) + tail + bytes([tail[0] ^ tail[1] ^ tail[2] ^ tail[3]])
        locks = bytes.fromhex("48 00 00")
        capability = bytes([0xE1, 0x10, self.capacity // 8, 0x00])
        return identity + locks + capability + self._user_memory(address) + _SETTINGS

    def _user_memory(self, address: str | None) -> bytes:
        message = b"" if address is None else record_of(address)
        length = bytes([len(message)]) if len(message) < 0xFF else b"\xff" + len(message).to_bytes(2, "big")
        used = self.lock_control + b"\x03" + length + message + _END
        too_long = len(used) - self.capacity
        if too_long > 0:
            raise ValueError(f"The address is {too_long} bytes too long for an {self.kind}. Use a shorter host or tag id.")
        return used.ljust(self.user_pages * _PAGE, b"\x00")


class Ntag213(Ntag21x):
    """144 bytes for the user."""

    kind = "NTAG213"
    user_pages = 36
    capacity = 144
    version = bytes.fromhex("00 04 04 02 01 00 0F 03")
    lock_control = bytes.fromhex("01 03 A0 0C 34")


class Ntag215(Ntag21x):
    """504 bytes for the user."""

    kind = "NTAG215"
    user_pages = 126
    capacity = 496
    version = bytes.fromhex("00 04 04 02 01 00 11 03")


class Ntag216(Ntag21x):
    """888 bytes for the user."""

    kind = "NTAG216"
    user_pages = 222
    capacity = 872
    version = bytes.fromhex("00 04 04 02 01 00 13 03")
