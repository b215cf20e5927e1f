"""What must the server be told?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EXAMPLE_TERMS = Path(__file__).parents[1] / "contracts" / "example" / "2026-04-06.toml"


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
class Phones:
    """What carers' phones are told: brokers that speak MQTT over WebSockets, and whether a tap may say where the phone was."""

    brokers: tuple[str, ...] = ()
    position: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """As whom the office calls the brokers. The file is read at each call, so that a new password needs no restart."""

    user: str
    password_file: Path
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Whose sign-in vouches for people, by OpenID Connect. The file is read at each use, so that a new secret needs no restart."""

    issuer: str
    client_id: str
    secret_file: Path

    def client_secret(self) -> str:
        """What the office proves itself with there."""
        return self.secret_file.read_text(encoding="utf-8").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long what is not a tap is kept; of `quarantine_days` None: as long as taps."""

    sign_in_days: int = 90
    audit_years: int = 7
    quarantine_days: int | None = None
    notices_days: int = 365
    files_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server that takes what the office writes, and as whom it writes. `tls`: encrypted from the first byte; else by STARTTLS.

    The password is read at each call, so that a new one needs no restart.
    """

    host: str
    port: int
    tls: bool
    user: str
    password_file: Path | None
    sender: str

    @property
    def is_local(self) -> bool:
        """Whether the server is this machine itself: then nobody reads along without encryption."""
        return self.host in LOOPBACK

    def password(self) -> str:
        """What is in the file; nothing where there is none."""
        return self.password_file.read_text(encoding="utf-8").strip() if self.password_file else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where the database is, which brokers and address doors and tags are told, by which terms is paid, and how long taps are kept.

    `brokers` are called by the office, as `account`; where that is None it changes nothing at them, and doors are told no password.
    `broker` is what doors are told. `keep_years` is None where taps are kept for ever. `finance` has the headings and addresses of finance
    files (TOML), where the council has said any. Without `mail` no e-mail is sent. `hooks_private`: webhooks may be in private networks.
    """

    database: str
    brokers: tuple[Broker, ...]
    account: Account | None
    broker: str
    public_url: str
    terms: Path
    keep_years: int | None
    finance: Path | None = None
    mail: Mail | None = None
    hooks_private: bool = False
    keeping: Keeping = Keeping()
    organisation: Organisation | None = None
    phones: Phones = Phones()


class BadConfig(ValueError):
    """Some settings are missing or wrong; the message lists all of them."""
