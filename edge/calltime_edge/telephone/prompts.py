"""What does the line say? Sentences by name, to be read by a voice or played as recordings; English here, Welsh in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from calltime_edge.clock import LONDON
from calltime_edge.telephone.spoken_time import in_words
from calltime_edge.words.language import Language, words_of


class Prompt(Enum):
    """The value is what is said, in English: what, why and what next."""

    GREETING = "This is Calltime. In an emergency, hang up and dial nine nine nine."
    KEY_PIN = "Key in your PIN."
    WRONG_PIN = "That PIN is not known."
    CHOOSE = "To start the visit, press one. To end it, press two. If you are waiting to be let in, press three."
    NOT_UNDERSTOOD = "That was not understood."
    STARTED = "Recorded. You started at"
    ENDED = "Recorded. You ended at"
    WAITING = "Recorded. You are waiting since"
    ALREADY_STARTED = "Nothing was changed. You had already started at"
    ALREADY_ENDED = "Nothing was changed. You had already ended at"
    ALREADY_WAITING = "Nothing was changed. You were already waiting since"
    GOODBYE = "Goodbye."
    NOTHING_HEARD = "Nothing was recorded, because nothing was keyed in. Call again, or write the time down and tell the office."
    WITHHELD = (
        "Nothing was recorded, because this telephone withholds its number. Dial one four seven zero first, and then this number again."
    )
    UNKNOWN_NUMBER = "Nothing was recorded, because this telephone is not registered. Write the time down and tell the office."
    LOCKED = "Nothing was recorded, because too many wrong PINs were keyed in. Write the time down and call again in a quarter of an hour."
    LOCKED_FOR_THE_DAY = "Nothing was recorded, because too many wrong PINs were keyed in today. Write the time down and tell the office."
    NOT_RECORDED = "Nothing was recorded, because this line cannot store anything. Write the time down and tell the office."
    NOT_KNOWN = "Nobody can say whether that was recorded. Call again in a minute, or write the time down and tell the office."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One sentence in a language; `at` is the time with which it ends, UTC."""

    language: Language
    prompt: Prompt
    at: datetime | None = None

    @property
    def text(self) -> str:
        """To be read by a voice."""
        said = words_of(self.language).gettext(self.prompt.value)
        return said if self.at is None else f"{said} {in_words(*_time(self.at), self.language)}."

    @property
    def recordings(self) -> tuple[str, ...]:
        """To be played one after another: `en/started`, `en/number-8`, `en/oh`, `en/number-4`."""
        names = [name_of(self.prompt)] if self.at is None else [name_of(self.prompt), *_numbers(*_time(self.at))]
        return tuple(f"{self.language}/{name}" for name in names)


Said: TypeAlias = tuple[Spoken, ...]


def name_of(prompt: Prompt) -> str:
    """How its recording is called."""
    return prompt.name.lower().replace("_", "-")


def all_recordings(language: Language) -> dict[str, str]:
    """Every recording that can be asked for, with what is to be heard on it."""
    words = words_of(language)
    numbers = {f"number-{number}": in_words(number, None, language) for number in range(60)}
    small = {"oh": in_words(None, None, language), "o-clock": in_words(None, 0, language)}
    return {
        f"{language}/{name}": text for name, text in {**{name_of(p): words.gettext(p.value) for p in Prompt}, **numbers, **small}.items()
    }


def _time(at: datetime) -> tuple[int, int]:
    there = at.astimezone(LONDON)
    return there.hour, there.minute


def _numbers(hour: int, minute: int) -> list[str]:
    before = ["oh"] if 0 < minute < 10 else []
    return [f"number-{hour}", *(["o-clock"] if minute == 0 else [*before, f"number-{minute}"])]
