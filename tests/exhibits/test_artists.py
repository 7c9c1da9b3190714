"""Every chart of the catalogue, looked at on its artists: both languages, both sizes."""

from __future__ import annotations

import itertools
import math
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from artists import all_patches, assert_whole, every_text
from examples import KEYS, made
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure

from marketshock.exhibits.colours import contrast, lightness
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.theme import PALETTE, WIDTH_MM
from marketshock.locale import LANGUAGES, Language

CHARTS = [key for key in KEYS if made(key).kind == "chart"]
EVERY = pytest.mark.parametrize("key", CHARTS)
BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize("size", ["full", "half"])
# Columns of the data that must be found as positions or lengths in the drawing.
DRAWN: dict[str, tuple[str, ...]] = {
    "car_path": ("tau", "car", "low", "high"),
    "abnormal_bars": ("car", "low", "high"),
    "residual_histogram": (),  # counts, see test_exhibit_figures
    "record_history": ("loss_usd_bn",),
    "placebo_histogram": (),  # counts, see below
    "what_came_next": ("mean", "mean_low", "mean_high"),
    "basket_bars": ("market_part_usd_bn", "abnormal_part_usd_bn"),
    "rotation_bars": ("return",),
    "capex_columns": ("Alphabet", "AWS", "Meta", "Microsoft", "Oracle", "projected_usd_bn"),
    "capex_quarters": ("Alphabet", "Amazon", "Meta", "Microsoft", "Oracle"),
    "capex_intensity": ("intensity",),
    "specification_curve": ("caar", "low", "high"),
    "token_price_dots": ("usd_per_m", "reference_usd_per_m"),
    "token_price_history": ("blended_usd_per_m",),
    "benchmark_scores": ("parameters_bn", "score"),
    "training_sensitivity": ("total_usd",),
    "compute_frontier": ("spending", "before", "later"),
    "timeline_path": ("close",),
}


@cache
def drawn(key: str, lang: Language, size: Size) -> Figure:
    return made(key).in_language(lang).at_size(size).figure()


@EVERY
@BOTH
@SIZES
def test_nothing_is_cut_and_no_text_meets_another(key: str, lang: Language, size: Size) -> None:
    figure = drawn(key, lang, size)
    assert figure.get_figwidth() * 25.4 == pytest.approx(WIDTH_MM[size])
    assert len(every_text(figure)) > 3
    assert_whole(figure)


@EVERY
@BOTH
def test_words_are_printed_as_they_are(key: str, lang: Language) -> None:
    for text in every_text(drawn(key, lang, "full")):
        assert not text.get_parse_math(), text.get_text()
        assert text.get_text() == text.get_text().strip("\x00")


@EVERY
@SIZES
def test_the_drawing_holds_the_figures_of_the_table(key: str, size: Size) -> None:
    places = coordinates(drawn(key, "en", size))
    for column in DRAWN[key]:
        for value in made(key).data[column]:
            if value is not None and math.isfinite(value):
                near = min(abs(places - value))
                assert near <= 1e-6 * max(abs(value), 1e-3), (column, value)


@pytest.mark.parametrize("key", ["residual_histogram", "placebo_histogram"])
def test_the_columns_of_a_histogram_count_every_ordinary_value(key: str) -> None:
    counted = sum(patch.get_height() for patch in all_patches(drawn(key, "en", "full")))
    assert counted == list(made(key).data["event"]).count(False)


def test_a_wrong_figure_is_seen() -> None:
    places = coordinates(drawn("abnormal_bars", "en", "full"))
    value = made("abnormal_bars").data["car"][0] + 0.001
    assert min(abs(places - value)) > 1e-6


def coordinates(figure: Figure) -> Any:
    """Positions and lengths of all marks in the data's own units, also as powers of ten.

    Money may be drawn in thousands, millions or billions, shares as per cent.
    """
    found: list[float] = []
    for axes in figure.axes:
        for line in axes.lines:
            found += [float(v) for v in itertools.chain(line.get_xdata(), line.get_ydata())]
            pixels = line.get_transform().transform(np.column_stack(line.get_data()).astype(float))
            found += list(axes.transData.inverted().transform(pixels).ravel())
        for patch in axes.patches:
            ends = patch.get_path().vertices
            points = patch.get_patch_transform().transform(ends)
            found += list(points.ravel())
            found += list(np.ptp(points, axis=0))
        for collection in axes.collections:
            for path in collection.get_paths():
                found += list(np.asarray(path.vertices).ravel())
    plain = np.array(found)
    plain = plain[np.isfinite(plain)]
    powers = 10.0 ** plain[np.abs(plain) < 15]
    scaled = [plain * factor for factor in (1.0, 0.01, 1e3, 1e6, 1e9)]
    return np.concatenate([*scaled, -plain, powers])


# Colours.


@EVERY
@SIZES
def test_texts_can_be_read_and_marks_be_seen(key: str, size: Size) -> None:
    figure = drawn(key, "en", size)
    for text in every_text(figure):
        colour = to_hex(text.get_color()).upper()
        on_white = colour != PALETTE.ground  # white text stands on a column
        assert not on_white or contrast(colour, PALETTE.ground) >= 4.5, text
    for patch in all_patches(figure):
        face = to_rgba(patch.get_facecolor())
        if face[3] == 1.0 and patch.get_width() and patch.get_height():
            assert contrast(to_hex(face).upper(), PALETTE.ground) >= 3.0 or patch.get_hatch()


@EVERY
def test_colours_of_bars_differ_in_grey_print(key: str) -> None:
    faces = {
        to_hex(patch.get_facecolor()).upper()
        for patch in all_patches(drawn(key, "en", "full"))
        if to_rgba(patch.get_facecolor())[3] == 1.0
    } - {PALETTE.ground}
    for one, other in itertools.combinations(sorted(faces), 2):
        assert abs(lightness(one) - lightness(other)) >= 5.0, (one, other)


@EVERY
def test_the_accent_marks_the_event_and_little_else(key: str) -> None:
    figure = drawn(key, "en", "full")
    patches = [to_hex(patch.get_facecolor()).upper() for patch in all_patches(figure)]
    assert patches.count(PALETTE.amber) <= max(1, len(patches) // 3)


# Alternative text.


@EVERY
def test_the_alternative_text_has_the_same_figures_in_both_languages(key: str) -> None:
    alt = made(key).alt
    assert numbers(alt.en, "en") == pytest.approx(numbers(alt.it, "it"), rel=0.02)
    assert numbers(alt.en, "en"), "figures come from the data"
    assert alt.en != made(key).title.en


def numbers(text: str, lang: Language) -> list[float]:
    """All numbers of a text; trillions, which English rounds to one decimal, as billions."""
    group, point = (",", ".") if lang == "en" else (".", ",")
    found = []
    for match in re.finditer(r"\d[\d.,]*", text):
        plain = match[0].rstrip(".,").replace(group, "").replace(point, ".")
        value = float(plain)
        found.append(value * 1000 if text[match.end() :].startswith("tn") else value)
    return sorted(found)
