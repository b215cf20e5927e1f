"""Is what a door makes the record that the gateway admits?"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calltime_edge.readers.address import LONGEST_ADDRESS, read_address
from calltime_edge.readers.sightings import Card, Tag
from calltime_edge.recording import uuid7
from calltime_wire import base64url
from calltime_wire.records import MAX_RECORD_BYTES, Boot, ClockSet, Tap
from fixtures.doors import MORNING, DoorAtWork, admitted


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[DoorAtWork]:
    door = DoorAtWork(tmp_path, carer="C12")
    yield door
    door.outbox.close()


def test_a_boot_and_the_taps_after_it_are_admitted(pocket: DoorAtWork) -> None:
    pocket.agent.begin()
    pocket.sees(Tag(via="nfc", ref="tag-of-h7", proof="e=1F&c=2E"))
    pocket.clock.wait(minutes=30)
    pocket.sees(Tag(via="qr", ref="tag-of-h7"))

    boot, start, stop = (claimed.record for claimed in admitted(pocket.outbox))
    assert isinstance(boot, Boot)
    assert isinstance(start, Tap)
    assert isinstance(stop, Tap)
    assert (start.data.action, start.data.place.via, start.data.place.ref, start.data.place.proof) == (
        "start",
        "nfc",
        "tag-of-h7",
        "e=1F&c=2E",
    )
    assert (stop.data.action, stop.data.place.via, stop.data.place.proof) == ("stop", "qr", None)
    assert (start.data.carer.via, start.data.carer.ref) == ("device", "C12")
    assert stop.at - start.at == timedelta(minutes=30)
    assert stop.data.clock.up_ms - start.data.clock.up_ms == 30 * 60 * 1000


def test_a_badge_at_a_wall_reader_is_admitted(tmp_path: Path) -> None:
    wall = DoorAtWork(tmp_path, home="H7")
    wall.sees(Card(uid="9C3310B2"))

    [tap] = (claimed.record for claimed in admitted(wall.outbox))
    wall.outbox.close()
    assert isinstance(tap, Tap)
    assert (tap.data.place.via, tap.data.place.ref) == ("reader", "H7")
    assert (tap.data.carer.via, tap.data.carer.ref) == ("badge", "9C3310B2")


def test_a_door_that_does_not_know_the_time_says_so_and_is_admitted(pocket: DoorAtWork) -> None:
    pocket.clock.now, pocket.clock.sync = datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "none"
    pocket.sees(Tag(via="nfc", ref="tag-of-h7"))

    [tap] = (claimed.record for claimed in admitted(pocket.outbox))
    assert tap.time == "1970-01-01T00:01:00.000Z"
    assert tap.data.clock.sync == "none"


def test_the_longest_address_that_a_reader_takes_fits_into_a_record(pocket: DoorAtWork) -> None:
    front = f"https://h/t/{'r' * 64}?"
    tag = read_address(front + "~" * (LONGEST_ADDRESS - len(front)), "nfc")
    assert isinstance(tag, Tag)
    pocket.sees(tag)

    [claimed] = admitted(pocket.outbox)
    assert len(claimed.compact) < MAX_RECORD_BYTES


@pytest.mark.parametrize(
    "at", [MORNING, MORNING + timedelta(milliseconds=1, microseconds=999), datetime(2026, 4, 7, 8, 0, 0, 123_000, tzinfo=UTC)]
)
def test_a_uuid_of_version_7_begins_with_the_milliseconds_since_1970(at: datetime) -> None:
    made = uuid.UUID(uuid7(at, bytes(range(10))))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def test_a_uuid_of_version_7_is_that_of_the_standard() -> None:
    # RFC 9562, A.6: 22 February 2022, 14:22:22.000 -05:00, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)

    assert uuid7(at, bytes.fromhex("0CC3 18C4DC0C0C07398F")) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_two_records_of_the_same_moment_have_two_ids(pocket: DoorAtWork) -> None:
    pocket.agent.begin()
    pocket.agent.begin()

    first, second = admitted(pocket.outbox)
    assert first.record.id != second.record.id
    assert second.record.data.prev == base64url.encode(first.digest)


def test_a_door_that_learns_the_time_records_it_once(pocket: DoorAtWork) -> None:
    pocket.clock.sync = "none"
    pocket.agent.begin()
    pocket.agent.look_at_clock()
    pocket.sees(Tag(via="nfc", ref="tag-of-h7"))

    pocket.clock.sync = "ntp"
    pocket.agent.look_at_clock()
    pocket.agent.look_at_clock()

    kinds = [type(claimed.record) for claimed in admitted(pocket.outbox)]
    assert kinds == [Boot, Tap, ClockSet]


def test_a_door_that_knew_the_time_from_the_start_has_nothing_to_record(pocket: DoorAtWork) -> None:
    pocket.agent.begin()
    pocket.agent.look_at_clock()

    assert [type(claimed.record) for claimed in admitted(pocket.outbox)] == [Boot]
