"""What is a card to a reader? Two kinds: one that answers bytes, and one that speaks ISO/IEC 14443-4 and answers commands."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TypeAlias

# A command of ISO/IEC 7816 in, its answer with the status word out.
Speech: TypeAlias = Callable[[bytes], bytes]


class Contactless(Protocol):
    """A card of ISO/IEC 14443 type A, as it shows itself to a reader. SENS_RES is in the order in which the PN532 tells it."""

    @property
    def uid(self) -> bytes:
        """Asked for once whenever the field comes up."""

    @property
    def sens_res(self) -> bytes: ...
    @property
    def sel_res(self) -> bytes: ...

    def answer(self, command: bytes) -> bytes:
        """What comes back over the air, with its CRC_A; four bits (a refusal, or 0A: done) have none.

        A card that has refused or says nothing stays silent until it is selected again.
        """


class SmartCard(ABC):
    """A card of type A that speaks ISO/IEC 14443-4 once it is activated."""

    sens_res = bytes.fromhex("03 44")
    sel_res = bytes.fromhex("20")
    ats: bytes

    @property
    @abstractmethod
    def uid(self) -> bytes:
        """Asked for once whenever the field comes up."""

    @abstractmethod
    def awaken(self) -> Speech:
        """What speaks from one activation to the next: nothing is selected and nobody is authenticated."""

    def answer(self, command: bytes) -> bytes:  # noqa: ARG002 - whatever it is
        """Say nothing to who does not activate it first."""
        return b""


Card: TypeAlias = Contactless | SmartCard


def need_uid(uid: bytes, what: str, *sizes: int) -> bytes:
    """Return the UID, or raise ValueError when it has none of these sizes."""
    if len(uid) not in sizes:
        allowed = " or ".join(map(str, sizes))
        raise ValueError(f"{what} has a UID of {allowed} bytes, this one has {len(uid)}. Read it off a real one, or leave it out.")
    return uid


def with_crc_a(answer: bytes) -> bytes:
    """Append CRC_A, low byte first (ISO/IEC 14443-3)."""
    crc = 0x6363
    for byte in answer:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return answer + crc.to_bytes(2, "little")
