"""Does the gateway tell a database that is away from one that does not take a message? Real databases, made to refuse."""

from __future__ import annotations

import random
import string
from contextlib import closing
from typing import LiteralString

import psycopg
import pytest

from calltime_gateway import flow, judging
from calltime_gateway.floods import Floods
from calltime_gateway.store import DatabaseAway, Misfitted, SchemaMissing, Store, Unstorable
from calltime_wire.records import Place
from calltime_wire.refusals import Reason
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import ARRIVAL, deliver, digest_of, keep, quarantined, rows


def change(dsn: str, statement: LiteralString) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def test_a_stranger_s_very_long_topic_is_set_aside_and_the_next_tap_is_stored(database: str) -> None:
    door = Door("good")
    enrol(database, door)
    letters = random.Random(1)  # random letters, as an index would compress others
    topic = f"calltime/v1/{''.join(letters.choice(string.ascii_letters) for _ in range(60_000))}/records"

    with closing(Store(database)) as store:
        receipts = keep(store, [(topic, b"hello"), (door.topic, door.tap().encode()), (topic, b"hello")])

    assert receipts[door.device].through == 1
    assert rows(database, "SELECT topic, reason, times FROM quarantine") == [(topic[:200], "wrong topic", 2)]


def test_a_record_that_the_database_does_not_take_is_set_aside_alone(database: str) -> None:
    good, bad = Door("good"), Door("bad")
    enrol(database, good, bad)
    change(database, "ALTER TABLE tap ADD CONSTRAINT no_such_tag CHECK (place_ref <> 'poison')")
    poison = bad.tap(place=Place(via="nfc", ref="poison"))
    first, second = good.taps(2)

    with closing(Store(database)) as store:
        receipts = keep(store, [(good.topic, first.encode()), (bad.topic, poison.encode()), (good.topic, second.encode())])

    assert (receipts[good.device].through, receipts[good.device].quarantined) == (2, ())
    assert receipts[bad.device].through == 0
    assert [(aside.digest, aside.seq, aside.reason) for aside in receipts[bad.device].quarantined] == [
        (digest_of(poison), 1, Reason.MALFORMED)
    ]
    assert rows(database, "SELECT seq FROM receipt") == [(1,), (2,)]
    [(device, seq, payload, says)] = rows(database, "SELECT device, seq, payload, says FROM quarantine")
    assert (device, seq, payload) == (bad.device, 1, poison.encode())
    assert says.startswith("The database does not take it: ")
    assert "no_such_tag" in says


@pytest.mark.parametrize(("times", "quarantined"), [(1, 0), (9, 1)])
def test_what_another_gateway_stored_meanwhile_is_looked_at_again_before_it_is_called_bad(
    postgres_database: str, times: int, quarantined: int
) -> None:
    door = Door("good")
    enrol(postgres_database, door)
    change(postgres_database, "CREATE SEQUENCE tries")  # it counts on when a transaction is rolled back
    change(
        postgres_database,
        """CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF nextval('tries') <= TG_ARGV[0]::int THEN RAISE unique_violation; END IF; RETURN NEW; END $$""",
    )
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"CREATE TRIGGER clash BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION clash({times:d})".encode())

    receipt = deliver(postgres_database, door, door.tap())

    assert (receipt.through, len(receipt.quarantined)) == (1 - quarantined, quarantined)
    assert rows(postgres_database, "SELECT count(*) FROM quarantine") == [(quarantined,)]


def test_a_database_that_is_away_takes_nothing_from_what_a_door_may_say(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calltime_gateway.floods.BURST", 3)
    door, floods = Door("good"), Floods(lambda: 0.0)
    enrol(postgres_database, door)
    bad = [judging.read(door.topic, f"rubbish {number}".encode()) for number in range(4)]
    change(
        postgres_database,
        """CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '40P01'; END $$""",
    )
    change(postgres_database, "CREATE TRIGGER away AFTER INSERT ON quarantine FOR EACH ROW EXECUTE FUNCTION away()")

    with closing(Store(postgres_database)) as store:
        with pytest.raises(DatabaseAway):
            flow.keep(bad, store=store, received_at=ARRIVAL, floods=floods)
        change(postgres_database, "DROP TRIGGER away ON quarantine")
        first, _ = flow.keep(bad, store=store, received_at=ARRIVAL, floods=floods)
        second, _ = flow.keep(bad, store=store, received_at=ARRIVAL, floods=floods)

    assert [(len(judged.refused), judged.let_go) for judged in (first, second)] == [(3, 1), (0, 4)]


def test_a_record_that_cannot_be_replayed_does_not_keep_the_next_one_waiting(postgres_database: str) -> None:
    doors = [Door("one"), Door("another")]
    for door, ref in zip(doors, ("poison", "tag-1"), strict=True):
        deliver(postgres_database, door, door.tap(place=Place(via="nfc", ref=ref)))
    enrol(postgres_database, *doors)
    change(postgres_database, "ALTER TABLE tap ADD CHECK (place_ref <> 'poison')")

    with closing(Store(postgres_database)) as store:
        replayed = flow.replay(store, quarantined(postgres_database))

    assert [claimed.record.device for claimed in replayed.new] == [doors[1].device]
    assert [refused.device for _, refused in replayed.refused] == [doors[0].device]


def test_what_not_even_quarantine_takes_is_loud_and_not_stored(postgres_database: str) -> None:
    door = Door("good")
    enrol(postgres_database, door)
    change(postgres_database, "ALTER TABLE quarantine ADD CHECK (octet_length(payload) > 9)")

    with pytest.raises(Unstorable, match="quarantine"):
        deliver(postgres_database, door, b"hello")


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("ALTER TABLE tap DROP COLUMN place_proof CASCADE", Misfitted),
        ("ALTER TABLE tap RENAME TO tape", SchemaMissing),
    ],
)
def test_a_fault_of_the_installation_is_loud_and_no_fault_of_the_record(
    postgres_database: str, fault: LiteralString, trouble: type[Exception]
) -> None:
    door = Door("good")
    enrol(postgres_database, door)
    change(postgres_database, "DROP VIEW IF EXISTS every_tap CASCADE")
    change(postgres_database, fault)

    with pytest.raises(trouble):
        deliver(postgres_database, door, door.tap())

    assert rows(postgres_database, "SELECT FROM quarantine") == []


@pytest.mark.parametrize(
    "sqlstate",
    ["08006", "25006", "40001", "40P01", "53100", "53200", "55P03", "57014", "57P01", "57P03", "58030"],
)
def test_trouble_that_time_or_another_server_mends_is_a_database_that_is_away(postgres_database: str, sqlstate: str) -> None:
    with closing(Store(postgres_database)) as store:
        with pytest.raises(DatabaseAway), store.transaction() as desk:
            desk._connection.execute(f"DO $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '{sqlstate}'; END $$".encode())
        with store.transaction() as desk:
            assert desk.standings([]) == {}


def test_a_connection_that_was_cut_is_away_and_made_anew(database: str) -> None:
    with closing(Store(database)) as store:
        with store.transaction() as desk:
            desk.standings([])
        change(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        with pytest.raises(DatabaseAway), store.transaction() as desk:
            desk.standings([])
        with store.transaction() as desk:
            assert desk.standings([]) == {}
