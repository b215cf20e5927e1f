"""Is every catalogue of the office's pages complete and in step with them, and does every translation keep its placeholders?"""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.numbers import format_currency

from calltime_server.web.language import LANGUAGES, LOCALE, Language, translations
from calltime_server.web.shown import pounds
from checks import page_words
from checks.page_words import told

each = pytest.mark.parametrize("path", page_words.catalogues(), ids=lambda path: path.parts[-3])


def sentences(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def ids(catalog: Catalog) -> set[tuple[str, ...]]:
    return {told(message.id) for message in sentences(catalog)}


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))


def test_there_is_welsh() -> None:
    assert [path.parts[-3] for path in page_words.catalogues()] == ["cy"]


def test_what_stands_in_templates_and_in_code_is_found() -> None:
    found = ids(page_words.in_the_pages())

    assert {("Skip to main content",), ("Delivered",), ("%(time)s on %(day)s",), ("Today",), ("There is no such page",)} <= found


@pytest.mark.parametrize("path", [page_words.TEMPLATE, *page_words.catalogues()], ids=lambda path: path.name)
def test_a_catalogue_holds_what_stands_in_the_pages_and_nothing_else(path: Path) -> None:
    assert ids(page_words.read(path)) == ids(page_words.in_the_pages()), "run: make pages-words"


@each
def test_every_sentence_is_translated(path: Path) -> None:
    catalog = page_words.read(path)

    for message in sentences(catalog):
        assert all(told(message.string)), message.id
        assert not message.fuzzy, message.id
        assert len(told(message.string)) == (catalog.num_plurals if message.pluralizable else 1), message.id


@each
def test_every_translation_keeps_the_placeholders(path: Path) -> None:
    for message in sentences(page_words.read(path)):
        for translated in told(message.string):
            assert placeholders(translated) == placeholders(told(message.id)[-1]), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_opens(language: Language) -> None:
    assert translations(language).gettext("Delivered") == {"en": "Delivered", "cy": "Wedi'i gyflawni"}[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pence", [0, 7, 842, 120450, 123456789])
def test_money_is_written_as_the_language_writes_it(language: Language, pence: int) -> None:
    assert pounds(pence) == format_currency(Decimal(pence) / 100, "GBP", locale=LOCALE[language])
