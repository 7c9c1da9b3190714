"""Histogram and stacked columns: the marks equal the data."""

from __future__ import annotations

import numpy as np
import pytest
from artists import assert_bars_free, lines_of, patches_of, text_box, words
from chart_shapes import (
    FIRMS,
    OLD,
    PALETTE,
    SHAPES,
    SHARES,
    SIZES,
    columns,
    histogram,
)
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from marketshock.exhibits.exhibit import Size
from marketshock.locale import Locale

# Histogram.


def test_counts_add_up_and_the_event_stays_out() -> None:
    values = np.random.default_rng(3).normal(0, 0.0183, 240)
    figure = histogram(Locale("en"), "half", [*values, float("nan")])
    bars = patches_of(figure)
    assert sum(bar.get_height() for bar in bars) == 240
    for bar in bars:
        inside = (values >= bar.get_x()) & (values < bar.get_x() + bar.get_width())
        assert bar.get_height() == inside.sum()
    assert "giorno dell’evento" in words(figure)
    assert "−14.1%" in words(figure)


def test_event_stem_stands_at_its_value() -> None:
    figure = histogram(Locale("en"), "half", event=-0.141)
    amber = [line for line in lines_of(figure) if line.get_color() == PALETTE.amber]
    assert [set(line.get_xdata()) for line in amber] == [{-0.141}, {-0.141}]


def test_histogram_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no residual"):
        histogram(Locale("en"), "half", [float("nan")])


# Columns.


def bars_of(figure: Figure, colour: str) -> list[Rectangle]:
    return [
        patch
        for patch in figure.axes[0].patches
        if isinstance(patch, Rectangle) and to_hex(patch.get_facecolor()).upper() == colour
    ]


def test_parts_equal_the_data_and_stack_without_gaps() -> None:
    figure = columns(Locale("en"), "full", totals=[50.0, 80.0, 100.0, 120.0], projected=())
    bottom = np.zeros(4)
    for name, share in zip(FIRMS, SHARES, strict=True):
        bars = bars_of(figure, PALETTE.companies[name])
        assert [bar.get_height() for bar in bars] == pytest.approx(
            list(share * np.array([50.0, 80.0, 100.0, 120.0]))
        )
        assert [bar.get_y() for bar in bars] == pytest.approx(list(bottom))
        bottom += [bar.get_height() for bar in bars]
    assert {"50", "80", "100", "120"} <= set(words(figure))


def test_companies_are_named_with_their_last_figure() -> None:
    text = words(columns(Locale("en"), "half"))
    assert {"AWS 98", "Microsoft 83", "Alphabet 94", "Meta 68", "Oracle 34"} <= set(text)
    assert "2025" in text, "the labels tell their period when it is not the last"


def test_a_missing_part_is_said_and_not_drawn_as_zero() -> None:
    figure = columns(
        Locale("en"), "full", totals=[5.0, 5.0], series={"Meta": [2.0, 5.0], "Oracle": [3.0, None]}
    )
    assert "Oracle n.a." in words(figure)
    assert len(bars_of(figure, PALETTE.oracle)) == 1


def test_projections_are_outlined_beside_their_outcome_and_hatched_without() -> None:
    figure = columns(Locale("it"), "full")
    outlines = [
        line
        for line in lines_of(figure)
        if line.get_color() == PALETTE.ink and len(line.get_xdata()) == 4
    ]
    assert [max(line.get_ydata()) for line in outlines] == [197.0, 234.0, 249.0]
    hatched = [patch for patch in patches_of(figure) if patch.get_hatch()]
    assert [patch.get_height() for patch in hatched if isinstance(patch, Rectangle)] == [249.0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", ["columns", "columns, 23 periods", "columns, missed projection"])
def test_every_projection_is_printed(shape: str, size: Size) -> None:
    text = " ".join(words(SHAPES[shape](Locale("it"), size)))
    numbers = ("120", "300", "96", "10") if "missed" in shape else ("197", "234", "249")
    for number in numbers:
        assert number in text
    assert "proiezione di" in text


def test_a_total_below_its_projection_stands_on_its_column() -> None:
    figure = SHAPES["columns, missed projection"](Locale("en"), "full")
    axes = figure.axes[0]
    label = next(text for text in axes.texts if text.get_text() == "90")
    bottom = axes.transData.inverted().transform(text_box(label).min)[1]
    assert 90.0 <= bottom < 110.0, "not on the outline at 300"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", [name for name in SHAPES if name.startswith("columns")])
def test_only_numbers_of_projections_lie_on_columns(shape: str, size: Size) -> None:
    tags = ("120", "96", "10", "197", "234", "249")
    assert_bars_free(SHAPES[shape](Locale("it"), size), but=tags)


def test_totals_without_parts_become_grey_columns_with_their_words() -> None:
    figure = SHAPES["columns, 23 periods"](Locale("it"), "full")
    grey = bars_of(figure, PALETTE.unsplit)
    assert [bar.get_height() for bar in grey] == OLD
    assert "totale pubblicato" in words(figure)


def test_event_line_lies_between_its_periods() -> None:
    figure = columns(Locale("it"), "full")
    amber = [line for line in lines_of(figure) if line.get_color() == PALETTE.amber]
    assert [set(line.get_xdata()) for line in amber] == [{6.5}]


def test_negative_or_unequal_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        columns(Locale("en"), "full", totals=[1.0, -1.0])
    with pytest.raises(ValueError, match="1 values for 2 periods"):
        columns(Locale("en"), "full", totals=[1.0, 1.0], series={"Meta": [1.0]})
