"""Is the page for the fridge door the one that signals and words make, large enough to read, and one page?"""

import re
import runpy
from pathlib import Path
from typing import get_args

import pytest

from calltime_edge import signals
from calltime_edge.words.language import Language

FOLDER = Path(__file__).parents[2] / "docs/fridge-door"
MADE = runpy.run_path(str(FOLDER / "page.py"))

each = pytest.mark.parametrize("language", get_args(Language))


@each
def test_the_page_is_in_step_with_signals_and_words(language: Language) -> None:
    assert (FOLDER / f"{language}.html").read_text(encoding="utf-8") == MADE["page"](language), "run: docs/fridge-door/make"


@each
def test_the_print_is_large(language: Language) -> None:
    sizes = [int(size) for size in re.findall(r"\b(\d+)pt", MADE["page"](language))]

    assert sizes
    assert min(sizes) >= 14


@each
def test_every_signal_is_on_the_page_with_a_bar_for_each_beep_and_each_flash(language: Language) -> None:
    pictures = re.findall(r"<svg.*?</svg>", MADE["page"](language))
    bars = [picture.count('height="6.4"') for picture in pictures]

    assert sorted(bars) == sorted(len(signal.beeps[::2]) + len(signal.flashes[::2]) for signal in signals.ANSWERS)


@each
def test_the_printed_page_is_one_page_and_small(language: Language) -> None:
    printed = (FOLDER / f"{language}.pdf").read_bytes()

    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]
    assert len(printed) < 150_000


def test_the_page_names_colours_and_beeps_in_words_too() -> None:
    text = re.sub(r"<[^>]+>", "", MADE["page"]("en"))

    assert "long – long; green" in text
    assert "short – short – short; amber" in text
    assert "rattle, 10 seconds; red" in text
