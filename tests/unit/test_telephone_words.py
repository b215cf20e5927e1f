"""How does the line say a time, and what is to be recorded for an Asterisk? What stands for a number and a PIN?"""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calltime_edge.telephone.prompts import Prompt, Spoken, all_recordings
from calltime_edge.telephone.references import NAME, NoSecret, load_or_make, new_pin
from calltime_edge.telephone.spoken_time import in_words
from calltime_edge.words.language import Language

LANGUAGES: tuple[Language, ...] = ("en", "cy")


@pytest.mark.parametrize(
    ("hour", "minute", "english", "welsh"),
    [
        (8, 4, "eight oh four", "wyth dim pedwar"),
        (0, 0, "zero o'clock", "dim o'r gloch"),
        (14, 30, "fourteen thirty", "un deg pedwar tri deg"),
        (21, 57, "twenty one fifty seven", "dau ddeg un pum deg saith"),
        (10, 10, "ten ten", "deg deg"),
    ],
)
def test_a_time_is_said_by_the_clock_of_twenty_four_hours(hour: int, minute: int, english: str, welsh: str) -> None:
    assert [in_words(hour, minute, language) for language in LANGUAGES] == [english, welsh]


def test_every_time_of_a_day_is_said_the_same_by_a_voice_and_by_recordings() -> None:
    for language in LANGUAGES:
        recorded = all_recordings(language)
        for hour in range(24):
            for minute in range(60):
                spoken = Spoken(language=language, prompt=Prompt.STARTED, at=datetime(2026, 1, 7, hour, minute, tzinfo=UTC))
                assert " ".join(recorded[name] for name in spoken.recordings) + "." == spoken.text


def test_every_sentence_can_be_recorded_in_both_languages() -> None:
    english, welsh = (all_recordings(language) for language in LANGUAGES)

    assert len(english) == len(welsh) == len(Prompt) + 62
    assert all(text and text.isascii() for text in english.values())
    assert not set(english.values()) & {text for name, text in welsh.items() if "number" not in name}


def test_what_stands_for_a_number_and_for_a_pin_says_neither_and_stays_the_same(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)

    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert load_or_make(tmp_path).of_pin("314159") == made.of_pin("314159")
    assert made.of_pin("441872") != made.of_number("441872").replace("tel_", "pin_")
    (tmp_path / "another line").mkdir()
    assert load_or_make(tmp_path / "another line").of_pin("314159") != made.of_pin("314159")
    assert "secret" not in repr(made)
    assert {len(new_pin()) for _ in range(50)} == {6}


def test_a_damaged_secret_is_told_and_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("half of it")

    with pytest.raises(NoSecret, match="Put its copy back"):
        load_or_make(tmp_path)
