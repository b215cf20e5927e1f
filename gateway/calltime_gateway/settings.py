"""What must a gateway be told? Everything comes from the environment; all faults are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from calltime_gateway.store import UnreadableAddress, parts_of
from calltime_wire import broker_address
from calltime_wire.broker_address import BrokerAddress

MqttVersion: TypeAlias = Literal["auto", "5", "3.1.1"]
MQTT_VERSIONS: tuple[MqttVersion, ...] = ("auto", "5", "3.1.1")
T = TypeVar("T", bound=str)

LogFormat: TypeAlias = Literal["text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = ("text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the database, the brokers and the key are, and where to be looked at."""

    database: str
    brokers: tuple[BrokerAddress, ...]
    mqtt: MqttVersion
    username: str | None
    password_file: Path | None
    ca_file: Path | None
    key: Path
    name: str
    heartbeat: Path
    http: tuple[str, int] | None
    log: LogFormat


UNREADABLE = (
    "CALLTIME_DATABASE cannot be read as a URI such as postgresql://calltime:password@localhost:5432/calltime. In a password write "
    "% as %25, @ as %40, : as %3A, / as %2F, ? as %3F, # as %23; look at the port and at what follows a question mark, too. "
    "It is not shown here, as it may hold a password."
)


class BadSettings(ValueError):
    """Some settings are missing or wrong; the message lists all of them."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the variables that `calltime-gateway --help` lists, or raise BadSettings."""
    faults: list[str] = []
    database = environment.get("CALLTIME_DATABASE", "")
    if not database.startswith(("postgresql://", "postgres://")):
        faults.append("CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.")
    elif not _is_readable(database):
        faults.append(UNREADABLE)
    brokers = _brokers(environment.get("CALLTIME_BROKER", "mqtt://127.0.0.1:1883"), faults)
    mqtt = _one_of(MQTT_VERSIONS, "CALLTIME_MQTT", environment.get("CALLTIME_MQTT", "auto"), faults)
    log = _one_of(LOG_FORMATS, "CALLTIME_LOG", environment.get("CALLTIME_LOG", "text"), faults)
    http = _host_and_port(environment.get("CALLTIME_GATEWAY_HTTP", ""), faults)
    username = environment.get("CALLTIME_BROKER_USER") or None
    password_file = _path(environment.get("CALLTIME_BROKER_PASSWORD_FILE"))
    if (username is None) != (password_file is None):
        faults.append("CALLTIME_BROKER_USER and CALLTIME_BROKER_PASSWORD_FILE belong together: set both, or neither.")
    if faults:
        raise BadSettings("\n".join(faults))
    state = Path(environment.get("CALLTIME_STATE", "/var/lib/calltime"))
    return Settings(
        database=database,
        brokers=brokers,
        mqtt=mqtt,
        username=username,
        password_file=password_file,
        ca_file=_path(environment.get("CALLTIME_BROKER_CA_FILE")),
        key=Path(environment.get("CALLTIME_GATEWAY_KEY", state / "gateway.key")),
        name=environment.get("CALLTIME_GATEWAY_NAME", "gateway-1"),
        heartbeat=Path(environment.get("CALLTIME_HEARTBEAT", state / "gateway.heartbeat")),
        http=http,
        log=log,
    )


def _is_readable(database: str) -> bool:
    try:
        parts_of(database)
    except UnreadableAddress:
        return False
    return True


def _brokers(addresses: str, faults: list[str]) -> tuple[BrokerAddress, ...]:
    try:
        return broker_address.parse_all(addresses)
    except ValueError as error:
        # Whoever put a password into the address by mistake need not find it in the log as well.
        shown = "" if "@" in addresses else f" is {addresses!r},"
        faults.append(f"CALLTIME_BROKER{shown} {error}. Several are written with commas between.")
        return ()


def _one_of(known: tuple[T, ...], name: str, asked: str, faults: list[str]) -> T:
    for each in known:
        if each == asked:
            return each
    faults.append(f"{name} must be one of {', '.join(map(str, known))}, not {asked!r}.")
    return known[0]


def _host_and_port(address: str, faults: list[str]) -> tuple[str, int] | None:
    if not address:
        return None
    host, _, port = address.rpartition(":")
    if host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536:
        return host.strip("[]"), int(port)
    faults.append(f"CALLTIME_GATEWAY_HTTP must be host:port such as 127.0.0.1:9464, or empty for none, not {address!r}.")
    return None


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
