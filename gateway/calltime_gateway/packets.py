"""Which MQTT packets lie in the bytes of a connection? Cut here, since paho takes longer to read a message than we do to verify it.

Only what brings letters is read; the others are for paho, as they are. Sources: MQTT 5.0, 1.5.5, 2.1 and 3.3; MQTT 3.1.1, 2.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

LONGEST_PACKET = 16 * 1024
"""Bytes of a packet that are kept. A record has 4 KiB at most; of what is longer, the beginning is enough to see that it is."""
_PUBLISH, _KIND, _QOS = 0x30, 0xF0, 0x06


class Nonsense(Exception):
    """What the broker says breaks the rules of MQTT: the connection is of no use any more. The message says how."""


class Published(NamedTuple):
    """A message. `mid` is 0 for one that nobody can acknowledge (QoS 0)."""

    topic: str
    payload: bytes
    mid: int


class Packets:
    """The packets of one connection."""

    def __init__(self, *, properties: bool) -> None:
        """`properties`: whether a message has some, as in MQTT 5; none of them matters here."""
        self._properties = properties
        self._rest = b""
        self._to_skip = 0
        self._too_long: Published | None = None

    def feed(self, data: bytes) -> Iterator[Published | bytes]:
        """Take the bytes that came; give every packet that is complete now. Raises Nonsense."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
            if self._to_skip == 0 and self._too_long is not None:
                yield self._too_long
                self._too_long = None
        data = self._rest + data if self._rest else data
        begin, there = 0, len(data)
        while there - begin >= 2:
            body, length = _length(data, begin + 1)
            if body == 0:
                break  # of the length itself the end is still to come
            end, brings_message = body + length, data[begin] & _KIND == _PUBLISH
            if length > LONGEST_PACKET and not brings_message:
                raise Nonsense(f"a packet of {length} bytes that brings no message")
            if end > there:
                if there - body > LONGEST_PACKET:
                    self._too_long, self._to_skip = self._message(data, begin, body, there), end - there
                    begin = there
                break
            yield self._message(data, begin, body, end) if brings_message else data[begin:end]
            begin = end
        self._rest = data[begin:]

    def _message(self, data: bytes, begin: int, body: int, end: int) -> Published:
        qos = data[begin] & _QOS
        at = body + 2 + int.from_bytes(data[body : body + 2], "big")
        topic, mid = data[body + 2 : at], 0
        if qos:
            mid = int.from_bytes(data[at : at + 2], "big")
            at += 2
            if mid == 0 or qos != 2:  # 2: the bit of QoS 1, which is what we subscribe with
                raise Nonsense("a message has no number, or a quality of service that was not asked for")
        if self._properties:
            at, length = _length(data, at)
            at = at + length if at else end + 1
        if at > end:
            raise Nonsense("a message ends before its payload begins")
        try:
            return Published(topic.decode(), data[at : min(end, body + LONGEST_PACKET)], mid)
        except UnicodeDecodeError:
            raise Nonsense("a topic is no text") from None


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Read a variable byte integer; return where it ends and its value, or (0, 0) where that is still to come."""
    length = shift = 0
    for byte in data[at : at + 4]:
        at += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return at, length
        shift += 7
    if shift == 28:
        raise Nonsense("a length of more than four bytes")
    return 0, 0
