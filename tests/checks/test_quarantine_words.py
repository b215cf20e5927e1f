"""Does docs/quarantine.md say of every reason what the command says?"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from calltime_gateway.quarantine_words import HEADINGS, WORDS, Words, section
from calltime_wire.refusals import Reason

PAGE = (Path(__file__).parents[2] / "docs/quarantine.md").read_text()


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_reason_has_its_words() -> None:
    assert list(WORDS) == list(Reason)
    assert list(HEADINGS) == [field.name for field in fields(Words)]


def test_the_page_has_a_section_for_every_reason_in_the_words_of_the_command() -> None:
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

    assert list(sections) == [reason.value for reason in Reason]
    for reason in Reason:
        plain = re.sub(r"^- ", "", sections[reason].replace("**", ""), flags=re.MULTILINE)
        assert in_one_line(plain) == in_one_line(section(reason))
