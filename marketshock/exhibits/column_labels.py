"""Where the numbers and words of stacked columns go, millimetres of the plot area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marketshock.exhibits.canvas import Plot, Side, bold_width, text_box, widest
from marketshock.exhibits.labels import Box, raised, thinned, wrap
from marketshock.exhibits.theme import LINE_MM, PALETTE, text_width
from marketshock.locale import Locale

__all__ = ["Placed", "Stacks", "Words", "column_width", "layout", "outline_width"]

Array = npt.NDArray[np.float64]
OVERHANG_MM = 0.7
"""How far the outline of a projection is wider than the column, each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Stacks:
    """Columns with n periods; NaN where a figure is missing."""

    periods: tuple[str, ...]
    series: dict[str, Array]
    totals: Array
    projected: Array

    @property
    def heights(self) -> Array:
        """Height of each drawn column: the parts, or the total where no part is known."""
        parts = np.nansum([*self.series.values(), np.zeros(len(self.periods))], axis=0)
        return np.where(self.unsplit, self.totals, parts)

    @property
    def unsplit(self) -> npt.NDArray[np.bool_]:
        """Periods whose total is known but none of its parts."""
        known = [np.isfinite(values) for values in self.series.values()]
        split = np.any([*known, np.zeros(len(self.periods), bool)], axis=0)
        return np.asarray(~split & np.isfinite(self.totals), dtype=np.bool_)

    @property
    def last_split(self) -> int:
        """Last period with parts; the last period if there is none."""
        for index in reversed(range(len(self.periods))):
            if any(np.isfinite(values[index]) for values in self.series.values()):
                return index
        return len(self.periods) - 1


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the chart; an empty one is not drawn."""

    projected: str
    published: str
    event: str
    event_after: int | None
    decimals: int
    locale: Locale

    def number(self, value: float) -> str:
        """Return a figure as printed."""
        return self.locale.number(float(value), self.decimals)


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its place, and where its leader ends if it has one."""

    text: str
    box: Box
    colour: str
    bold: bool = False
    leader: tuple[float, float] | None = None
    side: Side = "center"


def column_width(plot: Plot, data: Stacks) -> float:
    """Width of a column, millimetres."""
    return min(0.64 * plot.width / len(data.periods), 14.0)


def outline_width(plot: Plot, data: Stacks) -> float:
    """Width of the outline of a projection, millimetres."""
    pitch = plot.width / len(data.periods)
    return min(column_width(plot, data) + 2 * OVERHANG_MM, 0.86 * pitch)


def layout(plot: Plot, data: Stacks, words: Words, scale: float) -> list[Placed]:
    """Return the labels at a vertical scale, each clear of columns and of those before it."""
    placed = _numbers(plot, data, words, scale)
    for make in (_projection_label, _published_label, _event_label):
        label = make(plot, data, words, scale, placed)
        placed += [label] if label else []
    return placed


def column_boxes(plot: Plot, data: Stacks, scale: float) -> list[Box]:
    """Return the box of each column with the outline around it, millimetres."""
    column, outline = column_width(plot, data), outline_width(plot, data)
    boxes = []
    for index, (height, projected) in enumerate(zip(data.heights, data.projected, strict=True)):
        half = (outline if np.isfinite(projected) else column) / 2
        top = float(np.nanmax([height, projected, 0.0])) * scale
        x = plot.x_mm(index)
        boxes.append(Box(x - half, 0.0, x + half, top))
    return boxes


def _numbers(plot: Plot, data: Stacks, words: Words, scale: float) -> list[Placed]:
    """Return the numbers that fit: all, or evenly spaced ones if too many would be missing."""
    count = len(data.periods)
    tags = _tags(plot, data, words, scale)
    first = [data.last_split, *(i for i in range(count) if np.isfinite(data.projected[i]))]
    wanted = list(dict.fromkeys([*first, *reversed(range(count))]))
    placed = _top_numbers(plot, data, words, scale, wanted, tags)
    if len(placed) - len(tags) < 0.7 * count:
        known = [words.number(total) for total in data.totals if np.isfinite(total)]
        kept = thinned(count, widest(known, bold=True) + 0.6, plot.width / count)
        wanted = [index for index in wanted if index in (*first, *kept)]
        placed = _top_numbers(plot, data, words, scale, wanted, tags)
    return placed


def _top_numbers(
    plot: Plot,
    data: Stacks,
    words: Words,
    scale: float,
    wanted: Sequence[int],
    tags: Sequence[Placed],
) -> list[Placed]:
    """Return the tags and the numbers on top of the wanted columns, without overlaps."""
    columns = column_boxes(plot, data, scale)
    placed = list(tags)
    for index in wanted:
        outcome = bool(np.isfinite(data.totals[index]))
        value = float((data.totals if outcome else data.projected)[index])
        if not np.isfinite(value):
            continue
        text = words.number(value)
        box = text_box(text, bold=outcome)
        bottom = float(data.heights[index] if outcome else value) * scale + 0.5
        inside = columns[index].top - bottom > box.top and column_width(plot, data) > box.right
        x = plot.x_mm(index) + _nudge(plot, words, index, box.right)
        box = box.moved(x - box.right / 2, bottom)
        own = [tag.box for tag in tags if tag.box.beside(columns[index], -0.2)]
        if not inside or raised(box, own, gap=0.3) != box:
            box = raised(box, [*own, columns[index]], gap=0.5)
        others = [*columns[:index], *columns[index + 1 :], *(item.box for item in placed)]
        if not any(box.overlaps(other, 0.2) for other in others):
            colour = PALETTE.ink if outcome else PALETTE.muted
            placed.append(Placed(text, box, colour, bold=outcome))
    return placed


def _nudge(plot: Plot, words: Words, index: int, width: float) -> float:
    """Return how far to move a centred number sideways so that it leaves the event line free."""
    if words.event_after is None:
        return 0.0
    distance = plot.x_mm(index) - plot.x_mm(words.event_after + 0.5)
    missing = width / 2 + 0.5 - abs(distance)
    return math.copysign(missing, distance) if missing > 0 else 0.0


def _tags(plot: Plot, data: Stacks, words: Words, scale: float) -> list[Placed]:
    """Return the numbers that sit on the line of a projection that has an outcome; all or none."""
    tags = []
    for index in np.flatnonzero(np.isfinite(data.projected) & (data.heights > 0)):
        text = words.number(data.projected[index])
        box = text_box(text)
        width = box.right + 0.8
        if width > 0.55 * column_width(plot, data):
            return []
        x, y = plot.x_mm(float(index)), float(data.projected[index]) * scale
        place = Box.centred(x, max(y, LINE_MM / 2), width, LINE_MM * 0.9)
        tags.append(Placed(text, place, PALETTE.ink))
    return tags


def _projection_label(
    plot: Plot, data: Stacks, words: Words, scale: float, taken: list[Placed]
) -> Placed | None:
    """Place the words of the projections left of the first one, and the numbers not yet printed."""
    known = [int(index) for index in np.flatnonzero(np.isfinite(data.projected))]
    if not (known and words.projected):
        return None
    columns = column_boxes(plot, data, scale)
    printed = {item.text for item in taken if not item.bold}
    values = {index: words.number(data.projected[index]) for index in known}
    missing = [f"{data.periods[i]}: {text}" for i, text in values.items() if text not in printed]
    corner = (columns[known[0]].left, float(data.projected[known[0]]) * scale)
    wide = min(max(corner[0] - 2.0, 16.0), max(0.42 * plot.width, 26.0))
    text = "\n".join([*wrap(words.projected, wide, text_width, lines=3), *missing])
    box = text_box(text)
    start = box.moved(max(corner[0] - 2.0 - box.right, 0.0), corner[1] - box.top / 2)
    place = raised(start, [*columns, *(item.box for item in taken)])
    return Placed(text, place, PALETTE.text, leader=corner, side="right")


def _published_label(
    plot: Plot, data: Stacks, words: Words, scale: float, taken: list[Placed]
) -> Placed | None:
    """Place the words of the grey columns above them."""
    known = np.flatnonzero(data.unsplit)
    if not (len(known) and words.published):
        return None
    columns = column_boxes(plot, data, scale)
    text = "\n".join(wrap(words.published, max(0.4 * plot.width, 24.0), text_width, lines=3))
    box = text_box(text)
    left = min(columns[known[0]].left, plot.width - box.right)
    place = raised(box.moved(max(left, 0.0), 3.0), [*columns, *(item.box for item in taken)], 1.2)
    return Placed(text, place, PALETTE.muted)


def _event_label(
    plot: Plot, data: Stacks, words: Words, scale: float, taken: list[Placed]
) -> Placed | None:
    """Place the words of the event at the top, beside its line."""
    if words.event_after is None or not words.event:
        return None
    x = plot.x_mm(words.event_after + 0.5)
    lines = wrap(words.event, max(x, plot.width - x) - 1.2, bold_width, lines=3)
    text = "\n".join(lines)
    box = text_box(text, bold=True)
    left = x - 1.2 - box.right
    place = box.moved(left if left >= 0 else x + 1.2, 0.0)
    columns = column_boxes(plot, data, scale)
    place = raised(place, [*columns, *(item.box for item in taken)])
    return Placed(
        text,
        place.moved(up=max(plot.height - place.top, 0.0)),
        PALETTE.amber_text,
        bold=True,
    )
