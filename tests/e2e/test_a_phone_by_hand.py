"""Does everything that a phone needs stand in a house that runs? Asked step by step over HTTP and WebSockets, as its app will."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from calltime_sim.house import House
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_wire import base64url, enrolment, jws, topics
from calltime_wire.ed25519 import Ed25519Signer
from fixtures.callers import Caller
from fixtures.plain_doors import Door, Es256Signer


@pytest.mark.parametrize("signer", [Ed25519Signer(b"\x07" * 32), Es256Signer(7)], ids=["EdDSA", "ES256"])
def test_a_phone_is_enrolled_sends_a_record_over_websockets_and_hears_that_it_is_stored(
    tmp_path: Path, postgres_server: Postgres, postgres_database: str, mosquitto: Mosquitto, signer: Ed25519Signer | Es256Signer
) -> None:
    phone = Door("a phone", signer=signer)
    with House(tmp_path, database=postgres_server, dsn=postgres_database, broker=mosquitto) as house:
        code = house.office.codes(["C1"])["C1"]
        asking = httpx.Client(base_url=house.server.url, timeout=30)
        told = asking.get("/t/settings.json").json()
        request = {"request": enrolment.encode(code, signer.public_key, signer)}
        enrolled = asking.post("/api/v1/enrolments", json=request)
        nonce = asking.get("/api/v1/phone/time").json()["nonce"]
        said = {"type": "calltime.mine.v1", "device": phone.device, "nonce": nonce}
        mine = asking.post("/api/v1/phone/mine", json={"request": jws.sign(json.dumps(said).encode(), signer)})
        asking.close()
        (broker,) = told["brokers"]
        record = phone.boot()
        with Caller(urlsplit(broker).port or 0, None, None, name=phone.device, transport="websockets") as line:
            line.hears(topics.receipts(phone.device))
            assert line.says(phone.topic, record)
            ((_, receipt),) = line.wait_for(1)

    assert told == {"brokers": [house.broker.ws_url], "broker_password": False}
    assert (enrolled.status_code, enrolled.json()["carer"], enrolled.json()["device"]) == (201, "C1", phone.device)
    assert (mine.status_code, mine.json()["carer"], mine.json()["homes"]) == (200, "C1", [])
    receipt_says = json.loads(jws.split(receipt.decode()).payload)
    assert (receipt_says["through"], receipt_says["digest"]) == (1, base64url.encode(jws.digest(record)))
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT seq FROM receipt WHERE device = %s", (phone.device,)).fetchall() == [(1,)]
