"""Pairs of prices as dots on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from marketshock.exhibits.canvas import Plot, Side, bold_width, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import cut
from marketshock.exhibits.log_scale import log_ticks, plain
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["DotPair", "paired_dots"]

PITCH_MM = 5.0
GROUP_GAP_MM = 2.6
LABEL_GAP_MM = 1.8
DOT_PT = 5.5
AXIS_MM = 6.0


@dataclass(frozen=True, slots=True)
class DotPair:
    """Two names and, by measure, their two values.

    Parameters
    ----------
    name, other : str
    rows : tuple of (str, float, float, str)
        Measure, value, other value, and the words at the right end.
    """

    name: str
    other: str
    rows: tuple[tuple[str, float, float, str], ...]


@house_style()
def paired_dots(pairs: Sequence[DotPair], *, locale: Locale, size: Size = "full") -> Figure:
    """Draw a line of two dots for each pair and measure.

    Parameters
    ----------
    pairs : sequence of DotPair
        From top to bottom; positive values.
    locale : Locale
    size : {"full", "half"}

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if not pairs:
        raise ValueError("There is no pair to draw.")
    above = 2 * LINE_MM if size == "half" else 0.0
    heights = [above + max(len(pair.rows) * PITCH_MM, 2 * LINE_MM) for pair in pairs]
    height = sum(heights) + GROUP_GAP_MM * (len(pairs) - 1)
    names = [one for pair in pairs for one in (pair.name, pair.other)]
    longest = WIDTH_MM[size] * (1.0 if above else 0.34)
    measure = widest([row[0] for pair in pairs for row in pair.rows]) + 2.0
    left = measure + (0.0 if above else min(widest(names, bold=True), longest) + 4.0)
    right = widest([row[3] for pair in pairs for row in pair.rows], bold=True) + 2.0
    plot = Plot.with_margins(
        size, height + AXIS_MM + 1.0, left=left, right=right, bottom=AXIS_MM, top=1.0
    )
    _scaled(plot, pairs, locale)
    top = plot.height
    for pair, room in zip(pairs, heights, strict=True):
        _write_names(plot, pair, top, left, longest)
        for number, row in enumerate(pair.rows):
            level = top - above - PITCH_MM * (number + 0.5)
            _draw_row(plot, row, level, (measure, right - 0.6), locale)
        top -= room + GROUP_GAP_MM
    return plot.figure


def _scaled(plot: Plot, pairs: Sequence[DotPair], locale: Locale) -> None:
    """Set limits that leave room for the printed prices, and draw the axis."""
    values = [value for pair in pairs for row in pair.rows for value in row[1:3]]
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(text_width(plain(value, locale, 2)) for value in values) + 2 * LABEL_GAP_MM
    unit = max(high - low, 0.2) / max(plot.width - 2 * room, 10.0)
    plot.limits((low - room * unit, high + room * unit), (0.0, plot.height))
    left, right = plot.axes.get_xlim()
    ticks = log_ticks(10.0**left, 10.0**right, int(plot.width / 11.0))
    for tick in ticks:
        plot.axes.axvline(math.log10(tick), color=PALETTE.grid, linewidth=0.5, zorder=0)
    plot.x_ticks(
        [math.log10(tick) for tick in ticks], [plain(tick, locale) for tick in ticks], marks=False
    )


def _write_names(plot: Plot, pair: DotPair, top: float, left: float, longest: float) -> None:
    """Write both names in the colours of their dots."""
    for number, (name, colour) in enumerate(((pair.name, PALETTE.teal), (pair.other, PALETTE.ink))):
        words = cut(name, longest, bold_width)
        plot.write(words, -left, top - LINE_MM * (number + 0.5), colour=colour, bold=number == 0)


def _draw_row(
    plot: Plot,
    row: tuple[str, float, float, str],
    y: float,
    margins: tuple[float, float],
    locale: Locale,
) -> None:
    """Draw one line; `margins` is the room for the measure at left and the words at right."""
    (measure, room), (words, value, other, end) = margins, row
    plot.write(words, 2.0 - measure, y, colour=PALETTE.muted)
    plot.write(end, plot.width + room, y, bold=True, side="right")
    places = [math.log10(value), math.log10(other)]
    plot.axes.plot(places, [y, y], color=PALETTE.band_edge, linewidth=1.2, zorder=2)
    for place, price, colour in (
        (places[0], value, PALETTE.teal),
        (places[1], other, PALETTE.ink),
    ):
        plot.dot(place, y, colour, DOT_PT)
        rightmost = place == max(places) and price == max(value, other)
        x = plot.x_mm(place) + (LABEL_GAP_MM if rightmost else -LABEL_GAP_MM)
        side: Side = "left" if rightmost else "right"
        plot.write(plain(price, locale, 2), x, y, colour=colour, side=side)
