"""Does the gateway read several brokers at once, in bounded memory, only from those that it means, and fairly whatever one door does?"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path

import pytest

from calltime_gateway import broker_client, broker_line
from calltime_gateway.letters import PER_DOOR
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.certificates import DAY, Issuer
from fixtures.guarded_brokers import AskingMosquitto, TlsMosquitto
from fixtures.inboxes import office
from fixtures.lines import line_of
from fixtures.missing_parts import need
from fixtures.plain_doors import Door
from fixtures.waiting import wait_until


class StockMosquitto(Mosquitto):
    """As it comes: 20 messages under way to a client, 1,000 in its queue."""

    def prepare(self) -> None:
        super().prepare()
        self.settings_file.write_text(f"listener {self.port} {self.host}\nallow_anonymous true\nuser root\nlog_dest stderr\n")


def test_letters_of_all_brokers_come_and_their_receipts_go_back_the_way_they_came(tmp_path: Path) -> None:
    need(Mosquitto)
    doors = [Door("first"), Door("second")]
    with ExitStack() as stack:
        brokers = [stack.enter_context(Mosquitto(tmp_path / str(number))) for number in range(2)]
        gateway = stack.enter_context(office("mqtt://127.0.0.1:1", *[broker.url for broker in brokers], let_in=2))
        lines = [stack.enter_context(line_of(door, broker)) for door, broker in zip(doors, brokers, strict=True)]
        for line in lines:
            line.say("a record")
        for letter in gateway.take_until(2):
            letter.line.send(letter.topic.replace("records", "receipts"), "stored")
            letter.acknowledge()
        wait_until(lambda: [line.heard for line in lines] == [[b"stored"], [b"stored"]], within=10, what="both receipts")

        brokers[0].kill()
        wait_until(lambda: gateway.connected() == 1, within=10, what="the gateway to notice")
        lines[1].say("one more")
        gateway.take_until(3)
        brokers[0].start()
        wait_until(lambda: gateway.connected() == 2, within=20, what="the gateway to come back")
        wait_until(lambda: lines[0].connected, within=20, what="the door to come back")
        lines[0].say("and again")
        gateway.take_until(4)


def test_what_was_not_acknowledged_comes_again_on_the_next_line_and_what_was_does_not(mosquitto: Mosquitto) -> None:
    door = Door("somebody")
    with office(mosquitto.url) as gateway, line_of(door, mosquitto) as line:
        line.say(*[str(number) for number in range(10)])
        letters = gateway.take_until(10)
        for letter in [*letters[:4], *letters[7:]]:  # the fifth is not done, so the broker may hear only of those before it
            letter.acknowledge()
        wait_until(lambda: len(letters[4].line._in_order) == 6, within=10, what="four acknowledgements")  # type: ignore[attr-defined]
    with office(mosquitto.url) as next_gateway:
        assert [int(letter.payload) for letter in next_gateway.take_until(6)] == list(range(4, 10))
        assert next_gateway.take(within=0.3) == []


def test_how_many_letters_wait_is_told_also_when_nobody_takes_them(mosquitto: Mosquitto) -> None:
    door = Door("somebody")
    with office(mosquitto.url) as gateway, line_of(door, mosquitto) as line:
        line.say("1", "2", "3")
        wait_until(lambda: gateway.waiting() == 3, within=10, what="the figure to tell of three letters")


@pytest.mark.parametrize("stock", [True, False])
def test_the_broker_keeps_to_our_window_also_where_its_own_is_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stock: bool) -> None:
    need(Mosquitto)
    monkeypatch.setattr("calltime_gateway.inbox.UNDER_WAY", 2000)  # the doors have more to say, and the queue of a stock broker holds it
    doors = [Door(str(number)) for number in range(6)]
    with (StockMosquitto if stock else Mosquitto)(tmp_path / "mosquitto") as broker, office(broker.url) as gateway:
        say_all(broker, doors, each=450)
        wait_until(lambda: len(gateway.inbox._letters) >= 2000, within=20, what="a window full of letters")
        gateway.take(within=0.3)

        assert len(gateway.inbox._letters) + len(gateway.letters) == 2000


def test_in_mqtt_3_1_1_it_reads_no_further_than_its_window_and_yet_is_not_taken_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    need(Mosquitto)
    for module in (broker_client, broker_line):
        monkeypatch.setattr(module, "KEEPALIVE", 1)
    monkeypatch.setattr("calltime_gateway.inbox.UNDER_WAY", 100)

    class Unbounded(Mosquitto):
        def prepare(self) -> None:
            super().prepare()
            settings = self.settings_file.read_text().replace("max_inflight_messages 6000", "max_inflight_messages 0")
            self.settings_file.write_text(settings)

    doors = [Door(str(number)) for number in range(10)]
    with Unbounded(tmp_path / "mosquitto") as broker, office(broker.url, CALLTIME_MQTT="3.1.1") as gateway:
        say_all(broker, doors, each=400, size=1000)
        letters = gateway.take_until(100)
        assert gateway.take(within=4) == gateway.take(within=0.05) == []  # four times as long as a broker waits for a sign of life
        assert len(letters) < 300
        while len(gateway.letters) < 4000:
            for letter in letters:
                letter.acknowledge()
            letters = gateway.take(within=1)
        assert gateway.connected() == 1

    assert len({(letter.topic, letter.payload) for letter in gateway.letters}) == len(gateway.letters) == 4000
    assert "lost" not in caplog.text


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_message_of_a_megabyte_stops_nobody(mosquitto: Mosquitto, version: str) -> None:
    door, other = Door("careless"), Door("other")
    with office(mosquitto.url, CALLTIME_MQTT=version) as gateway, line_of(door, mosquitto) as line, line_of(other, mosquitto) as other_line:
        line.say("y" * 1_000_000, "z" * 1_000_000)
        other_line.say("a record")
        line.say("another")
        letters = gateway.take_until(2 if version == "5" else 4)

    assert max(len(letter.payload) for letter in letters) < 16 * 1024
    assert {letter.payload for letter in letters} >= {b"a record", b"another"}


def test_one_door_that_floods_does_not_keep_another_waiting(mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltime_gateway")
    flood, honest = Door("flood"), Door("honest")
    with office(mosquitto.url) as gateway:
        say_all(mosquitto, [flood], each=10_000)
        say_all(mosquitto, [honest], each=1)
        while not any(letter.topic == honest.topic for letter in gateway.letters):
            for letter in gateway.take(at_most=100):
                letter.acknowledge()
        kept_before = len(gateway.letters)
        while gateway.take(within=0.3):
            for letter in gateway.letters[-1000:]:
                letter.acknowledge()

        # First come, first served would be all 10,000 before it. How far below it is depends on how fast we took: mostly 500 to 1,000.
        assert PER_DOOR <= kept_before < 5000
        assert gateway.let_go() == 10_001 - len(gateway.letters)
    assert [(record.message[:12], record.device) for record in caplog.records if hasattr(record, "device")] == [
        ("a door sends", flood.device)
    ]


def test_it_speaks_tls_and_tells_a_password_that_is_read_at_each_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    need(Mosquitto)
    issuer, password = Issuer(tmp_path), tmp_path / "password"
    password.write_text("wrong\n")
    access = {
        "CALLTIME_BROKER_USER": "gateway",
        "CALLTIME_BROKER_PASSWORD_FILE": str(password),
        "CALLTIME_BROKER_CA_FILE": str(issuer.ca_file),
    }
    with (
        TlsMosquitto(tmp_path / "tls", *issuer.certificate("localhost")) as tls,
        AskingMosquitto(tmp_path / "asking", username="gateway", password="right") as asking,
        office(f"mqtts://localhost:{tls.tls_port}", asking.asking_url, let_in=1, **access) as gateway,
        line_of(Door("somebody"), tls) as line,
    ):
        line.say(*[f"{number:3000}" for number in range(200)])
        gateway.take_until(200)
        wait_until(lambda: "does not let the gateway in" in caplog.text, within=10, what="the refusal")
        password.write_text("right\n")
        wait_until(lambda: gateway.connected() == 2, within=20, what="the second broker to let it in")

    why = next(record.why for record in caplog.records if "let the gateway in" in record.message)  # type: ignore[attr-defined]
    assert why == "Not authorized. Its operator must allow it; see CALLTIME_BROKER_USER and CALLTIME_BROKER_PASSWORD_FILE."


@pytest.mark.parametrize(
    ("name", "ends", "ca", "says"),
    [
        ("localhost", -DAY / 2, True, "is not valid today"),
        ("broker.example.org", DAY, True, "is not for localhost: it may be somebody else's machine"),
        ("localhost", DAY, False, "The issuer of the certificate of localhost is not known to this system"),
    ],
)
def test_a_broker_whose_certificate_is_wrong_is_told_once_and_gets_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, ends: object, ca: bool, says: str
) -> None:
    need(Mosquitto)
    issuer = Issuer(tmp_path)
    settings = {"CALLTIME_BROKER_CA_FILE": str(issuer.ca_file)} if ca else {}
    with TlsMosquitto(tmp_path / "tls", *issuer.certificate(name, ends=ends)) as broker:  # type: ignore[arg-type]
        caplog.set_level(logging.DEBUG, "calltime_gateway")
        with office(f"mqtts://localhost:{broker.tls_port}", let_in=0, **settings) as gateway:
            wait_until(lambda: len(reasons(caplog)) >= 3, within=20, what="three tries")
            assert gateway.connected() == 0

    assert all(says in why for why in reasons(caplog))
    assert [record.levelno for record in caplog.records if hasattr(record, "why")][:3] == [logging.WARNING, logging.DEBUG, logging.DEBUG]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("CALLTIME_BROKER_PASSWORD_FILE", "Put the password into its first line"),
        ("CALLTIME_BROKER_CA_FILE", "Put the issuer's certificate there"),
    ],
)
def test_a_file_that_is_not_there_is_told_with_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, setting: str, says: str
) -> None:
    files = {"CALLTIME_BROKER_USER": "gateway", "CALLTIME_BROKER_PASSWORD_FILE": str(tmp_path / "password")}
    (tmp_path / "password").write_text("right")
    with office("mqtts://localhost:1", let_in=0, **{**files, setting: str(tmp_path / "missing")}):
        wait_until(lambda: reasons(caplog), within=10, what="the warning")

    assert says in reasons(caplog)[0]
    assert f"{setting}, {tmp_path / 'missing'}," in reasons(caplog)[0]


def test_two_gateways_of_one_name_are_told_to_take_two(mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    with office(mosquitto.url), office(mosquitto.url):
        wait_until(lambda: any("CALLTIME_GATEWAY_NAME" in why for why in reasons(caplog)), within=10, what="the advice")


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.why for record in caplog.records if hasattr(record, "why")]


def say_all(broker: Mosquitto, doors: list[Door], *, each: int, size: int = 10) -> None:
    """Every door says so many things that are no records."""
    with ExitStack() as stack:
        lines = [stack.enter_context(line_of(door, broker)) for door in doors]
        for line in lines:
            line.say(*[f"{number:0{size}}" for number in range(each)])
