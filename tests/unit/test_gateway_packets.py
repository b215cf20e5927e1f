"""Does the gateway cut a broker's bytes into packets rightly, wherever they are broken, and whatever a hostile broker says?"""

from __future__ import annotations

import pytest

from calltime_gateway.packets import LONGEST_PACKET, Nonsense, Packets, Published

TOPIC = "calltime/v1/d_aaaaaaaaaaaaaaaaaaaaaaaaaa/records"
PINGRESP = bytes.fromhex("d000")
PUBACK = bytes.fromhex("40020007")


def length(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + length(rest) if rest else bytes([low])


def message(payload: bytes, *, mid: int = 1, topic: str = TOPIC, properties: bytes | None = b"", qos: int = 1, flags: int = 0) -> bytes:
    """A PUBLISH as brokers write it; `properties` None as in MQTT 3.1.1."""
    body = len(topic.encode()).to_bytes(2, "big") + topic.encode() + (mid.to_bytes(2, "big") if qos else b"")
    body += b"" if properties is None else length(len(properties)) + properties
    body += payload
    return bytes([0x30 | qos << 1 | flags]) + length(len(body)) + body


def cut(data: bytes, *, size: int, properties: bool = True) -> list[Published | bytes]:
    """Feed the bytes in pieces of this size."""
    packets = Packets(properties=properties)
    return [packet for start in range(0, len(data), size) for packet in packets.feed(data[start : start + size])]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 100_000])
def test_packets_come_out_whole_wherever_the_bytes_are_broken(size: int) -> None:
    content_type = bytes.fromhex("03 0010") + b"application/jose"
    data = b"".join(
        [
            message(b"a record", mid=1),
            PINGRESP,
            message(b"x" * 4096, mid=65_535, properties=content_type, flags=0x9),  # again, and retained
            PUBACK,
            message(b"", mid=3),
            message(b"nobody waits for me", qos=0, topic="calltime/v1/ümlaut/records"),
        ]
    )

    assert cut(data, size=size) == [
        Published(TOPIC, b"a record", 1),
        PINGRESP,
        Published(TOPIC, b"x" * 4096, 65_535),
        PUBACK,
        Published(TOPIC, b"", 3),
        Published("calltime/v1/ümlaut/records", b"nobody waits for me", 0),
    ]


def test_the_older_mqtt_has_no_properties() -> None:
    data = message(b"\x00 is part of the payload", properties=None)

    assert cut(data, size=10, properties=False) == [Published(TOPIC, b"\x00 is part of the payload", 1)]


@pytest.mark.parametrize("size", [1, 1000, 65_536, 1_000_000])
def test_of_a_message_that_is_too_long_the_beginning_comes_when_its_end_has_been_skipped(size: int) -> None:
    data = message(b"z" * 200_000, mid=7) + message(b"the next", mid=8)
    too_long, following = cut(data, size=size)

    assert isinstance(too_long, Published)
    assert (too_long.topic, too_long.mid) == (TOPIC, 7)
    assert 4096 < len(too_long.payload) < LONGEST_PACKET  # long enough to be refused as too long
    assert set(too_long.payload) == {ord("z")}
    assert following == Published(TOPIC, b"the next", 8)


def test_a_message_without_end_does_not_fill_the_memory_and_is_not_acknowledged() -> None:
    packets = Packets(properties=True)
    begin = message(b"", mid=7)[2:]
    came = list(packets.feed(b"\x32" + b"\xff\xff\xff\x7f" + begin))
    for _ in range(1000):
        came += packets.feed(b"z" * 65_536)

    assert came == []
    assert len(packets._rest) < 100_000


@pytest.mark.parametrize(
    "data",
    [
        b"\x32\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x40\xff\xff\x7f" + b"\x00" * 20_000,  # an acknowledgement of two million bytes
        b"\x40\xff\xff\x01" + b"\x00" * 40_000,
        b"\x32\x04\x00\xffab",  # a topic that is longer than its packet
        b"\x32\x00",
        b"\x32\x06\x00\x01\xff\x00\x01\x00",  # a topic that is no text
        b"\x32\x06\x00\x01a\x00\x01\x7f",  # properties that are longer than their packet
        b"\x32\x05\x00\x01a\x00\x01",  # without the length of its properties
        message(b"", mid=0),
        message(b"", qos=2),
        message(b"", qos=3),
    ],
)
def test_what_breaks_the_rules_is_called_nonsense(data: bytes) -> None:
    with pytest.raises(Nonsense):
        cut(data, size=100_000)
