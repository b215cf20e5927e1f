"""In which language does a door speak? English stands in the code; every other language is a catalogue beside this file."""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "cy"]


def words_of(language: Language) -> gettext.NullTranslations:
    """Open the words of a language. Raises FileNotFoundError when its catalogue was not installed."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("door", localedir=Path(__file__).parent, languages=[language])
