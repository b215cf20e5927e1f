"""Does the log of a gateway say nothing of people, whatever comes in? A real one, and a database that quotes what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire import base64url, jws
from calltime_wire.records import MAX_RECORD_BYTES, CarerSeen, Place, Position
from fixtures.gateways import gateway
from fixtures.lines import line_of
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import rows
from fixtures.waiting import wait_until

CARER = CarerSeen(via="badge", ref="badge-of-nobody-else")
PLACE = Place(via="nfc", ref="tag-of-nobody-else", proof="e=0123456789ABCDEF")
POSITION = Position(lat=50.266012, lon=-5.052711, accuracy_m=7.25)
A_QUOTING_DATABASE = """
CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.action = 'waiting' THEN
        RAISE EXCEPTION 'no place for % of %', NEW.place_ref, NEW.carer_ref USING ERRCODE = 'invalid_parameter_value';
    ELSIF NEW.action = 'stop' THEN
        RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER quote BEFORE INSERT ON tap FOR EACH ROW EXECUTE FUNCTION quote();
"""


def tap(door: Door, action: str = "start") -> str:
    return door.tap(action=action, carer=CARER, place=PLACE, position=POSITION)


def with_another_action(compact: str) -> str:
    header, payload, signature = compact.split(".")
    return f"{header}.{base64url.encode(base64url.decode(payload).replace(b'start', b'stop'))}.{signature}"


@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_people_nor_places_nor_what_a_stranger_wrote_stand_in_the_log(
    tmp_path: Path, mosquitto: Mosquitto, postgres_database: str, form: str
) -> None:
    door, poisonous, stranger = Door("door"), Door("poisonous"), Door("stranger")
    enrol(postgres_database, door, poisonous)
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(A_QUOTING_DATABASE)
    good = tap(door)
    bad: list[str | bytes] = [
        with_another_action(good),
        jws.sign(b'{"type":"written by a stranger","carer":"badge-of-nobody-else"}', door.signer),
        b"written by a stranger \x1b[2J\r\n{}",
        good.encode().ljust(MAX_RECORD_BYTES + 1, b"A"),
    ]
    with (
        gateway(tmp_path / "gateway", broker=mosquitto, dsn=postgres_database, CALLTIME_LOG=form) as running,
        line_of(door, mosquitto) as line,
        line_of(poisonous, mosquitto) as poisonous_line,
        line_of(stranger, mosquitto) as strangers_line,
    ):
        line.say(good, *bad)
        poisonous_line.say(tap(poisonous, "waiting"))
        strangers_line.say(tap(stranger))
        wait_until(
            lambda: rows(postgres_database, "SELECT count(*) FROM quarantine") == [(len(bad) + 2,)],
            within=30,
            what=f"all bad messages in quarantine; the log ends:\n{running.log_tail()}",
        )
        line.say(tap(door, "stop"))
        wait_until(lambda: "no room" in running.log_tail(), within=30, what="a disk that is full")
    log = running.log.read_text(encoding="utf-8")

    assert rows(postgres_database, "SELECT count(*) FROM tap") == [(1,)]
    for secret in ("nobody-else", "0123456789ABCDEF", "50.266", "5.0527", "stranger \\", "by a stranger", "\x1b", good[:40], good[-40:]):
        assert secret not in log
    if form == "json":
        lines = [json.loads(said) for said in log.splitlines()]
        assert all({"time", "level", "logger", "message"} <= said.keys() for said in lines)
