"""Stacked columns by company, with published projections beside their outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from marketshock.exhibits.canvas import TICK_GAP_MM, Plot, widest
from marketshock.exhibits.column_labels import (
    Placed,
    Stacks,
    Words,
    column_width,
    layout,
    outline_width,
)
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import (
    cut,
    fitting_scale,
    nice_ticks,
    spread,
    thinned,
)
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["stacked_columns"]

Array = npt.NDArray[np.float64]
LEADER_MM = 4.2


@house_style()
def stacked_columns(
    periods: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    totals: Sequence[float | None],
    *,
    locale: Locale,
    size: Size = "full",
    projected: Sequence[float | None] = (),
    projected_label: str = "",
    published_label: str = "",
    event_after: int | None = None,
    event_label: str = "",
    decimals: int = 0,
    height_mm: float = 72.0,
) -> Figure:
    """Draw one column per period, stacked by company, with the totals on top.

    Parameters
    ----------
    periods : sequence of str of shape (n,)
        Names below the columns.
    series : mapping of str to sequence of float or None of shape (n,)
        Parts by company, bottom first, never negative; None where unknown.
    totals : sequence of float or None of shape (n,)
        Numbers on top. A total without parts becomes a plain grey column.
    locale : Locale
    size : {"full", "half"}
    projected : sequence of float or None of shape (n,), optional
        Published projections: an outline around the outcome of the same period, a
        hatched column where there is no outcome.
    projected_label, published_label : str
        Words at the projections and at the grey columns.
    event_after : int, optional
        The event lies between this period and the next; an index into `periods`.
    event_label : str
    decimals : int
        Decimals of all numbers.
    height_mm : float
        Height on paper.

    Raises
    ------
    ValueError
        If a value is negative, or lengths differ.
    """
    data = _stacks(periods, series, totals, projected)
    words = Words(projected_label, published_label, event_label, event_after, decimals, locale)
    ends = _company_labels(data, words, 0.2 * WIDTH_MM[size])
    plot = _frame(data, words, widest([text for _, text in ends]), size, height_mm)
    labels = _place_labels(plot, data, words)
    _draw_columns(plot, data)
    _draw_projections(plot, data)
    _write_companies(plot, data, ends)
    _write_labels(plot, labels)
    return plot.figure


def _stacks(
    periods: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    totals: Sequence[float | None],
    projected: Sequence[float | None],
) -> Stacks:
    empty = [None] * len(periods)
    data = Stacks(
        tuple(periods),
        {name: _array(values) for name, values in series.items()},
        _array(totals),
        _array(projected or empty),
    )
    for values in (*data.series.values(), data.totals, data.projected):
        if len(values) != len(periods):
            raise ValueError(f"{len(values)} values for {len(periods)} periods.")
        if (values < 0).any():
            raise ValueError("A stacked column can't hold a negative value.")
    return data


def _array(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _frame(data: Stacks, words: Words, right: float, size: Size, height_mm: float) -> Plot:
    """Return the plot; its vertical scale is set once the labels are placed."""
    top = float(np.nanmax([*data.heights, *data.projected, *data.totals, 1e-9]))
    ticks, step = nice_ticks(0.0, top, 6)
    numbers = [words.locale.number(tick, _tick_decimals(step)) for tick in ticks]
    plot = Plot.with_margins(
        size,
        height_mm,
        left=widest(numbers) + TICK_GAP_MM + 0.3,
        right=right + LEADER_MM + 0.5 if right else 0.5,
        bottom=6.0,
        top=1.0,
    )
    count = len(data.periods)
    plot.limits((-0.5, count - 0.5), (0.0, top))
    room = plot.width / count
    printed = thinned(count, widest(data.periods) + 1.2, room)
    plot.x_ticks(printed, [data.periods[index] for index in printed], marks=False)
    return plot


def _tick_decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _place_labels(plot: Plot, data: Stacks, words: Words) -> list[Placed]:
    """Place all labels of the plot area and fix the vertical scale so that they fit."""
    place = partial(layout, plot, data, words)
    start = plot.height / plot.axes.get_ylim()[1]
    scale = fitting_scale(
        plot.height,
        start,
        lambda scale: max((label.box.top for label in place(scale)), default=0.0),
    )
    top = plot.height / scale
    plot.axes.set_ylim(0.0, top)
    ticks, step = nice_ticks(0.0, top - 1.2 / scale, 6)
    plot.y_ticks(ticks, [words.locale.number(tick, _tick_decimals(step)) for tick in ticks])
    plot.grid(ticks[1:])
    plot.baseline()
    labels = place(scale)
    if words.event_after is not None:
        plot.event_line(words.event_after + 0.5)
    return labels


def _draw_columns(plot: Plot, data: Stacks) -> None:
    """Draw the parts from the bottom up, and plain columns where no part is known."""
    at = np.arange(len(data.periods))
    width = column_width(plot, data) / plot.width * len(data.periods)
    colours = PALETTE.company_colours(list(data.series))
    parts = {name: (values, colours[name]) for name, values in data.series.items()}
    plain = np.where(data.unsplit, data.totals, np.nan)
    bottom = np.zeros(len(at))
    for values, colour in [*parts.values(), (plain, PALETTE.unsplit)]:
        drawn = np.isfinite(values) & (np.nan_to_num(values) > 0)
        plot.axes.bar(
            at[drawn],
            values[drawn],
            width,
            bottom[drawn],
            color=colour,
            edgecolor=PALETTE.ground,
            linewidth=0.0 if colour == PALETTE.unsplit else 0.5,
            zorder=2,
        )
        bottom += np.nan_to_num(values)


def _draw_projections(plot: Plot, data: Stacks) -> None:
    """Outline the projection of each period, hatched where there is no outcome."""
    width = outline_width(plot, data) / plot.width * len(data.periods)
    for index in np.flatnonzero(np.isfinite(data.projected)):
        left, height = float(index) - width / 2, float(data.projected[index])
        if data.heights[index] == 0:
            hatched = Rectangle(
                (left, 0.0),
                width,
                height,
                facecolor=PALETTE.ground,
                edgecolor=PALETTE.band_edge,
                hatch="/////",
                linewidth=0.0,
                zorder=2.2,
            )
            plot.axes.add_patch(hatched)
        for colour, points, zorder in ((PALETTE.ground, 2.4, 2.3), (PALETTE.ink, 0.9, 2.4)):
            plot.axes.plot(
                [left, left, left + width, left + width],
                [0.0, height, height, 0.0],
                color=colour,
                linewidth=points,
                solid_joinstyle="miter",
                zorder=zorder,
            )


def _company_labels(data: Stacks, words: Words, longest: float) -> list[tuple[str, str]]:
    """Return company and printed words, bottom first, at the last period with parts."""
    labels = []
    for name, values in data.series.items():
        value = words.number(values[data.last_split])
        labels.append((name, f"{cut(name, longest, text_width)} {value}"))
    return labels


def _write_companies(plot: Plot, data: Stacks, ends: list[tuple[str, str]]) -> None:
    """Write the names right of the last column, each tied to its part by a line in its colour."""
    last = data.last_split
    outlined = np.isfinite(data.projected[last])
    wide = outline_width(plot, data) + 1.0 if outlined else column_width(plot, data)
    edge = plot.x_mm(last) + wide / 2
    colours = PALETTE.company_colours(list(data.series))
    bottom, middles = 0.0, []
    for values in data.series.values():
        value = float(np.nan_to_num(values[last]))
        middles.append(plot.y_mm(bottom + value / 2))
        bottom += value
    texts = [text for _, text in ends]
    if last < len(data.periods) - 1 and texts:
        texts, middles = [*texts, data.periods[last]], [*middles, plot.y_mm(bottom) + LINE_MM]
    places = spread(middles, LINE_MM, LINE_MM / 2, plot.height - LINE_MM / 2)
    for number, (text, start, y) in enumerate(zip(texts, middles, places, strict=True)):
        known = number < len(ends)
        colour = PALETTE.text if known else PALETTE.muted
        plot.write(text, plot.width + LEADER_MM, y, colour=colour)
        if known and np.isfinite(data.series[ends[number][0]][last]):
            name = ends[number][0]
            bend = max(edge + 0.6, plot.width - 0.5)
            way = [(edge, start), (bend, start), (plot.width + LEADER_MM - 0.8, y)]
            plot.line(way, colour=colours[name], points_wide=0.9, zorder=1.8)


def _write_labels(plot: Plot, labels: Sequence[Placed]) -> None:
    """Write the placed labels on a white ground, with their leaders."""
    for label in labels:
        plot.write_in(
            label.box,
            label.text,
            colour=label.colour,
            bold=label.bold,
            side=label.side,
            veil=1.0,
        )
        _leader(plot, label)


def _leader(plot: Plot, label: Placed) -> None:
    """Draw a thin line from a label to the corner it speaks of."""
    if label.leader is None:
        return
    x, y = label.leader
    start = min(label.box.right + 0.6, x - 0.2)
    level = min(max(y, label.box.bottom + LINE_MM / 2), label.box.top - LINE_MM / 2)
    plot.line([(start, level), (x, y)], colour=PALETTE.axis)
