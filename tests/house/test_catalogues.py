"""Simplified and Traditional Chinese are complete. The sentences themselves are English, so English needs no catalogue."""

from __future__ import annotations

import ast
import string
from functools import cache

import messages
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import duban.settings

LANGUAGES = messages.LANGUAGES


@cache
def gathered() -> Catalog:
    return messages.gathered()


@cache
def catalogue(language: str) -> Catalog:
    with (messages.LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as stream:
        return read_po(stream, locale=language)


def _texts(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _sentences(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_sources_is_in_the_catalogue(language: str) -> None:
    missing = [m.id for m in gathered() if m.id and catalogue(language).get(m.id, m.context) is None]
    assert not missing, "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_without_a_translation_or_in_doubt(language: str) -> None:
    assert not [m.id for m in _sentences(language) if m.fuzzy or not all(text.strip() for text in _texts(m))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_kept_that_no_source_holds(language: str) -> None:
    assert not [m.id for m in _sentences(language) if gathered().get(m.id, m.context) is None], "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_facts_as_its_sentence(language: str) -> None:
    wrong = []
    for message in _sentences(language):
        wrong += [f"{message.id!r}: {error}" for error in message.check(catalogue(language))]
        if "python-brace-format" in message.flags:
            wanted = _named(message.id if isinstance(message.id, str) else message.id[-1])
            wrong += [f"{message.id!r}: {text!r}" for text in _texts(message) if _named(text) != wanted]
    assert not wrong, wrong


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_modules_import_gettext_under_the_names_that_are_gathered() -> None:
    other = [
        f"{path.relative_to(messages.SOURCE)}: {alias.asname}"
        for path in messages.SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and alias.asname not in messages.ALIASES
    ]
    assert not other, other


def test_the_languages_offered_are_those_with_a_catalogue_and_english() -> None:
    offered = {code for code, _ in duban.settings.LANGUAGES}
    assert offered == {"en"} | {language.lower().replace("_", "-") for language in LANGUAGES}


def test_the_two_chinese_catalogues_do_not_say_the_same_throughout() -> None:
    simplified, traditional = catalogue("zh_Hans"), catalogue("zh_Hant")
    differing = [m.id for m in simplified if m.id and _texts(m) != _texts(traditional.get(m.id, m.context))]
    assert len(differing) > len(simplified) / 4
