"""Does a broker that sends something far too long fill a door's memory? A door may have no more than a few hundred megabytes."""

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt import publish

from calltime_edge.broker_link import LONGEST_PACKET
from calltime_edge.outbox import Outbox
from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire import topics
from calltime_wire.identity import DeviceId
from fixtures.doors import DOOR
from fixtures.publishers import HASTY, fill, make_publisher, publishing, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

LETS_IN = {"3.1.1": (b"\x20\x02\x00\x00", b"\x90\x03", b"\x01"), "5": (b"\x20\x03\x00\x00\x00", b"\x90\x04", b"\x00\x01")}
LONGEST_OF_MQTT = b"\x30\xff\xff\xff\x7f"
"""The beginning of a message of 256 MB."""


class Flooding:
    """Lets whoever calls first in, and begins to send the longest message there can be. `taken`: bytes until that was refused."""

    def __init__(self, mqtt: str) -> None:
        self._lets_in = LETS_IN[mqtt]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listening.getsockname()[1]}"
        self.taken: int | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._listening.close()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        door, _ = self._listening.accept()
        welcome, subscribed, granted = self._lets_in
        sent = 0
        with door:
            door.settimeout(10)
            door.recv(4096)
            door.sendall(welcome)
            door.sendall(subscribed + door.recv(4096)[2:4] + granted)
            try:
                door.sendall(LONGEST_OF_MQTT)
                while sent < 2**28:
                    sent += door.send(bytes(65_536))
            except OSError:
                self.taken = sent


@pytest.fixture(params=["3.1.1", "5"])
def flooding(request: pytest.FixtureRequest) -> Iterator[tuple[str, Flooding]]:
    broker = Flooding(request.param)
    yield request.param, broker
    broker.close()


def test_a_message_of_256_megabytes_is_not_taken_in(
    outbox: Outbox, flooding: tuple[str, Flooding], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "calltime_edge")
    mqtt, broker = flooding
    with publishing(make_publisher(outbox, broker.url, patience=HASTY, mqtt=mqtt)):
        wait_until(lambda: broker.taken is not None, within=20, what="the door to hang up")
        wait_until(lambda: "a message of 268435455 bytes" in caplog.text, within=5, what="the reason in the log")

    assert broker.taken is not None
    assert broker.taken < 2**25  # what the kernel holds between the two


def test_in_mqtt_5_a_broker_that_keeps_the_rules_leaves_it_out_and_the_door_stays(
    outbox: Outbox, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    topic = topics.receipts(DeviceId(DOOR.device))
    publish.single(topic, bytes(2 * LONGEST_PACKET), qos=1, retain=True, hostname=mosquitto.host, port=mosquitto.port)
    with ScriptedGateway(mosquitto, answers_every=1), publishing(make_publisher(outbox, mosquitto.url)) as publisher:
        fill(outbox, 3)
        publisher.nudge()
        wait_until_receipted(outbox)
