"""Is each record stored once, whatever order, repetition or rivalry it comes in? The gateway's own flow on real databases."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from calltime_gateway import desk, flow, judging
from calltime_gateway.desk import RANGES
from calltime_gateway.figures import Figures
from calltime_gateway.floods import Floods
from calltime_gateway.letters import Letter
from calltime_gateway.store import DatabaseAway, Store
from calltime_wire import topics
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.receipts import SetAside
from calltime_wire.records import Clock, Place, Position
from calltime_wire.refusals import Reason
from fixtures.plain_doors import BOOT, MORNING, Door, Es256Signer, enrol
from fixtures.post_room import ARRIVAL, deliver, digest_of, keep, rows


@pytest.fixture
def door(database: str) -> Door:
    """An enrolled door."""
    door = Door("the first")
    enrol(database, door)
    return door


def stored(dsn: str) -> tuple[list[int], list[int]]:
    """The numbers in the receipts and in the taps, in order."""
    receipts = [seq for (seq,) in rows(dsn, "SELECT seq FROM receipt ORDER BY seq")]
    return receipts, [seq for (seq,) in rows(dsn, "SELECT seq FROM tap ORDER BY seq")]


def test_a_batch_that_is_delivered_again_changes_nothing_and_is_answered_the_same(database: str, door: Door) -> None:
    said = door.taps(3)

    first = deliver(database, door, *said)
    again = deliver(database, door, *said)

    assert (first.through, first.digest, first.also, first.quarantined) == (3, digest_of(said[-1]), (), ())
    assert again == first
    assert stored(database) == ([1, 2, 3], [1, 2, 3])


def test_a_record_that_stands_twice_in_a_batch_is_stored_once(database: str, door: Door) -> None:
    first, second = door.taps(2)

    receipt = deliver(database, door, first, first, second, second, first)

    assert receipt.through == 2
    assert receipt.quarantined == ()
    assert stored(database) == ([1, 2], [1, 2])


def test_gaps_are_told_and_closed_later(database: str, door: Door) -> None:
    said = door.taps(9)

    beyond = deliver(database, door, said[7], said[3], said[2])
    beginning = deliver(database, door, said[0])
    joined = deliver(database, door, said[1], said[5])
    complete = deliver(database, door, said[8], said[6], said[4])

    assert (beyond.through, beyond.digest, beyond.also) == (0, None, ((3, 4), (8, 8)))
    assert (beginning.through, beginning.also) == (1, ((3, 4), (8, 8)))
    assert (joined.through, joined.digest, joined.also) == (4, digest_of(said[3]), ((6, 6), (8, 8)))
    assert (complete.through, complete.digest, complete.also) == (9, digest_of(said[8]), ())


def test_of_very_many_gaps_the_first_are_told_and_closed_first(database: str, door: Door) -> None:
    said = door.taps(2 * RANGES + 41)

    beyond = deliver(database, door, *said[1::2])
    joined = deliver(database, door, said[0])
    complete = deliver(database, door, *said[2::2])

    assert beyond.also == tuple((seq, seq) for seq in range(2, 2 * RANGES + 1, 2))
    assert (joined.through, joined.also[0], len(joined.also)) == (2, (4, 4), RANGES - 1)
    assert (complete.through, complete.also) == (len(said), ())


def test_what_a_door_sends_is_answered_far_beyond_a_gap_that_never_closes(
    database: str, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "LOOKED_AT", 10)
    bad = door.boot(at=ARRIVAL + timedelta(hours=1))
    deliver(database, door, bad, *door.taps(10))

    said = door.taps(9)
    adjoining = deliver(database, door, *said[:5])
    apart = deliver(database, door, *said[6:])
    again = deliver(database, door, *said[6:])

    assert rows(database, "SELECT reason FROM quarantine") == [("time out of range",)]
    assert (adjoining.through, adjoining.also) == (0, ((2, 16),))
    assert (apart.through, apart.also) == (0, ((2, 11), (18, 20)))
    assert again == apart


def test_a_door_with_more_gaps_than_a_receipt_tells_is_answered_about_all_it_sends(database: str, door: Door) -> None:
    waiting = dict(enumerate(door.taps(6 * RANGES), start=1))
    waiting = {seq: said for seq, said in waiting.items() if seq % 2 == 0}
    receipts = 0

    while waiting and receipts < 10:
        receipts += 1
        for first, last in deliver(database, door, *waiting.values()).also:
            waiting = {seq: said for seq, said in waiting.items() if not first <= seq <= last}

    assert (len(waiting), receipts) == (0, 3)


def test_of_two_records_with_one_number_the_first_stays(database: str, door: Door) -> None:
    first, second = door.taps(2)
    deliver(database, door, first, second)
    twin = Door("the first")
    twin.tap()

    other = twin.tap(action="stop")
    receipt = deliver(database, door, other)

    assert receipt.through == 2
    assert receipt.digest == digest_of(second)
    assert receipt.quarantined == (SetAside(digest=digest_of(other), seq=2, reason=Reason.FORK),)
    assert rows(database, "SELECT action FROM tap WHERE seq = 2") == [("start",)]


def test_two_records_with_one_number_in_one_batch_are_a_fork_too(database: str, door: Door) -> None:
    first = door.tap()
    other = Door("the first").tap(action="stop")

    receipt = deliver(database, door, first, other)

    assert receipt.digest == digest_of(first)
    assert [aside.reason for aside in receipt.quarantined] == [Reason.FORK]
    assert stored(database) == ([1], [1])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later one first"])
def test_a_record_that_does_not_follow_its_neighbour_is_set_aside_whichever_comes_last(
    database: str, door: Door, order: tuple[int, int]
) -> None:
    said = [door.tap(), door.tap(prev=digest_of("another record"))]

    deliver(database, door, said[order[0]])
    receipt = deliver(database, door, said[order[1]])

    assert receipt.quarantined == (SetAside(digest=digest_of(said[order[1]]), seq=order[1] + 1, reason=Reason.CHAIN_BROKEN),)
    assert len(rows(database, "SELECT FROM receipt")) == 1


def test_a_first_record_that_names_one_before_it_breaks_the_chain(database: str, door: Door) -> None:
    receipt = deliver(database, door, door.tap(prev=digest_of("another record")))

    assert [aside.reason for aside in receipt.quarantined] == [Reason.CHAIN_BROKEN]


def test_what_a_tap_says_stands_in_its_columns(database: str, door: Door) -> None:
    up = 3_155_760_000_000  # a hundred years, the most that a record takes
    plain = door.tap()
    full = door.tap(
        action="stop",
        at=MORNING + timedelta(milliseconds=7),
        place=Place(via="qr", ref="04A2:80", proof="e=EF96&c=94EE"),
        position=Position(lat=51.5, lon=-0.125, accuracy_m=8.5),
        clock=Clock(boot=BOOT, up_ms=up, sync="none", error_ms=86_400_000),
    )

    deliver(database, door, plain, full)

    columns = rows(
        database,
        """
        SELECT time, device, action, place_via, place_ref, place_proof, carer_via, carer_ref, lat, lon, accuracy_m,
               boot, up_ms, sync, error_ms, received_at, jws
        FROM every_tap ORDER BY seq
        """,
    )
    boot, device = uuid.UUID(BOOT), door.device
    at_1, at_2 = MORNING + timedelta(seconds=1), MORNING + timedelta(milliseconds=7)
    proof, where = "e=EF96&c=94EE", (51.5, -0.125, 8.5)
    assert columns == [
        (at_1, device, "start", "nfc", "tag-1", None, "device", "carer-1", None, None, None, boot, 1000, "ntp", 5, ARRIVAL, plain),
        (at_2, device, "stop", "qr", "04A2:80", proof, "device", "carer-1", *where, boot, up, "none", 86_400_000, ARRIVAL, full),
    ]


def test_boots_and_clocks_stand_beside_the_taps(database: str, door: Door) -> None:
    said = [door.boot(clock=Clock(boot=BOOT, up_ms=9, sync="none", error_ms=86_400_000)), door.tap(), door.clock_set()]

    receipt = deliver(database, door, *said)

    assert receipt.through == 3
    assert stored(database) == ([1, 2, 3], [2])
    boot, first, third = uuid.UUID(BOOT), MORNING + timedelta(seconds=1), MORNING + timedelta(seconds=3)
    assert rows(
        database, "SELECT device, seq, kind, time, boot, up_ms, sync, error_ms, received_at, jws FROM clock_record ORDER BY seq"
    ) == [
        (door.device, 1, "boot", first, boot, 9, "none", 86_400_000, ARRIVAL, said[0]),
        (door.device, 3, "clock", third, boot, 1000, "ntp", 5, ARRIVAL, said[2]),
    ]


def test_a_door_that_does_not_know_the_time_is_believed_and_corrected_later(database: str, door: Door) -> None:
    unsure = Clock(boot=BOOT, up_ms=1000, sync="none", error_ms=86_400_000)
    times = [datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1970, 9999)]

    assert deliver(database, door, *(door.tap(at=at, clock=unsure) for at in times)).through == 3
    assert rows(database, "SELECT time FROM untimed_tap ORDER BY seq") == [(at,) for at in times]


def test_a_phone_that_signs_with_es256_is_a_door_like_any_other(database: str) -> None:
    phone = Door("a phone", signer=Es256Signer(7))
    enrol(database, phone)
    said = phone.taps(2)

    receipt = deliver(database, phone, *said)

    assert (receipt.through, receipt.digest, receipt.quarantined) == (2, digest_of(said[1]), ())


def test_two_gateways_with_the_same_letters_in_opposite_order_store_each_once(database: str) -> None:
    """They lock the same doors and set the same bad messages aside; in each other's order they would wait in a circle."""
    doors = [Door(f"door {number}") for number in range(4)]
    enrol(database, *doors)
    good = [(door.topic, said.encode()) for door in doors for said in door.taps(50)]
    bad = [(doors[0].topic, f"rubbish {number}".encode()) for number in range(200)]
    together, troubles = threading.Barrier(2), list[Exception]()

    def work(letters: list[tuple[str, bytes]]) -> None:
        with closing(Store(database)) as store:
            together.wait(10)
            try:
                for start in range(0, len(letters), 200):
                    keep(store, letters[start : start + 200])
            except psycopg.Error as error:  # a deadlock, above all
                troubles.append(error)

    letters = [*bad, *good, *bad]
    gateways = [threading.Thread(target=work, args=(mine,)) for mine in (letters, letters[::-1])]
    for gateway in gateways:
        gateway.start()
    for gateway in gateways:
        gateway.join(60)

    assert troubles == []
    assert rows(database, "SELECT count(*), count(DISTINCT (device, seq)) FROM tap") == [(200, 200)]
    assert rows(database, "SELECT count(*) FROM receipt") == [(200,)]
    assert rows(database, "SELECT through FROM door_progress") == [(50,)] * 4
    # Each of the 200 came to each of the two gateways twice.
    assert rows(database, "SELECT count(*), min(times), max(times) FROM quarantine") == [(200, 4, 4)]


class Watched:
    """A line that notes what is asked of it, and what another connection sees in the database at that moment."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.asked: list[tuple[str, object]] = []

    def send(self, topic: str, text: str) -> None:
        assert text
        self.asked.append((topic, stored(self._dsn)))

    def acknowledged(self, letter: Letter) -> None:
        self.asked.append((letter.topic, stored(self._dsn)))


def handle(letters: list[Letter], *, store: Store) -> None:
    readings = [judging.read(letter.topic, letter.payload) for letter in letters]
    signer, floods, figures = Ed25519Signer(bytes(32)), Floods(time.monotonic), Figures()
    flow.handle(letters, readings, store=store, signer=signer, received_at=ARRIVAL, floods=floods, figures=figures)


def test_a_letter_is_answered_and_then_acknowledged_when_its_record_is_committed_and_not_before(database: str, door: Door) -> None:
    line = Watched(database)
    letters = [Letter(topic=door.topic, payload=said.encode(), line=line) for said in door.taps(2)]

    with closing(Store(database)) as store:
        handle(letters, store=store)

    committed = ([1, 2], [1, 2])
    assert line.asked == [(topics.receipts(door.device), committed), (door.topic, committed), (door.topic, committed)]


def test_every_line_that_brought_a_letter_of_a_door_gets_its_receipt(postgres_database: str) -> None:
    door, lines = Door("the first"), [Watched(postgres_database) for _ in range(2)]
    enrol(postgres_database, door)
    letters = [Letter(topic=door.topic, payload=said.encode(), line=line) for said, line in zip(door.taps(2), lines, strict=True)]

    with closing(Store(postgres_database)) as store:
        handle(letters, store=store)

    assert [[topic for topic, _ in line.asked] for line in lines] == [[topics.receipts(door.device), door.topic]] * 2


def test_without_a_database_nothing_is_acknowledged() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    letter = Letter(topic=Door("the first").topic, payload=b"rubbish", line=Watched(nowhere))

    with closing(Store(nowhere)) as store, pytest.raises(DatabaseAway):
        handle([letter], store=store)

    assert not letter.done
