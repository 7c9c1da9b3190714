"""Every pair of words in the source: both languages there, the same figures, good typography.

And the pages made of them: one language each, numbers as that language writes them.
"""

from __future__ import annotations

import ast
import html
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader

from marketshock.exhibits.catalogue import EXHIBITS
from marketshock.locale import LANGUAGES, Language, Text
from marketshock.showcase import example

Trees = dict[str, ast.Module]
VALUE = "\0"
"""Stands in a literal text where a value is computed."""


@dataclass(frozen=True)
class Words:
    """One language of a pair: its literal text with marks for values, and the names in these."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """Words of both languages and where they stand."""

    place: str
    en: Words
    it: Words


def both_of(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return the two expressions of ``Text(en, it)``, ``pick(locale, en, it)`` and dictionaries."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if name == "Text" and {"en", "it"} <= named.keys():
            return named["en"], named["it"]
        given = {"Text": node.args, "say": node.args, "pick": node.args[1:]}.get(name, [])
        return (given[0], given[1]) if len(given) == 2 else None
    if isinstance(node, ast.Dict):
        keys = [getattr(key, "value", None) for key in node.keys]
        if set(keys) == {"en", "it"}:
            return node.values[keys.index("en")], node.values[keys.index("it")]
    return None


def words_of(node: ast.expr) -> Words | None:
    """Return what a literal, an f-string, or a sum of them says; None for anything else."""
    if isinstance(node, ast.Constant):
        return Words(node.value, frozenset()) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        inner = [name for part in values for name in ast.walk(part.value)]
        names = {name.id for name in inner if isinstance(name, ast.Name)}
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values
        )
        return Words(text, frozenset(re.sub(r"(?:^|_)(?:en|it)(?:_|$)", "", n) for n in names))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = words_of(node.left), words_of(node.right)
        if left and right:
            return Words(left.text + right.text, left.names | right.names)
    return None


def pairs(trees: Trees) -> Iterator[Pair]:
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if found := both_of(node):
                en, it = map(words_of, found)
                if en and it:
                    yield Pair(f"{path}:{found[0].lineno}", en, it)


# Values that Italian grammar needs and English doesn't: number and gender.
GRAMMAR = {"found", "gender", "n", "one", "there"}
RULES = {
    "a hyphen before a figure, where a minus sign belongs": (r"(?:^|[\s(])-[\d\0]", ""),
    "two spaces": (r"  ", ""),
    "a space before a comma or a full stop": (r" [,.](?![\d.])", r" [,.:;!?](?![\d.])"),
    "three full stops for an ellipsis": (r"(?<!\+ )\.\.\.", r"(?<!\+ )\.\.\."),
    "a space before the percent sign": (r"[\d\0][ \u00a0]%", ""),
    "a breaking space before the percent sign": ("", r"[\d\0] %"),
    "a percent sign that touches a computed figure": ("", r"\0%"),
    "an apostrophe for an accent": ("", r"(?i)\b(?:perche|piu|puo|e|cosi|gia|sara)'(?![a-z])"),
    "a wrong accent": ("", r"(?i)\b(?:perchè|poichè|affinchè|finchè|nè|sè)\b"),
    "another word for billions": (r"(?i)\b(?:mld|mrd|bln)\b", r"(?i)\b(?:bln|bn|mrd)\b"),
    "a dollar sign at an amount": ("", r"\$\s?[\d\0]"),
}


@pytest.fixture(scope="module")
def spoken(trees: Trees) -> list[Pair]:
    return list(pairs(trees))


def test_the_source_is_read(spoken: list[Pair]) -> None:
    assert len(spoken) > 800
    assert {pair.place.split(":")[0] for pair in spoken} >= {
        "publish/labels.py",
        "exhibits/story.py",
        "exhibits/words.py",
        "exhibits/compliance.py",
        "note/market.py",
    }


def test_words_are_there_in_both_languages(spoken: list[Pair]) -> None:
    word = re.compile(rf"[^\W\d_]{{4,}}|{VALUE}")  # shorter ones are units: $ before, USD behind
    found = [
        pair.place
        for pair in spoken
        for one, other in ((pair.en.text, pair.it.text), (pair.it.text, pair.en.text))
        if not one.strip() and word.search(other)
    ]
    assert found == []


def test_placeholders_are_the_same_in_both_languages(spoken: list[Pair]) -> None:
    def holes(text: str) -> list[str]:
        found = string.Formatter().parse(text)
        return sorted(name for _, name, _, _ in found if name is not None)

    plain = [pair for pair in spoken if VALUE not in pair.en.text + pair.it.text]
    assert [pair.place for pair in plain if holes(pair.en.text) != holes(pair.it.text)] == []
    assert sum(bool(holes(pair.en.text)) for pair in plain) >= 5


def test_computed_values_are_the_same_in_both_languages(spoken: list[Pair]) -> None:
    different = {p.place: (p.en.names ^ p.it.names) - {"Locale", ""} - GRAMMAR for p in spoken}
    assert {place: sorted(names) for place, names in different.items() if names} == {}


@pytest.mark.parametrize("rule", RULES)
def test_no_words_hold(spoken: list[Pair], rule: str) -> None:
    patterns = zip(("en", "it"), RULES[rule], strict=True)
    found = [
        f"{pair.place} {lang}: {words.text!r}"
        for lang, pattern in patterns
        if pattern
        for pair in spoken
        for words in ((pair.en if lang == "en" else pair.it),)
        if re.search(pattern, words.text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "lang", "wrong"),
    [
        ("a hyphen before a figure, where a minus sign belongs", 0, "from -17.0 to 3"),
        ("a space before the percent sign", 0, "17 %"),
        ("a breaking space before the percent sign", 1, "17 %"),
        ("a percent sign that touches a computed figure", 1, f"pari al {VALUE}%"),
        ("an apostrophe for an accent", 1, "non e' piu' cosi'"),
        ("a wrong accent", 1, "perchè"),
        ("another word for billions", 1, "1,2 Bln USD"),
        ("a dollar sign at an amount", 1, "$593"),
    ],
)
def test_the_rules_do_match(rule: str, lang: int, wrong: str) -> None:
    assert re.search(RULES[rule][lang], wrong)
    right = ("\u221217.0% of $593bn", "\u221217,0\u00a0% e c'è l'evento: 593 mld USD, perché")
    assert not re.search(RULES[rule][lang], right[lang])


# ---- pages and exhibits --------------------------------------------------------------------------

Vocabulary = dict[Language, set[str]]
WORD = re.compile(r"(?<![\w'’./-])[a-zàèéìòù]{3,}(?![\w/.-]?\w)")
# Names in other languages: of works, of sources, of a trade, and of our own source of data.
NAMES_OF_THINGS = {"carry", "trade", "race", "embedded"}
NAMES_IN_REFERENCES = {
    *("after", "and", "copy", "list", "model", "others", "paper", "research", "stored", "the"),
    "input",
}
NUMBERS_IN_NAMES = re.compile(
    r"https?://\S+|[vV]\d+\.\d+\S*|arXiv \d+\.\d+|marketshock \d+\.\d+\.\d+"
    r"|\d{4}-\d{2}-\d{2}"
    r"|(?:Claude|DeepSeek|GPT|Gemini|Llama|Qwen)[\w-]*(?:[ -]V?\d+(?:\.\d+)?[\w.-]*)*"
)
MISPRINTS: dict[Language, dict[str, str]] = {
    "it": {
        "a decimal point": r"\d\.\d(?!\d\d(?!\d))",
        "a comma between thousands": r"\d,\d{3},\d|\d,\d{3}\.\d",
        "dollars before the amount": r"\$",
        "English billions": r"\d ?(?:bn|tn)\b",
        "a false friend of billions": r"(?i)\bbln\b",
        "trillions instead of thousands of billions": r"(?i)\d (?:bilion|trilion)",
        "a percent sign that touches a computed figure": r"\d,\d+%",
        "a hyphen for a minus sign": r"(?<![\w.)])-\d",
        "an English month": r"\d (?:January|Jan|February|March|May|June|July|August|Aug|October)\b",
    },
    "en": {
        "a decimal comma": r"\d,\d(?!\d\d(?!\d))",
        "a point between thousands": r"\d\.\d{3}\.\d",
        "Italian billions": r"(?i)\bmld\b",
        "a space before the percent sign": r"\d[ \u00a0\u202f]%",
        "a hyphen for a minus sign": r"(?<![\w.)])-\d",
        "an Italian month": r"\d (?:gennaio|gen|febbraio|marzo|maggio|mag|giugno|luglio|ottobre)\b",
    },
}


@pytest.fixture(scope="module")
def only_in(spoken: list[Pair]) -> Vocabulary:
    """Words of our own that occur in one language and never in the other."""
    en = {word for pair in spoken for word in WORD.findall(pair.en.text)}
    it = {word for pair in spoken for word in WORD.findall(pair.it.text)}
    return {"en": en - it, "it": it - en}


def other(lang: Language) -> Language:
    return "it" if lang == "en" else "en"


def foreign(text: str, lang: Language, only_in: Vocabulary) -> set[str]:
    return {*WORD.findall(text)} & only_in[other(lang)] - NAMES_OF_THINGS


def misprints(text: str, lang: Language) -> list[str]:
    plain = NUMBERS_IN_NAMES.sub(" ", text)
    return [
        f"{what}: {plain[max(0, found.start() - 20) : found.end() + 10]!r}"
        for what, pattern in MISPRINTS[lang].items()
        for found in re.finditer(pattern, plain)
    ]


@cache
def sample(lang: Language) -> str:
    root = Path(__file__).resolve().parents[2]
    reader = PdfReader(root / "reports" / f"sample-{lang}.pdf")
    return "\n".join(page.extract_text() for page in reader.pages)


def exhibit_words(key: str, lang: Language) -> str:
    payload = example(key).in_language(lang).payload()
    drawn = html.unescape(" ".join(re.findall(r">([^<>]+)<", payload.get("svg", ""))))
    cells = [
        cell if isinstance(cell, str) else cell["text"]
        for row in payload.get("rows", [])
        for cell in row
    ]
    heads = [column["label"] for column in payload.get("columns", [])]
    words = [payload[part] for part in ("title", "unit", "alt", "source")]
    return " | ".join([*words, *payload["notes"], *heads, *cells, drawn])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_one_language(lang: Language, only_in: Vocabulary) -> None:
    assert foreign(sample(lang), lang, only_in) == set()
    assert len({*WORD.findall(sample(lang))} & only_in[lang]) > 100


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_writes_numbers_as_its_language_does(lang: Language) -> None:
    assert misprints(sample(lang), lang) == []


@pytest.mark.parametrize(
    ("lang", "printed"),
    [
        ("it", ["\u221217,0\u00a0%", "593\u00a0mld\u00a0USD", "27 gennaio 2025", "<\u202f0,001"]),
        ("en", ["\u221217.0%", "$593bn", "27 January 2025", "<\u202f0.001"]),
    ],
)
def test_the_page_prints_what_was_agreed(lang: Language, printed: list[str]) -> None:
    for part in printed:
        squeezed = re.sub(r"\s", "", part)
        assert squeezed in re.sub(r"\s", "", sample(lang))


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", EXHIBITS)
def test_an_exhibit_speaks_one_language(key: str, lang: Language, only_in: Vocabulary) -> None:
    known = NAMES_IN_REFERENCES if key.startswith("note_") else set()
    assert foreign(exhibit_words(key, lang), lang, only_in) - known == set()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", EXHIBITS)
def test_an_exhibit_writes_numbers_as_its_language_does(key: str, lang: Language) -> None:
    assert misprints(exhibit_words(key, lang), lang) == []


@pytest.mark.parametrize(
    ("wrong", "lang"),
    [
        ("perdita di 1.2 punti", "it"),
        ("1,200,000 azioni", "it"),
        ("$593 mld", "it"),
        ("593bn", "it"),
        ("1,2 Bln USD", "it"),
        ("17,0%", "it"),
        ("-17,0", "it"),
        ("27 January 2025", "it"),
        ("17,0 points", "en"),
        ("1.200.000 shares", "en"),
        ("593 mld USD", "en"),
        ("17.0 %", "en"),
        ("(-17.0%)", "en"),
        ("27 gennaio 2025", "en"),
    ],
)
def test_a_misprint_is_seen(wrong: str, lang: Language) -> None:
    assert misprints(wrong, lang)


@pytest.mark.parametrize(
    "right",
    [
        Text("\u221217.0%, $593bn, $1.2tn", "\u221217,0\u00a0%, 593 mld USD, 1.200 mld USD"),
        Text("24.490 bn shares of 1,234,567", "24,490 miliardi di azioni su 1.234.567"),
        Text("Claude 3.5, DeepSeek-V4.1-Flash", "Claude 3.5, DeepSeek-V4.1-Flash"),
        Text("2024-2025, S&P 500", "2024-2025, arXiv 2501.12948"),
    ],
)
def test_what_is_right_is_no_misprint(right: Text) -> None:
    for lang in LANGUAGES:
        assert misprints(right[lang], lang) == []


def test_a_foreign_word_is_seen(only_in: Vocabulary) -> None:
    assert foreign("La perdita was abnormal", "it", only_in) == {"was", "abnormal"}
    assert foreign("The largest perdita since 2015", "en", only_in) == {"perdita"}
