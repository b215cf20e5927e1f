"""How do records reach the gateway? In order over MQTT, again and again until a signed receipt covers them.

The one file of the door that imports paho.
"""

from __future__ import annotations

import logging
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Agreement, Outbox
from calltime_wire import receipts, topics
from calltime_wire import status as door_status
from calltime_wire.identity import DeviceId
from calltime_wire.receipts import NotAReceipt
from calltime_wire.status import Status

log = logging.getLogger(__name__)

WINDOW = 200
"""Records under way at once, at most: what a gateway that is away can make the broker hold for one door."""
CONNACK_WITHIN = 5.0
"""Seconds that a broker has to answer. One that does not know MQTT 5 may say nothing at all."""
STATUS_EVERY = 30.0
"""Seconds between two status messages, at least."""

Version: TypeAlias = Literal["5", "3.1.1"]
Ended: TypeAlias = Literal["unreachable", "no answer", "served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait: for a receipt before records are sent again, and between two tries to connect. Both double up to the longest."""

    receipt: float = 10.0
    reconnect: float = 1.0
    longest: float = 300.0


class Publisher:
    """The door's link to the gateway. Records stay in the outbox; this only sends, and takes receipts.

    All of it happens in one thread of its own. paho's thread only brings news to it: what that thread raised would be lost, and it with it.
    """

    def __init__(
        self,
        *,
        enrolled: Enrolled,
        outbox: Outbox,
        status: Callable[[bool], Status],
        mqtt: Version | Literal["auto"] = "auto",
        patience: Patience | None = None,
    ) -> None:
        """`status(online)` describes the door. Nothing is connected before `open`."""
        self._enrolled = enrolled
        self._device = DeviceId(enrolled.device)
        self._outbox = outbox
        self._status = status
        self._mqtt = mqtt
        self._patience = patience or Patience()
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._wake = threading.Condition()
        self._news = self._stop = self._subscribed = self._lost = False
        self.version: Version | None = None
        self._thread = threading.Thread(target=self._run, name=f"publisher {enrolled.device}", daemon=True)

    def open(self) -> None:
        """Begin to connect and to send, until `close`."""
        self._thread.start()

    def close(self) -> None:
        """Say goodbye and stop. What is not receipted stays in the outbox."""
        self._notify(stop=True)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def nudge(self) -> None:
        """There is something new to send."""
        self._notify()

    def _notify(self, *, stop: bool = False, subscribed: bool = False, lost: bool = False) -> None:
        with self._wake:
            self._news = True
            self._stop |= stop
            self._subscribed |= subscribed
            self._lost |= lost
            self._wake.notify()

    def _wait_for_news(self, seconds: float) -> None:
        """Wait for what was told since the last time: news that come while nobody waits must not be missed."""
        with self._wake:
            self._wake.wait_for(lambda: self._news, timeout=seconds)
            self._news = False

    def _run(self) -> None:
        version: Version = "3.1.1" if self._mqtt == "3.1.1" else "5"
        pause = self._patience.reconnect
        while not self._stop:
            ended: Ended = "unreachable"
            try:
                ended = self._connect_and_serve(version)
            except Exception:  # the outermost loop of this thread: a door whose publisher died would look well and send nothing
                log.exception("sending failed in a way that nobody foresaw; nothing is lost, connecting again")
            if ended == "served":
                pause = self._patience.reconnect
            elif ended == "no answer" and self._mqtt == "auto":
                version = "3.1.1" if version == "5" else "5"
            with self._wake:
                # Jitter: after an outage three thousand doors must not come back in the same second.
                self._wake.wait_for(lambda: self._stop, timeout=pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, self._patience.longest)

    def _connect_and_serve(self, version: Version) -> Ended:
        """Stay until the connection ends; say how far it came."""
        client = self._make_client(version)
        broker = urlsplit(self._enrolled.broker)
        self._subscribed = self._lost = False
        try:
            client.connect(broker.hostname or "", broker.port or 1883, keepalive=60)
        except OSError as error:
            log.info("the broker cannot be reached: %s", error)
            return "unreachable"
        client.loop_start()
        try:
            with self._wake:
                self._wake.wait_for(lambda: self._subscribed or self._lost or self._stop, timeout=CONNACK_WITHIN)
            if not self._subscribed:
                log.info("the broker did not let this door in with MQTT %s", version)
                return "no answer"
            self.version = version
            log.info("connected in MQTT %s", version)
            self._serve(client)
            self._announce(client, online=False)
            return "served"
        finally:
            self.version = None
            client.disconnect()
            with suppress(AttributeError):  # paho stumbles over its own thread when that ends in the same moment
                client.loop_stop()

    def _serve(self, client: paho.Client) -> None:
        """Send what is waiting, within the window; send it all again when no receipt came in time."""
        sent = 0
        wait_for_receipt = self._patience.receipt
        heard = announced = time.monotonic()
        properties = _content_type() if self.version == "5" else None
        self._announce(client, online=True)
        while not (self._stop or self._lost):
            under_way = self._outbox.count_waiting(through=sent)
            for seq, compact in self._outbox.waiting(after=sent, at_most=WINDOW - under_way):
                client.publish(topics.records(self._device), compact.encode("ascii"), qos=1, properties=properties)
                if under_way == 0:
                    heard = time.monotonic()
                sent, under_way = seq, under_way + 1
            self._wait_for_news(wait_for_receipt * 0.2 if under_way else STATUS_EVERY)
            now = time.monotonic()
            if self._take_receipts():
                heard, wait_for_receipt = now, self._patience.receipt
            elif under_way and now - heard > wait_for_receipt:
                log.info("no receipt came in %.0f s; sending again from the first of %d records", wait_for_receipt, under_way)
                sent, heard = 0, now
                wait_for_receipt = min(wait_for_receipt * random.uniform(1.5, 2.5), self._patience.longest)  # noqa: S311
            if now - announced > STATUS_EVERY:
                self._announce(client, online=True)
                announced = now

    def _announce(self, client: paho.Client, *, online: bool) -> None:
        client.publish(topics.status(self._device), door_status.encode(self._status(online)), qos=1, retain=True)

    def _make_client(self, version: Version) -> paho.Client:
        """Make a client for one connection: what it had under way is not remembered by paho but by the outbox."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._device,
            protocol=paho.MQTTv5 if version == "5" else paho.MQTTv311,
            clean_session=None if version == "5" else True,
            reconnect_on_failure=False,
        )
        # No bound of paho's: WINDOW is one, and what paho held back would go out after the goodbye, which is never.
        client.max_inflight_messages_set(0)
        client.will_set(topics.status(self._device), door_status.encode(self._status(False)), qos=1, retain=True)

        def connected(_: paho.Client, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
            if reason.is_failure:
                log.warning("the broker refused the connection: %s", reason)
            else:
                client.subscribe(topics.receipts(self._device), qos=1)

        def arrived(_: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
            self._arrived.put(bytes(message.payload))
            self._notify()

        client.on_connect = connected
        client.on_message = arrived
        client.on_subscribe = lambda *_: self._notify(subscribed=True)
        client.on_disconnect = lambda *_: self._notify(lost=True)
        return client

    def _take_receipts(self) -> bool:
        """Take what arrived; say whether there was a receipt among it that we and the office agree on."""
        agreed = False
        while not self._arrived.empty():
            agreed |= self._take_receipt(self._arrived.get())
        return agreed

    def _take_receipt(self, payload: bytes) -> bool:
        try:
            receipt = receipts.decode(payload, device=self._device, gateway=self._enrolled.gateway)
            agreement = self._outbox.take_receipt(receipt)
        except NotAReceipt as error:
            log.warning("a message that is no receipt was ignored: %s", error)
            return False
        except sqlite3.Error as error:
            log.warning("a receipt could not be noted, so its records are sent again: %s", error)
            return False
        if agreement is Agreement.FORKED:
            log.error("the office holds another chain for this door: its key is in use twice, or its memory was set back. Enrol it anew.")
        return agreement is Agreement.AGREED


def _content_type() -> Properties:
    """Say in MQTT 5 what a record is; 3.1.1 has no place for it."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = topics.CONTENT_TYPE
    return properties
