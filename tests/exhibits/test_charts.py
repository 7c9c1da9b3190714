"""Charts: the marks equal the data, and nothing is clipped or covered, whatever the data."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from marketshock.exhibits import charts, theme
from marketshock.exhibits.exhibit import Size
from marketshock.locale import Language, Locale

SVG = "{http://www.w3.org/2000/svg}"
PALETTE = theme.PALETTE
EVIL = "$a$ <b>#1"
SIZES: tuple[Size, ...] = ("full", "half")
LANGUAGES: tuple[Language, ...] = ("en", "it")
Draw = Callable[[Locale, Size], Figure]


# The same checks for every chart.


def lines_of(figure: Figure) -> list[Any]:
    return list(figure.axes[0].lines)


def patches_of(figure: Figure) -> list[Any]:
    return list(figure.axes[0].patches)


def written(figure: Figure) -> list[Text]:
    """Every text that is visible: labels and tick labels."""
    axes = figure.axes[0]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    return [text for text in [*ticks, *axes.texts] if text.get_text().strip()]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in written(figure)]


def text_box(text: Text) -> Bbox:
    """The text's box without the room for ascenders and descenders (millimetres 0.25)."""
    box = Text.get_window_extent(text)
    return box.padded(-0.3, -0.25 / 25.4 * 200)


def assert_clean(figure: Figure) -> None:
    """No text leaves the figure, no two texts overlap, no mark leaves the axes."""
    boxes = [(text.get_text(), text_box(text)) for text in written(figure)]
    page = figure.bbox.padded(0.5)
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)
    axes = figure.axes[0]
    area = axes.bbox.padded(1.0)
    for patch in axes.patches:
        box = patch.get_window_extent()
        assert area.x0 <= box.x0, patch
        assert box.x1 <= area.x1, patch
        assert area.y0 <= box.y0, patch
        assert box.y1 <= area.y1, patch
    for line in axes.lines:
        if line.get_transform() == axes.transData:
            points = axes.transData.transform(np.column_stack(line.get_data()).astype(float))
            points = points[np.isfinite(points).all(axis=1)]
            assert ((points >= area.min) & (points <= area.max)).all(), line


def assert_bars_free(figure: Figure, but: Sequence[str] = ()) -> None:
    """No text lies on a coloured bar or column."""
    axes = figure.axes[0]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    for text in axes.texts:
        box = text_box(text)
        for bar in bars:
            if bar.get_width() and bar.get_height() and text.get_text() not in but:
                inner = bar.get_window_extent().padded(-0.5)
                assert not box.overlaps(inner), (text.get_text(), bar)


def path_chart(locale: Locale, size: Size, **more: Any) -> Figure:
    tau = range(-10, 11)
    steps = np.random.default_rng(4).normal(0, 0.018, 21)
    steps[10] = -0.141
    width = 1.96 * 0.018 * np.sqrt(np.arange(1, 22))
    given = {
        "event_label": "27 gen: CAR",
        "band_label": "intervallo al 95 % in assenza di evento",
        "x_label": "Sedute rispetto all’evento",
    } | more
    data = given.pop("data", (list(tau), np.cumsum(steps), -width, width))
    return charts.path_with_band(*data, locale=locale, size=size, **given)


def short_path(first: int, last: int, jump: float, width: float = 0.036) -> tuple[Any, ...]:
    tau = np.arange(first, last + 1)
    path = np.where(tau < 0, 0.01, jump)
    spread = width * np.sqrt(np.arange(1, len(tau) + 1))
    return tau.tolist(), path, -spread, spread


def others(count: int, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {f"Company {n}": np.cumsum(rng.normal(0, 0.02, 21)) for n in range(count)}


def percent(value: float, locale: Locale) -> str:
    return locale.percent(value, 1, sign=True)


def bar_chart(locale: Locale, size: Size, values: Any = (), **more: Any) -> Figure:
    values = list(values) or [-0.28, -0.15, -0.141, -0.006, 0.036]
    names = more.pop("names", [f"Company {number}" for number in range(len(values))])
    accent = [number == 0 for number in range(len(values))]
    return charts.ranked_bars(
        names, values, accent=accent, value_format=percent, locale=locale, size=size, **more
    )


def histogram(locale: Locale, size: Size, values: Any = None, event: float = -0.141) -> Figure:
    if values is None:
        values = np.random.default_rng(3).normal(0, 0.0183, 240)
    return charts.histogram_with_event(
        values,
        event,
        event_label="giorno dell’evento",
        x_label="Rendimento anomalo giornaliero",
        y_label="Numero di sedute",
        locale=locale,
        size=size,
    )


FIRMS = ("AWS", "Microsoft", "Alphabet", "Meta", "Oracle")
SHARES = np.array([0.26, 0.22, 0.25, 0.18, 0.09])


def columns(locale: Locale, size: Size, **more: Any) -> Figure:
    totals = more.pop("totals", [65.0, 67.0, 73.0, 92.0, 122.0, 126.0, 209.0, 376.0, None])
    count = len(totals)
    parts: dict[str, Any] = {
        name: [None if total is None else total * share for total in totals]
        for name, share in zip(FIRMS, SHARES, strict=True)
    }
    given = {
        "periods": [str(2026 - count + 1 + number) for number in range(count)],
        "series": parts,
        "totals": totals,
        "projected": [None] * (count - 3) + [197.0, 234.0, 249.0] if count > 3 else (),
        "projected_label": "proiezione di gennaio 2025",
        "published_label": "totale pubblicato",
        "event_after": count - 3 if count > 3 else None,
        "event_label": "27 gen 2025",
    } | more
    return charts.stacked_columns(**given, locale=locale, size=size)


LONG = "Taiwan Semiconductor Manufacturing Company Limited, American depositary receipts"
OLD = [2.0, 2.0, 4.0, 5.0, 7.0, 4.0, 7.0, 8.0, 10.0, 17.0, 23.0, 25.0, 31.0, 40.0]
NEW = [65.0, 67.0, 73.0, 92.0, 122.0, 126.0, 209.0, 376.0, None]
NO_SPLIT: dict[str, Any] = {name: [None] * 14 + [t and t / 5 for t in NEW] for name in FIRMS}
RNG = np.random.default_rng(8)
TINY = {name: [20.0, 99.6 if name == "AWS" else 0.1] for name in FIRMS}
SHAPES: dict[str, Draw] = {
    "path": path_chart,
    "path with others": lambda c, s: path_chart(c, s, end_label="Nvidia", others=others(6)),
    "path with many others": lambda c, s: path_chart(c, s, end_label="Nvidia", others=others(24)),
    "path of one session": lambda c, s: path_chart(c, s, data=short_path(0, 0, -0.17)),
    "path of three sessions": lambda c, s: path_chart(c, s, data=short_path(-1, 1, -0.17)),
    "path from the event": lambda c, s: path_chart(c, s, data=short_path(0, 10, 0.31)),
    "path to the event": lambda c, s: path_chart(c, s, data=short_path(-10, 0, -0.31)),
    "path before the event": lambda c, s: path_chart(c, s, data=short_path(-10, -1, -0.31)),
    "path of a long window": lambda c, s: path_chart(c, s, data=short_path(-120, 120, -0.05)),
    "path with a thin band": lambda c, s: path_chart(c, s, data=short_path(-5, 5, -0.9, 0.001)),
    "path without a move": lambda c, s: path_chart(c, s, data=short_path(-5, 5, 0.0, 0.0)),
    "path with long words": lambda c, s: path_chart(
        c, s, event_label=LONG, band_label=LONG, others={LONG: [0] * 21}
    ),
    "bars": bar_chart,
    "bars, one row": lambda c, s: bar_chart(c, s, [0.036]),
    "bars, all positive": lambda c, s: bar_chart(c, s, [0.9, 0.5, 0.00001]),
    "bars, all negative": lambda c, s: bar_chart(c, s, [-5.93, -3.57]),
    "bars, all zero": lambda c, s: bar_chart(c, s, [0.0, 0.0]),
    "bars, missing": lambda c, s: bar_chart(c, s, [-0.1, None, float("nan")]),
    "bars, 25 rows": lambda c, s: bar_chart(c, s, np.sort(RNG.normal(0, 0.1, 25))),
    "bars, long names": lambda c, s: bar_chart(c, s, [-0.2, 0.1], names=[LONG, LONG * 3]),
    "bars, intervals": lambda c, s: bar_chart(
        c, s, [-0.2, 0.1], low=[-0.3, -0.2], high=[-0.1, 0.4]
    ),
    "histogram": histogram,
    "histogram, event inside": lambda c, s: histogram(c, s, event=0.001),
    "histogram, event right": lambda c, s: histogram(c, s, event=0.25),
    "histogram, event at the edge": lambda c, s: histogram(c, s, event=0.05),
    "histogram, one value": lambda c, s: histogram(c, s, [0.01]),
    "histogram, equal values": lambda c, s: histogram(c, s, [0.0] * 50, event=0.0),
    "histogram, heavy tails": lambda c, s: histogram(c, s, RNG.standard_t(2, 2000) * 0.02),
    "columns": columns,
    "columns, 23 periods": lambda c, s: columns(c, s, totals=OLD + NEW, series=NO_SPLIT),
    "columns, one": lambda c, s: columns(c, s, totals=[100.0]),
    "columns, two": lambda c, s: columns(c, s, totals=[100.0, 90.0], projected=[None, 120.0]),
    "columns, missed projection": lambda c, s: columns(
        c, s, totals=[100.0, 90.0, 95.0, 80.0], projected=[120.0, 300.0, 96.0, 10.0]
    ),
    "columns, no parts": lambda c, s: columns(c, s, totals=[5.0, 7.0, 6.0], series={}),
    "columns, tiny parts": lambda c, s: columns(
        c,
        s,
        totals=[100.0, 100.0],
        series={n: [20.0, v] for n, v in zip(FIRMS, (99.6, *[0.1] * 4), strict=True)},
    ),
    "columns, long name": lambda c, s: columns(
        c, s, totals=[5.0, 7.0], series={LONG: [5.0, 7.0]}, projected=()
    ),
    "columns, quarters": lambda c, s: columns(
        c, s, totals=NEW[:-1], periods=[f"Q{n % 4 + 1} 2{n // 4}" for n in range(8)], event_after=0
    ),
    "columns, thousands": lambda c, s: columns(
        c, s, totals=[1234.5, 998.0, 1501.25, 1800.0], decimals=1, projected=()
    ),
}


@pytest.mark.parametrize("lang", [pytest.param("en", marks=pytest.mark.slow), "it"])
@pytest.mark.parametrize("size", [pytest.param("half", marks=pytest.mark.slow), "full"])
@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_clipped_or_covered(shape: str, size: Size, lang: Language) -> None:
    figure = SHAPES[shape](Locale(lang), size)
    assert figure.get_figwidth() * 25.4 == pytest.approx(theme.WIDTH_MM[size])
    assert_clean(figure)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", [name for name in SHAPES if name.startswith(("bars", "histo"))])
def test_no_text_lies_on_a_bar(shape: str, size: Size) -> None:
    assert_bars_free(SHAPES[shape](Locale("it"), size))


@pytest.mark.parametrize("shape", ["path with others", "bars", "histogram", "columns"])
def test_svg_repeats_and_its_text_has_the_font_of_the_page(shape: str) -> None:
    svg, again = (theme.figure_svg(SHAPES[shape](Locale("it"), "half"), "k") for _ in range(2))
    assert svg == again
    texts = list(ET.fromstring(svg).iter(f"{SVG}text"))
    assert len(texts) > 5
    for text in texts:
        style = text.get("style", "")
        assert "font-family: 'Source Sans 3'" in style
        assert "font-size: 8px" in style


@pytest.mark.parametrize("shape", ["path", "bars", "histogram", "columns"])
def test_numbers_follow_the_language(shape: str) -> None:
    english, italian = (" ".join(words(SHAPES[shape](Locale(lang), "full"))) for lang in LANGUAGES)
    for text in (english, italian):
        assert "-" not in text, "a hyphen is no minus sign"
    if shape != "columns":
        assert "%" in english
        assert "\u00a0%" in italian
        assert "." not in italian


@pytest.mark.parametrize("size", SIZES)
def test_markup_is_printed_literally(size: Size) -> None:
    locale = Locale("en")
    figures = [
        path_chart(locale, size, x_label=EVIL, others={EVIL: [0.0] * 21}),
        bar_chart(locale, size, [-0.2, 0.1], names=[EVIL, "b"]),
        columns(locale, size, series={EVIL: [1.0] * 9}),
    ]
    for figure in figures:
        root = ET.fromstring(theme.figure_svg(figure, "x"))
        assert any(EVIL in (text.text or "") for text in root.iter(f"{SVG}text"))
        assert all(not text.get_parse_math() for text in written(figure))


def test_hidden_characters_do_not_break_the_file() -> None:
    figure = bar_chart(Locale("en"), "half", [0.1], names=["a\x00\u202eb \U0001f4c9"])
    assert "ab ?" in words(figure)
    ET.fromstring(theme.figure_svg(figure, "x"))


def test_session_styles_do_not_reach_a_chart() -> None:
    import matplotlib.style

    plain = theme.figure_svg(columns(Locale("it"), "full"), "x")
    with matplotlib.style.context("dark_background"):
        dark = theme.figure_svg(columns(Locale("it"), "full"), "x")
    assert plain == dark


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
