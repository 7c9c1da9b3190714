"""Exhibits of the AI figures: clean drawings, data as computed, weak figures marked."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text as Written

import marketshock as ms
from marketshock.errors import InsufficientDataError, QualityError
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.exhibit import MARK, Exhibit, Size
from marketshock.exhibits.log_scale import log_ticks, plain
from marketshock.locale import LANGUAGES, Language, Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize("size", ["full", "half"])
SHOCK = "2025-01-27"
DAYS = (SHOCK, "2025-10-15", "2026-05-10", "2026-10-27")
METRICS = ms.benchmarks().metrics
CHARTS: dict[str, tuple[Any, dict[str, Any]]] = {
    **{f"token_price_dots {day}": (lambda day=day: ms.token_prices(as_of=day), {}) for day in DAYS},
    "token_price_history": (ms.token_price_history, {"event": dt.date.fromisoformat(SHOCK)}),
    "token_price_history plain": (ms.token_price_history, {"highlight": "OpenAI"}),
    **{f"benchmark_scores {name}": (ms.benchmarks, {"metric": name}) for name in METRICS},
    "training_sensitivity": (ms.training_cost, {}),
    "training_sensitivity dear": (lambda: ms.training_cost(price_usd=6.25), {}),
    "compute_frontier": (ms.compute_frontier, {}),
    "compute_frontier long": (lambda: ms.compute_frontier(months=36.0, spending=2.0), {}),
    "compute_frontier slow": (
        lambda: ms.compute_frontier(months=6.0, doubling_months=14.0, spending=100.0),
        {},
    ),
    "timeline_path": (ms.timeline, {}),
    "timeline_path index": (lambda: ms.timeline("^GSPC"), {}),
    "timeline_path later": (lambda: ms.timeline(since="2025-02-01", until="2026-08-21"), {}),
}
EVERY = pytest.mark.parametrize("name", CHARTS)


@cache
def made(name: str) -> Exhibit:
    make, options = CHARTS[name]
    return exhibit(make(), name.split()[0], **options)


@cache
def drawn(name: str, lang: Language, size: Size) -> Figure:
    return made(name).in_language(lang).at_size(size).figure()


def written(figure: Figure) -> list[Written]:
    axes = figure.axes[0]
    every = [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
    return [text for text in every if text.get_text().strip()]


def box_of(text: Written) -> Any:
    """The box without the room for ascenders and descenders."""
    return Written.get_window_extent(text).padded(-0.3, -0.28 / 25.4 * 200)


@EVERY
@BOTH
@SIZES
def test_no_text_is_cut_and_none_meets_another(name: str, lang: Language, size: Size) -> None:
    figure = drawn(name, lang, size)
    boxes = [(text.get_text(), box_of(text)) for text in written(figure)]
    page = figure.bbox.padded(0.5)
    assert len(boxes) > 3
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)


@EVERY
@BOTH
def test_no_label_lies_on_a_dot(name: str, lang: Language) -> None:
    figure = drawn(name, lang, "full")
    axes = figure.axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    for text, dot in itertools.product(axes.texts, dots):
        x, y = axes.transData.transform((dot.get_xdata()[0], dot.get_ydata()[0]))
        box = box_of(text)
        inside = box.x0 < x < box.x1 and box.y0 < y < box.y1
        assert not (text.get_text().strip() and inside), text.get_text()


@EVERY
def test_words_stand_in_both_languages(name: str) -> None:
    shown = made(name)
    for words in (shown.title, shown.unit, shown.alt, *shown.notes):
        assert words.en != words.it
        assert words.en.strip()
    assert shown.sources


# The data drawn are those of the result.


def test_the_dots_are_the_prices() -> None:
    result, shown = ms.token_prices(as_of=SHOCK), made(f"token_price_dots {SHOCK}")
    rows = [row for row in result.to_records() if row["measure"] != "blended"]
    assert list(shown.data["multiple"]) == [row["multiple"] for row in rows]
    axes = shown.figure().axes[0]
    places = sorted(10 ** line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o")
    wanted = sorted(row[key] for row in rows for key in ("usd_per_m", "reference_usd_per_m"))
    assert places == pytest.approx(wanted)


def test_the_steps_are_the_blended_prices() -> None:
    levels = set()
    for line in made("token_price_history").figure().axes[0].lines:
        ys = line.get_ydata()
        if line.get_transform() == line.axes.transData and len(ys) == 2 and ys[0] == ys[1]:
            levels.add(round(float(10 ** ys[0]), 9))
    table = ms.token_price_history().table()
    for row in table:
        hand = (3 * row["input_usd_per_m"] + row["output_usd_per_m"]) / 4
        assert row["blended_usd_per_m"] == pytest.approx(hand)
        assert round(hand, 9) in levels


def test_the_table_of_costs_ends_with_other_runs() -> None:
    cost = ms.training_cost()
    data = exhibit(cost, "training_cost_table").data
    assert [row["usd"] for row in data][:4] == [5_328_000, 238_000, 10_000, 5_576_000]
    llama, r1 = list(data)[4:]
    assert llama["usd"] == 30_840_000 * cost.price_usd
    assert r1["usd"] == 294_000
    assert {llama["status"], r1["status"]} == {"recalled"}


def test_events_are_numbered_once_and_listed() -> None:
    found, shown = ms.timeline(), made("timeline_path")
    assert list(shown.data["number"]) == list(range(1, len(found.placed) + 1))
    texts = [text.get_text() for text in drawn("timeline_path", "en", "full").axes[0].texts]
    for number in shown.data["number"]:
        assert texts.count(str(number)) >= 1
    assert "−17.0%" in shown.title.en


@BOTH
def test_titles_are_computed(lang: Language) -> None:
    locale = Locale(lang)
    low, high = ms.token_prices(as_of=SHOCK).multiples()
    title = made(f"token_price_dots {SHOCK}").title[lang]
    assert locale.number(low) in title
    assert locale.number(high) in title
    cost = exhibit(ms.training_cost(price_usd=4.0), "training_cost_table").title[lang]
    assert locale.number(11.152, 1) in cost
    slope = ms.gain_per_parameter(ms.benchmarks()).points_per_tenfold
    assert locale.number(slope, 1) in made("benchmark_scores aime2024_pass1").title[lang]
    share = ms.compute_frontier().access_effect
    assert locale.percent(share, 0) in made("compute_frontier").title[lang]


def test_the_title_turns_where_a_rival_is_cheaper() -> None:
    assert "dearer than GPT-6 Luna" in made("token_price_dots 2026-10-27").title.en
    assert "ma più di GPT-6 Luna" in made("token_price_dots 2026-10-27").title.it


# Weak figures.


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("token_price_table", lambda: ms.token_prices(as_of=SHOCK)),
        ("token_price_dots", lambda: ms.token_prices(as_of=SHOCK)),
        ("token_price_history", ms.token_price_history),
        ("training_cost_table", ms.training_cost),
        ("timeline_path", ms.timeline),
        ("timeline_table", ms.timeline),
    ],
)
@BOTH
def test_recalled_figures_carry_the_mark(key: str, make: Any, lang: Language) -> None:
    shown = exhibit(make(), key, lang=lang)
    weak = [row for row in shown.data if row["status"] == Status.RECALLED.value]
    firm = [row for row in shown.data if row["status"] != Status.RECALLED.value]
    assert weak
    assert firm

    def marked(row: Any) -> bool:
        words = [v[lang] if isinstance(v, Text) else str(v) for v in row.values()]
        return any(MARK in word for word in words)

    assert all(map(marked, weak))
    assert not any(map(marked, firm))
    assert any(MARK in note[lang] for note in shown.notes)
    if shown.kind == "chart":
        drawing = " ".join(text.get_text() for text in written(shown.figure()))
        assert MARK in drawing


@pytest.mark.parametrize("key", ["token_price_table", "token_price_dots"])
def test_a_recalled_figure_without_its_note_is_refused(key: str) -> None:
    shown = exhibit(ms.token_prices(as_of=SHOCK), key)
    with pytest.raises(QualityError, match="without the mark"):
        replace(shown, notes=())


def test_a_recalled_row_without_its_mark_is_refused() -> None:
    shown = exhibit(ms.token_prices(as_of=SHOCK), "token_price_table")
    rows = [{**row, "reference": row["reference"].removesuffix(f" {MARK}")} for row in shown.data]
    with pytest.raises(QualityError, match="without the mark"):
        replace(shown, data=Table.from_rows("token_price_table", rows))


def test_the_schematic_says_so_everywhere() -> None:
    shown = made("compute_frontier")
    for lang, word in (("en", "schematic"), ("it", "schema")):
        assert word in shown.unit[lang].lower()
        assert word in shown.alt[lang].lower()
        figure = drawn("compute_frontier", lang, "full")
        assert word in [text.get_text() for text in written(figure)]
    assert set(shown.data["status"]) == {"schematic"}


def test_too_many_events_for_a_chart_are_refused() -> None:
    whole = ms.timeline(since="2015-01-02", until="2026-08-21")
    with pytest.raises(InsufficientDataError, match="39 dated events"):
        exhibit(whole, "timeline_path")
    assert len(exhibit(whole, "timeline_table").data) == 45
    none = ms.timeline(since="2016-01-04", until="2016-12-30")
    with pytest.raises(InsufficientDataError, match="0 dated events"):
        exhibit(none, "timeline_path")
    with pytest.raises(InsufficientDataError, match="No event"):
        exhibit(none, "timeline_table")


# The logarithmic axis.


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (0.1, 100.0, 4, [0.1, 1.0, 10.0, 100.0]),
        (0.1, 100.0, 7, [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]),
        (0.5, 30.0, 9, [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]),
    ],
)
def test_ticks_are_as_dense_as_there_is_room(
    low: float, high: float, most: int, ticks: list[float]
) -> None:
    assert log_ticks(low, high, most) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "least", "text"),
    [
        (2.5, 2, "2.50"),
        (10.0, 0, "10"),
        (0.14, 2, "0.14"),
        (0.0625, 0, "0.0625"),
        (1e4, 0, "10,000"),
    ],
)
def test_plain_numbers_keep_their_digits(value: float, least: int, text: str) -> None:
    assert plain(value, Locale("en"), least) == text
