"""Exhibits and words of earlier shocks: what is printed is what was computed, in both languages."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from marketshock import api
from marketshock.analogue_study import analogues
from marketshock.errors import InsufficientDataError
from marketshock.exhibits.analogue_exhibits import (
    analogue_panel,
    analogues_table,
    what_came_next,
    what_came_next_text,
)
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.placebo_exhibit import placebo_histogram
from marketshock.exhibits.theme import PALETTE
from marketshock.locale import LANGUAGES, Language, Locale
from marketshock.shock.analogues import Analogues
from marketshock.shock.analogues_next import MEASURES, Base, Measure
from marketshock.shock.study import ShockStudy

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize("size", ["full", "half"])
CASES: dict[str, dict[str, Any]] = {
    "many": {"event": "deepseek"},
    "one stock": {"event": "meta_2022", "among": "same_stock"},
    "few": {"event": "facebook_2018", "among": "same_stock"},
    "kind": {"event": "chip_rout", "among": "same_kind"},
}
EVERY = pytest.mark.parametrize("case", CASES)
BROKEN = re.compile(r"\bnan\b|None|inf\b|n\.a\.%|  |\{|\}|Text\(|_")


@cache
def found(case: str) -> Analogues:
    return analogues(**CASES[case])


@cache
def study() -> ShockStudy:
    return api.event_study("deepseek")


def words(exhibit: Exhibit, lang: Language) -> list[str]:
    return [one[lang] for one in (exhibit.title, exhibit.unit, exhibit.alt, *exhibit.notes)]


# Words.


@BOTH
@EVERY
def test_every_exhibit_has_whole_words_and_the_survivorship_note(case: str, lang: Language) -> None:
    note = found(case).survivorship[lang]
    for made in (what_came_next(found(case)), analogues_table(found(case))):
        printed = words(made, lang)
        assert note in printed
        assert not [one for one in printed if BROKEN.search(one)]
        assert len(made.title[lang]) < 110
        assert made.sources


@BOTH
@EVERY
def test_the_paragraph_says_event_n_universe_and_survivorship(case: str, lang: Language) -> None:
    one, locale = found(case), Locale(lang)
    text = what_came_next_text(one).text[lang]
    assert not BROKEN.search(text)
    assert locale.date(one.event.session) in text
    assert locale.percent(one.event.ar, sign=True) in text
    assert locale.number(one.nearest.searched) in text
    assert text.endswith(one.survivorship[lang])
    assert re.fullmatch(r"([^ ].*[.?!])", text)


@BOTH
def test_below_ten_the_paragraph_stops_and_says_why(lang: Language) -> None:
    few = found("few")
    text = what_came_next_text(few).text[lang]
    assert few.withheld is not None
    assert few.withheld[lang][1:] in text
    spoken = few.outcome(20)
    assert spoken.mean is not None
    assert Locale(lang).percent(spoken.mean, sign=True) not in text
    title = what_came_next(few).title[lang]
    assert title.startswith("7 shock")
    assert {"en": "too few", "it": "troppo pochi"}[lang] in title


@BOTH
@pytest.mark.parametrize("case", ["many", "one stock", "kind"])
def test_the_paragraph_prints_the_numbers_of_a_month(case: str, lang: Language) -> None:
    one, locale = found(case).outcome(20), Locale(lang)
    text = what_came_next_text(found(case)).text[lang]
    assert one.mean_interval is not None
    assert one.base is not None
    assert one.mean is not None
    for value in (one.mean, one.mean_interval.low, one.mean_interval.high, one.base.mean):
        assert locale.percent(value, sign=True) in text
    for share in (one.share, one.base.share):
        assert locale.percent(share, 0) in text
    recovery = found(case).recovery
    assert recovery is not None
    assert str(recovery.after.median) in text


def standing(one: Analogues, horizon: int, mean: float) -> Analogues:
    """The same with one horizon far from its base rate."""
    changed = []
    for outcome in one.outcomes:
        if (outcome.measure, outcome.horizon) == ("car", horizon):
            base = outcome.base
            assert isinstance(base, Base)
            outcome = replace(outcome, base=replace(base, mean=mean), adjusted=0.001)
        changed.append(outcome)
    return replace(one, outcomes=tuple(changed))


@BOTH
@pytest.mark.parametrize(("mean", "en", "it"), [(-0.4, "more", "più"), (0.4, "less", "meno")])
def test_the_title_says_what_stands_out(mean: float, en: str, it: str, lang: Language) -> None:
    title = what_came_next(standing(found("many"), 20, mean)).title
    text = what_came_next_text(standing(found("many"), 20, mean)).text
    assert f" {en} than random" in title.en
    assert f" {it} di quanto" in title.it
    assert {"en": "20 sessions", "it": "20 sedute"}[lang] in title[lang]
    assert {"en": "differs from random", "it": "si distingue da sedute"}[lang] in text[lang]
    plain = what_came_next(found("many")).title[lang]
    assert {"en": "does not stand out", "it": "non si distingue"}[lang] in plain


@BOTH
def test_later_sessions_are_confessed(lang: Language) -> None:
    late = analogues("deepseek", all_history=True)
    said = {"en": "Later sessions", "it": "sedute successive"}[lang]
    assert said in what_came_next_text(late).text[lang]
    assert any(said in note for note in words(what_came_next(late), lang))
    assert {"en": "earlier", "it": "precedente"}[lang] not in analogues_table(late).title[lang]


# The table and the chart.


@BOTH
def test_the_table_begins_with_the_event_and_ends_with_outcomes(lang: Language) -> None:
    one = found("many")
    printed = analogues_table(one).in_language(lang).payload()
    assert len(printed["rows"]) == 13
    assert printed["emphasis"] == [0]
    locale, nearest = Locale(lang), one.shocks[0]
    assert printed["rows"][0][0] == "Nvidia"
    assert printed["rows"][1][1] == locale.short_date(nearest.session)
    value = one.outcome(20).values[0]
    assert printed["rows"][1][-2] == locale.number(100 * value, 1, sign=True)
    assert one.name(nearest.symbol) in analogues_table(one).title[lang]


def marks(figure: Figure) -> list[Any]:
    return [line for line in figure.axes[0].lines if line.get_marker() == "o"]


def position(figure: Figure, value: float) -> float:
    low, high = figure.axes[0].get_xlim()
    return (value - low) / (high - low)


@SIZES
@EVERY
@pytest.mark.parametrize("measure", MEASURES)
def test_dots_stand_at_the_means_and_are_hollow_without_interval(
    case: str, measure: Measure, size: Size
) -> None:
    made = what_came_next(found(case), measure).at_size(size)
    figure = made.figure()
    drawn = marks(figure)[: len(made.data)]
    for dot, row in zip(drawn, made.data, strict=True):
        assert dot.get_xdata()[0] == pytest.approx(position(figure, row["mean"]))
        filled = dot.get_markerfacecolor() == PALETTE.teal
        assert filled == (row["mean_low"] is not None)
    levels = [dot.get_ydata()[0] for dot in drawn]
    assert levels == sorted(levels, reverse=True)


@SIZES
@BOTH
@EVERY
def test_no_word_leaves_the_paper_or_covers_another(case: str, lang: Language, size: Size) -> None:
    figure = what_came_next(found(case)).in_language(lang).at_size(size).figure()
    figure.canvas.draw()
    paper = figure.bbox
    axes = figure.axes[0]
    boxes = [
        text.get_window_extent()
        for text in (*axes.texts, *axes.get_xticklabels())
        if text.get_text().strip()
    ]
    for box in boxes:
        assert box.x0 >= paper.x0 - 1
        assert box.x1 <= paper.x1 + 1
        assert box.y0 >= paper.y0 - 1
        assert box.y1 <= paper.y1 + 1
    for one, other in itertools.combinations(boxes, 2):
        apart = one.x1 <= other.x0 + 1 or other.x1 <= one.x0 + 1
        assert apart or one.y1 <= other.y0 + 2.5 or other.y1 <= one.y0 + 2.5


def test_the_panel_is_the_chart_and_the_paragraph() -> None:
    chart, said = analogue_panel(found("many"), "it")
    assert chart is not None
    assert (chart.key, chart.lang, said.lang) == ("what_came_next", "it", "it")
    assert said.payload()["heading"] == "È già successo?"


def test_without_any_outcome_the_panel_has_words_only() -> None:
    one = found("few")
    nothing = tuple(replace(outcome, n=0, mean=None) for outcome in one.outcomes)
    bare = replace(one, outcomes=nothing, nearest=replace(one.nearest, shocks=(), searched=0))
    chart, said = analogue_panel(bare)
    assert chart is None
    assert "there is no such shock" in said.text.en.lower()
    with pytest.raises(InsufficientDataError, match="has an outcome"):
        what_came_next(bare)
    assert "no earlier shock" in analogues_table(bare).title.en


# Placebo sessions.


def test_the_placebo_histogram_counts_what_the_test_counts() -> None:
    test = study().result.test("placebo_dates")
    made = placebo_histogram(study())
    values = np.array([row["t"] for row in made.data if not row["event"]])
    (event,) = [row["t"] for row in made.data if row["event"]]
    beyond = int((np.abs(values) >= abs(event)).sum())
    assert test.statistic == beyond
    assert test.pvalue == pytest.approx((1 + beyond) / (1 + len(values)))
    assert event == pytest.approx(study().result.test("portfolio_t").statistic)


@BOTH
def test_the_smallest_reachable_p_is_printed(lang: Language) -> None:
    made = placebo_histogram(study())
    n = len(made.data) - 1
    note = made.notes[0][lang]
    assert Locale(lang).number(n) in made.title[lang]
    assert Locale(lang).number(1 / (n + 1), 4) in note
    assert not [one for one in words(made, lang)[1:] if BROKEN.search(one)]


def test_a_study_without_placebo_sessions_has_no_histogram() -> None:
    bare = replace(study(), result=replace(study().result, placebo=None))
    with pytest.raises(InsufficientDataError, match="not repeated"):
        placebo_histogram(bare)
