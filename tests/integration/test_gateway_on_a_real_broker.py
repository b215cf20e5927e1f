"""Does the gateway keep its promise as a program: on a real broker and a real database that fail, and when it is killed itself?"""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from calltime_sim.services.amqtt_broker import AmqttBroker
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.programs import Gateway, program
from calltime_wire.refusals import Reason
from fixtures.gateways import gateway, wait_for_connections
from fixtures.lines import line_of, parts
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import digest_of, rows
from fixtures.waiting import wait_until


@pytest.fixture
def door(timescaledb_database: str) -> Door:
    """An enrolled door."""
    door = Door("somebody")
    enrol(timescaledb_database, door)
    return door


def gateway_key(dsn: str) -> bytes:
    return bytes(rows(dsn, "SELECT public_key FROM gateway_key")[0][0])


def wait_for_receipts(dsn: str, *, more_than: int) -> None:
    wait_until(lambda: rows(dsn, "SELECT count(*) FROM receipt")[0][0] > more_than, within=30, what=f"more than {more_than} records")


def test_doors_of_both_versions_of_mqtt_get_receipts_that_the_registered_key_signed(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, door: Door
) -> None:
    older = Door("older")
    enrol(timescaledb_database, older)
    said, bad = door.taps(2), b"\x00 rubbish"
    with (
        gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database),
        line_of(door, mosquitto, version="5") as line,
        line_of(older, mosquitto, version="3.1.1") as older_line,
    ):
        key = gateway_key(timescaledb_database)
        line.say(said[0], bad)
        older_line.say(older.tap())
        set_aside = line.wait_for_receipt(key, through=1).quarantined
        line.say(said[1])

        assert line.wait_for_receipt(key, through=2).digest == digest_of(said[1])
        assert older_line.wait_for_receipt(key, through=1).quarantined == ()

    assert rows(timescaledb_database, "SELECT reason, payload FROM quarantine") == [("malformed", bad)]
    assert [aside.reason for aside in set_aside] in ([Reason.MALFORMED], [])  # in the receipt of this batch, or of the next


def test_while_the_database_is_away_nothing_is_acknowledged_and_afterwards_all_is_stored(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str, door: Door
) -> None:
    said = door.taps(100)
    with gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database) as running, line_of(door, mosquitto) as line:
        key = gateway_key(timescaledb_database)
        timescaledb_server.stop()
        line.say(*said[:50])
        wait_until(lambda: "letters wait unacknowledged" in running.log_tail(), within=30, what="the gateway to notice")
        assert running.running
        assert line.heard == []

        running.kill()  # what it had in hand is gone with it; the broker must still have all 50
        timescaledb_server.start()
        running.start()
        assert line.wait_for_receipt(key, through=50).digest == digest_of(said[49])

        timescaledb_server.stop()
        line.say(*said[50:])
        timescaledb_server.start()
        assert line.wait_for_receipt(key, through=100).digest == digest_of(said[99])

    assert rows(timescaledb_database, "SELECT count(*), count(DISTINCT seq) FROM tap") == [(100, 100)]


def test_a_gateway_that_is_killed_again_and_again_stores_each_record_once(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, door: Door
) -> None:
    said = door.taps(500)
    with gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database) as running, line_of(door, mosquitto) as line:
        key = gateway_key(timescaledb_database)
        for number, piece in enumerate(parts(said, 125)):
            line.say(*piece[:60])
            wait_for_receipts(timescaledb_database, more_than=125 * number)
            running.kill()
            line.say(*piece[60:])
            running.start()

        receipt = line.wait_for_receipt(key, through=500)

    assert (receipt.digest, receipt.also) == (digest_of(said[-1]), ())
    assert rows(timescaledb_database, "SELECT count(*), count(DISTINCT seq) FROM tap") == [(500, 500)]
    assert rows(timescaledb_database, "SELECT count(*) FROM quarantine") == [(0,)]


def test_a_broker_that_restarts_finds_the_gateway_again_in_the_same_version(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, door: Door
) -> None:
    with gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database) as running, line_of(door, mosquitto) as line:
        key = gateway_key(timescaledb_database)
        mosquitto.stop()
        wait_until(lambda: "the broker cannot be reached" in running.log_tail(), within=10, what="the gateway to notice")
        mosquitto.start()
        wait_for_connections(running, 2)
        wait_until(lambda: line.connected, within=10, what="the door to come back")
        line.say(door.tap())

        line.wait_for_receipt(key, through=1)

    assert "MQTT 3.1.1" not in running.log.read_text(encoding="utf-8")


def test_on_the_embedded_broker_it_makes_do_with_mqtt_3_1_1_and_says_so(tmp_path: Path, timescaledb_database: str, door: Door) -> None:
    with (
        AmqttBroker(tmp_path / "broker") as broker,
        gateway(tmp_path / "gateway", broker=broker, dsn=timescaledb_database) as running,
        line_of(door, broker, version="3.1.1") as line,
    ):
        line.say(*door.taps(30))
        line.wait_for_receipt(gateway_key(timescaledb_database), through=30)

    log = running.log.read_text(encoding="utf-8")
    assert "the broker did not answer in MQTT 5" in log
    assert "connected to the broker in MQTT 3.1.1" in log


def ask(word: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLTIME_")}
    environment |= {"CALLTIME_STATE": str(folder)} | settings
    return subprocess.run([program("calltime-gateway"), word], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_it_says_whether_it_is_well_and_a_second_key_is_refused(tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str) -> None:
    settings = {"CALLTIME_DATABASE": timescaledb_database, "CALLTIME_BROKER": mosquitto.url}
    with gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database):
        well = ask("health", tmp_path / "gateway", **settings)
        stranger = ask("run", tmp_path / "stranger", **settings)
    heartbeat = tmp_path / "gateway" / "gateway.heartbeat"
    os.utime(heartbeat, (0, 0))
    late = ask("health", tmp_path / "gateway", **settings)
    unborn = ask("health", tmp_path / "nowhere", **settings)

    assert (well.returncode, well.stdout) == (0, "well\n")
    assert stranger.returncode == 1
    assert "copy its file here (gateways of one installation share one key)" in stranger.stderr
    assert late.returncode == 1
    assert "s old: the gateway hangs or has ended" in late.stderr
    assert unborn.returncode == 1
    assert "has not started" in unborn.stderr


def test_settings_that_are_wrong_are_told_all_at_once(tmp_path: Path) -> None:
    wrong = ask("run", tmp_path, CALLTIME_DATABASE="mysql://x", CALLTIME_BROKER="mqtt://host:port", CALLTIME_MQTT="4")

    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr
    for name in ("CALLTIME_DATABASE", "CALLTIME_BROKER", "CALLTIME_MQTT"):
        assert f"\n{name} " in wrong.stderr


def test_a_database_without_tables_is_told_what_to_do(tmp_path: Path, postgres_server: Postgres) -> None:
    bare = ask("run", tmp_path, CALLTIME_DATABASE=postgres_server.dsn)

    assert bare.returncode == 1
    assert "Run: calltime-server migrate" in bare.stderr
    assert "Traceback" not in bare.stderr


CONNECTED = bytes.fromhex("20 03 00 00 00")
SUBSCRIBED = bytes.fromhex("90 04 0001 00 01")
MESSAGE_WHOSE_TOPIC_IS_NO_TEXT = bytes.fromhex("32 06 0001 ff 0001 00")


def test_a_broker_that_talks_nonsense_is_left_and_tried_again(tmp_path: Path, postgres_database: str) -> None:
    """An exception over what it says would end the line's thread, and without that the gateway would hear nothing any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        settings = {"CALLTIME_DATABASE": postgres_database, "CALLTIME_BROKER": f"mqtt://127.0.0.1:{listener.getsockname()[1]}"}
        with Gateway(tmp_path, settings) as running:
            for _ in range(2):
                line, _address = listener.accept()
                with line:
                    line.recv(4096)
                    line.sendall(CONNECTED)
                    line.recv(4096)
                    line.sendall(SUBSCRIBED + MESSAGE_WHOSE_TOPIC_IS_NO_TEXT)
                    assert line.recv(4096) in (b"", b"\xe0\x00")  # the gateway says goodbye
            assert running.running
            assert "the broker does not keep to MQTT" in running.log_tail()
