"""What may whoever has a password say and hear at a broker that the office has made? Each door its own, and nobody anything else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from calltime_server.store.broker_passwords import password_of
from calltime_server.store.connection import connect
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import ask_server
from calltime_wire import topics
from calltime_wire.identity import DeviceId
from fixtures.callers import Caller, Refused
from fixtures.certificates import Issuer
from fixtures.made_brokers import MadeMosquitto
from fixtures.missing_parts import need
from fixtures.plain_doors import Door, enrol

A, B = Door("A"), Door("B")


@pytest.fixture
def passwords(postgres_database: str) -> dict[str, str]:
    """Of the doors A and B, which are enrolled before there is a broker."""
    enrol(postgres_database, A, B)
    with connect(postgres_database) as connection:
        return {door.device: password_of(connection, door.device) for door in (A, B)}


@pytest.fixture
def broker(tmp_path: Path, postgres_database: str, passwords: dict[str, str]) -> Iterator[MadeMosquitto]:
    need(Mosquitto)
    with MadeMosquitto(tmp_path / "broker", dsn=postgres_database, issuer=Issuer(tmp_path), passwords=tmp_path / "passwords") as made:
        yield made


@pytest.fixture
def door_a(broker: MadeMosquitto, passwords: dict[str, str]) -> Iterator[Caller]:
    with Caller(broker.tls_port, A.device, passwords[A.device], tls=broker.trust()) as caller:
        yield caller


@pytest.fixture
def gateway(broker: MadeMosquitto) -> Iterator[Caller]:
    with Caller(broker.port, "gateway", broker.password("gateway"), name="gateway-1") as caller:
        assert caller.hears(f"$share/gateway/{topics.RECORDS_FROM_ALL}")
        yield caller


def test_a_door_says_and_hears_its_own(door_a: Caller, gateway: Caller) -> None:
    assert door_a.hears(topics.receipts(A.device))
    assert door_a.hears(f"calltime/v1/{A.device}/config")
    assert door_a.says(topics.records(A.device), b"a record")
    assert door_a.says(topics.status(A.device), b"well", retain=True)
    assert gateway.wait_for(1) == [(topics.records(A.device), b"a record")]

    assert gateway.says(topics.receipts(A.device), b"a receipt")
    assert door_a.wait_for(1) == [(topics.receipts(A.device), b"a receipt")]


def test_a_door_cannot_speak_as_another_or_as_the_gateway(door_a: Caller, gateway: Caller) -> None:
    for topic in (topics.records(B.device), topics.status(B.device), topics.receipts(A.device), f"calltime/v1/{A.device}/config", "x"):
        assert not door_a.says(topic, b"forged")
    assert not door_a.says("$CONTROL/dynamic-security/v1", b'{"commands": [{"command": "listClients"}]}')
    assert door_a.says(topics.records(A.device), b"the last")

    assert gateway.wait_for(1) == [(topics.records(A.device), b"the last")]


def test_a_door_does_not_hear_what_is_for_another(
    door_a: Caller, gateway: Caller, broker: MadeMosquitto, passwords: dict[str, str]
) -> None:
    # Allowed, and without effect: the rules decide at each message.
    for topic in (topics.receipts(B.device), "calltime/v1/+/receipts", "calltime/v1/+/config"):
        door_a.hears(topic)
    for topic in ("#", "+/#", "calltime/#", "calltime/v1/+/+", "calltime/v1/+/records", topics.records(B.device), "$SYS/#", "$CONTROL/#"):
        assert not door_a.hears(topic), topic
    with Caller(broker.tls_port, B.device, passwords[B.device], tls=broker.trust()) as door_b:
        door_b.hears(topics.receipts(B.device))
        door_b.says(topics.records(B.device), b"of B")
        gateway.says(topics.receipts(B.device), b"for B")
        assert door_b.wait_for(1) == [(topics.receipts(B.device), b"for B")]
    gateway.says(topics.receipts(A.device), b"for A")

    assert set(door_a.wait_for(1)) == {(topics.receipts(A.device), b"for A")}


@pytest.mark.parametrize("group", ["gateway", "thief"])
def test_a_door_cannot_join_the_gateways_and_so_keep_records_from_them(door_a: Caller, gateway: Caller, group: str) -> None:
    for pattern in (topics.RECORDS_FROM_ALL, "#", topics.records(B.device), "calltime/v1/+/receipts"):
        assert not door_a.hears(f"$share/{group}/{pattern}")
    for number in range(20):
        assert door_a.says(topics.records(A.device), str(number))

    assert [payload for _, payload in gateway.wait_for(20)] == [str(number).encode() for number in range(20)]


def test_nobody_is_let_in_without_the_right_name_and_password(broker: MadeMosquitto, passwords: dict[str, str]) -> None:
    mine, other = passwords[A.device], passwords[B.device]
    stranger = Door("stranger").device
    for user, password in ((None, None), (A.device, None), (A.device, other), (A.device, ""), (stranger, mine), ("office", mine)):
        with pytest.raises(Refused), Caller(broker.port, user, password, name=A.device):
            pass


def test_a_password_opens_no_session_but_its_own(broker: MadeMosquitto, door_a: Caller, passwords: dict[str, str]) -> None:
    with pytest.raises(Refused), Caller(broker.tls_port, B.device, passwords[B.device], name=A.device, tls=broker.trust()):
        pass

    assert door_a.gone is None
    assert door_a.says(topics.records(A.device), b"still here")


def test_a_phone_speaks_mqtt_over_encrypted_websockets(broker: MadeMosquitto, gateway: Caller, passwords: dict[str, str]) -> None:
    with Caller(broker.websockets_port, A.device, passwords[A.device], tls=broker.trust(), transport="websockets") as phone:
        phone.hears(topics.receipts(A.device))
        assert phone.says(topics.records(A.device), b"from a phone")
        assert not phone.says(topics.records(B.device), b"forged")
        assert gateway.wait_for(1) == [(topics.records(A.device), b"from a phone")]
        gateway.says(topics.receipts(A.device), b"to a phone")
        assert phone.wait_for(1) == [(topics.receipts(A.device), b"to a phone")]


def test_the_monitor_sees_how_doors_and_broker_are_and_no_record(broker: MadeMosquitto, door_a: Caller) -> None:
    with Caller(broker.port, "monitor", broker.password("monitor")) as monitor:
        assert monitor.hears("calltime/v1/+/status")
        for topic in (topics.RECORDS_FROM_ALL, f"$share/gateway/{topics.RECORDS_FROM_ALL}", "#"):
            assert not monitor.hears(topic)
        door_a.says(topics.records(A.device), b"a record")
        door_a.says(topics.status(A.device), b"well")
        assert monitor.wait_for(1) == [(topics.status(A.device), b"well")]
        assert monitor.hears("$SYS/broker/version")
        monitor.wait_for(2)


def test_the_monitor_calls_by_its_own_name_alone_and_so_puts_nobody_out(broker: MadeMosquitto, gateway: Caller) -> None:
    with pytest.raises(Refused), Caller(broker.port, "monitor", broker.password("monitor"), name="gateway"):
        pass

    assert gateway.gone is None


def test_what_the_broker_reads_can_be_read_by_it_whatever_the_umask(tmp_path: Path, postgres_database: str) -> None:
    before = os.umask(0o077)
    try:
        ask_server(["broker", "config", str(tmp_path / "made"), "--plain", "127.0.0.1"], {"CALLTIME_DATABASE": postgres_database})
    finally:
        os.umask(before)

    modes = {name: (tmp_path / "made" / name).stat().st_mode & 0o777 for name in (".", "acl", "mosquitto.conf", "passwords")}
    assert modes == {".": 0o755, "acl": 0o644, "mosquitto.conf": 0o644, "passwords": 0o700}


def test_the_gateway_account_can_neither_make_records_nor_open_doors(broker: MadeMosquitto, gateway: Caller) -> None:
    assert not gateway.says(topics.records(DeviceId(A.device)), b"forged")
    assert not gateway.says("$CONTROL/dynamic-security/v1", b'{"commands": [{"command": "listClients"}]}')


def test_what_the_broker_keeps_is_left_alone_and_secrets_are_secret(broker: MadeMosquitto, passwords: dict[str, str]) -> None:
    state = broker.folder / "data/dynamic-security.json"
    before = state.read_bytes()
    said = broker.make()

    assert "is left alone" in said
    assert state.read_bytes() == before
    assert not any(password in before.decode() for password in passwords.values())
    assert state.stat().st_mode & 0o077 == 0
    assert all((broker.passwords / name / "password").stat().st_mode & 0o077 == 0 for name in ("gateway", "office", "monitor"))
