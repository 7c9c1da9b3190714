"""The specification curve: what is drawn equals the table, and nothing is cut or covered."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text as Written

import marketshock as ms
from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.robustness import RobustnessGrid
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.charts_specifications import Choice, specification_chart
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.theme import PALETTE
from marketshock.locale import LANGUAGES, Language, Locale

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize("size", ["full", "half"])
GRIDS = pytest.mark.parametrize("count", [1, 8, 48])
WIDE: dict[int, dict[str, Any]] = {
    1: {"models": ("market",), "windows": ((0, 0),), "estimations": (250,)},
    8: {"models": ("market", "ff5"), "windows": ((0, 0), (-1, 1))},
    48: {
        "models": ("raw", "mean", "market_adjusted", "market", "capm", "ff3", "carhart", "ff5"),
    },
}


@cache
def grid(count: int) -> RobustnessGrid:
    return ms.robustness("deepseek", **WIDE[count])


@cache
def made(count: int) -> Exhibit:
    return exhibit(grid(count), "specification_curve")


def drawn(count: int, lang: Language = "en", size: Size = "full") -> Figure:
    return made(count).in_language(lang).at_size(size).figure()


def dots(axes: Axes) -> list[Any]:
    """Marks in order from left to right, then from top to bottom."""
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    return sorted(marks, key=lambda line: (line.get_xdata()[0], -line.get_ydata()[0]))


def whiskers(axes: Axes) -> list[Any]:
    return [
        line
        for line in axes.lines
        if line.get_marker() != "o"
        and line.get_linestyle() == "-"
        and line.get_xdata()[0] == line.get_xdata()[-1]
    ]


def written(figure: Figure) -> list[Written]:
    texts = []
    for axes in figure.axes:
        texts += [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
    return [text for text in texts if text.get_text().strip()]


def box_of(text: Written) -> Any:
    return Written.get_window_extent(text).padded(-0.3, -0.25 / 25.4 * 200)


def assert_clean(figure: Figure) -> None:
    """No text leaves the page or meets another; no text lies on a mark."""
    boxes = [(text.get_text(), box_of(text)) for text in written(figure)]
    page = figure.bbox.padded(0.5)
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)
    for axes in figure.axes:
        for mark in [*dots(axes), *whiskers(axes)]:
            places = axes.transData.transform(np.column_stack(mark.get_data()).astype(float))
            assert (places >= axes.bbox.min - 0.5).all(), mark
            assert (places <= axes.bbox.max + 0.5).all(), mark
            radius = mark.get_markersize() / 2 / 72 * 200 if mark.get_marker() == "o" else 0.0
            low, high = places.min(axis=0) - radius, places.max(axis=0) + radius
            assert page.x0 <= low[0]
            assert high[0] <= page.x1
            for text, box in boxes:
                apart = high[0] < box.x0 or low[0] > box.x1 or high[1] < box.y0 or low[1] > box.y1
                assert apart, (text, mark)


@GRIDS
@BOTH
@SIZES
def test_nothing_is_cut_or_covered(count: int, lang: Language, size: Size) -> None:
    assert_clean(drawn(count, lang, size))


@GRIDS
def test_the_marks_equal_the_table(count: int) -> None:
    data, (upper, _) = made(count).data, drawn(count).axes
    marks = dots(upper)
    assert [mark.get_ydata()[0] for mark in marks] == list(data["caar"])
    assert list(data["caar"]) == sorted(data["caar"])
    spans = sorted(whiskers(upper), key=lambda line: line.get_xdata()[0])
    assert [tuple(line.get_ydata()) for line in spans] == list(
        zip(data["low"], data["high"], strict=True)
    )
    solid = [to_hex(mark.get_markerfacecolor()) != PALETTE.ground.lower() for mark in marks]
    assert solid == list(data["rejects"])


@GRIDS
def test_only_the_declared_specification_has_the_accent(count: int) -> None:
    data, axes = made(count).data, drawn(count).axes
    at = list(data["declared"]).index(True)
    amber = PALETTE.amber.lower()
    marked = {
        (number, round(line.get_xdata()[0]) - 1)
        for number, panel in enumerate(axes)
        for line in [*dots(panel), *whiskers(panel)]
        if amber in (to_hex(line.get_color()), to_hex(line.get_markeredgecolor()))
    }
    assert marked == {(0, at), (1, at)}


@GRIDS
def test_each_column_names_one_model_window_and_estimation(count: int) -> None:
    """Read the lower panel back: the rows of a column are the choices of its specification."""
    data, (_, lower) = made(count).data, drawn(count).axes
    labels = {round(t.get_position()[1], 6): t.get_text() for t in lower.texts}
    height = lower.get_ylim()[1]
    seen: dict[int, list[str]] = {}
    for mark in dots(lower):
        label = labels[round(mark.get_ydata()[0] / height, 6)]
        seen.setdefault(round(mark.get_xdata()[0]), []).append(label)
    assert sorted(seen) == list(data["rank"])
    models: dict[str, set[str]] = {}
    for row in data:
        model, window, estimation = seen[row["rank"]]
        models.setdefault(row["model"], set()).add(model)
        number = Locale("en").number
        last = number(row["last"], sign=True)
        assert window == f"Window [{number(row['first'], sign=True)}, {last}]"
        assert estimation == f"{row['estimation']} estimation sessions"
    assert all(len(names) == 1 for names in models.values())
    assert len({name for names in models.values() for name in names}) == len(models)


@BOTH
@GRIDS
def test_the_label_gives_the_declared_value(count: int, lang: Language) -> None:
    figure = drawn(count, lang)
    value = Locale(lang).percent(grid(count).declared.caar, 1, sign=True)
    assert [t.get_text() for t in figure.axes[0].texts if value in t.get_text()]


@BOTH
@pytest.mark.parametrize("count", [8, 48])
def test_words_are_computed_from_the_rows(count: int, lang: Language) -> None:
    shown, data, locale = made(count), made(count).data, Locale(lang)
    falls = sum(value < 0 for value in data["caar"])
    assert falls == count
    beyond = sum(p < 0.05 for p in data["pvalue"])
    assert locale.number(count) in shown.title[lang]
    whole = {"en": "all of them", "it": "tutte oltre"}[lang]
    assert (whole if beyond == count else locale.number(beyond)) in shown.title[lang]
    for value in (min(data["caar"]), max(data["caar"]), np.median(data["caar"])):
        assert locale.percent(float(value), sign=True) in shown.alt[lang]
    assert {"en": "market model", "it": "modello di mercato"}[lang] in shown.alt[lang]
    assert shown.sources


def test_failures_are_counted_in_a_note() -> None:
    some = ms.robustness(
        "deepseek", models=("market",), windows=((0, 0), (-30, 0)), estimations=(250,)
    )
    shown = exhibit(some, "specification_curve")
    assert any("Not computable: 1 " in note.en for note in shown.notes)
    assert any("Non calcolabili: 1 " in note.it for note in shown.notes)
    assert len(shown.data) == 1


def test_a_grid_without_numbers_is_an_error() -> None:
    none = ms.robustness("deepseek", models=("market",), estimation=99_999, estimations=())
    with pytest.raises(InsufficientDataError, match="No specification"):
        exhibit(none, "specification_curve")


def chart(values: list[float], size: Size, **more: Any) -> Figure:
    n = len(values)
    given: dict[str, Any] = {
        "low": [value - 0.02 for value in values],
        "high": [value + 0.03 for value in values],
        "filled": [at % 2 == 0 for at in range(n)],
        "accent": n - 1,
        "accent_label": "Dichiarata:",
        "choices": [Choice(f"Row {r}", tuple(at % 3 == r for at in range(n)), r) for r in range(3)],
        "x_label": "Specificazioni, per CAAR",
    } | more
    return specification_chart(values, **given, locale=Locale("it"), size=size)


@SIZES
@pytest.mark.parametrize(
    "values",
    [[0.0], [0.0, 0.0], [0.4], [-0.5, 0.5], [0.01, 0.02, 0.9], list(np.linspace(-1, 1, 90))],
    ids=["zero", "zeros", "one", "both signs", "one far out", "many"],
)
def test_odd_values_are_drawn_cleanly(values: list[float], size: Size) -> None:
    assert_clean(chart(values, size))


@SIZES
def test_without_intervals_and_accent(size: Size) -> None:
    empty: list[float | None] = [None] * 4
    figure = chart([-0.2, -0.1, 0.0, 0.1], size, low=empty, high=empty, accent=None)
    assert_clean(figure)
    assert not [t for t in figure.axes[0].texts if "Dichiarata" in t.get_text()]


def test_long_names_are_wrapped_and_flat_values_drawn() -> None:
    name = "A model of expected returns with a long name that needs two lines"
    rows = [Choice(name, (True, True), 0), Choice("B", (True, False), 1)]
    assert_clean(chart([0.0, 0.0], "half", choices=rows, low=[0.0, 0.0], high=[0.0, 0.0]))


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="no specification"):
        chart([], "full", accent=None)
