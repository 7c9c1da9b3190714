"""Exhibits: words in both languages, sources, alternative texts, marks of weak figures."""

from __future__ import annotations

import re

import numpy as np
import pytest
from examples import (
    BOTH,
    BROKEN,
    EVERY,
    made,
    payload,
    result_of,
    strings,
)

from marketshock.locale import Language, Locale

# Words.


@EVERY
def test_words_differ_between_the_languages(key: str) -> None:
    shown = made(key)
    for words in (shown.title, shown.unit, shown.alt, *shown.notes):
        assert words.en.strip()
        assert words.it.strip()
        assert words.en != words.it
    for column in shown.columns:
        assert column.label.en
        assert column.label.it


@BOTH
@EVERY
def test_no_string_holds_what_a_program_left(key: str, lang: Language) -> None:
    content = {name: value for name, value in payload(key, lang).items() if name != "data_csv"}
    found = [text for text in strings(content) if BROKEN.search(text.replace("\n", ""))]
    assert found == []
    assert not re.search(r"\b(nan|None|NaT|inf)\b|Text\(", payload(key, lang)["data_csv"])


@BOTH
@EVERY
def test_the_source_is_named_with_its_day(key: str, lang: Language) -> None:
    line = payload(key, lang)["source"]
    head, own, as_of = {
        "en": ("Source: ", "marketshock calculations.", "as of"),
        "it": ("Fonte: ", "elaborazioni marketshock.", "al"),
    }[lang]
    assert line.startswith(head)
    assert line.endswith(own)
    days = [source.as_of for source in made(key).sources if source.as_of]
    assert days
    for day in days:
        assert f"({as_of} {Locale(lang).short_date(day)})" in line


@pytest.mark.parametrize("key", ["car_path", "abnormal_bars", "abnormal_table", "tests_table"])
def test_no_source_of_a_study_is_later_than_its_last_session(key: str) -> None:
    shown, last = made(key), result_of(key).result.abnormal.sessions.max()
    assert {np.datetime64(source.as_of) for source in shown.sources if source.as_of} <= {last}


@BOTH
@pytest.mark.parametrize(
    ("key", "column"),
    [("car_path", "car"), ("abnormal_bars", "car"), ("residual_histogram", "ar")],
)
def test_the_alternative_text_gives_count_and_extremes(
    key: str, column: str, lang: Language
) -> None:
    values, locale = made(key).data[column], Locale(lang)
    alt = payload(key, lang)["alt"]
    for words in (
        locale.number(len(values)),
        locale.percent(min(values), sign=True),
        locale.percent(max(values), sign=True),
    ):
        assert words in alt


@BOTH
def test_the_alternative_text_of_the_columns_gives_both_ends(lang: Language) -> None:
    alt, trend = payload("capex_columns", lang)["alt"], result_of("capex_columns")
    for year in (2014, 2025):
        assert str(year) in alt
        assert Locale(lang).billions(trend.total(year)) in alt


@EVERY
def test_weak_figures_are_marked_and_explained(key: str) -> None:
    marks = {"losses_table": "marked", "abnormal_table": "name"}
    if key in marks:
        marked = " ".join(made(key).data[marks[key]])
    elif key == "capex_columns":
        marked = "†" if "recalled" in made(key).data["status"] else ""
        assert ("2018†" in "".join(strings(payload(key, "en")["svg"]))) == bool(marked)
    else:
        return
    notes = " ".join(payload(key, "en")["notes"])
    for mark in "*†":
        assert (mark in marked) == (mark in notes), mark
