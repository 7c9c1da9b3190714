"""Scores against the size of models, with comparators as levels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import TICK_GAP_MM, Plot, text_box, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, cut, least_crowded, nice_ticks, spread
from marketshock.exhibits.log_scale import log_ticks, plain
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["SizedScore", "scores_by_size"]

HEIGHT_MM: dict[Size, float] = {"full": 74.0, "half": 72.0}
LEADER_MM = 4.0
DOT_PT = 5.5
NEAR_MM = (0.0, 3.4, -3.4, 5.5, -5.5, 8.0, -8.0)
FAR_MM = (11.5, -11.5, 15.0, -15.0, 18.5, -18.5, 22.0, -22.0)
COVERED = 1e6
"""Load from which a name would cover another one."""


@dataclass(frozen=True, slots=True)
class SizedScore:
    """A named score; without a size it is drawn as a level across the chart."""

    name: str
    score: float
    size: float | None = None


@house_style()
def scores_by_size(
    models: Sequence[SizedScore],
    levels: Sequence[SizedScore],
    slope: float,
    *,
    slope_label: str,
    x_label: str,
    locale: Locale,
    size: Size = "full",
    decimals: int = 1,
) -> Figure:
    """Draw scores over a logarithmic size, a line of least squares and comparators.

    Parameters
    ----------
    models : sequence of SizedScore
        With a size.
    levels : sequence of SizedScore
        Comparators.
    slope : float
        Points for ten times the size; the line goes through the mean of the models.
    slope_label, x_label : str
    locale : Locale
    size : {"full", "half"}
    decimals : int
        Of the scores.
    """
    longest = 0.3 * WIDTH_MM[size]
    texts = [
        f"{cut(one.name, longest, text_width)} {locale.number(one.score, decimals)}"
        for one in levels
    ]
    plot = _frame(models, levels, x_label, locale, size, widest(texts))
    _draw_levels(plot, levels, texts)
    ends = _draw_slope(plot, models, slope)
    _write_dots(plot, models, levels, ends, slope_label, locale, decimals)
    return plot.figure


def _sizes(models: Sequence[SizedScore]) -> list[float]:
    return [math.log10(one.size) for one in models if one.size]


def _frame(
    models: Sequence[SizedScore],
    levels: Sequence[SizedScore],
    x_label: str,
    locale: Locale,
    size: Size,
    right: float,
) -> Plot:
    scores = [one.score for one in (*models, *levels)]
    air = 0.12 * (max(scores) - min(scores) or 1.0)
    low, high = min(scores) - air, max(scores) + air
    ticks, step = nice_ticks(low, high, 6)
    words = [locale.number(tick, 0 if step >= 1 else 1) for tick in ticks]
    plot = Plot.with_margins(
        size,
        HEIGHT_MM[size],
        left=widest(words) + TICK_GAP_MM + 0.3,
        right=right + LEADER_MM + 0.5,
        bottom=10.0,
        top=2.0,
    )
    first, last = min(_sizes(models)) - 0.12, max(_sizes(models)) + 0.12
    plot.limits((first, last), (low, high))
    plot.y_ticks(ticks, words)
    plot.grid(ticks)
    plot.line([(0.0, 0.0), (plot.width, 0.0)], colour=PALETTE.axis)
    sizes = log_ticks(10.0**first, 10.0**last, 8)
    plot.x_ticks(
        [math.log10(one) for one in sizes], [plain(one, locale) for one in sizes], marks=True
    )
    plot.write(x_label, plot.width / 2, -8.0, colour=PALETTE.muted, side="center")
    return plot


def _draw_levels(plot: Plot, levels: Sequence[SizedScore], texts: Sequence[str]) -> None:
    starts = [plot.y_mm(one.score) for one in levels]
    places = spread(starts, LINE_MM, 0.0, plot.height - LINE_MM / 2)
    for one, text, start, y in zip(levels, texts, starts, places, strict=True):
        plot.axes.axhline(
            one.score, color=PALETTE.axis, linewidth=0.9, dashes=(3.0, 2.0), zorder=1.5
        )
        line = [(plot.width + 0.3, start), (plot.width + LEADER_MM - 0.6, y)]
        plot.line(line, colour=PALETTE.axis)
        plot.write(text, plot.width + LEADER_MM, y, colour=PALETTE.muted)


def _draw_slope(
    plot: Plot, models: Sequence[SizedScore], slope: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Draw the line through the mean of the models; return its ends."""
    xs = _sizes(models)
    mean_x = sum(xs) / len(xs)
    mean_y = sum(one.score for one in models) / len(models)
    ends = [(x, mean_y + slope * (x - mean_x)) for x in (min(xs), max(xs))]
    low, high = plot.axes.get_ylim()
    clipped = [(x, min(max(y, low), high)) for x, y in ends]
    plot.axes.plot(*zip(*clipped, strict=True), color=PALETTE.band_edge, linewidth=1.0, zorder=2)
    return clipped[0], clipped[1]


def _write_dots(
    plot: Plot,
    models: Sequence[SizedScore],
    levels: Sequence[SizedScore],
    ends: tuple[tuple[float, float], tuple[float, float]],
    slope_label: str,
    locale: Locale,
    decimals: int,
) -> None:
    """Write a name and a score beside each dot, then the words of the line."""
    places = [
        (plot.x_mm(x), plot.y_mm(one.score)) for x, one in zip(_sizes(models), models, strict=True)
    ]
    (x0, y0), (x1, y1) = [(plot.x_mm(x), plot.y_mm(y)) for x, y in ends]
    along = np.linspace(0.0, 1.0, 200)
    ink = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, 2.0) for t in along]
    for one in levels:
        ink += [(x, plot.y_mm(one.score), 1.0) for x in np.arange(0.0, plot.width, 0.5)]
    taken = [Box.centred(x, y, 2.2, 2.2) for x, y in places]
    points = np.array(ink)
    for one, (x, y) in zip(models, places, strict=True):
        plot.dot(*_data(plot, x, y), PALETTE.teal, DOT_PT)
        text = f"{one.name} {locale.number(one.score, decimals)}"
        others = [box for box in taken if box.centre != (x, y)]
        for lifts in (NEAR_MM, FAR_MM):
            spots = _around(plot, x, y, text_box(text), lifts)
            best, load = least_crowded(spots, points, others, gap=0.2)
            if load < COVERED:
                break
        _lead(plot, (x, y), best)
        plot.write_in(best, text, colour=PALETTE.teal, side="left", veil=0.85 if load else 0.0)
        taken.append(best)
    if slope_label:
        box = text_box(slope_label)
        along_line = [
            spot
            for t in (0.25, 0.15, 0.5, 0.75, 0.05)
            for spot in _around(plot, x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, box)
        ]
        best, load = least_crowded(along_line, points, taken, gap=0.4)
        if load < COVERED:
            veil = 0.85 if load else 0.0
            plot.write_in(best, slope_label, colour=PALETTE.muted, side="left", veil=veil)


def _lead(plot: Plot, point: tuple[float, float], box: Box) -> None:
    """Draw a thin line from a dot to a name that stands away from it."""
    x, y = point
    near = (min(max(x, box.left), box.right), min(max(y, box.bottom), box.top))
    if math.dist(point, near) > 2.4:
        plot.line([point, near], colour=PALETTE.teal, points_wide=0.5)


def _data(plot: Plot, x: float, y: float) -> tuple[float, float]:
    """Return data values of a place in millimetres."""
    (left, right), (low, high) = plot.axes.get_xlim(), plot.axes.get_ylim()
    return left + x / plot.width * (right - left), low + y / plot.height * (high - low)


def _around(
    plot: Plot, x: float, y: float, box: Box, lifts: Sequence[float] = NEAR_MM
) -> Iterator[Box]:
    """Places around a point: right and left of it, then above and below."""
    width, height = box.right, box.top
    for lift in lifts:
        for shift in (width / 2 + 1.8, -width / 2 - 1.8, 0.0):
            if lift or shift:
                left = min(max(x + shift - width / 2, 0.0), plot.width - width)
                place = Box(left, y + lift - height / 2, left + width, y + lift + height / 2)
                own = Box.centred(x, y, 2.4, 2.4)
                if place.within(plot.width, plot.height) and not place.overlaps(own):
                    yield place
