"""Does each thing that can happen have a sentence of its own?"""

from datetime import UTC, datetime

from calltime_edge.feedback import Confirmed, NotStored, sentence
from calltime_edge.outbox import Move
from calltime_edge.tapping import AlreadyDone, NotUnderstood


def test_a_confirmed_tap_says_what_and_when() -> None:
    assert sentence(Confirmed(seq=7, action="start", at="08:04", waiting=1)) == "✓ Started 08:04."
    assert sentence(Confirmed(seq=8, action="stop", at="08:31", waiting=0)) == "✓ Ended 08:31."
    assert sentence(Confirmed(seq=9, action="waiting", at="08:00", waiting=1)) == "✓ Waiting 08:00."


def test_a_door_without_a_connection_says_that_its_records_are_safe() -> None:
    assert sentence(Confirmed(seq=9, action="start", at="08:04", waiting=3)) == "✓ Started 08:04. 3 records waiting, safe here."


def test_a_tap_that_was_done_already_says_when_in_london_time() -> None:
    eight_in_summer = datetime(2026, 7, 1, 7, 4, 59, tzinfo=UTC)
    last = Move(carer="C1", place="H1", action="stop", at=eight_in_summer, boot="a", up_ms=1)

    assert sentence(AlreadyDone(last=last)) == "• Already ended 08:04. Nothing was changed."


def test_what_was_not_understood_is_told_as_it_is() -> None:
    assert sentence(NotUnderstood(says="Hold your badge to it.")) == "? Hold your badge to it."


def test_a_tap_that_is_not_safe_is_told_loudly() -> None:
    answer = NotStored(says="This door cannot store anything (disk is full). Write the time down and tell the office.")

    assert sentence(answer) == "✗ NOT RECORDED. This door cannot store anything (disk is full). Write the time down and tell the office."
