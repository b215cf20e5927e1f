"""What must a gateway be told? Everything comes from the environment; all faults are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

MqttVersion: TypeAlias = Literal["auto", "5", "3.1.1"]
MQTT_VERSIONS: tuple[MqttVersion, ...] = ("auto", "5", "3.1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the database, the broker and the key are."""

    database: str
    broker_host: str
    broker_port: int
    mqtt: MqttVersion
    key: Path
    name: str
    heartbeat: Path


class BadSettings(ValueError):
    """Some settings are missing or wrong; the message lists all of them."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read CALLTIME_DATABASE, _BROKER, _MQTT, _GATEWAY_KEY, _GATEWAY_NAME, _HEARTBEAT, or raise BadSettings."""
    faults = []
    database = environment.get("CALLTIME_DATABASE", "")
    if not database.startswith(("postgresql://", "postgres://")):
        faults.append("CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.")
    broker = _host_and_port(environment.get("CALLTIME_BROKER", "mqtt://127.0.0.1:1883"))
    if broker is None:
        faults.append("CALLTIME_BROKER must be a URI such as mqtt://127.0.0.1:1883, with a host, and with nothing after the port.")
    asked = environment.get("CALLTIME_MQTT", "auto")
    mqtt = next((version for version in MQTT_VERSIONS if version == asked), None)
    if mqtt is None:
        faults.append(f"CALLTIME_MQTT must be auto, 5 or 3.1.1, not {asked!r}.")
    if faults or broker is None or mqtt is None:
        raise BadSettings("\n".join(faults))
    state = Path(environment.get("CALLTIME_STATE", "/var/lib/calltime"))
    return Settings(
        database=database,
        broker_host=broker[0],
        broker_port=broker[1],
        mqtt=mqtt,
        key=Path(environment.get("CALLTIME_GATEWAY_KEY", state / "gateway.key")),
        name=environment.get("CALLTIME_GATEWAY_NAME", "gateway-1"),
        heartbeat=Path(environment.get("CALLTIME_HEARTBEAT", state / "gateway.heartbeat")),
    )


def _host_and_port(uri: str) -> tuple[str, int] | None:
    try:
        broker = urlsplit(uri)
        port = 1883 if broker.port is None else broker.port
    except ValueError:  # a port that is no number, or brackets that are no address
        return None
    # A password that is not understood is refused, not left out: whoever gave one relies on it.
    understood = broker.scheme == "mqtt" and broker.hostname and port and "@" not in broker.netloc and not broker.path.strip("/")
    return (broker.hostname or "", port) if understood else None
