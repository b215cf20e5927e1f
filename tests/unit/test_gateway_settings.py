"""Does a gateway understand its environment, and tell every fault of it at once?"""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from calltime_gateway.settings import BadSettings, Settings, from_environment
from calltime_wire.broker_address import BrokerAddress

DATABASE = {"CALLTIME_DATABASE": "postgresql://calltime@localhost/calltime"}


def test_a_database_is_all_that_must_be_given() -> None:
    assert from_environment(DATABASE) == Settings(
        database="postgresql://calltime@localhost/calltime",
        brokers=(BrokerAddress(host="127.0.0.1", port=1883, tls=False),),
        mqtt="auto",
        username=None,
        password_file=None,
        ca_file=None,
        key=Path("/var/lib/calltime/gateway.key"),
        name="gateway-1",
        heartbeat=Path("/var/lib/calltime/gateway.heartbeat"),
        http=None,
        log="text",
    )


def test_everything_can_be_said_otherwise() -> None:
    said = {
        "CALLTIME_BROKER": "mqtt://[::1]:1884, mqtts://broker.example.org",
        "CALLTIME_BROKER_USER": "gateway",
        "CALLTIME_BROKER_PASSWORD_FILE": "/keys/broker",
        "CALLTIME_BROKER_CA_FILE": "/keys/ca.pem",
        "CALLTIME_GATEWAY_HTTP": "[::1]:9464",
        "CALLTIME_LOG": "json",
        "CALLTIME_MQTT": "3.1.1",
        "CALLTIME_STATE": "/state",
        "CALLTIME_GATEWAY_KEY": "/keys/gateway",
        "CALLTIME_GATEWAY_NAME": "gateway-2",
    }

    settings = from_environment(DATABASE | said)

    assert tuple(map(str, settings.brokers)) == ("mqtt://[::1]:1884", "mqtts://broker.example.org:8883")
    assert (settings.mqtt, settings.http, settings.log) == ("3.1.1", ("::1", 9464), "json")
    assert (settings.username, settings.password_file, settings.ca_file) == ("gateway", Path("/keys/broker"), Path("/keys/ca.pem"))
    assert (settings.key, settings.name, settings.heartbeat) == (Path("/keys/gateway"), "gateway-2", Path("/state/gateway.heartbeat"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        from_environment(
            {
                "CALLTIME_BROKER": "mqtt://localhost, localhost",
                "CALLTIME_MQTT": "3",
                "CALLTIME_LOG": "xml",
                "CALLTIME_GATEWAY_HTTP": "9464",
                "CALLTIME_BROKER_USER": "gateway",
            }
        )

    assert str(caught.value).splitlines() == [
        "CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.",
        (
            "CALLTIME_BROKER is 'mqtt://localhost, localhost', and this needs an address such as mqtts://broker.example.org or "
            "mqtt://broker.example.org:1883. Several are written with commas between."
        ),
        "CALLTIME_MQTT must be one of auto, 5, 3.1.1, not '3'.",
        "CALLTIME_LOG must be one of text, json, not 'xml'.",
        "CALLTIME_GATEWAY_HTTP must be host:port such as 127.0.0.1:9464, or empty for none, not '9464'.",
        "CALLTIME_BROKER_USER and CALLTIME_BROKER_PASSWORD_FILE belong together: set both, or neither.",
    ]


@pytest.mark.parametrize(
    "broker",
    [
        "",
        "localhost:1883",
        "http://localhost:1883",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://localhost:port",
        "mqtt://localhost:0",
        "mqtt://localhost:65536",
        "mqtt://[::1",
        "mqtt://localhost:1883/topic",
        "mqtt://user:password@localhost:1883",
    ],
)
def test_a_broker_that_could_not_be_reached_as_it_is_written_is_refused(broker: str) -> None:
    with pytest.raises(BadSettings, match=r"^CALLTIME_BROKER.* and ") as caught:
        from_environment(DATABASE | {"CALLTIME_BROKER": broker})

    assert "password@" not in str(caught.value)


@pytest.mark.parametrize(
    "database",
    [
        "postgresql://calltime:S3cret%zz@localhost/calltime",
        "postgresql://calltime:abc/S3cret@localhost/calltime",
        "postgresql://calltime:5432/S3cret@localhost/calltime",
        "postgresql://calltime:half@S3cret@localhost/calltime",
        "postgresql://calltime:S3cret@localhost:54x/calltime",
        "postgresql://calltime:S3cret@localhost:0/calltime",
        "postgresql://calltime:S3cret@[::1/calltime",
        "postgresql://calltime:S3cret@localhost/calltime?nonsense=1",
    ],
)
def test_a_database_whose_address_cannot_be_read_is_told_and_not_quoted(database: str) -> None:
    with pytest.raises(BadSettings, match=r"^CALLTIME_DATABASE cannot be read .* In a password write % as %25") as caught:
        from_environment({"CALLTIME_DATABASE": database})

    assert "S3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "database",
    [
        "postgresql://calltime:S3cret%40%2F@one:5432,[::1]:5433/calltime?target_session_attrs=read-write&application_name=x",
        "postgresql:///calltime?host=/var/run/postgresql",
        "postgres://one,two",
    ],
)
def test_a_database_may_be_written_in_every_way_that_libpq_reads(database: str) -> None:
    assert from_environment({"CALLTIME_DATABASE": database}).database == database
