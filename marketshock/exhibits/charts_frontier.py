"""Performance against spending at two moments, with three arrows: a schematic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import Plot, text_box
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, wrap
from marketshock.exhibits.log_scale import log_ticks, plain
from marketshock.exhibits.theme import LINE_MM, PALETTE, house_style, text_width
from marketshock.locale import Locale

__all__ = ["FrontierWords", "frontier_chart"]

HEIGHT_MM: dict[Size, float] = {"full": 78.0, "half": 80.0}
OFFSET_MM = 1.8
HEAD_MM: dict[Size, float] = {"full": 14.0, "half": 20.0}
FOOT_MM = 9.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FrontierWords:
    """What is written at the curves, the arrows and the axes."""

    before: str
    later: str
    access: str
    performance: str
    spending: str
    x_label: str
    y_label: str
    schematic: str


@house_style()
def frontier_chart(
    spending: Sequence[float],
    before: Sequence[float],
    later: Sequence[float],
    arrows: tuple[Point, Point, Point, Point],
    words: FrontierWords,
    *,
    locale: Locale,
    size: Size = "full",
) -> Figure:
    """Draw both curves and the arrows between four points.

    Parameters
    ----------
    spending, before, later : sequence of float of shape (n,)
        Spending as a multiple, performance at the first and the later moment.
    arrows : tuple of four (spending, performance)
        Start on the first curve; the same performance later; the same spending later; more
        spending on the later curve.
    words : FrontierWords
    locale : Locale
    size : {"full", "half"}
    """
    start, cheaper, better, dearer = [(math.log10(x), y) for x, y in arrows]
    xs = [math.log10(x) for x in spending]
    plot = _frame(xs, [*before, *later], words, locale, size)
    plot.axes.plot(xs, before, color=PALETTE.axis, linewidth=1.4, zorder=3)
    plot.axes.plot(xs, later, color=PALETTE.ink, linewidth=1.8, zorder=3)
    lift = OFFSET_MM / plot.height * (plot.axes.get_ylim()[1] - plot.axes.get_ylim()[0])
    _arrow(plot, start, cheaper, PALETTE.teal)
    _arrow(plot, start, better, PALETTE.amber)
    beside = [(x, y + lift) for x, y in (better, dearer)]
    _arrow(plot, beside[0], beside[1], PALETTE.ink, dotted=True)
    plot.dot(*start, PALETTE.ink, 5.0)
    curves = _Curves(plot, xs, before, later)
    taken = _write_moments(plot, curves, words)
    width = plot.width * (0.36 if size == "full" else 0.5)
    _write_arrows(plot, curves, (start, cheaper, better, dearer), words, width, taken)
    return plot.figure


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """Both curves in millimetres."""

    plot: Plot
    xs: Sequence[float]
    first: Sequence[float]
    second: Sequence[float]

    def height(self, x: float, *, later: bool) -> float:
        """Return how high a curve stands at a place, millimetres."""
        at = [self.plot.x_mm(value) for value in self.xs]
        ys = [self.plot.y_mm(value) for value in (self.second if later else self.first)]
        return float(np.interp(x, at, ys))

    def above(self, box: Box, gap: float) -> Box:
        """Return the box lifted clear of the later curve, which is highest at its right."""
        lift = self.height(box.right, later=True) + gap - box.bottom
        return box.moved(up=lift)

    def below(self, box: Box, gap: float) -> Box:
        """Return the box lowered clear of the first curve, which is lowest at its left."""
        return box.moved(up=self.height(box.left, later=False) - gap - box.top)


def _frame(
    xs: Sequence[float], values: Sequence[float], words: FrontierWords, locale: Locale, size: Size
) -> Plot:
    plot = Plot.with_margins(size, HEIGHT_MM[size], left=3.0, right=3.0, bottom=10.5, top=5.0)
    low, high = min(values), max(values)
    head = HEAD_MM[size]
    unit = (high - low) / (plot.height - FOOT_MM - head)
    plot.limits((min(xs), max(xs)), (low - FOOT_MM * unit, high + head * unit))
    ticks = log_ticks(10.0 ** min(xs), 10.0 ** max(xs), 8 if size == "full" else 5)
    inside = [tick for tick in ticks if 4.0 < plot.x_mm(math.log10(tick)) < plot.width - 4.0]
    labels = [plain(tick, locale) + "×" for tick in inside]
    plot.x_ticks([math.log10(tick) for tick in inside], labels, marks=True)
    frame = [(0.0, plot.height), (0.0, 0.0), (plot.width, 0.0)]
    plot.line(frame, colour=PALETTE.axis, points_wide=0.8)
    plot.write(words.x_label, plot.width / 2, -8.2, colour=PALETTE.muted, side="center")
    top = plot.height + LINE_MM * 0.7
    plot.write(words.y_label, 0.0, top, colour=PALETTE.muted)
    plot.write(words.schematic, plot.width, top, colour=PALETTE.muted, bold=True, side="right")
    return plot


def _arrow(plot: Plot, start: Point, end: Point, colour: str, *, dotted: bool = False) -> None:
    style: dict[str, Any] = {
        "arrowstyle": "-|>,head_length=0.45,head_width=0.22",
        "color": colour,
        "linewidth": 1.8,
        "shrinkA": 2.5,
        "shrinkB": 0.0,
        "linestyle": (0, (1.0, 1.2)) if dotted else "-",
        "mutation_scale": 10.0,
    }
    plot.axes.annotate("", xy=end, xytext=start, arrowprops=style, zorder=4.5)


def _write_moments(plot: Plot, curves: _Curves, words: FrontierWords) -> list[Box]:
    """Write each curve's moment at its right end: above the later, below the first one."""
    boxes = []
    for text, place, colour in (
        (words.later, curves.above, PALETTE.ink),
        (words.before, curves.below, PALETTE.muted),
    ):
        box = text_box(text)
        box = place(box.moved(plot.width - box.right), 1.2)
        plot.write_in(box, text, colour=colour, side="right")
        boxes.append(box)
    return boxes


def _write_arrows(
    plot: Plot,
    curves: _Curves,
    points: tuple[Point, Point, Point, Point],
    words: FrontierWords,
    width: float,
    taken: list[Box],
) -> None:
    """Write what each arrow is, clear of both curves, with a line to its middle."""
    start, cheaper, better, dearer = ((plot.x_mm(x), plot.y_mm(y)) for x, y in points)
    for text, colour, one, other, under in (
        (words.access, PALETTE.teal, start, cheaper, False),
        (words.spending, PALETTE.ink, better, dearer, False),
        (words.performance, PALETTE.amber_text, start, better, True),
    ):
        lines = "\n".join(wrap(text, width, text_width, lines=4))
        middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        box = text_box(lines)
        shift = 6.0 if under else -box.right / 2
        left = min(max(middle[0] + shift, 0.5), plot.width - box.right - 0.5)
        place = curves.below if under else curves.above
        box = place(box.moved(left), 2.0 if under else 2.0 + OFFSET_MM)
        while any(box.overlaps(other_box, 0.8) for other_box in taken):
            box = box.moved(up=-1.0 if under else 1.0)
        taken.append(box)
        plot.write_in(box, lines, colour=colour, side="left")
        beside = under and box.left > middle[0] + 2.0
        across = box.left - 0.8 if beside else min(max(middle[0], box.left), box.right)
        level = box.top + 0.4 if under else box.bottom - 0.4
        end = (across, box.top - LINE_MM / 2 if beside else level)
        gap = 0.0 if one is start else OFFSET_MM
        plot.line([end, (middle[0], middle[1] + gap)], colour=colour, points_wide=0.5, zorder=4)
