"""The distribution of daily residuals, and the event's value among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import (
    TICK_GAP_MM,
    Plot,
    bold_width,
    percent_ticks,
    text_box,
    widest,
)
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, fitting_scale, nice_step, raised, wrap
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style
from marketshock.locale import Locale

__all__ = ["bin_edges", "histogram_with_event"]

Array = npt.NDArray[np.float64]


@house_style()
def histogram_with_event(
    values: Sequence[float],
    event_value: float,
    *,
    event_label: str,
    x_label: str,
    y_label: str,
    locale: Locale,
    size: Size = "half",
    height_mm: float = 60.0,
    number: Callable[[float], str] | None = None,
) -> Figure:
    """Draw how the values of ordinary sessions are distributed and where the event's lies.

    Parameters
    ----------
    values : sequence of float of shape (M,)
        For example daily residuals, decimals (0.01 = 1 %); NaN are left out.
    event_value : float
        The same of the event.
    event_label : str
        Words at the event; its value is added after them.
    x_label, y_label : str
        Words below the axis and above the counts; may be empty.
    locale : Locale
    size : {"full", "half"}
    height_mm : float
        Height on paper.
    number : callable, optional
        How a value is printed; default as a percentage.

    Raises
    ------
    ValueError
        If no value is a number.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        raise ValueError("There is no residual to draw.")
    edges = bin_edges(known)
    counts = np.histogram(known, edges)[0]
    span = _x_range(edges, event_value)
    plot = _frame(counts, span, x_label, y_label, locale, size, height_mm)
    _x_axis(plot, span, locale, number)
    printed = number(event_value) if number else locale.percent(event_value, 1, sign=True)
    text = f"{event_label} {printed}".strip()
    text = "\n".join(wrap(text, max(0.4 * plot.width, 24.0), bold_width, lines=3))
    label = _place_label(plot, edges, counts, event_value, text)
    _draw_counts(plot, edges, counts, locale)
    _draw_event(plot, event_value, label.bottom - 0.6)
    plot.write_in(label, text, colour=PALETTE.amber_text, bold=True, veil=1.0)
    return plot.figure


def bin_edges(values: Array) -> Array:
    """Return round bin edges on multiples of a width near that of Freedman and Diaconis."""
    low, high = float(values.min()), float(values.max())
    quarter, three = np.quantile(values, [0.25, 0.75])
    rule = 2.0 * float(three - quarter) / len(values) ** (1 / 3)
    width = nice_step(max(rule / 2, (high - low) / 60, 1e-4), 1)
    first, last = math.floor(low / width), math.floor(high / width) + 1
    return np.arange(first, last + 1, dtype=np.float64) * width


def _x_range(edges: Array, event_value: float) -> tuple[float, float]:
    low, high = min(float(edges[0]), event_value), max(float(edges[-1]), event_value)
    air = 0.04 * (high - low)
    return low - air, high + air


def _frame(
    counts: Array,
    x_range: tuple[float, float],
    x_label: str,
    y_label: str,
    locale: Locale,
    size: Size,
    height_mm: float,
) -> Plot:
    """Return the plot with the words of its axes."""
    plot = Plot.with_margins(
        size,
        height_mm,
        left=widest([locale.number(int(counts.max()))]) + TICK_GAP_MM + 0.3,
        right=0.5,
        bottom=10.3 if x_label else 6.5,
        top=LINE_MM + 2.0 if y_label else 1.0,
    )
    plot.limits(x_range, (0.0, 1.0))
    if x_label:
        plot.write(x_label, plot.width / 2, -8.3, colour=PALETTE.muted, side="center")
    if y_label:
        left = WIDTH_MM[size] - plot.width - 0.5
        plot.write(y_label, 0.2 - left, plot.height + 0.5 + LINE_MM / 2, colour=PALETTE.muted)
    return plot


def _x_axis(
    plot: Plot,
    x_range: tuple[float, float],
    locale: Locale,
    number: Callable[[float], str] | None,
) -> None:
    """Print the ticks that lie whole inside the plot."""
    most = max(2, int(plot.width / 15.0))
    ticks, labels = percent_ticks(*x_range, most, locale)
    if number:
        labels = [number(tick) for tick in ticks]
    half = widest(labels) / 2
    inside = [
        (tick, label)
        for tick, label in zip(ticks, labels, strict=True)
        if half <= plot.x_mm(tick) <= plot.width - half
    ]
    plot.x_ticks([tick for tick, _ in inside], [label for _, label in inside], marks=True)


def _place_label(plot: Plot, edges: Array, counts: Array, event_value: float, text: str) -> Box:
    """Place the label above its value and above the bars there; sets the height of the axis."""
    x = plot.x_mm(event_value)
    size = text_box(text, bold=True)
    left = min(max(x - size.right / 2, 0.0), plot.width - size.right)
    sides = [plot.x_mm(float(edge)) for edge in edges]

    def place(scale: float) -> Box:
        bars = [
            Box(start, 0.0, end, count * scale)
            for start, end, count in zip(sides, sides[1:], counts, strict=False)
            if count
        ]
        return raised(size.moved(left, 4.0), bars, gap=2.0)

    start = (plot.height - 2.5) / float(counts.max())
    scale = fitting_scale(plot.height, start, lambda scale: place(scale).top)
    plot.axes.set_ylim(0.0, plot.height / scale)
    return place(scale)


def _draw_counts(plot: Plot, edges: Array, counts: Array, locale: Locale) -> None:
    most = float(counts.max())
    step = max(1, math.ceil(nice_step(most, 5)))
    ticks = list(range(0, int(most) + 1, step))
    plot.y_ticks(ticks, [locale.number(tick) for tick in ticks])
    plot.grid(ticks[1:])
    plot.axes.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=PALETTE.teal,
        edgecolor=PALETTE.ground,
        linewidth=0.4,
        zorder=2,
    )
    plot.baseline()


def _draw_event(plot: Plot, value: float, top_mm: float) -> None:
    """Draw a stem from the axis to the label, in amber with a white casing."""
    for colour, points, zorder in ((PALETTE.ground, 2.4, 3.0), (PALETTE.amber, 1.4, 4.0)):
        plot.axes.axvline(
            value, ymax=top_mm / plot.height, color=colour, linewidth=points, zorder=zorder
        )
    plot.dot(value, 0.0, PALETTE.amber, 5.0)
