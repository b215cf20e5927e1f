"""Does each thing that can happen have a sentence of its own, in each language?"""

import sys
from datetime import UTC, datetime

import pytest

from calltime_edge import feedback
from calltime_edge.answers import AlreadyDone, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.feedback import sentence
from calltime_edge.readers.sightings import Why

EIGHT_IN_SUMMER = datetime(2026, 7, 1, 7, 4, 59, tzinfo=UTC)


def started(queued: int = 1) -> Confirmed:
    return Confirmed(seq=7, action="start", at=EIGHT_IN_SUMMER, queued=queued)


def test_a_confirmed_tap_says_what_and_when_in_london_time() -> None:
    assert sentence(started()) == "✓ Started 08:04."
    assert sentence(Confirmed(seq=8, action="stop", at=EIGHT_IN_SUMMER, queued=0)) == "✓ Ended 08:04."
    assert sentence(Confirmed(seq=9, action="waiting", at=EIGHT_IN_SUMMER, queued=1)) == "✓ Waiting 08:04."


def test_a_door_without_a_connection_says_that_its_records_are_safe() -> None:
    assert sentence(started(queued=3)) == "✓ Started 08:04. 3 records waiting, safe here."


def test_a_tap_that_was_done_already_says_when() -> None:
    assert sentence(AlreadyDone(action="stop", at=EIGHT_IN_SUMMER)) == "• Already ended 08:04. Nothing was changed."


def test_the_waiting_tag_asks_for_the_badge() -> None:
    assert sentence(BadgeNext()) == "… Waiting. Now hold your badge to the reader."


def test_what_was_not_understood_is_told_as_it_is() -> None:
    assert sentence(NotUnderstood(why=Why.NOT_A_BADGE)) == f"? {Why.NOT_A_BADGE.value}"


def test_a_tap_that_is_not_safe_is_told_loudly() -> None:
    answer = NotStored(because="disk is full")

    assert sentence(answer) == "✗ NOT RECORDED. This door cannot store anything (disk is full). Write the time down and tell the office."


def test_a_door_speaks_welsh() -> None:
    assert sentence(started(), "cy") == "✓ Dechreuwyd 08:04."
    assert sentence(NotStored(because="x"), "cy").startswith("✗ NI CHOFNODWYD.")
    assert sentence(NotUnderstood(why=Why.CHANGING_NUMBER), "cy").startswith("? Ni all ffôn na cherdyn banc fod yn fathodyn.")


@pytest.mark.parametrize(("queued", "told"), [(2, "2 gofnod"), (3, "3 chofnod"), (4, "4 cofnod"), (6, "6 chofnod"), (12, "12 cofnod")])
def test_welsh_numbers_change_the_word_after_them(queued: int, told: str) -> None:
    assert sentence(started(queued), "cy") == f"✓ Dechreuwyd 08:04. {told} yn aros, yn ddiogel yma."


def test_a_door_without_any_hardware_writes_its_answers_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    fitted = feedback.make(language="cy")
    fitted.state(queued=3, online=False, knows_time=True, readers_ready=True)
    fitted.show(started())
    fitted.close()

    assert capsys.readouterr().out == "✓ Dechreuwyd 08:04.\n"


def test_a_standard_output_that_nobody_reads_does_not_end_the_door(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with open("/dev/full", "w", encoding="utf-8", buffering=1) as full:  # noqa: PTH123 - a real pipe to nowhere
        monkeypatch.setattr(sys, "stdout", full)
        fitted = feedback.make()
        fitted.show(started())
        fitted.show(started())
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.close()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
