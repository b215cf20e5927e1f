"""What does a door do at a broker that asks who is calling, or that has rules of its own?"""

import logging
from pathlib import Path

import pytest

from calltime_edge.outbox import Outbox
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.guarded_brokers import AskingMosquitto, StrictMosquitto
from fixtures.missing_parts import need
from fixtures.publishers import HASTY, fill, make_publisher, publishing, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

SECRET = "correct horse"


@pytest.mark.parametrize("mqtt", ["5", "3.1.1"])
def test_a_door_says_its_name_and_password(outbox: Outbox, tmp_path: Path, mqtt: str, caplog: pytest.LogCaptureFixture) -> None:
    need(Mosquitto)
    caplog.set_level(logging.DEBUG)
    fill(outbox, 3)
    with AskingMosquitto(tmp_path / "mosquitto", username="door", password=SECRET) as broker, ScriptedGateway(broker, answers_every=1):
        publisher = make_publisher(outbox, broker.asking_url, mqtt=mqtt, username="door", password=SECRET)
        with publishing(publisher):
            wait_until_receipted(outbox)
        assert SECRET not in repr(vars(publisher))

    assert "the password goes to" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("mqtt", ["auto", "3.1.1"])
def test_a_wrong_password_is_told_once_and_is_no_reason_to_try_the_other_version(
    outbox: Outbox, tmp_path: Path, mqtt: str, caplog: pytest.LogCaptureFixture
) -> None:
    need(Mosquitto)
    caplog.set_level(logging.DEBUG, "calltime_edge")
    with AskingMosquitto(tmp_path / "mosquitto", username="door", password=SECRET) as broker:
        with publishing(make_publisher(outbox, broker.asking_url, patience=HASTY, mqtt=mqtt, username="door", password="wrong")):
            wait_until(lambda: caplog.text.count("does not let this door in: Not authorized") >= 3, within=20, what="three tries")
        said = [record.levelno for record in caplog.records if "does not let" in record.message]

    assert said[:3] == [logging.WARNING, logging.DEBUG, logging.DEBUG]
    assert f"MQTT {'3.1.1' if mqtt == 'auto' else '5'}" not in caplog.text


def test_a_broker_that_takes_few_messages_at_once_gets_few_at_once(outbox: Outbox, tmp_path: Path) -> None:
    need(Mosquitto)
    fill(outbox, 50)
    with StrictMosquitto(tmp_path / "mosquitto", "max_inflight_messages 3") as broker, ScriptedGateway(broker, answers_every=10) as gateway:
        with publishing(make_publisher(outbox, broker.url)):
            wait_until_receipted(outbox)
        assert gateway.arrived == list(range(1, 51))
