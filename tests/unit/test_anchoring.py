"""When does a door write a clock record, and when does it not?"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calltime_edge.anchoring import worth_recording
from calltime_edge.clock import Reading
from calltime_edge.readers.sightings import Card
from calltime_wire.records import Boot, ClockSet, Sync, Tap
from fixtures.doors import MORNING, DoorAtWork, admitted

NINETEEN_SEVENTY = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
HOUR = 3_600_000
DAY = 24 * HOUR


def reading(after_ms: int = 0, *, ahead_ms: int = 0, sync: Sync = "ntp", error_ms: int = 1_000) -> Reading:
    """The clock so long after the morning; `ahead_ms` is how much it was set meanwhile."""
    now = MORNING + timedelta(milliseconds=after_ms + ahead_ms)
    return Reading(now=now, boot="b", up_ms=HOUR + after_ms, sync=sync, error_ms=error_ms)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[DoorAtWork]:
    """The reader on the wall of a home."""
    door = DoorAtWork(tmp_path, home="H7")
    yield door
    door.outbox.close()


def kinds(door: DoorAtWork) -> list[type]:
    return [type(claimed.record) for claimed in admitted(door.outbox)]


def test_learning_the_time_is_worth_a_record() -> None:
    assert worth_recording(None, reading())


def test_a_clock_that_knows_nothing_has_nothing_to_say_even_if_it_jumped() -> None:
    assert not worth_recording(None, reading(sync="none"))
    assert not worth_recording(reading(), reading(10_000, ahead_ms=-HOUR, sync="none"))


@pytest.mark.parametrize("ahead_ms", [HOUR, -HOUR, 2_003, -2_003])
def test_a_jump_beyond_both_errors_is_worth_a_record(ahead_ms: int) -> None:
    # 1,000 + 1,000 ms of error, and 1 ms for the ten seconds in between
    assert worth_recording(reading(), reading(10_000, ahead_ms=ahead_ms))


@pytest.mark.parametrize("ahead_ms", [0, 2_001, -2_001])
def test_a_jump_within_both_errors_is_not(ahead_ms: int) -> None:
    assert not worth_recording(reading(), reading(10_000, ahead_ms=ahead_ms))


def test_a_clock_that_drifted_apart_by_no_more_than_crystals_do_has_not_jumped() -> None:
    drifted = DAY * 100 // 1_000_000  # 8.64 s

    assert not worth_recording(reading(), reading(DAY, ahead_ms=drifted))


def test_a_time_server_is_worth_a_record_after_a_battery_and_a_battery_none_after_a_battery() -> None:
    battery = reading(sync="rtc", error_ms=301_000)

    assert worth_recording(battery, reading(60_000))
    assert not worth_recording(battery, reading(60_000, sync="rtc", error_ms=302_000))


def test_what_another_thread_saw_before_is_older_than_the_record() -> None:
    assert not worth_recording(reading(), reading(-5, ahead_ms=HOUR))


def test_a_door_that_hears_a_time_server_writes_about_one_record_a_day() -> None:
    anchor, written = reading(), 0
    for after_ms in range(0, 30 * DAY, 60_000):
        seen = reading(after_ms, error_ms=1_000 + after_ms % 2_048_000 * 500 // 1_000_000)
        if worth_recording(anchor, seen):
            anchor, written = seen, written + 1

    # 1 to 2 s + 100 ppm × 22 to 25 h = 10 s
    assert 28 <= written <= 32


def test_a_jump_is_recorded_once_and_before_the_tap_that_came_right_after_it(door: DoorAtWork) -> None:
    door.agent.begin()
    door.clock.wait(seconds=5)
    door.clock.now += timedelta(hours=1)
    door.sees(Card(uid="9C3310B2"))
    door.agent.look_at_clock()

    assert kinds(door) == [Boot, ClockSet, Tap]


def test_a_clock_that_jumps_back_and_forth_is_recorded_each_time(door: DoorAtWork) -> None:
    door.agent.begin()
    for hours in (-1, 1):
        door.clock.wait(seconds=10)
        door.clock.now += timedelta(hours=hours)
        door.agent.look_at_clock()
        door.agent.look_at_clock()

    assert kinds(door) == [Boot, ClockSet, ClockSet]


def test_a_jump_while_the_door_knows_nothing_is_not_recorded_and_learning_the_time_after_it_is(door: DoorAtWork) -> None:
    door.clock.now, door.clock.sync = NINETEEN_SEVENTY, "none"
    door.agent.begin()
    door.clock.now = MORNING
    door.agent.look_at_clock()
    assert kinds(door) == [Boot]

    door.clock.sync = "ntp"
    door.agent.look_at_clock()
    door.agent.look_at_clock()
    assert kinds(door) == [Boot, ClockSet]


def test_a_time_server_that_is_lost_and_found_again_with_the_same_time_is_not_recorded(door: DoorAtWork) -> None:
    door.agent.begin()
    for sync in ("none", "ntp", "none", "ntp"):
        door.clock.wait(minutes=10)
        door.clock.sync = sync
        door.agent.look_at_clock()

    assert kinds(door) == [Boot]


def test_a_clock_record_that_could_not_be_written_is_tried_again(door: DoorAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    door.agent.begin()
    door.clock.now += timedelta(hours=1)

    def full(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(door.outbox, "add", full)
        door.agent.look_at_clock()
    door.agent.look_at_clock()

    assert kinds(door) == [Boot, ClockSet]
