"""How does a door talk with its broker? One connection in MQTT 5 or 3.1.1, from the first packet to the last.

The one file of the door that imports paho. It starts no thread: paho does its work inside `connect` and `wait`, and sleeps in between.
"""

from __future__ import annotations

import logging
import select
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calltime_edge import broker_password, trust
from calltime_edge.bell import Bell
from calltime_wire import topics
from calltime_wire.broker_address import BrokerAddress
from calltime_wire.identity import DeviceId

log = logging.getLogger(__name__)

CONNECT_WITHIN = 8.0
"""Seconds for the way there, and as many again for the certificate."""
FINISH_WITHIN = 2.0
LONGEST_PACKET = 64 * 1024
"""Bytes that a door takes from a broker at once. A receipt has a few hundred, and MQTT would allow more than some doors have memory."""
_OTHER_VERSION = {0x01, 0x84}

Version: TypeAlias = Literal["5", "3.1.1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """As whom the door calls which broker, and whose word it takes for the broker's name. A password is given, or is in its file."""

    device: DeviceId
    broker: BrokerAddress
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None

    @property
    def tells_a_password_openly(self) -> bool:
        """Whether others on the way can read it."""
        return not self.broker.tls and (self.password is not None or self.password_file is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLetIn:
    """There is no connection. `says` is for people; only after `no answer` may the other version be worth a try."""

    why: Literal["unreachable", "not trusted", "no password", "refused", "no answer"]
    says: str


def _content_type() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = topics.CONTENT_TYPE
    return properties


def _packets_bounded() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = LONGEST_PACKET
    return properties


_RECORD = _content_type()  # paho takes longer to make one than to send a record


class _Client(paho.Client):
    """Paho, which would otherwise take a message of any length into memory: what it was told in `connect`, a broker need not heed."""

    announced = 0

    def _sock_recv(self, bufsize: int) -> bytes:
        """Read on. paho first asks for as much as a packet has, and takes an OSError for the end of the connection."""
        if bufsize > LONGEST_PACKET:
            self.announced = bufsize
            raise OSError(f"a packet of {bufsize} bytes")
        return super()._sock_recv(bufsize)


class Link:
    """A connection. For one thread alone."""

    def __init__(self, caller: Caller, version: Version, will: bytes | None) -> None:
        """Prepare it; `connect` makes it. What it had under way is not remembered here but by the outbox."""
        self.version = version
        self.arrived: list[bytes] = []
        self.lost: str | None = None
        self._refused: ReasonCode | None = None
        self._subscribed = self._complained = False
        self._receive_maximum = 65_535
        self._unacknowledged = 0
        self._heard = 0.0
        self._client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=caller.device,
            protocol=paho.MQTTv5 if version == "5" else paho.MQTTv311,
            clean_session=None if version == "5" else True,
            reconnect_on_failure=False,
        )
        # No bound of paho's: `room` is one, and what paho held back would go out after the goodbye, which is never.
        self._client.max_inflight_messages_set(0)
        self._client.connect_timeout = CONNECT_WITHIN
        if caller.username is not None:
            self._client.username_pw_set(caller.username, caller.password or broker_password.read(caller.password_file))
        if caller.broker.tls:
            self._client.tls_set_context(trust.issuers(caller.ca_file))
        if will is not None:
            self._client.will_set(topics.status(caller.device), will, qos=1, retain=True)
        self._listen_to_paho(topics.receipts(caller.device))

    @property
    def room(self) -> int:
        """How many messages more the broker will have under way: MQTT 5 tells, and may end the connection of who does not heed it."""
        return max(0, self._receive_maximum - self._unacknowledged)

    @property
    def keepalive(self) -> int:
        """Seconds after which the broker takes a silent door for dead. In MQTT 5 it may insist on its own."""
        return self._client.keepalive

    def unanswered_for(self) -> float:
        """Say for how many seconds the broker, which owes an acknowledgement, has said nothing at all."""
        return time.monotonic() - self._heard if self._unacknowledged else 0.0

    def connect(self, broker: BrokerAddress, bell: Bell, *, keepalive: int, within: float, unless: Callable[[], bool]) -> None:
        """Connect and subscribe to this door's receipts. Raises OSError; otherwise look at `not_let_in`."""
        properties = _packets_bounded() if self.version == "5" else None
        self._client.connect(broker.host, broker.port, keepalive=keepalive, properties=properties)
        deadline = time.monotonic() + within
        while not (self._subscribed or self._refused or self.lost or unless()) and time.monotonic() < deadline:
            self.wait(deadline - time.monotonic(), bell)

    def not_let_in(self, broker: BrokerAddress) -> NotLetIn | None:
        """Say what came of `connect`."""
        if self._refused is not None and self._refused.value not in _OTHER_VERSION:
            says = (
                f"The broker {broker} does not let this door in: {self._refused}. Its operator must allow it; see user name and password."
            )
            return NotLetIn(why="refused", says=says)
        if self._subscribed:
            return None
        return NotLetIn(why="no answer", says=f"The broker {broker} did not let this door in with MQTT {self.version}.")

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, record: bool = False) -> None:
        """Hand a message to the broker, QoS 1. It is on its way when this returns, or goes on its way in `wait`."""
        if self._unacknowledged == 0:
            self._heard = time.monotonic()
        self._unacknowledged += 1
        properties = _RECORD if record and self.version == "5" else None  # 3.1.1 has no place for it
        self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)

    def wait(self, seconds: float, bell: Bell) -> None:
        """Sleep until the broker says something, the bell rings, or so long; then read and write what is there to be read and written."""
        line = self._client.socket()
        if line is None:
            self.lost = self.lost or "closed"
            return
        poll = select.poll()
        poll.register(bell, select.POLLIN)
        poll.register(line, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        happened = dict(poll.poll(max(0.0, seconds) * 1000))
        bell.silence()
        news = happened.get(line.fileno(), 0)
        if news & ~select.POLLOUT:
            self._client.loop_read()
            # What TLS has decrypted already, no poll tells of.
            while self.lost is None and isinstance(line, ssl.SSLSocket) and line.pending():
                self._client.loop_read()
        if news & select.POLLOUT:
            self._client.loop_write()
        # No `loop_misc`: it would ping, and wake the radio, also where a message was sent a moment before.

    def finish(self, bell: Bell) -> None:
        """Give the broker a while to acknowledge what it was sent."""
        deadline = time.monotonic() + FINISH_WITHIN
        while self._unacknowledged and self.lost is None and time.monotonic() < deadline:
            self.wait(deadline - time.monotonic(), bell)

    def drop(self) -> None:
        """End it, without waiting for anything."""
        self._client.disconnect()
        line = self._client.socket()
        if line is not None:  # the goodbye did not fit: nobody takes anything any more
            line.close()

    def _listen_to_paho(self, receipts: str) -> None:
        def connected(_: paho.Client, __: Any, ___: Any, reason: ReasonCode, properties: Properties | None) -> None:
            if reason.is_failure:
                self._refused = reason
                return
            self._receive_maximum = getattr(properties, "ReceiveMaximum", self._receive_maximum)
            self._client.subscribe(receipts, qos=1)

        def subscribed(_: paho.Client, __: Any, ___: Any, reasons: list[ReasonCode], ____: Any) -> None:
            self._subscribed = True
            self._refused = next((each for each in reasons if each.is_failure), None)

        def acknowledged(_: paho.Client, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
            self._unacknowledged -= 1
            self._heard = time.monotonic()
            if reason.is_failure and not self._complained:
                self._complained = True
                log.warning("the broker does not take what this door publishes: %s. Its operator must allow it.", reason)

        def arrived(_: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
            self._heard = time.monotonic()
            self.arrived.append(bytes(message.payload))

        def lost(_: paho.Client, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
            announced = self._client.announced
            self.lost = f"a message of {announced} bytes was on its way, and no receipt is so long" if announced else str(reason)

        self._client.on_connect = connected
        self._client.on_subscribe = subscribed
        self._client.on_publish = acknowledged
        self._client.on_message = arrived
        self._client.on_disconnect = lost


def connect(
    caller: Caller,
    bell: Bell,
    *,
    version: Version,
    keepalive: int,
    within: float,
    will: bytes | None = None,
    unless: Callable[[], bool] = lambda: False,
) -> Link | NotLetIn:
    """Call the broker. `within`: seconds that it has to answer; one that does not know MQTT 5 may say nothing at all."""
    broker = caller.broker
    try:
        link = Link(caller, version, will)
        link.connect(broker, bell, keepalive=keepalive, within=within, unless=unless)
    except ssl.SSLCertVerificationError as error:
        says = trust.why_not(error, host=broker.host, ca_file=caller.ca_file, now=datetime.now(UTC))
        return NotLetIn(why="not trusted", says=says)
    except trust.NoIssuers as error:
        return NotLetIn(why="not trusted", says=str(error))
    except broker_password.NoPassword as error:
        return NotLetIn(why="no password", says=str(error))
    except (OSError, UnicodeError) as error:  # a name that DNS could not even ask for is a UnicodeError
        says = f"The broker {broker} cannot be reached: {error}. Records are kept and sent later. Check the network and the address."
        return NotLetIn(why="unreachable", says=says)
    trouble = link.not_let_in(broker)
    if trouble is not None:
        link.drop()
        return trouble
    return link
