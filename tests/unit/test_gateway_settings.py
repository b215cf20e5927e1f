"""Does a gateway understand its environment, and tell every fault of it at once?"""

from __future__ import annotations

from pathlib import Path

import pytest

from calltime_gateway.settings import BadSettings, Settings, from_environment

DATABASE = {"CALLTIME_DATABASE": "postgresql://calltime@localhost/calltime"}


def test_a_database_is_all_that_must_be_given() -> None:
    assert from_environment(DATABASE) == Settings(
        database="postgresql://calltime@localhost/calltime",
        broker_host="127.0.0.1",
        broker_port=1883,
        mqtt="auto",
        key=Path("/var/lib/calltime/gateway.key"),
        name="gateway-1",
        heartbeat=Path("/var/lib/calltime/gateway.heartbeat"),
    )


def test_everything_can_be_said_otherwise() -> None:
    said = {
        "CALLTIME_BROKER": "mqtt://[::1]:1884",
        "CALLTIME_MQTT": "3.1.1",
        "CALLTIME_STATE": "/state",
        "CALLTIME_GATEWAY_KEY": "/keys/gateway",
        "CALLTIME_GATEWAY_NAME": "gateway-2",
    }

    settings = from_environment(DATABASE | said)

    assert (settings.broker_host, settings.broker_port, settings.mqtt) == ("::1", 1884, "3.1.1")
    assert (settings.key, settings.name, settings.heartbeat) == (Path("/keys/gateway"), "gateway-2", Path("/state/gateway.heartbeat"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        from_environment({"CALLTIME_BROKER": "localhost", "CALLTIME_MQTT": "3"})

    assert str(caught.value).splitlines() == [
        "CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.",
        "CALLTIME_BROKER must be a URI such as mqtt://127.0.0.1:1883, with a host, and with nothing after the port.",
        "CALLTIME_MQTT must be auto, 5 or 3.1.1, not '3'.",
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
    with pytest.raises(BadSettings, match="CALLTIME_BROKER must be a URI"):
        from_environment(DATABASE | {"CALLTIME_BROKER": broker})
