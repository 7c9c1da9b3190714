"""Colours that can be told apart, fonts from the package, files that repeat byte by byte."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from cycler import cycler
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from marketshock.exhibits import theme
from marketshock.exhibits.exhibit import Size

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "$593bn and $500bn <b>#1</b> & _x_ \\frac{1}{2} %"
PALETTE = theme.PALETTE
TEXT_COLOURS = ("ink", "text", "muted", "amber_text")
MARK_COLOURS = ("teal", "amber", "axis", "band_edge", "unsplit")
COMPANIES = ("amazon", "microsoft", "alphabet", "meta", "oracle")

# Machado, Oliveira and Fernandes (2009), deuteranopia, severity 1.0, on linear RGB.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)


def linear(colour: str) -> list[float]:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def luminance(colour: str) -> float:
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: list[float]) -> tuple[float, float, float]:
    rows = (
        (0.4124, 0.3576, 0.1805, 0.9505),
        (0.2126, 0.7152, 0.0722, 1.0),
        (0.0193, 0.1192, 0.9505, 1.089),
    )
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (sum(w * c for w, c in zip(row[:3], rgb, strict=True)) / row[3] for row in rows)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def deuteranope(colour: str) -> list[float]:
    rgb = linear(colour)
    mixed = (sum(w * c for w, c in zip(row, rgb, strict=True)) for row in DEUTERANOPIA)
    return [min(1.0, max(0.0, share)) for share in mixed]


def drawing(text: str = EVIL) -> Figure:
    figure, axes = theme.new_figure("half", 40)
    axes.fill_between([0, 1], [0, 1], color=PALETTE.band, hatch="///")
    axes.plot([0, 5], [0, 5])
    axes.text(
        0.2, 0.5, theme.printable(text), fontproperties=theme.font(bold=True), parse_math=False
    )
    axes.text(0.2, 0.2, "Meta", fontproperties=theme.font(), parse_math=False)
    return figure


def styles(svg: str) -> list[dict[str, str]]:
    texts = ET.fromstring(svg).iter(f"{SVG}text")
    return [dict(re.findall(r"([\w-]+): ([^;]+)", text.get("style", ""))) for text in texts]


@pytest.mark.parametrize("name", TEXT_COLOURS)
def test_text_is_readable_on_white_and_on_the_band(name: str) -> None:
    assert contrast(getattr(PALETTE, name), PALETTE.ground) >= 4.5
    assert contrast(getattr(PALETTE, name), PALETTE.band) >= 4.5


@pytest.mark.parametrize("name", MARK_COLOURS + COMPANIES)
def test_marks_stand_out_from_white(name: str) -> None:
    assert contrast(getattr(PALETTE, name), PALETTE.ground) >= 3.0


def test_contrast_formula_agrees_with_the_guideline() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(COMPANIES, 2)))
def test_companies_differ_in_grey_print_and_for_colour_blind_readers(one: str, other: str) -> None:
    pair = getattr(PALETTE, one), getattr(PALETTE, other)
    first, second = (lab([luminance(colour)] * 3)[0] for colour in pair)
    assert abs(first - second) >= 7.0, "lightness in grey print, L* of 100"
    seen = [lab(deuteranope(colour)) for colour in pair]
    distance = sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5
    assert distance >= 15.0, "colour difference, CIE 1976"


def test_amber_is_told_from_teal_in_grey_print() -> None:
    lightness = [lab([luminance(colour)] * 3)[0] for colour in (PALETTE.amber, PALETTE.teal)]
    assert lightness[0] - lightness[1] >= 10.0


def test_companies_keep_their_colour_in_any_company() -> None:
    assert PALETTE.companies["AWS"] == PALETTE.companies["Amazon"] == PALETTE.ink
    alone = PALETTE.company_colours(["Oracle"])
    among = PALETTE.company_colours(["CoreWeave", "Meta", "Oracle", "Nebius"])
    assert alone["Oracle"] == among["Oracle"] == PALETTE.oracle
    assert len(set(among.values())) == 4
    assert PALETTE.amber not in among.values()


def test_too_many_companies_are_refused() -> None:
    with pytest.raises(ValueError, match="8 series are too many"):
        PALETTE.company_colours([f"Firm {number}" for number in range(8)])


def test_palette_for_templates_holds_every_colour() -> None:
    colours = PALETTE.as_dict()
    assert colours["amber"] == PALETTE.amber
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours.values())


@pytest.mark.parametrize(("size", "width"), [("full", 174.0), ("half", 83.5)])
def test_figure_has_its_final_size_on_paper(size: Size, width: float) -> None:
    figure, axes = theme.new_figure(size, 55)
    assert figure.get_size_inches() * 25.4 == pytest.approx([width, 55])
    assert axes.get_position().bounds == (0.0, 0.0, 1.0, 1.0)
    root = ET.fromstring(theme.figure_svg(figure, "x"))
    assert float(root.get("width", "").removesuffix("pt")) == pytest.approx(width / 25.4 * 72)


def test_font_files_are_in_the_package() -> None:
    for bold in (False, True):
        assert Path(str(theme.font(bold=bold).get_file())).parent == theme.FONT_FOLDER
    assert len(list(theme.FONT_FOLDER.glob("*.ttf"))) == 7
    assert len(list(theme.FONT_FOLDER.glob("OFL*.txt"))) == 2


def test_font_is_a_fresh_copy() -> None:
    theme.font().set_size(30)
    assert theme.font().get_size() == theme.TEXT_PT


def test_svg_has_real_text_in_the_font_of_the_page() -> None:
    found = styles(theme.figure_svg(drawing(), "x"))
    assert [style["font-family"] for style in found] == ["'Source Sans 3'"] * 2
    assert [style["font-size"] for style in found] == ["8px"] * 2
    assert [style.get("font-weight") for style in found] == ["600", None]


def test_svg_prints_markup_literally() -> None:
    root = ET.fromstring(theme.figure_svg(drawing(), "x"))
    assert [text.text for text in root.iter(f"{SVG}text")] == [EVIL, "Meta"]


def test_svg_repeats_byte_by_byte() -> None:
    figure = drawing()
    first = theme.figure_svg(figure, "x")
    assert first == theme.figure_svg(figure, "x") == theme.figure_svg(drawing(), "x")
    assert first != theme.figure_svg(figure, "y")


def test_svg_names_no_machine_and_no_time() -> None:
    svg = theme.figure_svg(drawing(), "x")
    assert str(theme.FONT_FOLDER) not in svg
    assert ".ttf" not in svg
    assert "dc:date" not in svg
    assert matplotlib.__version__ not in svg


def test_png_repeats_and_has_the_pixels_asked_for() -> None:
    png = theme.figure_png(drawing(), dpi=100)
    assert png == theme.figure_png(drawing(), dpi=100)
    assert int.from_bytes(png[16:20], "big") == int(83.5 / 25.4 * 100)
    assert b"Software" not in png


def test_session_styles_neither_leak_in_nor_out() -> None:
    plain = theme.figure_svg(drawing(), "x")
    changed: dict[Any, Any] = {
        "axes.facecolor": "black",
        "svg.fonttype": "path",
        "font.family": "monospace",
        "text.color": "red",
        "axes.prop_cycle": cycler(color=["red"]),
        "savefig.facecolor": "black",
    }
    with matplotlib.rc_context(changed):
        figure, axes = theme.new_figure("half", 40)
        svg = theme.figure_svg(figure, "x")
        assert matplotlib.rcParams["svg.fonttype"] == "path"
        assert "#000000" not in svg
        assert to_rgba(axes.get_facecolor()) == (0.0, 0.0, 0.0, 0.0)
    assert plain == theme.figure_svg(drawing(), "x")


def test_style_is_restored_after_an_error() -> None:
    before = dict(matplotlib.rcParams)
    with pytest.raises(RuntimeError, match="in the middle"), theme.house_style("x"):
        raise RuntimeError("in the middle")
    assert dict(matplotlib.rcParams) == before


def test_text_width_grows_with_size_weight_and_length() -> None:
    plain = theme.text_width("Microsoft")
    assert 10.0 < plain < 12.0
    assert theme.text_width("Microsoft", size=16) == pytest.approx(2 * plain, rel=0.02)
    assert theme.text_width("Microsoft", bold=True) > plain
    assert theme.text_width("") == theme.text_width(" ") == 0.0


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (EVIL, EVIL),
        ("a\x00b\x0bc\u202ed\u200be", "abcde"),
        ("two\nlines", "two\nlines"),
        ("\u2212593\u00a0mld\u202fUSD \u03b1\u03b2 \u2026", "\u2212593\u00a0mld\u202fUSD αβ …"),
        ("up \U0001f680 \u6f22", "up ? ?"),
    ],
)
def test_printable_keeps_text_and_shows_what_is_missing(text: str, printed: str) -> None:
    assert theme.printable(text) == printed


def test_pyplot_is_never_imported() -> None:
    code = (
        "import sys\n"
        "from marketshock.exhibits import charts, theme\n"
        "from marketshock.locale import Locale\n"
        "figure = charts.ranked_bars(['a', 'b'], [1.0, -1.0], accent=[True, False],"
        " value_format=lambda v, locale: locale.number(v), locale=Locale('it'), size='half')\n"
        "theme.figure_svg(figure, 'x'), theme.figure_png(figure)\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0


def test_exhibit_module_needs_no_matplotlib() -> None:
    code = "import sys, marketshock.exhibits.exhibit; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
