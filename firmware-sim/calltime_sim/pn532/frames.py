"""How do the host and the PN532 wrap what they say to each other?

Pure: bytes in, frames out. A frame's `body` begins with its direction (D4 from the host, D5 from the chip) or is the error mark 7F.
"""

from dataclasses import dataclass
from typing import TypeAlias

# The longest body that the chip takes; a longer length field is noise that looks like a frame.
LONGEST_BODY = 265

_START = bytes.fromhex("00 FF")
_ACK = bytes.fromhex("00 00 FF 00 FF 00")
_NACK = bytes.fromhex("00 00 FF FF 00 00")
_EXTENDED = bytes.fromhex("FF FF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A command, an answer or an error. A body of 1 to 255 bytes travels as a normal frame, a longer one as an extended frame."""

    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """A frame was received; from the host also: never mind the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nack:
    """The answer did not arrive whole: say it again."""


Heard: TypeAlias = Frame | Ack | Nack


def to_bytes(frame: Heard) -> bytes:
    """The bytes on the cable, preamble and postamble included."""
    if isinstance(frame, Ack | Nack):
        return _ACK if isinstance(frame, Ack) else _NACK
    size = len(frame.body)
    if not 1 <= size <= LONGEST_BODY:
        raise ValueError(f"A frame's body has 1 to {LONGEST_BODY} bytes, this one {size}. Split it or shorten it.")
    length = bytes([size]) if size <= 0xFF else _EXTENDED + size.to_bytes(2, "big")
    counted = length if size <= 0xFF else length[2:]
    return b"\x00" + _START + length + _complement(counted) + frame.body + _complement(frame.body) + b"\x00"


def parse(heard: bytes) -> tuple[tuple[Heard, ...], bytes]:
    """The frames in `heard`, and the bytes at its end that may become one. Noise and frames with a wrong checksum are skipped."""
    frames: list[Heard] = []
    rest = heard
    while (start := rest.find(_START)) >= 0:
        after = rest[start + len(_START) :]
        step = _take(after)
        if step is None:
            return tuple(frames), rest[start:]
        frame, used = step
        if frame is not None:
            frames.append(frame)
        rest = after[used:]
    # A lone zero at the end may be the first half of a start code.
    return tuple(frames), rest[-1:] if rest.endswith(b"\x00") else b""


def _take(after: bytes) -> tuple[Heard | None, int] | None:
    """What follows a start code, and how many bytes it took; None while it is incomplete, no frame when it is none."""
    if len(after) < 2:
        return None
    if after[:2] == b"\x00\xff":
        return Ack(), 2
    if after[:2] == b"\xff\x00":
        return Nack(), 2
    if after[:2] == _EXTENDED:
        if len(after) < 5:
            return None
        size, head, counted = int.from_bytes(after[2:4], "big"), 5, after[2:5]
    else:
        size, head, counted = after[0], 2, after[:2]
    if sum(counted) & 0xFF or not 1 <= size <= LONGEST_BODY:
        return None, 0
    if len(after) < head + size + 1:
        return None
    body, check = after[head : head + size], after[head + size]
    if (sum(body) + check) & 0xFF:
        return None, 0
    return Frame(body=body), head + size + 1


def _complement(counted: bytes) -> bytes:
    """The byte that makes the sum come out at zero."""
    return bytes([-sum(counted) & 0xFF])
