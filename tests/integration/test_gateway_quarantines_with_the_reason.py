"""Is a bad message kept with its reason and its bytes, shown to people, and harmless to its neighbours?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from calltime_gateway import flow, judging
from calltime_gateway.store import Store
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import revoke_door
from calltime_sim.services.programs import ask_server
from calltime_wire import base64url, jws
from calltime_wire.receipts import SetAside
from calltime_wire.records import MAX_RECORD_BYTES, Place
from calltime_wire.refusals import Reason
from fixtures.plain_doors import MORNING, Door, enrol
from fixtures.post_room import ARRIVAL, deliver, digest_of, keep, quarantined, rows


def changed(compact: str) -> str:
    """The record with another action, under the signature that it had before."""
    header, payload, signature = compact.split(".")
    return f"{header}.{base64url.encode(base64url.decode(payload).replace(b'start', b'waiting'))}.{signature}"


def unsigned(door: Door) -> str:
    header = base64url.encode(b'{"alg":"none"}')
    return f"{header}.{door.tap().split('.')[1]}."


def oversized(door: Door) -> bytes:
    return door.tap().encode().ljust(MAX_RECORD_BYTES + 1, b"A")


def signed(door: Door, payload: bytes) -> str:
    return jws.sign(payload, door.signer)


def too_early(door: Door) -> str:
    return door.tap(at=MORNING.replace(year=2019))


def too_late(door: Door) -> str:
    return door.tap(at=ARRIVAL + timedelta(minutes=10, milliseconds=1))


Bad = str | bytes | Callable[[Door], str | bytes]
BAD: dict[str, tuple[Bad, Reason, str]] = {
    "no bytes at all": (b"", Reason.MALFORMED, "three parts"),
    "rubbish": (b"hello", Reason.MALFORMED, "three parts"),
    "NUL bytes": (b"\x00.\x00.\x00", Reason.MALFORMED, "not base64url"),
    "not even text": (b"\xff\xfe\x80", Reason.MALFORMED, "can't decode"),
    "JSON that is not signed": (b'{"specversion":"1.0"}', Reason.MALFORMED, "three parts"),
    "no record": (lambda door: signed(door, b"{}"), Reason.MALFORMED, "missing required field"),
    "a NUL in a field": (lambda door: signed(door, b'{"type":"\\u0000"}'), Reason.MALFORMED, "Invalid value"),
    "an escape sequence in a field": (lambda door: signed(door, b'{"type":"\\u001b[2J"}'), Reason.MALFORMED, r"'\x1b[2J'"),
    "half a surrogate": (lambda door: signed(door, b'{"type":"\\ud800"}'), Reason.MALFORMED, ""),
    "a tower of brackets": (lambda door: signed(door, b'{"a":' + b"[" * 2900), Reason.MALFORMED, "nested"),
    "a NUL in the proof of a tag": (
        lambda door: door.tap(place=Place(via="nfc", ref="t", proof="e=\x00")),
        Reason.MALFORMED,
        "data.place.proof",
    ),
    "a reference that ends in a line feed": (lambda door: door.tap(place=Place(via="nfc", ref="t\n")), Reason.MALFORMED, "data.place.ref"),
    "a digest in another spelling": (lambda door: door.tap(seq=2, prev="A" * 42 + "B"), Reason.MALFORMED, "data.prev"),
    "a byte too long": (oversized, Reason.TOO_LARGE, "4,097 bytes"),
    "unsigned": (unsigned, Reason.MALFORMED, "Invalid enum value 'none'"),
    "changed after it was signed": (lambda door: changed(door.tap()), Reason.BAD_SIGNATURE, "not that of the enrolled EdDSA key"),
    "another door's record": (Door("stranger").tap(), Reason.WRONG_TOPIC, "came on the topic of door"),
    "before there was Calltime": (too_early, Reason.TIME_OUT_OF_RANGE, "Check the clock of the door"),
    "not happened yet": (too_late, Reason.TIME_OUT_OF_RANGE, "Check the clock of the door"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_message_is_set_aside_and_its_good_neighbour_is_stored(postgres_database: str, what: str) -> None:
    make, reason, says = BAD[what]
    good, bad = Door("good"), Door("bad")
    enrol(postgres_database, good, bad)
    record, message = good.tap(), make(bad) if callable(make) else make
    payload = message.encode() if isinstance(message, str) else message

    receipt = deliver(postgres_database, bad, payload)
    neighbour = deliver(postgres_database, good, payload, record)

    assert [(aside.digest, aside.reason) for aside in receipt.quarantined] == [(digest_of(message), reason)]
    assert (receipt.through, neighbour.through) == (0, 1)
    kept = rows(postgres_database, "SELECT reason, payload, digest, says, times FROM quarantine ORDER BY id")[0]
    assert kept[:3] == (reason.value, payload, hashlib.sha256(payload).digest())
    assert says in kept[3]
    assert kept[3].isprintable()


@pytest.mark.parametrize("revoked", [False, True])
def test_a_door_that_is_unknown_or_revoked_is_told_so(database: str, revoked: bool) -> None:
    door, known = Door("somebody"), Door("known")
    enrol(database, known)
    if revoked:
        enrol(database, door)
        with connect(database) as connection:
            revoke_door(connection, door.device, now=MORNING)
    record = door.tap()

    receipt = deliver(database, door, record)

    reason = Reason.REVOKED_DOOR if revoked else Reason.UNKNOWN_DOOR
    assert (receipt.through, receipt.digest) == (0, None)
    assert receipt.quarantined == (SetAside(digest=digest_of(record), seq=1, reason=reason),)
    assert rows(database, "SELECT device, seq, reason FROM quarantine") == [(door.device, 1, reason.value)]
    assert deliver(database, known, known.tap()).through == 1


def test_a_topic_that_is_no_door_s_gets_no_answer_and_is_kept(database: str) -> None:
    with closing(Store(database)) as store:
        assert keep(store, [("calltime/v1/d_\x1b[2J/records", b"hello")]) == {}

    assert rows(database, "SELECT topic, reason FROM quarantine") == [(r"calltime/v1/d_\x1b[2J/records", "wrong topic")]


def test_the_same_bad_message_again_only_counts_up(database: str) -> None:
    door = Door("somebody")
    enrol(database, door)

    deliver(database, door, b"hello", b"hello")
    deliver(database, door, b"hello", b"another")

    assert rows(database, "SELECT payload, times FROM quarantine ORDER BY id") == [(b"hello", 3), (b"another", 1)]


def quarantine(database: str, *words: str) -> str:
    return ask_server(["quarantine", *words], {"CALLTIME_DATABASE": database})


def test_people_see_what_is_in_quarantine_and_why(postgres_database: str) -> None:
    door = Door("somebody")
    enrol(postgres_database, door)
    deliver(postgres_database, door, b"\x1b[2J\x00\xff and more", b"\x1b[2J\x00\xff and more")

    listed = quarantine(postgres_database)
    assert re.search(rf"^1 +malformed +{door.device} +15 +2 +2025-10-06 09:00:00Z +open$", listed, re.MULTILINE)
    assert "can't decode byte 0xff" in listed
    assert quarantine(postgres_database, "--show", "1") == "\\x1b[2J\\x00\\xff and more\n"


def test_what_came_before_its_door_was_enrolled_is_taken_when_it_comes_again(postgres_database: str) -> None:
    door = Door("early")
    record = door.tap()
    deliver(postgres_database, door, record)
    enrol(postgres_database, door)

    receipt = deliver(postgres_database, door, record)

    assert (receipt.through, receipt.quarantined) == (1, ())
    listed = quarantine(postgres_database)
    assert re.search(rf"^1 +unknown door +{door.device} +1 .* stored since$", listed, re.MULTILINE)
    assert "No door with this id is enrolled. Enrol it" in listed


def test_what_came_before_its_door_was_enrolled_can_be_replayed(database: str) -> None:
    door = Door("early")
    first, second = door.taps(2)
    deliver(database, door, first, second, "not a record")
    enrol(database, door)

    with closing(Store(database)) as store:
        replayed = flow.replay(store, quarantined(database))
        again = flow.replay(store, quarantined(database))

    assert (len(replayed.new), len(replayed.refused)) == (2, 0)  # what is malformed is nobody's to replay
    assert (again.new, again.refused) == ((), ())
    assert rows(database, "SELECT seq FROM tap ORDER BY seq") == [(1,), (2,)]
    assert rows(database, "SELECT times FROM quarantine") == [(1,), (1,), (1,)]
    # The door hears of it with its next message.
    assert deliver(database, door, door.tap()).through == 3


def test_what_is_replayed_was_received_when_it_first_came(database: str) -> None:
    door = Door("early")
    record = door.tap()
    for minutes in (0, 5):
        with closing(Store(database)) as store:
            reading = judging.read(door.topic, record.encode())
            flow.keep([reading], store=store, received_at=ARRIVAL + timedelta(minutes=minutes))
    enrol(database, door)

    with closing(Store(database)) as store:
        flow.replay(store, quarantined(database))

    assert rows(database, "SELECT received_at FROM tap") == [(ARRIVAL,)]
    assert rows(database, "SELECT received_at FROM receipt") == [(ARRIVAL,)]


@pytest.mark.parametrize("enrolled_before", [True, False])
def test_waiting_in_quarantine_makes_no_time_good_that_had_not_happened(postgres_database: str, enrolled_before: bool) -> None:
    """These taps say a time that is long past when the test runs, and was not when they came."""
    door = Door("ahead")
    if enrolled_before:
        enrol(postgres_database, door)
    deliver(postgres_database, door, too_late(door))
    if not enrolled_before:
        enrol(postgres_database, door)

    with closing(Store(postgres_database)) as store:
        replayed = flow.replay(store, quarantined(postgres_database))

    assert replayed.new == ()
    assert [refused.reason for _, refused in replayed.refused] == ([] if enrolled_before else [Reason.TIME_OUT_OF_RANGE])
    assert rows(postgres_database, "SELECT FROM receipt") == []


def test_a_tap_that_was_refused_while_its_door_was_revoked_is_not_lost(database: str) -> None:
    door = Door("forgiven")
    enrol(database, door)
    deliver(database, door, door.tap())
    with connect(database) as connection:
        revoke_door(connection, door.device, now=MORNING)
    deliver(database, door, door.tap())
    enrol(database, door)
    after = deliver(database, door, door.tap())

    with closing(Store(database)) as store:
        flow.replay(store, quarantined(database))

    assert (after.through, after.also) == (1, ((3, 3),))
    assert deliver(database, door, door.tap()).through == 4
