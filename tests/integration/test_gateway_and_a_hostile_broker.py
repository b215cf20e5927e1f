"""What can a broker in the wrong hands do to the gateway? Forge it cannot (the signature decides); nothing else it says breaks anything."""

from __future__ import annotations

import logging
import threading

import pytest

from calltime_gateway import broker_line
from calltime_gateway.inbox import UNDER_WAY
from calltime_gateway.letters import IN_ALL
from calltime_gateway.packets import Published
from calltime_wire import topics
from fixtures.inboxes import office
from fixtures.plain_doors import Door
from fixtures.scripted_broker import ScriptedBroker, acknowledgement, message
from fixtures.waiting import wait_until

DOOR = Door("somebody")


def test_letters_are_acknowledged_in_the_order_in_which_they_came_however_they_are_done() -> None:
    """MQTT 5.0, 4.6: a receiver acknowledges in the order in which it received."""
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(b"".join(message(DOOR.topic, b"%d" % mid, mid=mid) for mid in range(1, 6)))
        first, *others = gateway.take_until(5)
        for letter in reversed(others):
            letter.acknowledge()
        first.line.send("calltime/v1/somebody/receipts", "a receipt")
        heard = broker.listen(line, for_packets=1)
        assert isinstance(heard[0], Published)  # and no acknowledgement before it

        first.acknowledge()
        assert broker.listen(line, for_packets=6)[1:] == [acknowledgement(mid) for mid in range(1, 6)]


def test_what_it_repeats_and_reorders_and_what_was_never_a_record_all_comes_to_be_judged() -> None:
    odd = [
        message(DOOR.topic, b"second", mid=2),
        message(DOOR.topic, b"first", mid=1),
        message(DOOR.topic, b"second", mid=2_000, flags=0x8),  # says that it is sent again
        message(DOOR.topic, b"retained", mid=3, flags=0x1),
        message("$SYS/broker/uptime", b"1 second", mid=4),
        message("", b"no topic", mid=5),
        message("calltime/v1/+/#\x00", b"wildcards", mid=6),
        message("calltime/v1/" + "x" * 15_000 + "/records", b"long topic", mid=7),
        message(DOOR.topic, b"too long " * 100_000, mid=8),
        message(DOOR.topic, b"", mid=9),
    ]
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(b"".join(odd))
        letters = gateway.take_until(len(odd) - 1)  # the copy is acknowledged and not kept
        for letter in letters:
            letter.acknowledge()

        assert broker.listen(line, for_packets=10) == [acknowledgement(mid) for mid in (2, 1, 2_000, 3, 4, 5, 6, 7, 8, 9)]

    assert sorted(len(payload) for payload in gateway.payloads())[-1] < 16 * 1024
    assert {topics.door_of_records(letter.topic) for letter in letters} == {DOOR.device, None}


def test_it_gets_no_more_receipts_at_a_time_than_it_takes_and_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_line, "RECEIPTS_KEPT", 5)
    takes_three = bytes.fromhex("20 06 00 00 03 21 0003")
    with ScriptedBroker(welcome=takes_three) as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(message(DOOR.topic, b"a record"))
        letter = gateway.take_until(1)[0]
        for number in range(3):
            letter.line.send("receipts", str(number))
        under_way = [packet for packet in broker.listen(line, for_packets=3) if isinstance(packet, Published)]
        for number in range(3, 103):
            letter.line.send("receipts", str(number))
        letter.acknowledge()
        assert broker.listen(line, for_packets=4)[3] == acknowledgement(1)  # nothing else in between

        line.sendall(b"".join(acknowledgement(each.mid) for each in under_way))
        later = [packet.payload for packet in broker.listen(line, for_packets=7)[4:] if isinstance(packet, Published)]
        assert later == [b"98", b"99", b"100"]


def test_it_cannot_send_more_than_we_have_memory_for_and_nothing_of_that_is_lost() -> None:
    doors, each = [Door(str(number)) for number in range(40)], 500
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        sending = threading.Thread(
            target=line.sendall,
            args=(b"".join(message(door.topic, b"%1000d" % mid, mid=mid + 1) for mid in range(each) for door in doors),),
        )
        sending.start()
        wait_until(lambda: len(gateway.inbox._letters) >= UNDER_WAY, within=10, what="a window full")
        gateway.take(within=0.3)
        assert UNDER_WAY <= len(gateway.inbox._letters) + len(gateway.letters) < UNDER_WAY + 200
        for letter in gateway.letters:
            letter.acknowledge()
        while len(gateway.letters) < each * len(doors):
            for letter in gateway.take(within=10):
                letter.acknowledge()
        sending.join(10)


def test_what_nobody_has_to_acknowledge_takes_no_room_from_what_a_door_sent() -> None:
    others = [Door(str(number)) for number in range(IN_ALL // 500 + 1)]
    flood = b"".join(message(other.topic, b"%d" % number, qos=0) for other in others for number in range(500))
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(flood + message(DOOR.topic, b"a record", mid=1))
        wait_until(lambda: gateway.waiting() > 0, within=20, what="the record")

        assert (gateway.waiting(), gateway.let_go()) == (1, 0)
        gateway.take_until(1)
        assert gateway.payloads() == [b"a record"]


def test_a_broker_that_does_not_promise_to_keep_letters_is_not_subscribed_to(caplog: pytest.LogCaptureFixture) -> None:
    at_most_once = bytes.fromhex("90 04 0001 00 00")
    with ScriptedBroker(subscribed=at_most_once) as broker, office(broker.url, let_in=0) as gateway, broker.let_in():
        wait_until(lambda: "does not let the gateway in" in caplog.text, within=10, what="the warning")
        assert gateway.connected() == 0


@pytest.mark.parametrize(
    "nonsense",
    [
        message(DOOR.topic, b"", qos=2),
        b"\x40\xff\xff\xff\x7f",
        b"\x40\x00",
        b"\x90\x01\x00",
        b"\x00\x00",
        b"\xff\xff\xff\xff\xff",
    ],
)
def test_whoever_does_not_keep_to_mqtt_is_left_and_called_again(nonsense: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltime_gateway")
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(nonsense)
        with broker.let_in() as again:
            again.sendall(message(DOOR.topic, b"a record", mid=9))
            wait_until(lambda: gateway.take() and b"a record" in gateway.payloads(), within=10, what="a letter on the next line")

    assert "Traceback" not in caplog.text
