"""Who is let in at the brokers? Whoever is enrolled, within seconds and at all of them; whoever is revoked is put out."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from calltime_server.config import Broker
from calltime_server.jobs.broker_control import Desk
from calltime_server.jobs.broker_keeping import Keeper
from calltime_server.store.broker_passwords import password_of
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import revoke_door
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import Server, ask_server, program
from calltime_wire import enrolment, topics
from calltime_wire.ed25519 import Ed25519Signer
from fixtures.callers import Caller, Refused
from fixtures.certificates import Issuer
from fixtures.made_brokers import MadeMosquitto
from fixtures.missing_parts import need
from fixtures.plain_doors import MORNING, Door, enrol
from fixtures.waiting import wait_until

A, B = Door("A"), Door("B")
Making = Callable[[str], MadeMosquitto]


@pytest.fixture
def made(tmp_path: Path, postgres_database: str) -> Making:
    """Brokers of one office: one issuer, one set of passwords."""
    need(Mosquitto)
    issuer = Issuer(tmp_path)
    return lambda name: MadeMosquitto(tmp_path / name, dsn=postgres_database, issuer=issuer, passwords=tmp_path / "passwords")


@contextmanager
def kept(dsn: str, *brokers: MadeMosquitto) -> Iterator[None]:
    addresses = [Broker(host="localhost", port=broker.tls_port, tls=True) for broker in brokers]
    keeper = Keeper(addresses, brokers[0].account(), dsn)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


def give(dsn: str, *doors: Door) -> list[str]:
    """Enrol doors, each with a password."""
    enrol(dsn, *doors)
    with connect(dsn) as connection:
        return [password_of(connection, door.device) for door in doors]


def revoke(dsn: str, door: Door) -> None:
    with connect(dsn) as connection:
        assert revoke_door(connection, door.device, now=MORNING)


def gets_in(broker: MadeMosquitto, door: Door, password: str) -> bool:
    try:
        with Caller(broker.port, door.device, password) as caller:
            return caller.says(topics.records(door.device), b"a record")
    except Refused:
        return False


def wait_until_in(broker: MadeMosquitto, door: Door, password: str) -> None:
    wait_until(lambda: gets_in(broker, door, password), within=20, what=f"the broker on {broker.port} to let the door in")


def wait_until_out(broker: MadeMosquitto, door: Door, password: str) -> None:
    wait_until(lambda: not gets_in(broker, door, password), within=20, what=f"the broker on {broker.port} to put the door out")


def wait_until_listed(desk: Desk, count: int) -> None:
    wait_until(lambda: len(desk.doors()) == count, within=20, what=f"{count} doors at the broker")


def test_a_door_calls_any_broker_with_what_its_enrolment_told_it(made: Making, postgres_database: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute("INSERT INTO gateway_key VALUES (%s, now())", (bytes(range(32)),))
    with made("one") as one, made("two") as two:
        settings = {
            "CALLTIME_DATABASE": postgres_database,
            "CALLTIME_BROKER": f"{one.tls_url}, {two.tls_url}",
            "CALLTIME_BROKER_ADMIN_PASSWORD_FILE": str(tmp_path / "passwords/office/password"),
            "CALLTIME_BROKER_CA_FILE": str(one.issuer.ca_file),
        }
        with Server(tmp_path / "office", settings) as office:
            code = ask_server(["enrol", "--carer", "C1", "--csv"], settings).splitlines()[1].split(",")[0]
            key = Ed25519Signer(b"\x07" * 32)
            request = {"request": enrolment.encode(code, key.public_key, key)}
            first, again = (httpx.post(f"{office.url}/api/v1/enrolments", json=request, timeout=30).json() for _ in range(2))
            door = Door("the door with the code", signer=key)

            assert first["broker"] == f"{one.tls_url}, {two.tls_url}"
            assert again == first
            for broker in (one, two):
                wait_until_in(broker, door, first["password"])
            assert ask_server(["broker", "status"], settings).count("1      yes") == 2

            with Caller(one.port, door.device, first["password"]) as caller:
                ask_server(["revoke", door.device], settings)
                wait_until(lambda: caller.gone, within=20, what="the broker to hang up on a door that is revoked")
            wait_until_out(two, door, first["password"])
        assert first["password"] not in office.log.read_text()


def test_a_door_that_was_revoked_and_enrolled_again_has_another_password(made: Making, postgres_database: str) -> None:
    (old,) = give(postgres_database, A)
    with made("one") as broker:
        assert gets_in(broker, A, old)  # it is enrolled already when the broker is made
        revoke(postgres_database, A)
        (new,) = give(postgres_database, A)
        with kept(postgres_database, broker):
            wait_until_in(broker, A, new)

        assert new != old
        assert not gets_in(broker, A, old)


def test_a_broker_that_comes_back_empty_is_told_everybody_again_and_one_that_is_away_keeps_no_other_waiting(
    made: Making, postgres_database: str
) -> None:
    with made("one") as one, made("two") as two, kept(postgres_database, one, two):
        (password,) = give(postgres_database, A)
        for broker in (one, two):
            wait_until_in(broker, A, password)
        one.kill()
        (other,) = give(postgres_database, B)
        wait_until_in(two, B, other)
        revoke(postgres_database, A)
        wait_until_out(two, A, password)

        one.lose_everything()
        one.start()
        assert not gets_in(one, A, password)
        wait_until_in(one, B, other)


def test_what_somebody_has_changed_by_hand_is_put_right_and_other_accounts_are_left_alone(made: Making, postgres_database: str) -> None:
    (password,) = give(postgres_database, A)
    with made("one") as broker:
        with broker.desk() as desk:
            desk.ask(
                [
                    {"command": "deleteClient", "username": A.device},
                    {"command": "createClient", "username": B.device, "password": "by hand", "roles": [{"rolename": "door"}]},
                    {"command": "createClient", "username": "dashboard", "password": "by hand", "roles": [{"rolename": "monitor"}]},
                ]
            )
        with kept(postgres_database, broker):
            wait_until_in(broker, A, password)
            wait_until_out(broker, B, "by hand")
        with Caller(broker.port, "dashboard", "by hand"), Caller(broker.port, "gateway", broker.password("gateway")):
            pass


def test_a_door_that_somebody_switched_off_or_gave_more_is_out_of_step_and_other_accounts_are_named(
    made: Making, postgres_database: str, tmp_path: Path
) -> None:
    password, other = give(postgres_database, A, B)
    with made("one") as broker:
        with broker.desk() as desk:
            desk.ask(
                [
                    {"command": "addClientRole", "username": A.device, "rolename": "gateway"},
                    {"command": "disableClient", "username": B.device},
                    {"command": "createClient", "username": "dashboard", "password": "by hand", "roles": [{"rolename": "monitor"}]},
                ]
            )
        settings = {
            "CALLTIME_DATABASE": postgres_database,
            "CALLTIME_BROKER": broker.tls_url,
            "CALLTIME_BROKER_ADMIN_PASSWORD_FILE": str(broker.passwords / "office/password"),
            "CALLTIME_BROKER_CA_FILE": str(broker.issuer.ca_file),
        }
        words = [program("calltime-server"), "broker", "status"]
        said = subprocess.run(words, env=settings, capture_output=True, text=True, check=False, timeout=60)
        assert said.returncode == 1
        assert re.search(r"yes +2 +no, 4 changes behind +dashboard$", said.stdout, re.MULTILINE), said.stdout

        with kept(postgres_database, broker):
            wait_until_in(broker, B, other)
            wait_until(lambda: ask_server(["broker", "status"], settings), within=20, what="the broker to be in step")
        with Caller(broker.port, A.device, password) as door:
            assert not door.hears(topics.RECORDS_FROM_ALL)


def test_two_offices_keep_one_broker_and_do_not_take_each_other_s_answers(made: Making, postgres_database: str) -> None:
    doors = [Door(f"door {number}") for number in range(40)]
    with made("one") as broker, kept(postgres_database, broker), kept(postgres_database, broker), broker.desk() as desk:
        for first in range(0, 40, 10):
            give(postgres_database, *doors[first : first + 10])
            wait_until_listed(desk, first + 10)
            revoke(postgres_database, doors[first])
            give(postgres_database, doors[first])


def test_many_doors_are_listed_and_let_in(made: Making, postgres_database: str) -> None:
    doors = [Door(f"door {number}") for number in range(250)]  # more than a page of the list
    give(postgres_database, *doors[:230])
    with made("one") as broker, kept(postgres_database, broker):
        (*_, password) = give(postgres_database, *doors[230:])
        wait_until_in(broker, doors[-1], password)
        with broker.desk() as desk:
            assert set(desk.doors()) == {door.device for door in doors}


def test_the_status_says_which_broker_is_away_and_which_is_behind_and_what_next(
    made: Making, postgres_database: str, tmp_path: Path
) -> None:
    with made("one") as one, made("two") as two:
        two.stop()
        give(postgres_database, A)
        settings = {
            "PATH": "/usr/bin",
            "CALLTIME_DATABASE": postgres_database,
            "CALLTIME_BROKER": f"{one.tls_url},{two.tls_url}",
            "CALLTIME_BROKER_ADMIN_PASSWORD_FILE": str(tmp_path / "passwords/office/password"),
            "CALLTIME_BROKER_CA_FILE": str(one.issuer.ca_file),
        }
        said = subprocess.run([program("calltime-server"), "broker", "status"], env=settings, capture_output=True, text=True, check=False)

    assert said.returncode == 1
    assert f"{one.tls_url}  yes      0      no, 1 changes behind" in said.stdout
    assert "broker keep, brings it in step" in said.stderr
    assert f"The broker {two.tls_url} cannot be called" in said.stderr
