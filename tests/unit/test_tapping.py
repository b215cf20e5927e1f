"""What does a tap mean at this door, after what happened here before?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calltime_edge.answers import AlreadyDone, BadgeNext, Confirmed, NotUnderstood
from calltime_edge.feedback import sentence
from calltime_edge.readers.sightings import Card, Held, Tag, Unreadable, Why
from calltime_wire.records import Sync
from fixtures.doors import MORNING, DoorAtWork

ANNA = Card(uid="9C3310B2")
BEN = Card(uid="045D217A901180")
HOME = Tag(via="nfc", ref="tag-of-h7", proof="e=1F&c=2E")


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[DoorAtWork]:
    """The reader on the wall of a home."""
    door = DoorAtWork(tmp_path, home="H7")
    yield door
    door.outbox.close()


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[DoorAtWork]:
    """The device in a carer's pocket."""
    door = DoorAtWork(tmp_path, carer="C12")
    yield door
    door.outbox.close()


def action_of(answer: object) -> str:
    assert isinstance(answer, Confirmed), answer
    return answer.action


def test_the_first_tap_is_a_start_the_next_a_stop_and_the_one_after_it_a_start(wall: DoorAtWork) -> None:
    actions = []
    for _ in range(3):
        actions.append(action_of(wall.sees(ANNA)))
        wall.clock.wait(minutes=30)

    assert actions == ["start", "stop", "start"]


def test_a_second_tap_within_a_minute_is_already_done_and_writes_nothing(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(seconds=59)
    answer = wall.sees(ANNA)

    assert isinstance(answer, AlreadyDone)
    assert (answer.action, answer.at) == ("start", MORNING)
    assert wall.outbox.count_waiting() == 1
    assert wall.nudges == 1


def test_a_tap_after_a_whole_minute_counts(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(seconds=60)

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_tap_right_after_a_stop_is_told_too_and_after_a_whole_minute_it_is_a_start(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(minutes=30)
    wall.sees(ANNA)
    wall.clock.wait(seconds=59)
    answer = wall.sees(ANNA)
    wall.clock.wait(seconds=1)

    assert isinstance(answer, AlreadyDone)
    assert sentence(answer) == "• Already ended 09:30. Nothing was changed."
    assert wall.outbox.count_waiting() == 2
    assert action_of(wall.sees(ANNA)) == "start"


def test_taps_that_are_already_done_do_not_put_off_the_stop(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(seconds=40)
    assert isinstance(wall.sees(ANNA), AlreadyDone)
    wall.clock.wait(seconds=40)

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_start_from_yesterday_is_not_ended_today(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(hours=23)

    assert action_of(wall.sees(ANNA)) == "start"


def test_a_bed_call_that_was_not_ended_does_not_swallow_the_start_of_the_next_morning(wall: DoorAtWork) -> None:
    wall.clock.wait(hours=11)  # eight in the evening
    wall.sees(ANNA)
    wall.clock.wait(hours=11, minutes=30)

    assert action_of(wall.sees(ANNA)) == "start"


def test_a_night_of_nine_hours_and_three_quarters_is_ended(wall: DoorAtWork) -> None:
    wall.clock.wait(hours=13)  # ten in the evening
    wall.sees(ANNA)
    wall.clock.wait(hours=9, minutes=45)

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_stop_forgotten_in_the_morning_is_taken_from_the_next_visit_of_the_day(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(hours=9)

    assert action_of(wall.sees(ANNA)) == "stop"  # a known limit: the door does not know the plan


def test_a_long_day_of_fourteen_hours_is_ended(wall: DoorAtWork) -> None:
    wall.sees(ANNA)  # nine in the morning
    wall.clock.wait(hours=14)

    assert action_of(wall.sees(ANNA)) == "stop"


def test_two_carers_at_one_reader_have_a_visit_each(wall: DoorAtWork) -> None:
    both_in = [action_of(wall.sees(card)) for card in (ANNA, BEN)]
    wall.clock.wait(minutes=45)
    both_out = [action_of(wall.sees(card)) for card in (BEN, ANNA)]

    assert both_in == ["start", "start"]
    assert both_out == ["stop", "stop"]


def test_a_carer_who_left_the_last_home_without_a_stop_starts_at_the_next(pocket: DoorAtWork) -> None:
    pocket.sees(HOME)
    pocket.clock.wait(minutes=30)

    assert action_of(pocket.sees(Tag(via="qr", ref="tag-of-h8"))) == "start"


def test_a_pocket_device_takes_the_tag_of_a_home_and_no_badge(pocket: DoorAtWork) -> None:
    assert action_of(pocket.sees(HOME)) == "start"
    assert pocket.sees(ANNA) == NotUnderstood(why=Why.NOT_A_TAG)
    assert pocket.outbox.count_waiting() == 1


def test_a_wall_reader_takes_a_badge_and_no_tag_of_a_home(wall: DoorAtWork) -> None:
    assert action_of(wall.sees(ANNA)) == "start"
    assert wall.sees(HOME) == NotUnderstood(why=Why.NOT_A_BADGE)
    assert wall.outbox.count_waiting() == 1


def test_what_a_reader_could_not_read_is_told_and_not_recorded(wall: DoorAtWork) -> None:
    assert wall.sees(Unreadable(via="nfc", why=Why.TAKEN_AWAY)) == NotUnderstood(why=Why.TAKEN_AWAY)
    assert wall.outbox.count_waiting() == 0


def test_who_holds_on_to_her_badge_changes_her_start_into_waiting(wall: DoorAtWork) -> None:
    assert action_of(wall.sees(ANNA)) == "start"
    wall.clock.wait(seconds=3)

    assert action_of(wall.sees(Held(seen=ANNA))) == "waiting"
    wall.clock.wait(minutes=4)
    assert action_of(wall.sees(ANNA)) == "start"
    wall.clock.wait(minutes=30)
    assert action_of(wall.sees(ANNA)) == "stop"


def test_holding_on_after_a_stop_or_after_a_tap_that_was_done_already_changes_nothing(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(seconds=5)
    wall.sees(ANNA)
    wall.clock.wait(seconds=3)
    assert wall.hears_nothing(Held(seen=ANNA))
    wall.clock.wait(minutes=30)
    wall.sees(ANNA)
    wall.clock.wait(seconds=3)

    assert wall.hears_nothing(Held(seen=ANNA))
    assert wall.outbox.count_waiting() == 2


def test_the_second_tag_of_a_home_says_waiting(pocket: DoorAtWork) -> None:
    assert action_of(pocket.sees(Tag(via="nfc", ref="porch-of-h7", waiting=True))) == "waiting"


def test_at_a_wall_the_waiting_tag_asks_for_the_badge_and_the_next_badge_waits(wall: DoorAtWork) -> None:
    assert isinstance(wall.sees(Tag(via="nfc", ref="porch-of-h7", waiting=True)), BadgeNext)
    wall.clock.wait(seconds=20)
    assert action_of(wall.sees(ANNA)) == "waiting"
    assert action_of(wall.sees(BEN)) == "start"


def test_half_a_minute_after_the_waiting_tag_a_badge_is_a_start(wall: DoorAtWork) -> None:
    wall.sees(Tag(via="nfc", ref="porch-of-h7", waiting=True))
    wall.clock.wait(seconds=30)

    assert action_of(wall.sees(ANNA)) == "start"


def test_who_waited_can_be_let_in_ten_seconds_later(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(seconds=3)
    wall.sees(Held(seen=ANNA))
    wall.clock.wait(seconds=10)

    assert action_of(wall.sees(ANNA)) == "start"


def test_waiting_twice_within_a_minute_is_one_waiting(pocket: DoorAtWork) -> None:
    porch = Tag(via="nfc", ref="porch-of-h7", waiting=True)
    pocket.sees(porch)
    pocket.clock.wait(seconds=59)

    assert isinstance(pocket.sees(porch), AlreadyDone)


def test_a_clock_that_learns_the_year_in_mid_visit_does_not_lose_the_stop(wall: DoorAtWork) -> None:
    wall.clock.now = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    wall.sees(ANNA)
    wall.clock.wait(minutes=30)
    wall.clock.now = MORNING

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_clock_that_is_set_back_to_the_minute_of_the_start_does_not_swallow_the_stop(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.wait(minutes=30)
    wall.clock.now = MORNING

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_power_cut_in_mid_visit_does_not_lose_the_stop(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.restart(MORNING + timedelta(minutes=30))

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_power_cut_after_which_the_clock_went_back_for_years_does_not_lose_the_stop(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    wall.clock.restart(datetime(1970, 1, 1, 0, 1, tzinfo=UTC))

    assert action_of(wall.sees(ANNA)) == "stop"


def after_a_power_cut(door: DoorAtWork, now: datetime, *, up: timedelta = timedelta(seconds=20), sync: Sync = "none") -> None:
    """The power came back so long ago, and the clock is what it is."""
    door.clock.restart(now - up + timedelta(seconds=20))
    door.clock.wait(seconds=up // timedelta(seconds=1) - 20)
    door.clock.sync = sync


@pytest.mark.parametrize("sync", ["none", "ntp"])
def test_after_a_power_cut_a_clock_that_stands_before_the_start_has_nothing_done_already(wall: DoorAtWork, sync: Sync) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, MORNING - timedelta(seconds=30), sync=sync)

    assert action_of(wall.sees(ANNA)) == "stop"


def test_after_a_power_cut_a_clock_that_goes_on_from_a_file_has_nothing_done_already(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, MORNING + timedelta(seconds=50))

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_power_cut_within_the_minute_of_a_tap_leaves_it_done_if_the_clock_is_known(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, MORNING + timedelta(seconds=50), sync="ntp")

    assert isinstance(wall.sees(ANNA), AlreadyDone)


def test_a_start_in_1970_is_ended_after_a_power_cut_with_which_the_time_came(wall: DoorAtWork) -> None:
    wall.clock.now, wall.clock.sync = datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "none"
    wall.sees(ANNA)
    after_a_power_cut(wall, MORNING, sync="ntp")

    assert action_of(wall.sees(ANNA)) == "stop"


def test_a_start_before_a_power_up_that_is_a_day_ago_is_not_ended_whatever_the_clock_says(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, datetime(1970, 1, 2, tzinfo=UTC), up=timedelta(hours=16))

    assert action_of(wall.sees(ANNA)) == "start"


def test_a_start_that_is_a_day_old_even_by_a_clock_that_lags_is_not_ended(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, MORNING + timedelta(hours=17))

    assert action_of(wall.sees(ANNA)) == "start"


def test_holding_on_right_after_a_power_cut_changes_nothing(wall: DoorAtWork) -> None:
    wall.sees(ANNA)
    after_a_power_cut(wall, datetime(1970, 1, 1, tzinfo=UTC))

    assert wall.hears_nothing(Held(seen=ANNA))
