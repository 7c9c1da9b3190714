"""A specification curve: sorted estimates with intervals, and below them what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import (
    Plot,
    bold_width,
    percent_ticks,
    text_box,
    widest,
)
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import wrap
from marketshock.exhibits.theme import LINE_MM, MM_PER_POINT, PALETTE, WIDTH_MM, house_style
from marketshock.locale import Locale

__all__ = ["Choice", "specification_chart"]

UPPER_MM: dict[Size, float] = {"full": 54.0, "half": 46.0}
ROW_GAP_MM = 0.5
GROUP_GAP_MM = 2.0
PANEL_GAP_MM = 3.0
AIR_MM = 1.4
STEM_GAP_MM = 0.8
Heights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the lower panel: a choice and which specifications made it.

    Parameters
    ----------
    label : str
    made : tuple of bool of shape (n,)
    group : int
        Rows of another group stand a little apart.
    """

    label: str
    made: tuple[bool, ...]
    group: int


@house_style()
def specification_chart(
    values: Sequence[float],
    low: Sequence[float | None],
    high: Sequence[float | None],
    *,
    filled: Sequence[bool],
    accent: int | None,
    accent_label: str,
    choices: Sequence[Choice],
    x_label: str,
    locale: Locale,
    size: Size = "full",
) -> Figure:
    """Draw estimates from left to right in the order given, with a table of dots below.

    Parameters
    ----------
    values : sequence of float of shape (n,)
        Decimals.
    low, high : sequence of float or None of shape (n,)
        Interval, drawn as a whisker.
    filled : sequence of bool of shape (n,)
        Whole dots; the others are hollow.
    accent : int, optional
        The chosen specification.
    accent_label : str
        Words above it; its value is added after them.
    choices : sequence of Choice
        Rows of the lower panel, from top to bottom.
    x_label : str
        Words below.
    locale : Locale
    size : {"full", "half"}

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if not values:
        raise ValueError("There is no specification to draw.")
    names = ["\n".join(wrap(row.label, 0.4 * WIDTH_MM[size], bold_width)) for row in choices]
    middles, below = _rows(choices, names)
    bottom = LINE_MM + 2.0
    left = widest([line for name in names for line in name.split("\n")], bold=True) + 3.0
    upper = Plot.with_margins(
        size,
        UPPER_MM[size] + PANEL_GAP_MM + below + bottom + 1.0,
        left=max(left, 12.0),
        right=0.8,
        bottom=bottom + below + PANEL_GAP_MM,
        top=1.0,
    )
    spans = [
        (value, value) if start is None or end is None else (start, end)
        for value, start, end in zip(values, low, high, strict=True)
    ]
    label = ""
    if accent is not None:
        label = f"{accent_label} {locale.percent(values[accent], 1, sign=True)}"
    _scaled(upper, spans, label, locale)
    _draw_estimates(upper, values, spans, filled, accent)
    if accent is not None:
        _draw_label(upper, accent, spans[accent], label)
    lower = _lower(upper, bottom, below)
    _draw_choices(lower, choices, names, middles, accent)
    lower.write(x_label, lower.width / 2, -bottom / 2, colour=PALETTE.muted, side="center")
    return upper.figure


def _rows(choices: Sequence[Choice], names: Sequence[str]) -> tuple[Heights, float]:
    """Return how far below the top each row lies, and the height of all of them, millimetres."""
    heights = [(name.count("\n") + 1) * LINE_MM + ROW_GAP_MM for name in names]
    groups = [row.group for row in choices]
    gaps = [0.0] + [GROUP_GAP_MM * (one != other) for one, other in pairwise(groups)]
    ends = np.cumsum([height + gap for height, gap in zip(heights, gaps, strict=True)])
    return ends - np.array(heights) / 2, float(ends[-1])


def _scaled(plot: Plot, spans: Sequence[tuple[float, float]], label: str, locale: Locale) -> None:
    """Set the axes so that whiskers, zero and the label above them fit; draw grid and ticks."""
    low = min(0.0, *(start for start, _ in spans))
    high = max(0.0, *(end for _, end in spans))
    if high - low < 1e-6:
        low, high = low - 1e-3, high + 1e-3
    strip = LINE_MM + 1.2 if label else 0.0
    unit = (high - low) / (plot.height - 2 * AIR_MM - strip)
    plot.limits((0.5, len(spans) + 0.5), (low - AIR_MM * unit, high + (AIR_MM + strip) * unit))
    ticks, labels = percent_ticks(low, high, max(3, int(plot.height / 9.0)), locale)
    plot.y_ticks(ticks, labels)
    plot.grid(ticks)
    plot.baseline()


def _dot_points(plot: Plot, count: int, largest: float) -> tuple[float, float]:
    """Return the sizes of a dot and of the accent that meet no neighbour, points."""
    pitch = plot.width / count / MM_PER_POINT
    return min(largest, 0.72 * pitch), min(largest, 1.2 * pitch)


def _draw_estimates(
    plot: Plot,
    values: Sequence[float],
    spans: Sequence[tuple[float, float]],
    filled: Sequence[bool],
    accent: int | None,
) -> None:
    usual, marked = _dot_points(plot, len(values), 5.0)
    for at, (value, (start, end)) in enumerate(zip(values, spans, strict=True)):
        colour = PALETTE.amber if at == accent else PALETTE.teal
        points = marked if at == accent else usual
        plot.axes.plot(
            [at + 1, at + 1],
            [start, end],
            color=PALETTE.amber if at == accent else PALETTE.band_edge,
            linewidth=max(min(1.2, 0.3 * points), 0.4),
            solid_capstyle="butt",
            zorder=4 if at == accent else 3,
        )
        plot.axes.plot(
            [at + 1],
            [value],
            "o",
            markersize=points,
            markerfacecolor=colour if filled[at] else PALETTE.ground,
            markeredgecolor=colour,
            markeredgewidth=min(0.9, 0.25 * points),
            clip_on=False,
            zorder=5.5 if at == accent else 5,
        )


def _draw_label(plot: Plot, accent: int, span: tuple[float, float], label: str) -> None:
    """Write the accent's value above all whiskers, with a dashed stem down to its own."""
    box = text_box(label, bold=True)
    x = plot.x_mm(accent + 1)
    start = min(max(x - box.right / 2, 0.0), plot.width - box.right)
    place = box.moved(start, plot.height - box.top)
    plot.write_in(place, label, colour=PALETTE.amber_text, bold=True)
    low, high = plot.axes.get_ylim()
    unit = (high - low) / plot.height
    ends = [span[1] + STEM_GAP_MM * unit, high - box.top * unit]
    if ends[0] < ends[1]:
        plot.axes.plot(
            [accent + 1, accent + 1],
            ends,
            color=PALETTE.amber,
            linewidth=0.6,
            dashes=(2.0, 2.0),
            zorder=2.8,
        )


def _lower(upper: Plot, bottom: float, height: float) -> Plot:
    """Return the panel below, as wide as the upper one."""
    figure = upper.figure
    page = figure.get_figheight() * 25.4
    place = upper.axes.get_position()
    axes = figure.add_axes((place.x0, bottom / page, place.width, height / page))
    axes.set_facecolor("none")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    lower = Plot(figure, axes, upper.width, height)
    lower.limits(upper.axes.get_xlim(), (0.0, height))
    return lower


def _draw_choices(
    plot: Plot,
    choices: Sequence[Choice],
    names: Sequence[str],
    middles: Heights,
    accent: int | None,
) -> None:
    """Draw one row of dots a choice; that of the accent has a semibold name."""
    left = plot.figure.get_figwidth() * 25.4 - plot.width - 0.8
    count = len(choices[0].made)
    usual, marked = _dot_points(plot, count, 4.0)
    for row, name, depth in zip(choices, names, middles, strict=True):
        y = plot.height - float(depth)
        own = accent is not None and row.made[accent]
        plot.axes.axhline(y, color=PALETTE.grid, linewidth=0.4, zorder=0)
        plot.write(name, -left, y, colour=PALETTE.text, bold=own)
        for at in np.flatnonzero(row.made):
            colour = PALETTE.amber if at == accent else PALETTE.teal
            plot.dot(float(at + 1), y, colour, marked if at == accent else usual)
