"""Is every catalogue complete, in step with the source, and compiled, and does every translation keep its placeholders?"""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from calltime_edge.readers.sightings import Why
from calltime_edge.words.language import Language, words_of
from checks import door_words

each = pytest.mark.parametrize("path", door_words.catalogues(), ids=lambda path: path.parts[-3])


def told(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string),)


def sentences(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_there_is_welsh() -> None:
    assert [path.parts[-3] for path in door_words.catalogues()] == ["cy"]


def test_what_stands_in_the_source_is_found() -> None:
    found = {told(message.id)[0] for message in sentences(door_words.in_the_source())}

    assert {why.value for why in Why} <= found
    assert {"Started {time}.", "{count} record waiting, safe here.", "Waiting. Now hold your badge to the reader.", "Not read"} <= found
    assert "A long beep and a green light: your tap is recorded." in found


@each
def test_a_catalogue_holds_what_stands_in_the_source_and_nothing_else(path: Path) -> None:
    wanted = {told(message.id) for message in sentences(door_words.in_the_source())}

    assert {told(message.id) for message in sentences(door_words.read(path))} == wanted, "run: .venv/bin/python tests/checks/door_words.py"


@each
def test_every_sentence_is_translated(path: Path) -> None:
    catalog = door_words.read(path)

    for message in sentences(catalog):
        assert all(told(message.string)), message.id
        assert not message.fuzzy, message.id
        assert len(told(message.string)) == (catalog.num_plurals if message.pluralizable else 1), message.id


@each
def test_every_translation_keeps_the_placeholders(path: Path) -> None:
    for message in sentences(door_words.read(path)):
        wanted = set(re.findall(r"\{\w*\}", told(message.id)[0]))
        for translated in told(message.string):
            assert set(re.findall(r"\{\w*\}", translated)) == wanted, message.id


@each
def test_every_reason_ends_with_what_next(path: Path) -> None:
    """The display shows only the last sentence of it."""
    words = {message.id: str(message.string) for message in sentences(door_words.read(path)) if not message.pluralizable}

    for why in Why:
        for text in (why.value, words[why.value]):
            assert text.endswith(".")
            assert ". " in text


@each
def test_the_compiled_catalogue_is_that_of_the_text(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == door_words.compiled(door_words.read(path)), "run: tests/checks/door_words.py"


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_language_opens(language: Language) -> None:
    assert words_of(language).gettext("Started") == {"en": "Started", "cy": "Dechreuwyd"}[language]
