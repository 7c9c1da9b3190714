"""Charts: nothing is clipped or covered, and words stay words, whatever the data."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from artists import assert_bars_free, assert_clean, words, written
from chart_shapes import (
    EVIL,
    LANGUAGES,
    SHAPES,
    SIZES,
    SVG,
    bar_chart,
    columns,
    path_chart,
)

from marketshock.exhibits import theme
from marketshock.exhibits.exhibit import Size
from marketshock.locale import Language, Locale


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
