"""Ranked horizontal bars with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import Plot, bold_width, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import wrap
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style
from marketshock.locale import Locale

__all__ = ["ranked_bars"]

LABEL_GAP_MM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One bar: its printed name, its number, and how far it reaches."""

    name: str
    value: float
    low: float
    high: float
    text: str
    accent: bool

    @property
    def lines(self) -> int:
        """Lines of the printed name."""
        return self.name.count("\n") + 1

    @property
    def left_end(self) -> float:
        """Leftmost data value drawn."""
        return min(self.value, self.low, 0.0)

    @property
    def right_end(self) -> float:
        """Rightmost data value drawn."""
        return max(self.value, self.high, 0.0)

    @property
    def room(self) -> tuple[float, float]:
        """Millimetres that the number needs left and right of the bar."""
        need = bold_width(self.text) + LABEL_GAP_MM
        return (need, 0.0) if self.value < 0 else (0.0, need)


@house_style()
def ranked_bars(
    labels: Sequence[str],
    values: Sequence[float | None],
    *,
    accent: Sequence[bool],
    value_format: Callable[[float, Locale], str],
    locale: Locale,
    size: Size = "full",
    low: Sequence[float | None] | None = None,
    high: Sequence[float | None] | None = None,
    height_mm: float | None = None,
) -> Figure:
    """Draw horizontal bars from top to bottom in the order given, numbers at their ends.

    Parameters
    ----------
    labels : sequence of str of shape (n,)
        Names, printed at the left edge.
    values : sequence of float or None of shape (n,)
        Lengths, in any unit; None prints "n.a." without a bar.
    accent : sequence of bool of shape (n,)
        Rows of the event: amber bar, semibold name.
    value_format : callable
        ``value_format(value, locale)`` gives the printed number, with its sign.
    locale : Locale
    size : {"full", "half"}
    low, high : sequence of float or None of shape (n,), optional
        Interval drawn as a whisker, in the unit of the values.
    height_mm : float, optional
        Height on paper.
    """
    rows = _rows(labels, values, accent, value_format, locale, low, high)
    rows = [replace(row, name=_wrapped(row.name, 0.38 * WIDTH_MM[size])) for row in rows]
    pitch = 7.6 - 0.11 * len(rows)
    pitches = np.array([max(pitch, row.lines * LINE_MM + 0.8) for row in rows])
    height = height_mm or float(pitches.sum()) + 2.0
    pitches *= (height - 2.0) / pitches.sum()
    left = widest([line for row in rows for line in row.name.split("\n")], bold=True) + 3.0
    plot = Plot.with_margins(size, height, left=left, right=0.6, bottom=1.0, top=1.0)
    plot.limits(_bar_limits(rows, plot.width), (0.0, plot.height))
    middles = plot.height - np.cumsum(pitches) + pitches / 2
    for row, middle in zip(rows, middles, strict=True):
        _draw_row(plot, row, float(middle), 0.62 * float(pitches.min()), left)
    plot.axes.axvline(0.0, color=PALETTE.axis, linewidth=0.8, zorder=3)
    return plot.figure


def _rows(
    labels: Sequence[str],
    values: Sequence[float | None],
    accent: Sequence[bool],
    value_format: Callable[[float, Locale], str],
    locale: Locale,
    low: Sequence[float | None] | None,
    high: Sequence[float | None] | None,
) -> list[_Row]:
    empty: list[float | None] = [None] * len(labels)
    rows = []
    for name, value, below, above, mark in zip(
        labels, values, low or empty, high or empty, accent, strict=True
    ):
        known = value is not None and np.isfinite(value)
        number = _finite(value)
        text = value_format(number, locale) if known else locale.number(None)
        ends = (number, number) if below is None or above is None else (below, above)
        rows.append(_Row(name, number, _finite(ends[0]), _finite(ends[1]), text, bool(mark)))
    return rows


def _finite(value: float | None) -> float:
    return float(value) if value is not None and np.isfinite(value) else 0.0


def _wrapped(name: str, width: float) -> str:
    return "\n".join(wrap(name, width, bold_width, lines=3))


def _bar_limits(rows: Sequence[_Row], width: float) -> tuple[float, float]:
    """Return data limits at which every bar with its number just fits into `width` millimetres.

    A row reaches ``scale * left_end - room`` to the left of zero and
    ``scale * right_end + room`` to the right; the largest scale is bound by the
    worst pair of rows.
    """
    lefts = {(-row.left_end, row.room[0]) for row in rows} | {(0.0, 0.0)}
    rights = {(row.right_end, row.room[1]) for row in rows} | {(0.0, 0.0)}
    scales = [
        max(width - room_left - room_right, 5.0) / (reach_left + reach_right)
        for reach_left, room_left in lefts
        for reach_right, room_right in rights
        if reach_left + reach_right > 1e-12
    ]
    scale = min(scales, default=1.0)
    zero = max(reach * scale + room for reach, room in lefts)
    ends = max(reach for reach, _ in lefts), max(reach for reach, _ in rights)
    return min(-zero / scale, -ends[0]), max((width - zero) / scale, ends[1])


def _draw_row(plot: Plot, row: _Row, y: float, thick: float, left: float) -> None:
    """Draw one bar `thick` millimetres thick around the height `y`, with its name and number."""
    colour = PALETTE.amber if row.accent else PALETTE.teal
    plot.axes.barh(y, row.value, height=thick, color=colour, linewidth=0.0, zorder=2)
    if row.low < row.high:
        _whisker(plot, row, y)
    plot.write(row.name, -left, y, colour=PALETTE.text, bold=row.accent)
    if row.value < 0:
        start = plot.x_mm(row.left_end) - LABEL_GAP_MM
        plot.write(row.text, start, y, bold=True, side="right")
        start -= bold_width(row.text)
    else:
        start = plot.x_mm(row.left_end)
        plot.write(row.text, plot.x_mm(row.right_end) + LABEL_GAP_MM, y, bold=True)
    guide = (widest(row.name.split("\n"), bold=row.accent) - left + 1.5, start - 1.5)
    if guide[1] - guide[0] > 6.0:
        plot.line([(guide[0], y), (guide[1], y)], colour=PALETTE.grid, points_wide=0.5, zorder=0)


def _whisker(plot: Plot, row: _Row, y: float) -> None:
    lines = [((row.low, row.high), (y, y))]
    lines += [((end, end), (y - 0.8, y + 0.8)) for end in (row.low, row.high)]
    for xs, ys in lines:
        plot.axes.plot(xs, ys, color=PALETTE.ink, linewidth=0.9, solid_capstyle="butt", zorder=5)
