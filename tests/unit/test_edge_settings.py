"""Does a door take its settings from file and environment, and tell all that is wrong with them at once and where?"""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from calltime_edge import settings
from calltime_edge.settings import BadSettings, BrokerSettings, EnrolmentSettings, FeedbackSettings, ReaderSettings, Settings
from calltime_edge.settings_telephone import TelephoneSettings

EXAMPLE = Path(__file__).parents[2] / "edge" / "calltime-edge.toml"
README = EXAMPLE.with_name("README.md")
ADDRESSES = "must be an address such as mqtts://broker.example.org:8883, or several, each once, with commas between"


def read(text: str = "", **variables: str) -> Settings:
    environment = {f"CALLTIME_EDGE_{name}": value for name, value in variables.items()}
    return settings.read(text, name="door.toml", environment=environment)


def faults(text: str = "", **variables: str) -> list[str]:
    with pytest.raises(BadSettings) as raised:
        read(text, **variables)
    assert str(raised.value) == "\n".join(str(fault) for fault in raised.value.faults)
    return [str(fault) for fault in raised.value.faults]


def test_without_a_word_everything_has_its_default() -> None:
    assert read() == Settings()


def test_every_key_is_read() -> None:
    assert read("""
        folder = "/data/calltime"
        language = "cy"
        [broker]
        address = "mqtts://broker.example.org"
        ca_file = "/etc/ssl/council.pem"
        username = "door"
        password_file = "/etc/calltime-edge.password"
        mqtt = "3.1.1"
        [[reader]]
        kind = "pn532"
        port = "/dev/serial0"
        [[reader]]
        kind = "qr-serial"
        port = "/dev/ttyACM0"
        baud = 115200
        [waiting]
        hold_seconds = 0
        [feedback]
        buzzer_pin = 17
        green_pin = 22
        amber_pin = 27
        red_pin = 24
        display = "sh1106"
        display_address = 0x3D
        [enrolment]
        server = "https://care.example.org"
        ca_file = "/etc/ssl/council.pem"
        [telephone]
        address = "https://care.example.org/telephone"
        listen = "[::1]:8100"
        token_file = "/etc/token"
        voice_en = "Polly.Brian"
        voice_cy = ""
        asterisk = "http://127.0.0.1:8088/"
        asterisk_user = "line"
        asterisk_password_file = "/etc/ari"
        asterisk_app = "visits"
    """) == Settings(
        folder=Path("/data/calltime"),
        language="cy",
        broker=BrokerSettings(
            address="mqtts://broker.example.org:8883",
            ca_file=Path("/etc/ssl/council.pem"),
            username="door",
            password_file=Path("/etc/calltime-edge.password"),
            mqtt="3.1.1",
        ),
        readers=(ReaderSettings(kind="pn532", port="/dev/serial0"), ReaderSettings(kind="qr-serial", port="/dev/ttyACM0", baud=115200)),
        hold_seconds=0.0,
        feedback=FeedbackSettings(buzzer_pin=17, green_pin=22, amber_pin=27, red_pin=24, display="sh1106", display_address=0x3D),
        enrolment=EnrolmentSettings(server="https://care.example.org", ca_file=Path("/etc/ssl/council.pem")),
        telephone=TelephoneSettings(
            address="https://care.example.org/telephone",
            listen=("::1", 8100),
            token_file=Path("/etc/token"),
            voice_en="Polly.Brian",
            voice_cy=None,
            asterisk="http://127.0.0.1:8088",
            asterisk_user="line",
            asterisk_password_file=Path("/etc/ari"),
            asterisk_app="visits",
        ),
    )


def test_a_telephone_line_is_told_what_its_exchange_lacks() -> None:
    told = faults(
        '[telephone]\naddress = "care.example.org"\nlisten = "8095"\ntoken_file = "/etc/token"\nasterisk = "http://127.0.0.1:8088"'
    )

    assert "must be an address such as https://care.example.org/telephone" in told[0]
    assert "must be a host and a port" in told[1]
    assert "set address and token_file, or neither" in told[2]
    assert "set asterisk_password_file" in told[3]


def test_a_variable_goes_over_the_file() -> None:
    told = read('language = "cy"\n[broker]\nmqtt = "5"', LANGUAGE="en", BROKER_ADDRESS="mqtt://10.0.0.2", FEEDBACK_DISPLAY_ADDRESS="0x3D")

    assert told.language == "en"
    assert told.broker == BrokerSettings(address="mqtt://10.0.0.2:1883", mqtt="5")
    assert told.feedback.display_address == 0x3D


def test_readers_in_the_environment_stand_instead_of_all_in_the_file() -> None:
    told = read('[[reader]]\nkind = "acr122u"', READERS="pn532:/dev/serial0 qr-hid:/dev/input/by-path/pci-0000:00:14.0-event-kbd")

    assert told.readers == (
        ReaderSettings(kind="pn532", port="/dev/serial0"),
        ReaderSettings(kind="qr-hid", port="/dev/input/by-path/pci-0000:00:14.0-event-kbd"),
    )


def test_all_faults_are_told_at_once_each_with_its_place() -> None:
    assert faults(
        """langauge = "cy"
folder = "here"
[broker]
address = "broker.example.org"
mqtt = 5
[[reader]]
port = "/dev/serial0"
[[reader]]
kind = "qr-serial"
baud = 9601
[waiting]
hold_seconds = 12
[feedback]
buzzer_pin = true
red_pin = 28
""",
        DISPLAY="ssd1306",
    ) == [
        "door.toml, line 2, folder: must be a path that begins with /, not 'here'.",
        f"door.toml, line 4, broker.address: {ADDRESSES}, not 'broker.example.org'.",
        "door.toml, line 5, broker.mqtt: must be auto or 5 or 3.1.1, not 5.",
        "door.toml, line 6, reader.kind: must be pn532 or acr122u or qr-serial or qr-hid, not ''.",
        "door.toml, line 10, reader.baud: must be a speed that serial ports have, such as 9600 or 115200, not 9601.",
        "door.toml, line 8, reader: a qr-serial reader needs a port, such as /dev/ttyACM0.",
        "door.toml, line 12, waiting.hold_seconds: must be 0, or a number of seconds from 1 to 9, not 12.",
        'door.toml, line 14, feedback.buzzer_pin: must be a Broadcom (BCM) number from 2 to 27, or "none", not True.',
        'door.toml, line 15, feedback.red_pin: must be a Broadcom (BCM) number from 2 to 27, or "none", not 28.',
        "door.toml, line 1, langauge: there is no such key. Was language meant?",
        "CALLTIME_EDGE_DISPLAY: there is no such variable. Was CALLTIME_EDGE_FEEDBACK_DISPLAY meant?",
    ]


def test_what_is_no_toml_is_told_with_its_line_and_the_variables_are_looked_at_all_the_same() -> None:
    said = faults("[broker\nmqtt = 5", LANGUAGE="de")

    assert "line 1" in said[0]
    assert said[1:] == ["CALLTIME_EDGE_LANGUAGE: must be en or cy, not 'de'."]


def test_a_reader_of_no_known_kind_in_the_environment_is_told() -> None:
    [said] = faults(READERS="pn533:/dev/serial0")

    assert said.startswith("CALLTIME_EDGE_READERS: the kind of 'pn533:/dev/serial0' must be pn532 or acr122u")


def test_one_reader_cannot_be_named_twice() -> None:
    assert faults(READERS="pn532:/dev/serial0 pn532:/dev/serial0") == [
        "CALLTIME_EDGE_READERS: two readers cannot both be at /dev/serial0. Name each reader once, and where it is."
    ]


def test_two_kinds_of_reader_cannot_share_a_port() -> None:
    [said] = faults(READERS="pn532:/dev/serial0 qr-serial:/dev/serial0")

    assert "two readers cannot both be at /dev/serial0" in said


def test_a_serial_port_is_named_by_its_path() -> None:
    assert faults('[[reader]]\nkind = "qr-serial"\nport = "ttyACM0"') == [
        "door.toml, line 1, reader: the port of a qr-serial reader is a path, such as /dev/ttyACM0, and not 'ttyACM0'."
    ]


def test_a_reader_in_single_brackets_is_told_what_is_missing() -> None:
    assert faults('[reader]\nkind = "pn532"\nport = "/dev/serial0"') == [
        "door.toml, line 1, reader: there may be several, so each begins with two brackets: [[reader]]."
    ]


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("buzzer_pin = 17\nred_pin = 17", "line 3, feedback.red_pin: pin 17 belongs to feedback.buzzer_pin already."),
        ('display = "sh1106"\nred_pin = 3', "line 3, feedback.red_pin: pin 3 belongs to the display already."),
        ('green_pin = 15\n[[reader]]\nkind = "pn532"\nport = "/dev/serial0"', "green_pin: pin 15 belongs to the serial port /dev/serial0"),
    ],
)
def test_a_pin_has_one_use(text: str, whose: str) -> None:
    [said] = faults(f"[feedback]\n{text}")

    assert whose in said
    assert said.endswith("Choose another one.")


def test_pins_that_nothing_else_uses_are_free() -> None:
    assert read('[feedback]\nbuzzer_pin = 2\nred_pin = 15\n[[reader]]\nkind = "acr122u"').feedback.red_pin == 15


def test_a_pin_from_a_variable_is_told_with_its_name() -> None:
    [said] = faults("[feedback]\nbuzzer_pin = 17", FEEDBACK_RED_PIN="17")

    assert said.startswith("CALLTIME_EDGE_FEEDBACK_RED_PIN: pin 17 belongs to")


@pytest.mark.parametrize(
    "address",
    [
        "mqtt://user:secret@broker.example.org",
        "mqtts://",
        "http://broker.example.org",
        "mqtt://broker.example.org:port",
        "mqtts://one.example.org,",
        "mqtts://one.example.org, mqtts://one.example.org:8883",
    ],
)
def test_a_broker_address_that_would_be_half_understood_is_refused(address: str) -> None:
    [said] = faults(BROKER_ADDRESS=address)

    assert "secret" not in said
    assert said.startswith("CALLTIME_EDGE_BROKER_ADDRESS: must be an address such as ")


def test_several_brokers_are_written_with_commas_between() -> None:
    told = read('[broker]\naddress = "mqtts://one.example.org,mqtts://two.example.org:8884"')

    assert told.broker.address == "mqtts://one.example.org:8883, mqtts://two.example.org:8884"


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="is not there"):
        settings.load(tmp_path / "door.toml", {})
    with pytest.raises(BadSettings, match="is not there"):
        settings.load(None, {"CALLTIME_EDGE_CONFIG": str(tmp_path / "door.toml")})


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "door.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(BadSettings, match="cannot be read"):
        settings.load(tmp_path / "door.toml", {})


def uncommented() -> str:
    """The example with every default written out: `#key = value` without its #."""
    return re.sub(r"^#(?=\w+ = |\[\[)", "", EXAMPLE.read_text(), flags=re.MULTILINE)


def test_the_example_changes_nothing_as_it_stands() -> None:
    assert read(EXAMPLE.read_text()) == Settings()


def test_the_example_shows_every_key_with_its_default() -> None:
    shown = read(uncommented())

    assert shown == Settings(readers=(ReaderSettings(kind="pn532", port="/dev/serial0"),))
    keys = re.findall(r"^(\w+) = ", uncommented(), re.MULTILINE)
    parts = [Settings, BrokerSettings, ReaderSettings, FeedbackSettings, EnrolmentSettings, TelephoneSettings]
    tables = {"broker", "readers", "feedback", "enrolment", "telephone"}
    known = [each.name for part in parts for each in fields(part) if each.name not in tables]
    assert sorted(keys) == sorted(known)


def test_the_settings_for_the_pictured_door_are_those_that_the_picture_shows() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    picture = (README.parents[1] / "docs" / "pictures" / "door-wiring.svg").read_text()

    told = read(block)

    assert told.readers == (ReaderSettings(kind="pn532", port="/dev/serial0"),)
    for name in ("buzzer_pin", "amber_pin", "green_pin", "red_pin"):
        pin = getattr(told.feedback, name)
        assert f"{name} = {pin}" in picture
        assert f">GPIO{pin}<" in picture
