"""How does one speak MQTT at next to no cost? Bare 3.1.1 packets over a socket: the processors are for what is measured."""

from __future__ import annotations

import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
PUBACK_BYTES = 4
PUBLISH_QOS1 = 0x32
PACKET_IDS = 60_000
"""They go round. So many are never under way at once."""


def connected(port: int, client: str) -> socket.socket:
    """Open a line as this client: clean session, no keep-alive."""
    name = _text(client.encode("ascii"))
    line = socket.create_connection((HOST, port), timeout=30)
    line.sendall(_packet(0x10, _text(b"MQTT") + b"\x04\x02\x00\x00" + name))
    answer = line.recv(4)
    if answer != b"\x20\x02\x00\x00":
        raise ConnectionError(f"The broker on port {port} refused a bare client. It answered {answer.hex()}.")
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def subscribe(line: socket.socket, pattern: str) -> None:
    """Subscribe at QoS 1 and wait for the broker's word."""
    line.sendall(_packet(0x82, b"\x00\x01" + _text(pattern.encode("ascii")) + b"\x01"))
    if line.recv(5) != b"\x90\x03\x00\x01\x01":
        raise ConnectionError(f"The broker refused the subscription to {pattern}.")


def publish(topic: str, payload: bytes, number: int) -> bytes:
    """Encode PUBLISH, QoS 1; `number`: 0, 1, 2 … on this line."""
    return _packet(PUBLISH_QOS1, _text(topic.encode("ascii")) + (number % PACKET_IDS + 1).to_bytes(2, "big") + payload)


def split(buffer: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    """Find whole packets as (start, start of the body, end)."""
    at, length = 0, len(buffer)
    while at + 2 <= length:
        body, size, shift = at + 1, 0, 0
        while body < length:
            byte = buffer[body]
            size |= (byte & 0x7F) << shift
            body, shift = body + 1, shift + 7
            if byte < 0x80:
                break
        else:
            return
        if body + size > length:
            return
        yield at, body, body + size
        at = body + size


def _packet(kind: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, low = divmod(size, 128)
        length.append(low | (0x80 if size else 0))
        if not size:
            return bytes((kind,)) + bytes(length) + body


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text
