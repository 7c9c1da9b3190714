"""Path and bars: the marks equal the data, the labels keep off them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from artists import assert_clean, lines_of, patches_of, text_box, words, written
from chart_shapes import (
    PALETTE,
    bar_chart,
    others,
    path_chart,
    short_path,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from marketshock.locale import Locale

# The path.


def line_named(figure: Figure, colour: str, width: float) -> Any:
    found = [
        line
        for line in lines_of(figure)
        if line.get_color() == colour and line.get_linewidth() == width
    ]
    assert len(found) == 1
    return found[0]


def test_path_and_band_equal_the_data() -> None:
    data = short_path(-10, 10, -0.17)
    figure = path_chart(Locale("it"), "full", data=data)
    line = line_named(figure, PALETTE.ink, 1.8)
    np.testing.assert_array_equal(line.get_xdata(), data[0])
    np.testing.assert_array_equal(line.get_ydata(), data[1])
    corners = np.asarray(figure.axes[0].collections[0].get_paths()[0].vertices)
    assert corners[:, 1].min() == data[2].min()
    assert corners[:, 1].max() == data[3].max()


def test_path_names_the_event_and_the_last_session() -> None:
    data = short_path(-10, 10, -0.17)
    data[1][-1] = -0.114
    text = words(path_chart(Locale("it"), "full", data=data))
    assert "27 gen: CAR −17,0\u00a0%" in text
    assert "−11,4\u00a0%" in text
    assert {"−10", "0", "+10"} <= set(text)


def test_amber_marks_the_event_only() -> None:
    figure = path_chart(Locale("it"), "full", others=others(3))
    amber = [line for line in lines_of(figure) if line.get_color() == PALETTE.amber]
    assert [set(line.get_xdata()) for line in amber] == [{0.0}, {0.0}]
    coloured = [t.get_text() for t in written(figure) if t.get_color() == PALETTE.amber_text]
    assert coloured == ["27 gen: CAR −17,7\u00a0%"]


def test_path_without_a_band_or_an_event_draws_what_there_is() -> None:
    tau, path, low, high = short_path(1, 5, 0.02)
    open_band = np.full(5, np.nan)
    figure = path_chart(Locale("en"), "half", data=(tau, path, open_band, open_band))
    assert not figure.axes[0].collections
    assert not any("CAR" in text or "intervallo" in text for text in words(figure))
    assert_clean(figure)
    path[2] = np.nan
    assert_clean(path_chart(Locale("en"), "half", data=(tau, path, low, high)))


def test_event_label_keeps_off_the_path() -> None:
    for jump in (-0.3, -0.05, 0.0, 0.05, 0.3):
        figure = path_chart(Locale("en"), "half", data=short_path(-10, 10, jump))
        label = next(text for text in written(figure) if "CAR" in text.get_text())
        line = line_named(figure, PALETTE.ink, 1.8)
        x, y = (np.asarray(values, dtype=float) for values in line.get_data())
        fine = np.linspace(x[0], x[-1], 2000)
        points = figure.axes[0].transData.transform(np.column_stack([fine, np.interp(fine, x, y)]))
        box = text_box(label)
        assert not any(box.contains(*point) for point in points)


# Bars.


def test_bars_equal_the_data_in_the_order_given() -> None:
    values = [-0.28, 0.036, -0.006]
    bars = patches_of(bar_chart(Locale("en"), "half", values))
    assert [bar.get_width() for bar in bars] == values
    heights = [bar.get_y() for bar in bars]
    assert heights == sorted(heights, reverse=True)
    colours = [to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colours == [PALETTE.amber, PALETTE.teal, PALETTE.teal]


def test_every_bar_prints_its_sign() -> None:
    text = words(bar_chart(Locale("it"), "half", [-0.28, 0.036, 0.0, None]))
    assert {"−28,0\u00a0%", "+3,6\u00a0%", "0,0\u00a0%", "n.a."} <= set(text)


def test_whiskers_equal_the_interval() -> None:
    figure = bar_chart(Locale("en"), "full", [-0.2, 0.1], low=[-0.3, None], high=[-0.1, 0.4])
    spans = [
        tuple(line.get_xdata())
        for line in lines_of(figure)
        if line.get_color() == PALETTE.ink and line.get_xdata()[0] != line.get_xdata()[1]
    ]
    assert spans == [(-0.3, -0.1)]


@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=25))
def test_bars_use_the_room_and_never_leave_it(values: list[float]) -> None:
    figure = bar_chart(Locale("it"), "half", values)
    low, high = figure.axes[0].get_xlim()
    assert low <= min(*values, 0.0)
    assert high >= max(*values, 0.0)
    assert_clean(figure)


def test_a_long_list_grows_and_a_given_height_is_kept() -> None:
    heights = [
        bar_chart(Locale("en"), "half", [0.1] * count).get_figheight() * 25.4
        for count in (1, 5, 25)
    ]
    assert heights == sorted(heights)
    assert heights[-1] < 140.0
    figure = bar_chart(Locale("en"), "half", [0.1] * 5, height_mm=60.0)
    assert figure.get_figheight() * 25.4 == pytest.approx(60.0)


def test_bars_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        bar_chart(Locale("en"), "half", [0.1, 0.2], names=["a"])
