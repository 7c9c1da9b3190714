"""The fixed words of the page exist alike in both languages."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from marketshock.locale import LANGUAGES
from marketshock.publish.labels import DISCLAIMER, LABELS, page_labels


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w*)\}", text))


def test_both_languages_have_the_same_keys() -> None:
    keys = [list(page_labels(lang)) for lang in LANGUAGES]
    assert keys[0] == keys[1] == list(LABELS)


@pytest.mark.parametrize("key", LABELS)
def test_words_are_there_with_the_same_placeholders(key: str) -> None:
    words = LABELS[key]
    assert all(words[lang].strip() == words[lang] != "" for lang in LANGUAGES)
    assert placeholders(words.en) == placeholders(words.it)


def test_every_word_that_the_template_asks_for_exists() -> None:
    template = (files("marketshock.publish") / "templates" / "report.typ").read_text("utf-8")
    asked = set(re.findall(r'words\("(\w+)"', template))
    assert asked
    assert asked <= set(LABELS)


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        (
            "en",
            "professional investors|not investment advice|offer|Past performance|third parties"
            "|not warranted|model|event windows",
        ),
        (
            "it",
            "investitori professionali|Non costituisce consulenza|offerta|rendimenti passati"
            "|terzi|non se ne garantiscono|modello|finestre",
        ),
    ],
)
def test_disclaimer_says_what_it_must(lang: str, parts: str) -> None:
    text = DISCLAIMER.as_dict()[lang]
    assert [part for part in parts.split("|") if part not in text] == []
    assert "{" not in text
