"""Does a door speak only with the broker that it means? Its certificate must be right in issuer, name and dates."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from calltime_edge.outbox import Outbox
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.certificates import DAY, Issuer
from fixtures.guarded_brokers import TlsMosquitto
from fixtures.missing_parts import need
from fixtures.publishers import HASTY, fill, make_publisher, publishing, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

Serving = Callable[..., AbstractContextManager[TlsMosquitto]]


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def serving(tmp_path: Path, issuer: Issuer) -> Serving:
    """A broker with such a certificate."""
    need(Mosquitto)

    @contextmanager
    def serve(name: str = "localhost", *, begins: timedelta = -DAY, ends: timedelta = DAY) -> Iterator[TlsMosquitto]:
        with TlsMosquitto(tmp_path / "mosquitto", *issuer.certificate(name, begins=begins, ends=ends)) as broker:
            yield broker

    return serve


@pytest.mark.parametrize("mqtt", ["5", "3.1.1"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_records_go_to_the_right_broker_encrypted_and_their_receipts_come_back(
    outbox: Outbox, serving: Serving, issuer: Issuer, host: str, mqtt: str
) -> None:
    fill(outbox, 250)  # more than a window, so that answers come in the middle of it
    with (
        serving(host) as broker,
        ScriptedGateway(broker, answers_every=10) as gateway,
        publishing(make_publisher(outbox, f"mqtts://{host}:{broker.tls_port}", ca_file=issuer.ca_file, mqtt=mqtt)),
    ):
        wait_until_receipted(outbox)

        assert gateway.arrived == list(range(1, 251))


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ({"begins": DAY, "ends": 2 * DAY}, "is not valid yet by the clock of this door, which stands at 20"),
        ({"begins": -2 * DAY, "ends": -DAY}, "has expired by the clock of this door, which stands at 20"),
        ({"name": "broker.example.org"}, "is not for localhost: this may be somebody else's machine"),
        ({"name": "127.0.0.1"}, "is not for localhost: this may be somebody else's machine"),
    ],
)
def test_a_certificate_that_is_wrong_is_told_once_and_nothing_is_sent(
    outbox: Outbox, serving: Serving, issuer: Issuer, caplog: pytest.LogCaptureFixture, certificate: dict[str, object], says: str
) -> None:
    caplog.set_level(logging.DEBUG, "calltime_edge")
    fill(outbox, 1)
    with serving(**certificate) as broker, ScriptedGateway(broker, answers_every=1) as gateway:
        url = f"mqtts://localhost:{broker.tls_port}"
        with publishing(make_publisher(outbox, url, ca_file=issuer.ca_file, patience=HASTY)):
            wait_until(lambda: caplog.text.count(says) >= 3, within=20, what="three tries")
        assert gateway.arrived == []

    assert [record.levelno for record in caplog.records if says in record.message][:3] == [logging.WARNING, logging.DEBUG, logging.DEBUG]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("own_issuer", [True, False])
def test_an_issuer_that_nobody_named_is_not_trusted(
    outbox: Outbox, serving: Serving, caplog: pytest.LogCaptureFixture, tmp_path: Path, own_issuer: bool
) -> None:
    (tmp_path / "other").mkdir()
    ca_file = Issuer(tmp_path / "other").ca_file if own_issuer else None
    fill(outbox, 1)
    with serving() as broker, ScriptedGateway(broker, answers_every=1) as gateway:
        url = f"mqtts://localhost:{broker.tls_port}"
        with publishing(make_publisher(outbox, url, ca_file=ca_file, patience=HASTY)):
            wait_until(lambda: "The issuer of the certificate of localhost is not" in caplog.text, within=20, what="the warning")
        assert gateway.arrived == []

    assert ("not in the CA file" in caplog.text) == own_issuer


def test_a_certificate_that_was_renewed_lets_the_door_in_by_itself(
    outbox: Outbox, serving: Serving, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    fill(outbox, 3)
    with serving(ends=timedelta(seconds=-1)) as broker:
        url = f"mqtts://localhost:{broker.tls_port}"
        with publishing(make_publisher(outbox, url, ca_file=issuer.ca_file, patience=HASTY)):
            wait_until(lambda: "has expired" in caplog.text, within=20, what="the warning")
            broker.stop()
            issuer.certificate("localhost")
            broker.start()
            with ScriptedGateway(broker, answers_every=1):
                wait_until_receipted(outbox)


@pytest.mark.parametrize("written", [None, b"no certificate"])
def test_a_ca_file_that_cannot_be_used_is_told(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, written: bytes | None
) -> None:
    ca_file = tmp_path / "ca.pem"
    if written is not None:
        ca_file.write_bytes(written)
    with publishing(make_publisher(outbox, "mqtts://localhost:1", ca_file=ca_file, patience=HASTY)):
        wait_until(lambda: f"The CA file {ca_file} cannot be used" in caplog.text, within=20, what="the warning")

    assert "Traceback" not in caplog.text


def test_a_broker_that_does_not_speak_tls_gets_nothing(outbox: Outbox, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltime_edge")
    fill(outbox, 1)
    with ScriptedGateway(mosquitto, answers_every=1) as gateway:
        with publishing(make_publisher(outbox, f"mqtts://localhost:{mosquitto.port}", patience=HASTY)):
            wait_until(lambda: "cannot be reached" in caplog.text, within=20, what="the door to say so")
        assert gateway.arrived == []
