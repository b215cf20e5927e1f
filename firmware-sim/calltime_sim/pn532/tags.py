"""What does a card answer when the reader speaks to it over the air?

Pure. Answers carry their CRC_A, as they do over the air; a refusal is four bits long and has none.
"""

from dataclasses import dataclass
from typing import Protocol

_READ, _GET_VERSION = 0x30, 0x60
_PAGE = 4
_PAGES = 45
_USER_BYTES = 144
# Around the URI stand the lock control (5 bytes), the type and length of the message (2), the head of its record (4) and the end mark (1).
_LONGEST_URI = _USER_BYTES - 12
_NTAG213 = bytes.fromhex("00 04 04 02 01 00 0F 03")


class Contactless(Protocol):
    """A card of ISO/IEC 14443 type A, as it shows itself to a reader. SENS_RES is in the order in which the PN532 tells it."""

    @property
    def uid(self) -> bytes: ...
    @property
    def sens_res(self) -> bytes: ...
    @property
    def sel_res(self) -> bytes: ...

    def answer(self, command: bytes) -> bytes:
        """What comes back over the air; a card that has refused stays silent until it is selected again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ntag213:
    """An NTAG213 at a home, with an address written on it."""

    uid: bytes
    address: str
    sens_res = bytes.fromhex("00 44")
    sel_res = bytes.fromhex("00")

    def __post_init__(self) -> None:
        if len(self.uid) != 7:
            raise ValueError(f"An NTAG213 has a UID of 7 bytes, this one has {len(self.uid)}. Its maker's first byte is 04.")
        memory_of(self)

    def answer(self, command: bytes) -> bytes:
        """GET_VERSION and READ; everything else is refused."""
        if command == bytes([_GET_VERSION]):
            return with_crc_a(_NTAG213)
        if len(command) == 2 and command[0] == _READ and command[1] < _PAGES:
            start = command[1] * _PAGE
            # Four pages are read at once, and after the last page comes the first again.
            return with_crc_a((memory_of(self) * 2)[start : start + 4 * _PAGE])
        return b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A plain card whose only use is its UID; whoever wants its memory needs a key, and is refused."""

    uid: bytes
    sens_res = bytes.fromhex("00 04")
    sel_res = bytes.fromhex("08")

    def __post_init__(self) -> None:
        if len(self.uid) not in (4, 7):
            raise ValueError(f"A badge has a UID of 4 or 7 bytes, this one has {len(self.uid)}. Read it off a real card.")

    def answer(self, command: bytes) -> bytes:  # noqa: ARG002 - refused, whatever it is
        """Refuse."""
        return b"\x04"


def memory_of(tag: Ntag213) -> bytes:
    """The 45 pages of the tag: UID and its check bytes, capability container, the address, locks and settings as delivered."""
    head, tail = tag.uid[:3], tag.uid[3:]
    identity = head + bytes([0x88 ^ head[0] ^ head[1] ^ head[2]]) + tail + bytes([tail[0] ^ tail[1] ^ tail[2] ^ tail[3]])
    locks_and_capability = bytes.fromhex("48 00 00 E1 10 12 00")
    settings = bytes.fromhex("00 00 00 BD  04 00 00 FF  00 05 00 00  00 00 00 00  00 00 00 00")
    return identity + locks_and_capability + _user_memory(tag.address) + settings


def _user_memory(address: str) -> bytes:
    lock_control, end = bytes.fromhex("01 03 A0 0C 34"), b"\xfe"
    uri = _uri(address)
    too_long = len(uri) - _LONGEST_URI
    if too_long > 0:
        raise ValueError(f"The address is {too_long} bytes too long for an NTAG213. Use a shorter host or tag id.")
    record = bytes([0xD1, 0x01, len(uri)]) + b"U" + uri
    return (lock_control + bytes([0x03, len(record)]) + record + end).ljust(_USER_BYTES, b"\x00")


def _uri(address: str) -> bytes:
    """The address as a URI record holds it, with `https://` shortened to its code."""
    return b"\x04" + address[8:].encode() if address.startswith("https://") else b"\x00" + address.encode()


def with_crc_a(answer: bytes) -> bytes:
    """Append CRC_A, low byte first (ISO/IEC 14443-3)."""
    crc = 0x6363
    for byte in answer:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return answer + crc.to_bytes(2, "little")
