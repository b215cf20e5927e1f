"""Does every record reach the gateway, whatever broker, gateway and network do?"""

import logging
import sqlite3
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from calltime_edge.broker_link import Version
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import WINDOW, Publisher
from calltime_sim.services.amqtt_broker import AmqttBroker
from calltime_sim.services.broker import Broker
from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire import receipts
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.receipts import Receipt
from calltime_wire.status import Status
from fixtures.doors import DOOR, GATEWAY, enrolled
from fixtures.missing_parts import need
from fixtures.publishers import HASTY, fill, make_publisher, publishing, status_of, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

STRANGER = Ed25519Signer(bytes(range(64, 96)))


@pytest.mark.parametrize("mqtt", ["5", "3.1.1"])
def test_records_arrive_once_and_in_order_and_are_receipted(outbox: Outbox, mosquitto: Mosquitto, mqtt: Version) -> None:
    fill(outbox, 30)
    with ScriptedGateway(mosquitto, answers_every=10) as gateway, publishing(make_publisher(outbox, mosquitto.url, mqtt=mqtt)) as publisher:
        wait_until_receipted(outbox)

        assert publisher.version == mqtt
        assert gateway.arrived == list(range(1, 31))


def test_a_new_record_is_sent_at_once_and_no_nudge_is_missed(outbox: Outbox, mosquitto: Mosquitto) -> None:
    with ScriptedGateway(mosquitto, answers_every=1) as gateway, publishing(make_publisher(outbox, mosquitto.url)) as publisher:
        for count in range(1, 151):
            fill(outbox, 1)
            publisher.nudge()
            gateway.wait_for(count, within=5)  # long before a status is due, at which it would look for new records anyway
        wait_until_receipted(outbox, within=5)


def test_a_gateway_that_says_nothing_gets_one_window_and_then_the_same_again(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, WINDOW + 50)
    with ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)):
        gateway.wait_for(2 * WINDOW)
        assert gateway.arrived[: 2 * WINDOW] == [*range(1, WINDOW + 1), *range(1, WINDOW + 1)]

        gateway.send(gateway.receipt(100))
        wait_until(lambda: max(gateway.arrived) == WINDOW + 50, within=10, what="the window to open again")
    assert outbox.count_waiting() == WINDOW - 50


def test_what_is_stored_beyond_a_gap_or_in_quarantine_is_not_sent_again(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 5)
    with ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)):
        gateway.wait_for(5)
        gateway.send(gateway.receipt(1, also=((3, 4),), quarantined=[5]))
        wait_until(lambda: outbox.count_waiting() == 1, within=10, what="the receipt")
        wait_until(lambda: gateway.arrived[-3:] == [2, 2, 2], within=20, what="the missing record alone to come again")


def test_receipts_that_are_not_our_gateway_s_for_this_door_are_ignored(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 5)
    with ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, mosquitto.url)):
        gateway.wait_for(5)
        everything = gateway.receipt(5)
        gateway.send(everything, signer=STRANGER)
        gateway.send(Receipt(device=STRANGER.device, through=5, digest=everything.digest))
        gateway.send_bytes(b"\xff\x00 this is no receipt")
        gateway.send_bytes(b"[" * 100_000)
        gateway.send_bytes(receipts.encode(everything, GATEWAY)[:-1].encode())
        gateway.send(gateway.receipt(1))  # on the same topic, so it comes after the others
        wait_until(lambda: outbox.count_waiting() < 5, within=10, what="the true receipt")

    assert outbox.count_waiting() == 4


def test_a_receipt_for_another_chain_is_told_and_forgets_nothing(
    outbox: Outbox, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    fill(outbox, 3)
    with ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, mosquitto.url)):
        gateway.wait_for(3)
        gateway.send(Receipt(device=DOOR.device, through=2, digest=gateway.digests[3]))
        wait_until(lambda: "another chain for this door" in caplog.text, within=10, what="the error")

    assert outbox.count_waiting() == 3


def test_a_broker_that_is_away_for_a_while_costs_nothing(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 3)
    with (
        ScriptedGateway(mosquitto, answers_every=1) as gateway,
        publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)) as publisher,
    ):
        wait_until_receipted(outbox)
        mosquitto.kill()
        wait_until(lambda: publisher.version is None, within=10, what="the door to notice")
        fill(outbox, 3)
        publisher.nudge()
        mosquitto.start()
        gateway.wait_until_listening()
        wait_until_receipted(outbox)

        assert sorted(set(gateway.arrived)) == [1, 2, 3, 4, 5, 6]


def test_a_door_that_starts_before_the_broker_still_speaks_mqtt_5(outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    need(Mosquitto)
    broker = Mosquitto(tmp_path / "late")
    caplog.set_level(logging.DEBUG, "calltime_edge")
    publisher = Publisher(enrolled=enrolled(broker=broker.url), outbox=outbox, status=status_of(outbox), patience=HASTY)
    with publishing(publisher):
        wait_until(lambda: caplog.text.count("cannot be reached") >= 3, within=10, what="three tries")
        with broker:
            wait_until(lambda: publisher.version is not None, within=10, what="the connection")
            assert publisher.version == "5"


def test_a_broker_that_knows_only_mqtt_3_1_1_is_found_out(outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fill(outbox, 30)
    with ExitStack() as stack:
        broker: Broker = stack.enter_context(AmqttBroker(tmp_path / "amqtt"))
        gateway = stack.enter_context(ScriptedGateway(broker, answers_every=10))
        publisher = Publisher(
            enrolled=enrolled(broker=broker.url), outbox=outbox, status=status_of(outbox), patience=replace(HASTY, answer=1.0)
        )
        stack.enter_context(publishing(publisher))
        wait_until_receipted(outbox)

        assert publisher.version == "3.1.1"
        assert sorted(set(gateway.arrived)) == list(range(1, 31))
    assert "did not let this door in with MQTT 5" in caplog.text
    assert f"connected to {broker.url} in MQTT 3.1.1" in caplog.text


def test_a_backlog_of_five_thousand_drains(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 5000)
    with ScriptedGateway(mosquitto, answers_every=50) as gateway, publishing(make_publisher(outbox, mosquitto.url)):
        wait_until_receipted(outbox, within=60)

    assert gateway.arrived == list(range(1, 5001))


def test_the_status_says_online_while_it_runs_and_offline_after_an_orderly_end(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, WINDOW + 50)
    with ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, mosquitto.url)):
        wait_until(lambda: gateway.statuses, within=10, what="a status")
        assert gateway.statuses[0] == Status(online=True, software="test", waiting=WINDOW + 50, clock="ntp", readers={"R": "ready"})

    with ScriptedGateway(mosquitto) as later:
        wait_until(lambda: later.statuses, within=10, what="the retained status")
        assert later.statuses[0].online is False


@pytest.mark.parametrize("url", ["mqtt://broker.invalid:1883", "mqtt://broker..invalid"])
def test_a_broker_whose_name_nobody_knows_is_tried_again_and_again(outbox: Outbox, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "calltime_edge")
    with publishing(make_publisher(outbox, url, patience=HASTY)):
        wait_until(lambda: len(caplog.records) >= 3, within=20, what="three tries")

    # It may stay so for days: a log is told once.
    assert [record.levelno for record in caplog.records[:3]] == [logging.INFO, logging.DEBUG, logging.DEBUG]
    assert "cannot be reached" in caplog.text


def test_an_outbox_that_cannot_be_read_for_a_while_is_told_and_then_sent(
    outbox: Outbox, mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(outbox, 3)
    damage = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None)
    with (
        ScriptedGateway(mosquitto, answers_every=1) as gateway,
        publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)) as publisher,
    ):
        wait_until_receipted(outbox)
        damage.execute("ALTER TABLE record RENAME TO mislaid")
        publisher.nudge()
        wait_until(lambda: "no such table" in caplog.text, within=10, what="the trouble to be told")
        damage.execute("ALTER TABLE mislaid RENAME TO record")
        fill(outbox, 1)
        wait_until_receipted(outbox)

        assert gateway.arrived[-1] == 4
    damage.close()
