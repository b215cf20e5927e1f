"""Do the services that tests and demo stand on start, stop, die and come back as they promise?"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from calltime_sim.services.amqtt_broker import AmqttBroker
from calltime_sim.services.broker import Broker
from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.programs import Server
from calltime_sim.services.service import Service, ServiceTrouble
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.callers import Caller
from fixtures.databases import expected_of
from fixtures.missing_parts import need
from fixtures.waiting import wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ct-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(params=[Mosquitto, AmqttBroker])
def broker(request: pytest.FixtureRequest, folder: Path) -> Iterator[Broker]:
    need(request.param)
    with request.param(folder) as running:
        yield running


@pytest.fixture(params=[EmbeddedPostgres, TimescaleDb])
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Postgres]:
    need(request.param)
    with request.param(folder, durable=False) as running:
        yield running


@contextmanager
def connected(client: mqtt.Client, broker: Broker) -> Iterator[mqtt.Client]:
    client.connect(broker.host, broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def say(broker: Broker, topic: str, text: str, *, retain: bool = False) -> None:
    with connected(mqtt.Client(CallbackAPIVersion.VERSION2), broker) as client:
        client.publish(topic, text, qos=1, retain=retain).wait_for_publish(10)


def hear(broker: Broker, topic: str, *, what: str) -> None:
    heard: list[bytes] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    with connected(client, broker):
        client.subscribe(topic, qos=1)
        wait_until(lambda: what.encode() in heard, within=10, what=f"{what!r} on {topic}")


def rows(server: Postgres) -> list[tuple[object, ...]]:
    with psycopg.connect(server.dsn) as connection:
        return connection.execute("SELECT word FROM kept ORDER BY word").fetchall()


def keep(server: Postgres, word: str) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (word,))


def one(connection: psycopg.Connection[tuple[object, ...]], query: LiteralString) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_a_broker_that_was_killed_starts_again_on_the_same_port(broker: Broker) -> None:
    before = broker.url

    broker.kill()

    assert not broker.answers()
    broker.start()
    assert broker.url == before
    say(broker, "calltime/test", "hello", retain=True)
    hear(broker, "calltime/test", what="hello")


def test_a_browser_reaches_mosquitto_by_websockets_and_the_embedded_broker_not_at_all(mosquitto: Mosquitto, folder: Path) -> None:
    with Caller(mosquitto.ws_port, None, None, name="a phone", transport="websockets") as phone:
        assert phone.hears("calltime/test")
        say(mosquitto, "calltime/test", "hello", retain=True)
        assert phone.wait_for(1) == [("calltime/test", b"hello")]

    assert mosquitto.ws_url == f"ws://127.0.0.1:{mosquitto.ws_port}"
    assert AmqttBroker(folder).ws_url is None


def test_a_stopped_mosquitto_keeps_what_was_retained(mosquitto: Mosquitto) -> None:
    say(mosquitto, "calltime/test", "kept", retain=True)

    mosquitto.stop()
    mosquitto.start()

    hear(mosquitto, "calltime/test", what="kept")


def test_mosquitto_queues_more_than_its_default_of_a_thousand_for_a_subscriber_that_is_away(mosquitto: Mosquitto) -> None:
    away = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="away", clean_session=False)
    subscribed: list[bool] = []
    away.on_subscribe = lambda *_: subscribed.append(True)
    with connected(away, mosquitto):
        away.subscribe("calltime/test", qos=1)
        wait_until(lambda: subscribed, within=10, what="the subscription")

    with connected(mqtt.Client(CallbackAPIVersion.VERSION2), mosquitto) as speaker:
        for number in range(1500):
            last = speaker.publish("calltime/test", str(number), qos=1)
        last.wait_for_publish(30)

    heard: set[bytes] = set()
    back = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="away", clean_session=False)
    back.on_message = lambda _client, _data, message: heard.add(bytes(message.payload))
    with connected(back, mosquitto):
        wait_until(lambda: len(heard) == 1500, within=30, what="all 1,500 messages")


def test_a_stopped_database_keeps_its_rows_and_its_address(server: Postgres) -> None:
    keep(server, "written before")
    before = server.dsn

    server.stop()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn)
    server.start()
    assert server.dsn == before
    assert rows(server) == [("written before",)]


def test_a_database_that_was_killed_keeps_what_was_committed(server: Postgres) -> None:
    with psycopg.connect(server.dsn):  # a session that is open when it happens
        keep(server, "committed")
        server.kill()

    server.start()

    assert rows(server) == [("committed",)]


def test_starting_twice_is_starting_once(broker: Broker) -> None:
    broker.start()

    assert broker.answers()


def test_a_service_that_does_not_start_shows_its_own_log_and_what_to_do(folder: Path) -> None:
    class Broken(AmqttBroker):
        def command(self) -> list[str]:
            return [sys.executable, "-c", "import sys; sys.exit('the disk is full')"]

    with pytest.raises(ServiceTrouble, match=r"ended before it answered(.|\n)*the disk is full(.|\n)*then start again"):
        Broken(folder).start()


def test_an_answer_from_somebody_else_on_the_port_is_not_taken_for_our_own_child(folder: Path) -> None:
    class Ended(AmqttBroker):
        def command(self) -> list[str]:
            return [sys.executable, "-c", "import sys; sys.exit('the port is taken')"]

        def answers(self) -> bool:
            wait_until(lambda: not self.running, within=20, what="our own child to end")
            return super().answers()

    with AmqttBroker(folder / "other") as other:
        ours = Ended(folder / "ours")
        ours.port = other.port
        with pytest.raises(ServiceTrouble, match=r"ended before it answered(.|\n)*the port is taken"):
            ours.start()


def test_a_server_whose_port_is_taken_says_so_and_how_to_choose_another(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = Server(folder, {}, port=port)
        with pytest.raises(ServiceTrouble, match=rf'on port {port} .* something else listens .* make demo DEMO="--port 8090"'):
            server.start()

    assert not server.running


def test_a_service_ends_even_when_its_parent_is_killed(folder: Path) -> None:
    words = (
        "from pathlib import Path; import sys; from calltime_sim.services.amqtt_broker import AmqttBroker as B; b = B(Path(sys.argv[1])); "
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", words + "b.start(); print(b.port, flush=True); input()", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    orphan: Service = AmqttBroker(folder)
    orphan.port = int(parent.stdout.readline())
    assert orphan.answers()

    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()

    wait_until(lambda: not orphan.answers(), within=15, what="the orphaned broker to end")


def test_the_header_promises_of_postgres_what_the_database_then_says(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        version = one(connection, "SHOW server_version")
        ordinary = one(connection, "SELECT relkind::text FROM pg_class WHERE oid = 'tap'::regclass")
        extended = one(connection, "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'")

    assert (ordinary, extended) == ("r", 0)
    assert expected_of(EmbeddedPostgres) == f"{version}, from the wheel: tap is an ordinary table"


def test_the_header_promises_of_timescaledb_what_the_database_then_says(timescaledb_database: str) -> None:
    with psycopg.connect(timescaledb_database) as connection:
        version = one(connection, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
        edition = {"apache": "Apache", "timescale": "Community"}[str(one(connection, "SHOW timescaledb.license"))]
        hypertables = one(connection, "SELECT count(*) FROM timescaledb_information.hypertables WHERE hypertable_name = 'tap'")

    assert hypertables == 1
    assert expected_of(TimescaleDb) == f"{version}, {edition} edition: tap is a hypertable"


def test_what_one_test_writes_another_does_not_see(postgres_database: str, postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE only_here (word text)")
    with psycopg.connect(postgres_server.dsn) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
