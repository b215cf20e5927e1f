"""What must the server be told? Everything comes from the environment; all faults are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EXAMPLE_TERMS = Path(__file__).parent / "contracts" / "example" / "2026-04-06.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where the database is, which broker and address doors and tags are told, and by which terms is paid."""

    database: str
    broker: str
    public_url: str
    terms: Path


class BadConfig(ValueError):
    """Some settings are missing or wrong; the message lists all of them."""


def from_environment(environment: Mapping[str, str]) -> Config:
    """Read CALLTIME_DATABASE, _BROKER, _PUBLIC_URL, _TERMS, or raise BadConfig."""
    config = Config(
        database=environment.get("CALLTIME_DATABASE", ""),
        broker=environment.get("CALLTIME_BROKER", "mqtt://127.0.0.1:1883"),
        public_url=environment.get("CALLTIME_PUBLIC_URL", "https://localhost").rstrip("/"),
        terms=Path(environment.get("CALLTIME_TERMS", EXAMPLE_TERMS)),
    )
    faults = []
    if not config.database.startswith(("postgresql://", "postgres://")):
        faults.append("CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.")
    if not config.broker.startswith(("mqtt://", "mqtts://")):
        faults.append(f"CALLTIME_BROKER must be a URI such as mqtts://broker.example.org:8883, not {config.broker!r}.")
    if not config.public_url.startswith("https://"):
        faults.append(f"CALLTIME_PUBLIC_URL must begin with https://, because it is printed on every tag; it is {config.public_url!r}.")
    if faults:
        raise BadConfig("\n".join(faults))
    return config
