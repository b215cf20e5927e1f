"""In which language does the office speak to this person? English stands in pages and code; Welsh is a catalogue beside them."""

from __future__ import annotations

import gettext
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypeAlias

from starlette.requests import Request

Language: TypeAlias = Literal["en", "cy"]
LANGUAGES: tuple[Language, ...] = ("en", "cy")
COOKIE = "language"
LOCALE: dict[Language, str] = {"en": "en_GB", "cy": "cy"}
"""What Babel calls a language, with the country whose days, months and numbers are meant."""


def N_(text: str) -> str:  # noqa: N802 (the name by which translators' tools know it)
    """Mark words that stand in code and are translated where they are shown: `words=N_("Delivered")`, and `_(words)` in the page."""
    return text


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """Open the words of a language. FileNotFoundError: its catalogue was not compiled; `make assets` does."""
    if language == "en":
        return gettext.NullTranslations()
    folder = Path(str(resources.files("calltime_server") / "locale"))
    return gettext.translation("office", localedir=folder, languages=[language])


def language_of(request: Request) -> Language:
    """What the person has chosen; else what the browser asks for first; else English."""
    for asked in (request.cookies.get(COOKIE, ""), *_wanted(request.headers.get("Accept-Language", ""))):
        for language in LANGUAGES:
            if asked == language or asked.startswith(f"{language}-"):
                return language
    return "en"


def _wanted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first."""
    asked = [part.partition(";") for part in header.lower().replace(" ", "").split(",")]
    # A weight is 1 or 0 with up to three digits behind the point: such texts are in the order of what they mean.
    weighed = [(weight.removeprefix("q=") if weight else "1", tag) for tag, _, weight in asked]
    return [tag for _, tag in sorted(weighed, key=lambda each: each[0], reverse=True)]
