"""How does paho speak for the gateway without costing more than all the rest? It is spared to read messages, and to write in small pieces.

The one file of the gateway that imports paho. What paho reads of a message (properties above all, which nobody asks for) takes it longer
than the signature takes us to verify. So the bytes are cut in `packets`, and paho gets all packets but the messages. For one thread alone.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calltime_gateway.broker_access import Access
from calltime_gateway.packets import LONGEST_PACKET, Nonsense, Packets, Published

READ_AT_ONCE = 64 * 1024
UNSENT = 256 * 1024
"""Bytes that we hold for a broker that does not read. What is more, paho keeps."""
KEEPALIVE = 30
CONNECT_WITHIN = 5.0
"""Seconds for the way there, and as many again for the certificate."""
KEPT_FOR = 120
"""Seconds that a broker keeps our session: a gateway that starts anew misses nothing, and one that is gone soon gets no share any more.
Mosquitto goes on giving it one; nothing is lost by that, but the doors wait in vain and send again."""
UNKNOWN_VERSION = 0x84
CLOSED = "The broker has closed it. If it does so again and again, another gateway may have the same CALLTIME_GATEWAY_NAME."
_PUBACK = struct.Struct("!BBH")

Version: TypeAlias = Literal["5", "3.1.1"]


class _Paho(paho.Client):
    """Paho on buffers of ours: it would ask the kernel for each byte that it wants, and for each packet that it has to send."""

    unsent = bytearray()
    given = b""

    def _sock_recv(self, bufsize: int) -> bytes:
        if not self.given:
            raise BlockingIOError
        piece, self.given = self.given[:bufsize], self.given[bufsize:]
        return piece

    def _sock_send(self, buf: bytes | bytearray) -> int:
        if len(self.unsent) > UNSENT:
            raise BlockingIOError
        self.unsent += buf
        return len(buf)

    def _sock_close(self) -> None:
        with contextlib.suppress(OSError):
            self.flush()
        super()._sock_close()

    def receive(self) -> bytes:
        """Read what is there. Raises BlockingIOError for nothing yet, and OSError for nothing any more."""
        data = super()._sock_recv(READ_AT_ONCE)
        if not data:
            raise ConnectionResetError(CLOSED)
        # Paho would else take a broker for dead that has sent us nothing but messages.
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        return data

    def flush(self) -> None:
        """Send as much as the kernel takes. Raises OSError for a connection that is gone."""
        with contextlib.suppress(BlockingIOError):
            while self.unsent:
                del self.unsent[: super()._sock_send(self.unsent)]

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Acknowledge these messages by as many packets in one piece."""
        packets = b"".join([_PUBACK.pack(paho.PUBACK, 2, mid) for mid in mids])
        self._packet_queue(paho.PUBACK, packets, mids[-1], 1)

    def ping(self) -> None:
        """Say that we are there; the answer may take its time."""
        self._send_pingreq()


class BrokerClient:
    """One connection to one broker, and what came of it."""

    def __init__(self, access: Access, version: Version, *, window: int, pattern: str) -> None:
        """Prepare it. `window`: so many messages the broker may have under way to us. Raises Unusable."""
        self.subscribed = False
        self.refused: str | None = None
        self.ended: str | None = None
        self.under_way = 0
        self.room = 65_535
        """Receipts that the broker has not acknowledged, and how many it takes."""
        self._pattern = pattern
        self._other_version_wanted = False
        self._packets = Packets(properties=version == "5")
        self._paho = _Paho(
            CallbackAPIVersion.VERSION2,
            client_id=access.client,
            protocol=paho.MQTTv5 if version == "5" else paho.MQTTv311,
            clean_session=None if version == "5" else False,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._paho.unsent = bytearray()
        self._paho.max_inflight_messages_set(0)  # `room` is the bound
        self._paho.connect_timeout = CONNECT_WITHIN
        self._session = _session(window) if version == "5" else {}
        if access.username is not None:
            self._paho.username_pw_set(access.username, access.password())
        if access.broker.tls:
            self._paho.tls_set_context(access.trust())
        self._listen()

    @property
    def speaks_another_version(self) -> bool:
        """Whether the broker may let us in with the other version: it said so, or nothing at all."""
        return self._other_version_wanted or (not self.subscribed and self.refused is None)

    @property
    def wants_to_write(self) -> bool:
        """Whether there is something to send."""
        return bool(self._paho.unsent) or self._paho.want_write()

    @property
    def holds_more(self) -> bool:
        """Whether TLS has decrypted what no poll tells of."""
        line = self._paho.socket()
        return isinstance(line, ssl.SSLSocket) and line.pending() > 0

    def fileno(self) -> int:
        """Give `poll` something to listen to; -1 once the connection has ended."""
        line = self._paho.socket()
        return -1 if line is None else line.fileno()

    def connect(self, access: Access) -> None:
        """Go there. Raises OSError or UnicodeError (a name that cannot even be asked for); what the broker says, `read` hears."""
        self._paho.connect(access.broker.host, access.broker.port, keepalive=KEEPALIVE, **self._session)
        line = self._paho.socket()
        if isinstance(line, socket.socket):  # a receipt does not wait for the acknowledgement of the one before it
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> Iterator[Published]:
        """Read what is there; give the messages in it. Raises Nonsense; when the connection has ended, see `ended`."""
        try:
            data = self._paho.receive()
        except BlockingIOError:
            return
        except OSError as error:
            self.ended = self.ended or str(error)
            return
        for packet in self._packets.feed(data):
            if isinstance(packet, Published):
                yield packet
            else:
                self._hand(packet)

    def write(self) -> None:
        """Send what is to be sent, as far as the broker takes it."""
        try:
            self._paho.loop_write()
            self._paho.flush()
        except OSError as error:
            self.ended = self.ended or str(error)

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Acknowledge messages, with the next `write`."""
        self._paho.acknowledge(mids)

    def publish(self, topic: str, text: str) -> None:
        """Send a receipt, with the next `write`."""
        self.under_way += 1
        self._paho.publish(topic, text.encode("ascii"), qos=1)

    def stay_alive(self) -> None:
        """Ping when it is time, and end the connection to a broker that has not answered the last ping."""
        self._paho.loop_misc()

    def ping(self) -> None:
        """Tell the broker that we are there, although we do not read at present."""
        self._paho.ping()

    def close(self) -> None:
        """Say goodbye, without waiting for anything."""
        self._paho.disconnect()
        self.write()
        line = self._paho.socket()
        if line is not None:  # the goodbye did not fit: nobody reads any more
            line.close()

    def _hand(self, packet: bytes) -> None:
        self._paho.given = packet
        try:
            self._paho.loop_read()
        except Exception as error:  # paho checks little of what it is told, and falls over it in any way
            raise Nonsense(f"paho cannot read it: {error!r}") from error

    def _listen(self) -> None:
        def connected(client: paho.Client, _: Any, __: Any, reason: ReasonCode, properties: Properties | None) -> None:
            if reason.is_failure:
                self._other_version_wanted = reason.value == UNKNOWN_VERSION
                self.refused = f"{reason}"
                return
            self.room = getattr(properties, "ReceiveMaximum", self.room)
            client.subscribe(self._pattern, qos=1)

        def subscribed(_: paho.Client, __: Any, ___: Any, reasons: list[ReasonCode], ____: Any) -> None:
            # 0 is a promise of QoS 0 alone: letters that we could not make the broker keep.
            refusal = next((each for each in reasons if each.is_failure or each.value == 0), None)
            if refusal is not None:
                self.refused = f"{refusal}, for the subscription to {self._pattern}"
            self.subscribed = refusal is None

        def acknowledged(*_: Any) -> None:
            self.under_way -= 1

        def ended(_: paho.Client, __: Any, ___: Any, reason: ReasonCode, ____: Any) -> None:
            self.ended = self.ended or str(reason)

        self._paho.on_connect = connected
        self._paho.on_subscribe = subscribed
        self._paho.on_publish = acknowledged
        self._paho.on_disconnect = ended
        # With it, paho leaves writing to us, who put many packets into one piece.
        self._paho.on_socket_register_write = _nothing


_nothing: Callable[[paho.Client, Any, Any], None] = lambda *_: None  # noqa: E731


def _session(window: int) -> dict[str, Any]:
    """Ask the broker to keep our session for a while, to have no more than so many messages under way, and none that is too long."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = KEPT_FOR
    properties.ReceiveMaximum = window
    properties.MaximumPacketSize = LONGEST_PACKET
    return {"clean_start": False, "properties": properties}
