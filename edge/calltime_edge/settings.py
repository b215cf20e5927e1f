"""What must a door be told? One TOML file, and environment variables over it; all faults are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from calltime_edge import settings_telephone
from calltime_edge import settings_values as values
from calltime_edge.settings_source import PREFIX, Fault, Source
from calltime_edge.settings_telephone import TelephoneSettings
from calltime_edge.words.language import Language

DEFAULT_FILE = Path("/etc/calltime-edge.toml")

MqttVersion: TypeAlias = Literal["auto", "5", "3.1.1"]
ReaderKind: TypeAlias = Literal["pn532", "acr122u", "qr-serial", "qr-hid"]
DisplayKind: TypeAlias = Literal["none", "ssd1306", "sh1106"]

FINDS_ITSELF: ReaderKind = "acr122u"
"""The one kind of reader that needs no port: it is found on USB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """How to reach the broker, or several. Without an address, and without a user name and a password, those of the enrolment hold."""

    address: str | None = None
    ca_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    mqtt: MqttVersion = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """One reader: what it is, where it is, and for a serial scanner how fast."""

    kind: ReaderKind
    port: str = ""
    baud: int = 9600


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSettings:
    """What is wired to the door: pins by Broadcom's numbers, and a display on I²C."""

    buzzer_pin: int | None = None
    green_pin: int | None = None
    amber_pin: int | None = None
    red_pin: int | None = None
    display: DisplayKind = "none"
    display_address: int = 0x3C


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentSettings:
    """Where `enrol` brings its code when it is not told."""

    server: str | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of it. `hold_seconds` is how long a badge is held to say that the carer waits; 0 is never."""

    folder: Path = Path("/var/lib/calltime-edge")
    language: Language = "en"
    broker: BrokerSettings = BrokerSettings()
    readers: tuple[ReaderSettings, ...] = ()
    hold_seconds: float = 3.0
    feedback: FeedbackSettings = FeedbackSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    telephone: TelephoneSettings = TelephoneSettings()  # noqa: RUF009 # frozen, as the others are


class BadSettings(ValueError):
    """Some settings are wrong; `faults` are all of them, and the message lists them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def file_of(named: Path | None, environment: Mapping[str, str]) -> Path:
    """Say which file is read: the one named on the command line, or by CALLTIME_EDGE_CONFIG, or the one at its usual place."""
    in_environment = environment.get("CALLTIME_EDGE_CONFIG")
    return named or (Path(in_environment) if in_environment else DEFAULT_FILE)


def load(named: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the file that was named on the command line or by CALLTIME_EDGE_CONFIG, or the one at its usual place, which may be missing.

    Raises BadSettings.
    """
    file = file_of(named, environment)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if file != DEFAULT_FILE:
            raise BadSettings((Fault(where=str(file), says="this file of settings is not there. Name the right one, or none."),)) from None
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings((Fault(where=str(file), says=f"this file of settings cannot be read ({error})."),)) from error
    return read(text, name=str(file), environment=environment)


def read(text: str, *, name: str, environment: Mapping[str, str]) -> Settings:
    """Read settings from TOML and variables; `name` is the file's in faults. Raises BadSettings."""
    source = Source(text, name=name, environment=environment)
    usual = Settings()
    settings = Settings(
        folder=source.take("folder", usual.folder, values.folder),
        language=source.take("language", usual.language, values.one_of("en", "cy")),
        broker=_broker(source),
        readers=_readers(source),
        hold_seconds=source.take("waiting.hold_seconds", usual.hold_seconds, values.hold_seconds),
        feedback=_feedback(source),
        enrolment=EnrolmentSettings(
            server=source.take("enrolment.server", None, values.server),
            ca_file=source.take("enrolment.ca_file", None, values.path),
        ),
        telephone=settings_telephone.take(source),
    )
    _look_for_shared_pins(source, settings)
    if faults := source.faults():
        raise BadSettings(faults)
    return settings


def _broker(source: Source) -> BrokerSettings:
    usual = BrokerSettings()
    return BrokerSettings(
        address=source.take("broker.address", None, values.broker),
        ca_file=source.take("broker.ca_file", None, values.path),
        username=source.take("broker.username", None, values.text),
        password_file=source.take("broker.password_file", None, values.path),
        mqtt=source.take("broker.mqtt", usual.mqtt, values.one_of("auto", "5", "3.1.1")),
    )


def _feedback(source: Source) -> FeedbackSettings:
    usual = FeedbackSettings()
    return FeedbackSettings(
        buzzer_pin=source.take("feedback.buzzer_pin", None, values.pin),
        green_pin=source.take("feedback.green_pin", None, values.pin),
        amber_pin=source.take("feedback.amber_pin", None, values.pin),
        red_pin=source.take("feedback.red_pin", None, values.pin),
        display=source.take("feedback.display", usual.display, values.one_of("none", "ssd1306", "sh1106")),
        display_address=source.take("feedback.display_address", usual.display_address, values.i2c_address),
    )


def _look_for_shared_pins(source: Source, settings: Settings) -> None:
    """A pin has one use: the serial port and the display have theirs, too."""
    feedback = settings.feedback
    taken = {pin: f"the serial port {reader.port}" for reader in settings.readers if reader.port in _UART_PORTS for pin in _UART_PINS}
    if feedback.display != "none":
        taken |= dict.fromkeys(_I2C_PINS, "the display")
    for name in ("buzzer_pin", "green_pin", "amber_pin", "red_pin"):
        pin = getattr(feedback, name)
        if pin in taken:
            source.wrong(f"feedback.{name}", f"pin {pin} belongs to {taken[pin]} already. Choose another one.")
        elif pin is not None:
            taken[pin] = f"feedback.{name}"


_UART_PORTS, _UART_PINS = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0"), (14, 15)
_I2C_PINS = (2, 3)
_KIND: Callable[[object], ReaderKind] = values.one_of("pn532", "acr122u", "qr-serial", "qr-hid")
_SERIAL: tuple[ReaderKind, ...] = ("pn532", "qr-serial")
_PORTS: dict[ReaderKind, str] = {"pn532": "/dev/serial0", "qr-serial": "/dev/ttyACM0", "qr-hid": "/dev/input/by-id/usb-…-event-kbd"}


def _readers(source: Source) -> tuple[ReaderSettings, ...]:
    """The tables `[[reader]]`, or instead of them CALLTIME_EDGE_READERS="pn532:/dev/serial0 qr-hid:/dev/input/…"."""
    written = [(f"reader[{number}]", _written_reader(source, f"reader[{number}]")) for number in range(source.count("reader"))]
    variable = source.take_variable("READERS")
    if variable is not None:
        written = [("READERS", _spoken_reader(source, words)) for words in variable.split()]
    ports: set[str] = set()
    for where, reader in written:
        if not reader.port and reader.kind != FINDS_ITSELF:
            source.wrong(where, f"a {reader.kind} reader needs a port, such as {_PORTS[reader.kind]}.")
        elif reader.kind in _SERIAL and not reader.port.startswith("/"):
            source.wrong(where, f"the port of a {reader.kind} reader is a path, such as {_PORTS[reader.kind]}, and not {reader.port!r}.")
        elif reader.port in ports:
            source.wrong(where, f"two readers cannot both be at {reader.port or 'USB'}. Name each reader once, and where it is.")
        ports.add(reader.port)
    return tuple(reader for _, reader in written)


def _written_reader(source: Source, table: str) -> ReaderSettings:
    return ReaderSettings(
        kind=source.take(f"{table}.kind", FINDS_ITSELF, _KIND),
        port=source.take(f"{table}.port", None, values.text) or "",
        baud=source.take(f"{table}.baud", ReaderSettings(kind=FINDS_ITSELF).baud, values.baud),
    )


def _spoken_reader(source: Source, words: str) -> ReaderSettings:
    kind, _, port = words.partition(":")
    try:
        return ReaderSettings(kind=_KIND(kind), port=port)
    except ValueError as error:
        source.wrong("READERS", f"the kind of {words!r} {error}. Write {PREFIX}READERS as kind:port, with blanks between readers.")
        return ReaderSettings(kind=FINDS_ITSELF, port=words)
