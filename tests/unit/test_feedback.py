"""Does each thing that can happen have a sentence of its own?"""

from datetime import UTC, datetime

from calltime_edge.answers import AlreadyDone, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.feedback import sentence
from calltime_edge.readers.sightings import Why

EIGHT_IN_SUMMER = datetime(2026, 7, 1, 7, 4, 59, tzinfo=UTC)


def test_a_confirmed_tap_says_what_and_when_in_london_time() -> None:
    assert sentence(Confirmed(seq=7, action="start", at=EIGHT_IN_SUMMER, queued=1)) == "✓ Started 08:04."
    assert sentence(Confirmed(seq=8, action="stop", at=EIGHT_IN_SUMMER, queued=0)) == "✓ Ended 08:04."
    assert sentence(Confirmed(seq=9, action="waiting", at=EIGHT_IN_SUMMER, queued=1)) == "✓ Waiting 08:04."


def test_a_door_without_a_connection_says_that_its_records_are_safe() -> None:
    assert sentence(Confirmed(seq=9, action="start", at=EIGHT_IN_SUMMER, queued=3)) == "✓ Started 08:04. 3 records waiting, safe here."


def test_a_tap_that_was_done_already_says_when() -> None:
    assert sentence(AlreadyDone(action="stop", at=EIGHT_IN_SUMMER)) == "• Already ended 08:04. Nothing was changed."


def test_the_waiting_tag_asks_for_the_badge() -> None:
    assert sentence(BadgeNext()) == "… Waiting. Now hold your badge to the reader."


def test_what_was_not_understood_is_told_as_it_is() -> None:
    assert sentence(NotUnderstood(why=Why.NOT_A_BADGE)) == f"? {Why.NOT_A_BADGE.value}"


def test_a_tap_that_is_not_safe_is_told_loudly() -> None:
    answer = NotStored(because="disk is full")

    assert sentence(answer) == "✗ NOT RECORDED. This door cannot store anything (disk is full). Write the time down and tell the office."
