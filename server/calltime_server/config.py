"""What must the server be told? Everything comes from the environment; all faults are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

EXAMPLE_TERMS = Path(__file__).parent / "contracts" / "example" / "2026-04-06.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One broker. `tls`: the way to it is encrypted, and its certificate is checked."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """As whom the office calls the brokers. The file is read at each call, so that a new password needs no restart."""

    user: str
    password_file: Path
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where the database is, which brokers and address doors and tags are told, by which terms is paid, and how long taps are kept.

    `brokers` are called by the office, as `account`; where that is None it changes nothing at them, and doors are told no password.
    `broker` is what doors are told. `keep_years` is None where taps are kept for ever.
    """

    database: str
    brokers: tuple[Broker, ...]
    account: Account | None
    broker: str
    public_url: str
    terms: Path
    keep_years: int | None


LEAST_YEARS, MOST_YEARS = 7, 100
"""A claim under a contract can be made for six years (Limitation Act 1980, section 5; a deed: twelve); and one year to notice."""


class BadConfig(ValueError):
    """Some settings are missing or wrong; the message lists all of them."""


def from_environment(environment: Mapping[str, str]) -> Config:
    """Read the variables that `calltime-server --help` lists, or raise BadConfig."""
    faults: list[str] = []
    brokers = environment.get("CALLTIME_BROKER", "mqtt://127.0.0.1:1883")
    for_doors = environment.get("CALLTIME_BROKER_FOR_DOORS", "")
    if for_doors:
        _brokers("CALLTIME_BROKER_FOR_DOORS", for_doors, faults)
    config = Config(
        database=environment.get("CALLTIME_DATABASE", ""),
        brokers=_brokers("CALLTIME_BROKER", brokers, faults),
        account=_account(environment),
        broker=for_doors or brokers,
        public_url=environment.get("CALLTIME_PUBLIC_URL", "https://localhost").rstrip("/"),
        terms=Path(environment.get("CALLTIME_TERMS", EXAMPLE_TERMS)),
        keep_years=_whole(environment["CALLTIME_KEEP_YEARS"]) if environment.get("CALLTIME_KEEP_YEARS") else None,
    )
    if config.keep_years is not None and not LEAST_YEARS <= config.keep_years <= MOST_YEARS:
        faults.append(
            f"CALLTIME_KEEP_YEARS must be a whole number from {LEAST_YEARS} to {MOST_YEARS}, not {environment['CALLTIME_KEEP_YEARS']!r}: "
            "a claim under a contract can be made for six years. Leave it out to keep taps for ever."
        )
    if not config.database.startswith(("postgresql://", "postgres://")):
        faults.append("CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.")
    if not config.public_url.startswith("https://"):
        faults.append(f"CALLTIME_PUBLIC_URL must begin with https://, because it is printed on every tag; it is {config.public_url!r}.")
    if faults:
        raise BadConfig("\n".join(faults))
    return config


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _brokers(name: str, addresses: str, faults: list[str]) -> tuple[Broker, ...]:
    brokers = []
    for address in addresses.split(","):
        broker = _broker(address.strip())
        if broker is None:
            # Whoever put a password into an address by mistake need not find it in the log as well, nor half of one that holds a comma.
            shown = "" if "@" in addresses else f", not {address.strip()!r}"
            faults.append(f"{name} must hold addresses such as mqtts://broker.example.org:8883, with commas between several{shown}.")
        elif broker in brokers:
            faults.append(f"{name} names the broker {broker} twice. Name each once.")
        else:
            brokers.append(broker)
    return tuple(brokers)


def _broker(address: str) -> Broker | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    usual = {"mqtt": 1883, "mqtts": 8883}.get(parts.scheme)
    more = "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment
    if usual is None or not parts.hostname or port == 0 or more:
        return None
    return Broker(host=parts.hostname, port=port or usual, tls=parts.scheme == "mqtts")


def _account(environment: Mapping[str, str]) -> Account | None:
    password_file, ca_file = environment.get("CALLTIME_BROKER_ADMIN_PASSWORD_FILE"), environment.get("CALLTIME_BROKER_CA_FILE")
    if not password_file:
        return None
    user = environment.get("CALLTIME_BROKER_ADMIN_USER") or "office"
    return Account(user=user, password_file=Path(password_file), ca_file=Path(ca_file) if ca_file else None)
