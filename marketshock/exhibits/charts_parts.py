"""Horizontal bars of two parts: what goes with the market, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from marketshock.exhibits.canvas import Plot, bold_width, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import cut
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["Parts", "parts_bars"]

PITCH_MM = 4.7
THICK_MM = 2.9
GAP_MM = 1.0
BETWEEN_MM = 2.4
"""Room between the sums and the single rows."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One row.

    Parameters
    ----------
    name : str
    first, second : float
        The parts; they add to what is printed.
    is_sum : bool
        Sums stand above the line, in semibold.
    """

    name: str
    first: float
    second: float
    is_sum: bool = False

    @property
    def total(self) -> float:
        """What is printed."""
        return self.first + self.second

    @property
    def left(self) -> float:
        """Leftmost end of the bars."""
        return min(self.first, 0.0) + min(self.second, 0.0)

    @property
    def right(self) -> float:
        """Rightmost end of the bars."""
        return max(self.first, 0.0) + max(self.second, 0.0)


@house_style()
def parts_bars(
    rows: Sequence[Parts],
    *,
    words: tuple[str, str],
    value_format: Callable[[float, Locale], str],
    locale: Locale,
    size: Size = "full",
) -> Figure:
    """Draw a bar a row, both parts from zero outwards, their sum beside it.

    Parts of one sign follow each other; parts of opposite signs lie on either side of zero.

    Parameters
    ----------
    rows : sequence of Parts
        Sums first; never empty.
    words : pair of str
        What the parts are, for the key above the bars.
    value_format : callable
        ``value_format(value, locale)`` gives the printed sum.
    locale : Locale
    size : {"full", "half"}
    """
    sums = sum(row.is_sum for row in rows)
    between = BETWEEN_MM if 0 < sums < len(rows) else 0.0
    longest = 0.3 * WIDTH_MM[size]
    names = [cut(row.name, longest, bold_width) for row in rows]
    numbers = [value_format(row.total, locale) for row in rows]
    left = widest(names, bold=True) + 2.5
    plot = Plot.with_margins(
        size,
        PITCH_MM * len(rows) + between + LINE_MM + 3.0,
        left=left,
        right=0.6,
        bottom=0.6,
        top=LINE_MM + 2.0,
    )
    plot.limits(_limits(rows, numbers, plot.width), (0.0, plot.height))
    _write_key(plot, words, left)
    for at, (row, name, number) in enumerate(zip(rows, names, numbers, strict=True)):
        y = plot.height - PITCH_MM * (at + 0.5) - (between if at >= sums else 0.0)
        _draw_row(plot, row, y)
        plot.write(name, -left, y, bold=row.is_sum)
        _write_number(plot, row, number, y)
    if between:
        y = plot.height - PITCH_MM * sums - between / 2
        plot.line([(-left, y), (plot.width, y)], colour=PALETTE.grid)
    plot.axes.axvline(0.0, color=PALETTE.axis, linewidth=0.8, zorder=3)
    return plot.figure


def _limits(rows: Sequence[Parts], numbers: Sequence[str], width: float) -> tuple[float, float]:
    """Return the data limits at which every bar fits with its number beside it."""
    needs = [bold_width(number) + GAP_MM for number in numbers]
    lefts = [(-row.left, need * (row.total < 0)) for row, need in zip(rows, needs, strict=True)]
    rights = [(row.right, need * (row.total >= 0)) for row, need in zip(rows, needs, strict=True)]
    scale = min(
        (
            max(width - room_left - room_right, 5.0) / (reach_left + reach_right)
            for reach_left, room_left in lefts
            for reach_right, room_right in rights
            if reach_left + reach_right > 0
        ),
        default=1.0,
    )
    zero = max(reach * scale + room for reach, room in lefts)
    return -zero / scale, (width - zero) / scale


def _draw_row(plot: Plot, row: Parts, y: float) -> None:
    starts = {True: 0.0, False: 0.0}
    for value, colour in ((row.first, PALETTE.unsplit), (row.second, PALETTE.teal)):
        start = starts[value < 0]
        plot.axes.barh(y, value, left=start, height=THICK_MM, color=colour, linewidth=0.0, zorder=2)
        starts[value < 0] = start + value


def _write_number(plot: Plot, row: Parts, number: str, y: float) -> None:
    if row.total < 0:
        plot.write(number, plot.x_mm(row.left) - GAP_MM, y, bold=True, side="right")
    else:
        plot.write(number, plot.x_mm(row.right) + GAP_MM, y, bold=True)


def _write_key(plot: Plot, words: tuple[str, str], left: float) -> None:
    """Write which colour is which part, above the bars."""
    y, x = plot.height + LINE_MM / 2 + 1.2, -left
    for text, colour in zip(words, (PALETTE.unsplit, PALETTE.teal), strict=True):
        plot.line([(x, y), (x + 3.0, y)], colour=colour, points_wide=6.0)
        plot.write(text, x + 4.0, y, colour=PALETTE.text)
        x += 4.0 + text_width(text) + 5.0
