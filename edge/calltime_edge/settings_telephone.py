"""What must a telephone line be told? Where an exchange calls it over HTTP, or where an Asterisk is; one of the two, or both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calltime_edge import settings_values as values
from calltime_edge.settings_source import Source
from calltime_edge.settings_values import Unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephoneSettings:
    """`address`: as the exchange calls it, a proxy's perhaps; `listen`: where this machine does. Without a voice the exchange chooses."""

    address: str | None = None
    listen: tuple[str, int] = ("127.0.0.1", 8095)
    token_file: Path | None = None
    voice_en: str | None = "Polly.Amy"
    voice_cy: str | None = "Polly.Gwyneth"
    asterisk: str | None = None
    asterisk_user: str = "calltime"
    asterisk_password_file: Path | None = None
    asterisk_app: str = "calltime"


def take(source: Source) -> TelephoneSettings:
    """Read the table `[telephone]`."""
    usual = TelephoneSettings()
    taken = TelephoneSettings(
        address=source.take("telephone.address", None, _address),
        listen=source.take("telephone.listen", usual.listen, _listen),
        token_file=source.take("telephone.token_file", None, values.path),
        voice_en=source.take("telephone.voice_en", usual.voice_en, values.text),
        voice_cy=source.take("telephone.voice_cy", usual.voice_cy, values.text),
        asterisk=source.take("telephone.asterisk", None, _asterisk),
        asterisk_user=source.take("telephone.asterisk_user", usual.asterisk_user, _word),
        asterisk_password_file=source.take("telephone.asterisk_password_file", None, values.path),
        asterisk_app=source.take("telephone.asterisk_app", usual.asterisk_app, _word),
    )
    if (taken.address is None) != (taken.token_file is None):
        source.wrong(
            "telephone.address", "an exchange has an address to call and a token to sign with: set address and token_file, or neither."
        )
    if taken.asterisk is not None and taken.asterisk_password_file is None:
        source.wrong("telephone.asterisk", "an Asterisk asks for a password: set asterisk_password_file.")
    return taken


def _address(given: object) -> str | None:
    words = values.text(given)
    if words is not None and (not words.startswith(("https://", "http://")) or "?" in words or "#" in words):
        raise Unfit("must be an address such as https://care.example.org/telephone")
    return words


def _listen(given: object) -> tuple[str, int]:
    words = values.text(given) or ""
    host, _, port = words.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise Unfit("must be a host and a port, such as 127.0.0.1:8095")
    return host.strip("[]"), int(port)


def _asterisk(given: object) -> str | None:
    words = values.text(given)
    if words is not None and not words.startswith(("https://", "http://")):
        raise Unfit("must be an address such as http://127.0.0.1:8088")
    return None if words is None else words.rstrip("/")


def _word(given: object) -> str:
    words = values.text(given)
    if words is None or not words.isascii() or not words.replace("-", "").replace("_", "").isalnum():
        raise Unfit("must be letters and digits, such as calltime")
    return words
