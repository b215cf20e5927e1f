"""Does every record arrive when the line dies without a word, the broker is another one, or nobody answers?"""

import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calltime_edge.outbox import Outbox
from calltime_edge.publisher import WINDOW
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.missing_parts import need
from fixtures.publishers import HASTY, PATIENT, fill, make_publisher, publishing, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until
from fixtures.wires import Wire


@pytest.fixture
def other_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A fresh one: no sessions, nothing retained."""
    need(Mosquitto)
    with Mosquitto(tmp_path / "other broker") as broker:
        yield broker


@pytest.fixture
def nobody() -> Iterator[str]:
    """Takes calls and says nothing, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"mqtt://127.0.0.1:{listening.getsockname()[1]}"


def test_a_line_that_died_in_silence_is_found_out_by_what_is_not_acknowledged(
    outbox: Outbox, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "calltime_edge")
    with Wire(mosquitto) as wire, ScriptedGateway(mosquitto, answers_every=1) as gateway:
        publisher = make_publisher(outbox, wire.url, patience=replace(PATIENT, acknowledgement=0.5))
        with publishing(publisher):
            wait_until(lambda: gateway.statuses, within=10, what="the door to be online")
            wire.freeze()
            fill(outbox, 3)
            publisher.nudge()
            wait_until_receipted(outbox, within=10)

    assert wire.calls == 2
    assert "the broker has fallen silent" in caplog.text


def test_a_network_that_takes_nothing_holds_no_tap_back(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, WINDOW)
    with Wire(mosquitto) as wire, ScriptedGateway(mosquitto) as gateway:
        publisher = make_publisher(outbox, wire.url)
        with publishing(publisher):
            gateway.wait_for(WINDOW)
            wire.freeze()
            for _ in range(20):
                began = time.monotonic()
                fill(outbox, 1)
                publisher.nudge()
                assert time.monotonic() - began < 1
            began = time.monotonic()
        assert time.monotonic() - began < 5  # the goodbye does not wait for ever either


def test_a_broker_that_takes_calls_and_never_answers_is_left_again(outbox: Outbox, nobody: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "calltime_edge")
    with publishing(make_publisher(outbox, nobody, patience=replace(HASTY, answer=0.1), mqtt="auto")):
        wait_until(lambda: "with MQTT 5." in caplog.text and "with MQTT 3.1.1." in caplog.text, within=10, what="both versions to be tried")

    assert [record.levelno for record in caplog.records][:2] == [logging.INFO, logging.DEBUG]


def test_tls_with_nobody_at_the_other_end_does_not_hold_up_the_end_of_the_door(outbox: Outbox, nobody: str) -> None:
    began = time.monotonic()
    with publishing(make_publisher(outbox, nobody.replace("mqtt://", "mqtts://"), patience=HASTY)):
        fill(outbox, 1)

    assert time.monotonic() - began < 10


def test_the_address_leads_to_a_fresh_broker_and_everything_without_a_receipt_arrives_there(
    outbox: Outbox, mosquitto: Mosquitto, other_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to = [mosquitto]
    ask = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: object, **named: object) -> object:
        if host == "broker.example.org":
            host, port = leads_to[0].host, leads_to[0].port
        return ask(host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    fill(outbox, WINDOW + 50)
    with (
        ScriptedGateway(mosquitto) as silent,
        ScriptedGateway(other_broker, answers_every=10) as gateway,
        publishing(make_publisher(outbox, "mqtt://broker.example.org", patience=PATIENT)),
    ):
        silent.wait_for(WINDOW)
        leads_to[0] = other_broker
        mosquitto.kill()
        wait_until_receipted(outbox)

        assert gateway.arrived == list(range(1, WINDOW + 51))
        assert gateway.statuses[0].online


def test_a_broker_of_one_s_own_replaces_the_one_of_the_enrolment(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 3)
    with ScriptedGateway(mosquitto, answers_every=1), publishing(make_publisher(outbox, "mqtt://broker.invalid", broker=mosquitto.url)):
        wait_until_receipted(outbox)


def test_a_broker_that_is_restarted_in_the_middle_of_a_window_costs_nothing(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 2 * WINDOW)
    with (
        ScriptedGateway(mosquitto, answers_every=50) as gateway,
        publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)),
    ):
        gateway.wait_for(60)
        mosquitto.kill()
        mosquitto.start()
        gateway.wait_until_listening()
        wait_until(lambda: len(gateway.digests) == 2 * WINDOW, within=20, what="every record to arrive, once at least")
        gateway.send(gateway.receipt(2 * WINDOW))  # by itself it answers arrivals in fifties, and repetitions are arrivals, too
        wait_until_receipted(outbox)
        wait_until(lambda: gateway.statuses[-1].online, within=10, what="the door to say again that it is online")

        assert sorted(set(gateway.arrived)) == list(range(1, 2 * WINDOW + 1))


def test_a_storm_of_receipts_harms_nobody(outbox: Outbox, mosquitto: Mosquitto) -> None:
    with ScriptedGateway(mosquitto) as gateway:
        publisher = make_publisher(outbox, mosquitto.url)
        with publishing(publisher):
            fill(outbox, 2)
            publisher.nudge()
            gateway.wait_for(2)
            for _ in range(500):
                gateway.send(gateway.receipt(1))
            fill(outbox, 1)
            publisher.nudge()
            gateway.wait_for(3, within=10)
            gateway.send(gateway.receipt(3))
            wait_until_receipted(outbox, within=20)
