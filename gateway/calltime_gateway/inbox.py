"""How do letters come in and answers go out? Over MQTT; nothing is acknowledged before it is told to. The one file that imports paho."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calltime_gateway.settings import Settings
from calltime_wire import topics

log = logging.getLogger(__name__)

GROUP = "gateway"
RECEIVE_MAXIMUM = 2000
"""MQTT 5: the broker holds back what is beyond this until we acknowledge. That bounds our memory."""
ANSWER_WITHIN = 3.0
"""Seconds that a broker has for its CONNACK. One that does not know MQTT 5 may say nothing at all."""
A_DAY = 86_400

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries to connect."""

Version = Literal["5", "3.1.1"]
Outcome = Literal["unreachable", "unanswered", "served"]
"""How a connection ended: nobody was there; somebody was, but did not give us our subscription; it served until it was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that the broker still remembers. It is acknowledged on the connection that brought it, or not at all."""

    topic: str
    payload: bytes
    acknowledge: Callable[[], None] = field(repr=False)


class Inbox:
    """The gateway's side of the broker. One paho client a connection: a stale acknowledgement can then never hit a newer message."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before `open`."""
        self._settings = settings
        self._letters: queue.SimpleQueue[Letter] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._client: paho.Client | None = None
        self._keeper = threading.Thread(target=self._keep_connected, name="inbox", daemon=True)

    def open(self) -> None:
        """Begin to connect, and stay connected until `close`."""
        self._keeper.start()

    def close(self) -> None:
        """Leave the broker; what is not acknowledged comes again."""
        self._stop.set()
        self._keeper.join(timeout=10)

    def take(self, *, at_most: int, within: float) -> list[Letter]:
        """Wait some seconds for a first letter, then take what lies there."""
        if not self._keeper.is_alive():
            raise RuntimeError("The thread that keeps the connection to the broker has died; what it said stands above.")
        letters: list[Letter] = []
        try:
            letters.append(self._letters.get(timeout=within))
            while len(letters) < at_most:
                letters.append(self._letters.get_nowait())
        except queue.Empty:
            pass
        return letters

    def send(self, answers: Sequence[tuple[str, str]]) -> None:
        """Send (topic, text) each. What cannot be sent now is not kept: the door asks again and is answered then."""
        client = self._client
        if client is not None:
            for topic, text in answers:
                client.publish(topic, text.encode("ascii"), qos=1)

    def _keep_connected(self) -> None:
        wanted = self._settings.mqtt
        version: Version = "3.1.1" if wanted == "3.1.1" else "5"
        pause = SHORTEST_PAUSE
        while not self._stop.is_set():
            match self._serve_one_connection(version):
                case "served":
                    pause = SHORTEST_PAUSE
                case "unanswered" if wanted == "auto":
                    version = "3.1.1" if version == "5" else "5"
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _serve_one_connection(self, version: Version) -> Outcome:
        """Stay until the connection ends, and say how it went."""
        line = _Line()
        client = self._make_client(version, line)
        try:
            client.connect(self._settings.brokers[0].host, self._settings.brokers[0].port, keepalive=30, **_session(version))
        except OSError as error:
            log.warning("the broker cannot be reached; trying again: %s", error)
            return "unreachable"
        # From here, not only from the CONNACK: a kept session brings letters at once, and they are to be answered.
        self._client = client
        client.loop_start()
        try:
            if not line.subscribed.wait(ANSWER_WITHIN):
                log.warning("the broker did not answer in MQTT %s", version)
                return "unanswered"
            log.info("connected to the broker in MQTT %s", version)
            line.stay(until=self._stop)
            return "served"
        finally:
            self._client = None
            client.disconnect()
            line.leave()
            self._forget_letters()

    def _forget_letters(self) -> None:
        """They cannot be acknowledged any more and come again on the next connection: to keep them would fill the memory."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._letters.get_nowait()

    def _make_client(self, version: Version, line: _Line) -> paho.Client:
        options: dict[str, Any] = {} if version == "5" else {"clean_session": False}
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"calltime-{self._settings.name}",
            protocol=paho.MQTTv5 if version == "5" else paho.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
            **options,
        )
        pattern = topics.shared(GROUP) if version == "5" else topics.RECORDS_FROM_ALL

        # Each uses the client that it is called with. One that closed over its own would keep its sockets until Python finds the circle.
        def connected(client: paho.Client, _: Any, __: Any, reason: ReasonCode, ___: Any) -> None:
            line.network = threading.current_thread()
            if reason.is_failure:
                log.warning("the broker refused the connection: %s", reason)
                return
            client.subscribe(pattern, qos=1)

        def subscribed(_client: paho.Client, _: Any, __: Any, reasons: list[ReasonCode], ___: Any) -> None:
            if any(reason.is_failure for reason in reasons):
                log.warning("the broker refused the subscription to %s: %s", pattern, reasons[0])
                return
            line.subscribed.set()

        def arrived(client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
            mid, qos = message.mid, message.qos
            self._letters.put(
                Letter(topic=message.topic, payload=bytes(message.payload), acknowledge=lambda: _acknowledge(client, mid, qos)),
            )

        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_message = arrived
        return client


class _Line:
    """One connection: whether we are subscribed, and paho's thread. That ends with the connection, whatever ended it, a fault included."""

    def __init__(self) -> None:
        self.subscribed = threading.Event()
        self.network: threading.Thread | None = None

    def stay(self, *, until: threading.Event) -> None:
        while self.network is not None and self.network.is_alive() and not until.is_set():
            self.network.join(timeout=0.2)

    def leave(self) -> None:
        # Not paho's loop_stop(): it stumbles over a thread that ends in the same moment.
        if self.network is not None:
            self.network.join(timeout=5)


def _acknowledge(client: paho.Client, mid: int, qos: int) -> None:
    if client.is_connected():
        client.ack(mid, qos)


def _session(version: Version) -> dict[str, Any]:
    """Ask the broker to keep our session for a day, and to have no more than so many messages under way."""
    if version == "3.1.1":
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = A_DAY
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    return {"clean_start": False, "properties": properties}
