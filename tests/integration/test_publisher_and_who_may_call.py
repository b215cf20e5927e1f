"""What does a door do at a broker that asks who is calling, or that has rules of its own?"""

import logging
from pathlib import Path

import pytest

from calltime_edge.broker_link import Caller
from calltime_edge.checking import link
from calltime_edge.outbox import Outbox
from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire import broker_address
from calltime_wire.identity import DeviceId
from fixtures.doors import DOOR
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
    (tmp_path / "password").write_text(f"{SECRET}\n")
    with AskingMosquitto(tmp_path / "mosquitto", username="door", password=SECRET) as broker, ScriptedGateway(broker, answers_every=1):
        publisher = make_publisher(outbox, broker.asking_url, mqtt=mqtt, username="door", password_file=tmp_path / "password")
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
    (tmp_path / "password").write_text("wrong")
    with AskingMosquitto(tmp_path / "mosquitto", username="door", password=SECRET) as broker:
        named = {"username": "door", "password_file": tmp_path / "password"}
        with publishing(make_publisher(outbox, broker.asking_url, patience=HASTY, mqtt=mqtt, **named)):
            wait_until(lambda: caplog.text.count("does not let this door in: Not authorized") >= 3, within=20, what="three tries")
        said = [record.levelno for record in caplog.records if "does not let" in record.message]

    assert said[:3] == [logging.WARNING, logging.DEBUG, logging.DEBUG]
    assert f"MQTT {'3.1.1' if mqtt == 'auto' else '5'}" not in caplog.text


@pytest.mark.parametrize(("holds", "why"), [(None, "No such file or directory"), ("Löwe".encode("latin-1"), "it is not UTF-8")])
def test_a_password_that_cannot_be_read_costs_the_link_and_nothing_else_until_it_is_put_right(
    outbox: Outbox, tmp_path: Path, holds: bytes | None, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    need(Mosquitto)
    caplog.set_level(logging.DEBUG, "calltime_edge")
    file = tmp_path / "password"
    if holds is not None:
        file.write_bytes(holds)
    with AskingMosquitto(tmp_path / "mosquitto", username="door", password=SECRET) as broker, ScriptedGateway(broker, answers_every=1):
        with publishing(make_publisher(outbox, broker.asking_url, patience=HASTY, username="door", password_file=file)):
            fill(outbox, 3)
            wait_until(lambda: caplog.text.count(f"The password file {file} cannot be used ({why})") >= 2, within=20, what="two tries")
            file.write_text(SECRET)
            wait_until_receipted(outbox)
        said = [record.levelno for record in caplog.records if "password file" in record.message]

    assert said[:2] == [logging.WARNING, logging.DEBUG]
    assert "xf6" not in caplog.text


def test_to_check_the_link_without_its_password_says_which_file_to_mend(tmp_path: Path) -> None:
    caller = Caller(
        device=DeviceId(DOOR.device),
        broker=broker_address.parse("mqtt://127.0.0.1:1"),
        username="door",
        password_file=tmp_path / "password",
    )
    *_, last = link.link(caller, "auto")

    assert last.well is False
    assert f"The password file {tmp_path}/password cannot be used (No such file or directory)." in last.says


def test_a_broker_that_takes_few_messages_at_once_gets_few_at_once(outbox: Outbox, tmp_path: Path) -> None:
    need(Mosquitto)
    fill(outbox, 50)
    with StrictMosquitto(tmp_path / "mosquitto", "max_inflight_messages 3") as broker, ScriptedGateway(broker, answers_every=10) as gateway:
        with publishing(make_publisher(outbox, broker.url)):
            wait_until_receipted(outbox)
        assert gateway.arrived == list(range(1, 51))
