"""Who may become a door? The door's side is the wire's own code, the office's side the real thing."""

from datetime import timedelta

import httpx
import psycopg
import pytest

from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_codes, revoke_door
from calltime_wire import base64url, enrolment
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.es256 import ORDER
from calltime_wire.identity import device_id
from fixtures.office import BROKER, office
from fixtures.plain_doors import Es256Signer
from fixtures.small_day import EVENING

CODE = "ABCDE23456"
GATEWAY_KEY = bytes(range(32))


@pytest.fixture
def door() -> Ed25519Signer:
    return Ed25519Signer(b"\x07" * 32)


@pytest.fixture
def with_code(postgres_database: str) -> str:
    """A database in which one code was given out for the carer C1, and a gateway has started."""
    give_code(postgres_database, CODE, carer="C1")
    with psycopg.connect(postgres_database) as connection:
        connection.execute("INSERT INTO gateway_key VALUES (%s, %s)", (GATEWAY_KEY, EVENING))
    return postgres_database


def give_code(dsn: str, code: str, *, carer: str | None = None, home: str | None = None) -> None:
    with connect(dsn) as connection:
        add_codes(connection, [(code, Place(carer=carer, home=home))], now=EVENING, expires=EVENING + timedelta(minutes=15))


def ask(client: httpx.Client, code: str, door: Ed25519Signer) -> httpx.Response:
    return client.post("/api/v1/enrolments", json={"request": enrolment.encode(code, door.public_key, door)})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


def enrolled(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT device, carer, home FROM door").fetchall()


def test_a_door_with_a_good_code_becomes_known_and_learns_what_to_trust(database: str, door: Ed25519Signer) -> None:
    give_code(database, CODE, home="S1")
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO gateway_key VALUES (%s, %s)", (GATEWAY_KEY, EVENING))
    with office(database) as client:
        answer = ask(client, CODE, door)

    assert answer.status_code == 201
    assert answer.json() == {"device": door.device, "gateway_key": base64url.encode(GATEWAY_KEY), "broker": BROKER, "home": "S1"}
    assert enrolled(database) == [(door.device, None, "S1")]


@pytest.mark.parametrize("typed", ["abcde-23456", " AbCdE 234 56 "])
def test_a_code_may_be_typed_as_people_type(with_code: str, door: Ed25519Signer, typed: str) -> None:
    with office(with_code) as client:
        assert ask(client, typed, door).json()["carer"] == "C1"


def test_a_door_whose_answer_was_lost_may_ask_again_and_nobody_else(with_code: str, door: Ed25519Signer) -> None:
    with office(with_code) as client:
        assert ask(client, CODE, door).json() == ask(client, CODE, door).json()

        status, says = refusal(ask(client, CODE, Ed25519Signer(b"\x08" * 32)))

    assert status == 403
    assert says.startswith("This code was never given out, is too old, or another door has used it. Ask the office for a new one")
    assert enrolled(with_code) == [(door.device, "C1", None)]


def test_a_used_code_does_not_undo_a_revocation(with_code: str, door: Ed25519Signer) -> None:
    with office(with_code) as client:
        ask(client, CODE, door)
        with connect(with_code) as connection:
            revoke_door(connection, door.device, now=EVENING + timedelta(minutes=1))
        status, _ = refusal(ask(client, CODE, door))

    assert status == 403


def test_a_code_that_is_unknown_or_too_old_enrols_nobody(with_code: str, door: Ed25519Signer) -> None:
    with office(with_code) as in_time, office(with_code, now=EVENING + timedelta(minutes=15)) as too_late:
        assert refusal(ask(in_time, "WRONGCODE2", door))[0] == 403
        assert refusal(ask(too_late, CODE, door))[0] == 403

    assert enrolled(with_code) == []


def test_before_a_gateway_has_started_the_code_stays_good(postgres_database: str, door: Ed25519Signer) -> None:
    give_code(postgres_database, CODE, carer="C1")
    with office(postgres_database) as client:
        status, says = refusal(ask(client, CODE, door))
        assert status == 503
        assert "start calltime-gateway" in says

        with psycopg.connect(postgres_database) as connection:
            connection.execute("INSERT INTO gateway_key VALUES (%s, %s)", (GATEWAY_KEY, EVENING))
        assert ask(client, CODE, door).status_code == 201


def test_a_door_of_somebody_else_is_refused_and_the_code_stays_good(with_code: str, door: Ed25519Signer) -> None:
    give_code(with_code, "FORC2CARER", carer="C2")
    with office(with_code) as client:
        ask(client, CODE, door)
        status, says = refusal(ask(client, "FORC2CARER", door))
        assert status == 409
        assert "let the door make a new key" in says

        assert ask(client, "FORC2CARER", Ed25519Signer(b"\x09" * 32)).json()["carer"] == "C2"


def test_who_does_not_hold_the_key_enrols_nothing_and_the_code_stays_good(with_code: str, door: Ed25519Signer) -> None:
    thief = Ed25519Signer(b"\x0a" * 32)
    with office(with_code) as client:
        forged = client.post("/api/v1/enrolments", json={"request": enrolment.encode(CODE, door.public_key, thief)})
        assert refusal(forged) == (
            400,
            "The request is not signed by the key that it brings. The code is still good: sign with the door's own key and ask again.",
        )
        assert ask(client, CODE, door).status_code == 201


def test_a_phone_whose_browser_lacks_ed25519_is_enrolled_with_es256(database: str) -> None:
    phone = Es256Signer(7)
    give_code(database, CODE, carer="C1")
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO gateway_key VALUES (%s, %s)", (GATEWAY_KEY, EVENING))
    with office(database) as client:
        answer = client.post("/api/v1/enrolments", json={"request": enrolment.encode(CODE, phone.public_key, phone)})

    assert answer.status_code == 201
    assert answer.json()["device"] == device_id(phone.public_key)
    with psycopg.connect(database) as connection:
        kept = connection.execute("SELECT device, alg, public_key, carer FROM door").fetchall()
    assert kept == [(device_id(phone.public_key), "ES256", phone.public_key, "C1")]


def test_es256_by_another_key_or_with_the_upper_s_or_by_a_compressed_point_is_refused(with_code: str) -> None:
    phone, thief = Es256Signer(7), Es256Signer(8)
    good = enrolment.encode(CODE, phone.public_key, phone)
    signed, _, written = good.rpartition(".")
    r, s = base64url.decode(written)[:32], int.from_bytes(base64url.decode(written)[32:], "big")
    upper = f"{signed}.{base64url.encode(r + (ORDER - s).to_bytes(32, 'big'))}"
    compressed = bytes([2 + phone.public_key[64] % 2]) + phone.public_key[1:33]
    with office(with_code) as client:
        for wrong in (enrolment.encode(CODE, phone.public_key, thief), upper, enrolment.encode(CODE, compressed, phone)):
            status, says = refusal(client.post("/api/v1/enrolments", json={"request": wrong}))
            assert (status, says[:54]) == (400, "The request is not signed by the key that it brings. T")

        assert client.post("/api/v1/enrolments", json={"request": good}).status_code == 201


@pytest.mark.parametrize(
    "posted",
    [
        b"",
        b"{}",
        b"[]",
        b'{"request": ""}',
        b'{"request": "a.b"}',
        b'{"request": "e30.e30.e30"}',
        b'{"request": 1}',
        b"\xff",
        b'{"request": "\xc3\xa4"}',
    ],
)
def test_what_is_no_request_is_told_what_one_looks_like(with_code: str, posted: bytes) -> None:
    with office(with_code) as client:
        status, says = refusal(client.post("/api/v1/enrolments", content=posted))

    assert status == 400
    assert says.startswith('This is not an enrolment request. Send {"request"')


def test_a_flood_is_cut_off(with_code: str) -> None:
    with office(with_code) as client:
        assert refusal(client.post("/api/v1/enrolments", content=b" " * 9000))[0] == 413
