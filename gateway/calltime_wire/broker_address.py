"""Where is a broker, and is the way to it encrypted? From an address such as mqtts://broker.example.org, or several with commas between."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """One broker. `tls`: encrypted, and its certificate is checked."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        """Write it as people do."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def parse(address: str) -> BrokerAddress:
    """Read one address. Raises ValueError with what is wrong, as the end of a sentence."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"and that is no address ({error})") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ValueError("and this needs an address such as mqtts://broker.example.org or mqtt://broker.example.org:1883")
    if parts.username is not None or parts.password is not None:
        raise ValueError("and an address is shown in logs, so user name and password belong in the settings")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("and only a host and a port have a meaning in it")
    return BrokerAddress(host=parts.hostname, port=port or _PORTS[parts.scheme], tls=parts.scheme == "mqtts")


def parse_all(addresses: str) -> tuple[BrokerAddress, ...]:
    """Read one address or more. Brokers need share nothing: a door uses whichever answers, a gateway reads all of them.

    Raises ValueError with what is wrong with the first bad one, as the end of a sentence; an address twice is wrong, too.
    """
    brokers = tuple(parse(each.strip()) for each in addresses.split(","))
    if len(set(brokers)) < len(brokers):
        raise ValueError("and one broker stands in it twice")
    return brokers


def write_all(brokers: tuple[BrokerAddress, ...]) -> str:
    """Write them as `parse_all` reads them."""
    return ", ".join(map(str, brokers))
