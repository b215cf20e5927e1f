"""What can a thief with a door's password do, or a broker that is broken into? Forge nothing, and withhold nothing unnoticed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from calltime_edge.outbox import Outbox
from calltime_server.store.broker_passwords import password_of
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_door
from calltime_sim.services.broker import Broker
from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire import base64url, receipts, topics
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier
from calltime_wire.receipts import Receipt
from fixtures.callers import Caller
from fixtures.certificates import Issuer
from fixtures.doors import DOOR, MORNING, enrolled
from fixtures.gateways import gateway, wait_for_connections
from fixtures.made_brokers import MadeMosquitto
from fixtures.missing_parts import need
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import rows
from fixtures.publishers import HASTY, fill, make_publisher, publishing, wait_until_receipted
from fixtures.waiting import wait_until

THIEF = Ed25519Signer(b"\x66" * 32)


class BrokenInto:
    """Two brokers and whoever carries messages between them: to doors and gateways it is one, and it does what the thief wants."""

    def __init__(self, doors: Broker, gateways: Broker) -> None:
        self.honest = False
        self.records: list[bytes] = []
        self._to_gateways = self._client(gateways, topics.receipts(DOOR.device))
        self._to_doors = self._client(doors, topics.records(DOOR.device))
        self._to_gateways.on_message = self._carry_receipt
        self._to_doors.on_message = self._carry_record

    def __enter__(self) -> Self:
        for client in (self._to_gateways, self._to_doors):
            client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self._to_gateways, self._to_doors):
            client.disconnect()
            client.loop_stop()

    def _client(self, broker: Broker, hears: str) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.on_connect = lambda client, *_: client.subscribe(hears, 1)
        client.connect(broker.host, broker.port)
        return client

    def _carry_record(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        """Withhold every second one that is new, and change the last byte of every fifth."""
        payload = bytes(message.payload)
        if payload not in self.records:
            self.records.append(payload)
        number = self.records.index(payload) + 1
        if not self.honest and number % 2 == 0:
            return
        if not self.honest and number % 5 == 0:
            # The last byte of such a signature is below 17, so one in sixteen ends in "AA" of itself: change what is there.
            payload = payload[:-1] + (b"Q" if payload.endswith(b"A") else b"A")
        self._to_gateways.publish(message.topic, payload, qos=1)

    def _carry_receipt(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._to_doors.publish(message.topic, message.payload, qos=1)

    def forge_receipt(self, through: int, digest: str) -> None:
        """That everything is stored."""
        forged = Receipt(device=DOOR.device, through=through, digest=digest)
        self._to_doors.publish(topics.receipts(DOOR.device), receipts.encode(forged, THIEF), qos=1)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Mosquitto, Mosquitto]]:
    need(Mosquitto)
    with Mosquitto(tmp_path / "for doors") as doors, Mosquitto(tmp_path / "for gateways") as gateways:
        yield doors, gateways


def test_a_broker_that_withholds_changes_and_forges_is_found_out_and_loses_nothing(
    outbox: Outbox, two: tuple[Mosquitto, Mosquitto], postgres_database: str, tmp_path: Path
) -> None:
    with connect(postgres_database) as connection:
        place = Place(carer=None, home="H7")
        add_door(connection, device=DOOR.device, alg="EdDSA", public_key=DOOR.public_key, place=place, now=MORNING)
    fill(outbox, 20)
    doors, gateways = two
    with gateway(tmp_path / "gateway", broker=gateways, dsn=postgres_database), BrokenInto(doors, gateways) as thief:
        ((key,),) = rows(postgres_database, "SELECT public_key FROM gateway_key")
        pinned = replace(enrolled(broker=doors.url), gateway=Ed25519Verifier(bytes(key)))
        with publishing(make_publisher(outbox, doors.url, enrolled=pinned, patience=HASTY)):
            wait_until(lambda: len(thief.records) == 20, within=20, what="every record to reach the broker")
            thief.forge_receipt(20, base64url.encode(b"\0" * 32))
            asked = "SELECT (SELECT count(*) FROM receipt), (SELECT count(DISTINCT digest) FROM quarantine)"
            wait_until(lambda: rows(postgres_database, asked) == [(8, 2)], within=20, what="8 stored, and 2 set aside")

            # Withheld: the door holds them, and the office sees that the chain has gaps.
            assert rows(postgres_database, "SELECT through FROM door_progress") == [(1,)]
            assert {reason for (reason,) in rows(postgres_database, "SELECT reason FROM quarantine")} == {"bad signature"}
            wait_until(lambda: outbox.count_waiting() == 12, within=20, what="the door to count the records that nobody receipted")

            thief.honest = True
            wait_until_receipted(outbox)

    assert rows(postgres_database, "SELECT count(*), max(seq) FROM receipt") == [(20, 20)]


def test_a_stolen_password_makes_no_record_of_another_door_where_the_broker_has_rules_and_where_it_has_none(
    mosquitto: Mosquitto, postgres_database: str, tmp_path: Path
) -> None:
    a, b = Door("A"), Door("B")
    forged, stolen, own = Door("A").tap(source=b.device), b.tap(), a.tap()
    enrol(postgres_database, a, b)
    with connect(postgres_database) as connection:
        password = password_of(connection, a.device)
    issuer = Issuer(tmp_path)
    with MadeMosquitto(tmp_path / "broker", dsn=postgres_database, issuer=issuer, passwords=tmp_path / "passwords") as made:
        settings = {
            "CALLTIME_BROKER": made.tls_url,
            "CALLTIME_BROKER_USER": "gateway",
            "CALLTIME_BROKER_PASSWORD_FILE": str(made.passwords / "gateway/password"),
            "CALLTIME_BROKER_CA_FILE": str(issuer.ca_file),
            "CALLTIME_GATEWAY_NAME": "gateway-2",
        }
        with (
            gateway(tmp_path / "open", broker=mosquitto, dsn=postgres_database) as first,
            Caller(mosquitto.port, None, None) as anybody,
            Caller(made.tls_port, a.device, password, tls=made.trust()) as thief,
        ):
            key = first.folder / "gateway.key"
            with gateway(tmp_path / "made", broker=made, dsn=postgres_database, CALLTIME_GATEWAY_KEY=str(key), **settings) as second:
                wait_for_connections(second, 1)
                assert not thief.says(topics.records(b.device), forged)
                assert thief.says(topics.records(a.device), forged)
                assert thief.says(topics.records(a.device), stolen)
                assert anybody.says(topics.records(b.device), forged)
                assert thief.says(topics.records(a.device), own)
                wait_until(lambda: rows(postgres_database, "SELECT device FROM tap"), within=20, what="the one honest tap")
                found = "SELECT topic, reason FROM quarantine ORDER BY reason, topic"
                wait_until(lambda: len(rows(postgres_database, found)) == 3, within=20, what="three messages in quarantine")

    assert rows(postgres_database, "SELECT device FROM receipt") == [(a.device,)]
    assert rows(postgres_database, found) == [
        (topics.records(b.device), "bad signature"),
        (topics.records(a.device), "wrong topic"),
        (topics.records(a.device), "wrong topic"),
    ]
