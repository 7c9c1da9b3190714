"""The path of an abnormal return over an event window, with its no-event band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import (
    TICK_GAP_MM,
    Plot,
    Side,
    bold_width,
    percent_ticks,
    text_box,
    widest,
)
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, cut, least_crowded, nice_step, spread, wrap
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["path_with_band"]

Array = npt.NDArray[np.float64]
LEADER_MM = 3.4
DOT_MM = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class _Paths:
    """Everything drawn over relative sessions: arrays of shape (L,), decimals."""

    tau: Array
    path: Array
    low: Array
    high: Array
    others: dict[str, Array]

    @property
    def band(self) -> tuple[Array, Array, Array]:
        """Sessions, low and high of the band; a single session gets some width."""
        known = np.isfinite(self.low) & np.isfinite(self.high)
        tau, low, high = self.tau[known], self.low[known], self.high[known]
        if len(tau) == 1:
            return tau[0] + np.array([-1.0, 1.0]), low.repeat(2), high.repeat(2)
        return tau, low, high

    @property
    def x_range(self) -> tuple[float, float]:
        """Range of sessions drawn."""
        first, last = float(self.tau[0]), float(self.tau[-1])
        return (first, last) if last > first else (first - 1.0, last + 1.0)

    @property
    def y_range(self) -> tuple[float, float]:
        """Range of values drawn, zero included, with some air."""
        every = np.concatenate([self.path, self.low, self.high, *self.others.values(), [0.0]])
        every = every[np.isfinite(every)]
        low, high = float(every.min()), float(every.max())
        air = 0.06 * (high - low) or 0.01
        return low - air, high + air


@house_style()
def path_with_band(
    tau: Sequence[int],
    path: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    *,
    event_label: str,
    band_label: str,
    x_label: str,
    locale: Locale,
    size: Size = "full",
    end_label: str = "",
    others: Mapping[str, Sequence[float]] | None = None,
    height_mm: float | None = None,
) -> Figure:
    """Draw a cumulative abnormal return with its 95 % band in the absence of an event.

    Parameters
    ----------
    tau : sequence of int of shape (L,)
        Relative sessions, ascending; 0 is the event.
    path, low, high : sequence of float of shape (L,)
        Decimals (0.01 = 1 %); NaN breaks the line or leaves the band open.
    event_label : str
        Words at the event; the value at session 0 is added after them.
    band_label, x_label : str
        Words inside the band and below the axis.
    locale : Locale
    size : {"full", "half"}
    end_label : str
        Words before the value at the last session, such as a name.
    others : mapping of str to sequence of float of shape (L,), optional
        Further paths by name, thin and grey, decimals.
    height_mm : float, optional
        Height on paper.
    """
    data = _Paths(
        _array(tau),
        _array(path),
        _array(low),
        _array(high),
        {name: _array(values) for name, values in (others or {}).items()},
    )
    ends = _end_labels(data, end_label, locale, 0.2 * WIDTH_MM[size])
    height = height_mm or max(64.0 if size == "full" else 60.0, 3.4 * len(ends) + 18.0)
    plot = _frame(data, ends, x_label, locale, size, height)
    _draw_band(plot, data)
    _draw_paths(plot, data)
    taken = _write_ends(plot, data, ends)
    taken += _write_event(plot, data, event_label, locale, taken)
    _write_band_label(plot, data, band_label, taken)
    return plot.figure


def _array(values: Sequence[float]) -> Array:
    return np.asarray(values, dtype=np.float64)


def _end_labels(
    data: _Paths, end_label: str, locale: Locale, longest: float
) -> list[tuple[str, float, bool]]:
    """Text, last value and whether it is the main path, for each path with a last value."""
    paths = [(end_label, data.path), *data.others.items()]
    labels = []
    for number, (name, values) in enumerate(paths):
        said_already = number == 0 and not data.others and data.tau[-1] == 0
        if np.isfinite(values[-1]) and not said_already:
            value = locale.percent(float(values[-1]), 1, sign=True)
            short = cut(name, longest, bold_width)
            labels.append((f"{short} {value}".strip(), float(values[-1]), number == 0))
    return labels


def _frame(
    data: _Paths,
    ends: list[tuple[str, float, bool]],
    x_label: str,
    locale: Locale,
    size: Size,
    height_mm: float,
) -> Plot:
    """Return the plot with its limits, grid, ticks and axis words."""
    ticks, labels = percent_ticks(*data.y_range, 6, locale)
    right = LEADER_MM + max((widest([text], bold=main) for text, _, main in ends), default=0.0)
    plot = Plot.with_margins(
        size,
        height_mm,
        left=widest(labels) + TICK_GAP_MM + 0.3,
        right=right + 0.5,
        bottom=10.3 if x_label else 6.5,
        top=1.5,
    )
    plot.limits(data.x_range, data.y_range)
    plot.grid([tick for tick in ticks if tick])
    plot.baseline()
    plot.line([(0.0, 0.0), (plot.width, 0.0)], colour=PALETTE.axis)
    plot.y_ticks(ticks, labels)
    _session_ticks(plot, data, locale)
    if x_label:
        plot.write(x_label, plot.width / 2, -8.3, colour=PALETTE.muted, side="center")
    if data.x_range[0] <= 0 <= data.x_range[1]:
        plot.event_line(0.0)
    return plot


def _session_ticks(plot: Plot, data: _Paths, locale: Locale) -> None:
    """Label round relative sessions, zero among them when it is drawn."""
    first, last = int(data.tau[0]), int(data.tau[-1])
    room = widest([locale.number(end, 0, sign=True) for end in (first, last)]) + 3.0
    most = max(1, min(10, int(plot.width / room)))
    step = max(1, round(nice_step(last - first, most))) if last > first else 1
    sessions = [number for number in range(first, last + 1) if number % step == 0]
    words = [locale.number(number, 0, sign=True) for number in sessions]
    plot.x_ticks(sessions, words, marks=True)


def _draw_band(plot: Plot, data: _Paths) -> None:
    tau, low, high = data.band
    if not len(tau):
        return
    plot.axes.fill_between(tau, low, high, color=PALETTE.band, linewidth=0.0, zorder=-1)
    for edge in (low, high):
        plot.axes.plot(tau, edge, color=PALETTE.band_edge, linewidth=0.5, zorder=1)


def _draw_paths(plot: Plot, data: _Paths) -> None:
    for values in data.others.values():
        plot.axes.plot(data.tau, values, color=PALETTE.axis, linewidth=0.7, zorder=2)
    plot.axes.plot(
        data.tau,
        data.path,
        color=PALETTE.ink,
        linewidth=1.8,
        solid_joinstyle="round",
        solid_capstyle="round",
        clip_on=False,
        zorder=4,
    )
    last = np.isfinite(data.path[-1]) and len(data.tau) > 1 and data.tau[-1] != 0
    marks = [(0.0, _at_event(data), PALETTE.amber, 5.0)]
    marks += [(data.tau[-1], data.path[-1], PALETTE.ink, 3.0)] if last else []
    for session, value, colour, points in marks:
        if value is not None:
            plot.dot(float(session), float(value), colour, points)


def _at_event(data: _Paths) -> float | None:
    at = data.path[data.tau == 0]
    return float(at[0]) if len(at) and np.isfinite(at[0]) else None


def _write_ends(plot: Plot, data: _Paths, ends: list[tuple[str, float, bool]]) -> list[Box]:
    """Write the labels right of the last session, moved apart, with a leader where moved."""
    wanted = [plot.y_mm(value) for _, value, _ in ends]
    places = spread(wanted, LINE_MM * 0.95, -1.0, plot.height - 0.5)
    boxes = []
    for (text, _, main), start, y in zip(ends, wanted, places, strict=True):
        colour = PALETTE.ink if main else PALETTE.muted
        moved = abs(y - start) > 0.4
        x = LEADER_MM if moved or len(ends) > 1 else DOT_MM
        if moved or len(ends) > 1:
            line = [(plot.width + 0.9, start), (plot.width + LEADER_MM - 0.6, y)]
            plot.line(line, colour=colour if main else PALETTE.axis, points_wide=0.5)
        plot.write(text, plot.width + x, y, colour=colour, bold=main and len(ends) > 1)
        boxes.append(text_box(text, bold=main).moved(plot.width + x, y - LINE_MM / 2))
    return boxes


def _write_event(
    plot: Plot, data: _Paths, words: str, locale: Locale, taken: list[Box]
) -> list[Box]:
    """Write the words and the value at the event beside its dot, clear of all lines."""
    value = _at_event(data)
    if value is None:
        return []
    text = f"{words} {locale.percent(value, 1, sign=True)}".strip()
    forms = ["\n".join(wrap(text, plot.width * share, bold_width)) for share in (0.9, 0.44)]
    x, y = plot.x_mm(0.0), plot.y_mm(value)
    candidates = [
        (place, form)
        for reach in (10.0, 80.0)
        for form in forms
        for place in _around(x, y, text_box(form, bold=True), reach)
        if place.within(plot.width, plot.height)
    ]
    points = _ink(plot, data, zero=True, edges=True)
    candidates = candidates or [(_centred(plot, text_box(forms[-1], bold=True)), forms[-1])]
    best, load = least_crowded([place for place, _ in candidates], points, taken)
    form = next(form for place, form in candidates if place is best)
    side: Side = "left" if best.left > x else "right"
    veil = 0.85 if load else 0.0
    plot.write_in(best, form, colour=PALETTE.amber_text, bold=True, side=side, veil=veil)
    return [best]


def _centred(plot: Plot, box: Box) -> Box:
    return Box.centred(plot.width / 2, plot.height / 2, box.right, box.top)


def _around(x: float, y: float, box: Box, reach: float) -> Iterator[Box]:
    """Places for a label near a point: level with it first, then above and below."""
    width, height = box.right, box.top
    lifts = [0.0, *(sign * lift for lift in np.arange(1.0, reach, 1.0) for sign in (1, -1))]
    for lift in lifts:
        for side in (-1, 1):
            away = width / 2 + (1.8 if abs(lift) < 3 else 1.2)
            yield Box.centred(x + side * away, y + lift, width, height)


def _ink(plot: Plot, data: _Paths, *, zero: bool, edges: bool) -> Array:
    """Points of all lines drawn, in millimetres, weighted by how much they matter."""
    band_tau, low, high = data.band
    lines = [(data.tau, data.path, 100.0)]
    lines += [(data.tau, values, 5.0) for values in data.others.values()]
    lines += [(band_tau, edge, 1.0) for edge in (low, high) if edges and len(band_tau)]
    if zero:
        lines.append((np.array(data.x_range), np.zeros(2), 1.0))
    points = []
    for xs, ys, weight in lines:
        known = np.isfinite(ys)
        x = np.array([plot.x_mm(value) for value in xs[known]])
        y = np.array([plot.y_mm(value) for value in ys[known]])
        points.append(_dense(x, y, weight))
    if data.x_range[0] <= 0 <= data.x_range[1]:
        at = plot.x_mm(0.0)
        points.append(_dense(np.array([at, at]), np.array([0.0, plot.height]), 100.0))
    return np.concatenate(points)


def _dense(x: Array, y: Array, weight: float) -> Array:
    """Return points every half millimetre along a line, shape (n, 3)."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    if not len(x):
        return np.empty((0, 3))
    along = np.linspace(0.0, length[-1], max(2, int(length[-1] / 0.5) + 1))
    grid = np.interp(along, length, x), np.interp(along, length, y)
    return np.column_stack([*grid, np.full(len(along), weight)])


def _write_band_label(plot: Plot, data: _Paths, words: str, taken: list[Box]) -> None:
    """Write the words of the band inside it if there is room, else next to it."""
    if not (len(data.band[0]) and words):
        return
    candidates: list[tuple[Box, str]] = []
    for outside in (False, True):
        for share in (0.98, 0.6, 0.42):
            lines = wrap(words, plot.width * share, text_width, lines=3)
            text = "\n".join(lines)
            box = text_box(text)
            candidates += [(place, text) for place in _along_band(plot, data, box, outside)]
    if not candidates:
        return
    points = _ink(plot, data, zero=True, edges=False)
    best, _ = least_crowded([place for place, _ in candidates], points, taken)
    text = next(text for place, text in candidates if place is best)
    side: Side = "right" if best.centre[0] > plot.width / 2 else "left"
    plot.write_in(best, text, colour=PALETTE.muted, side=side)


def _along_band(plot: Plot, data: _Paths, box: Box, outside: bool) -> Iterator[Box]:
    """Places just inside (or outside) the upper and lower edge of the band, right ones first."""
    tau, low, high = data.band
    x = np.array([plot.x_mm(value) for value in tau])
    edges = [np.array([plot.y_mm(value) for value in edge]) for edge in (low, high)]
    width, height = box.right, box.top
    for left in np.arange(plot.width - width - 1.0, 0.0, -2.0):
        span = np.linspace(left, left + width, 24)
        below, above = (np.interp(span, x, edge) for edge in edges)
        floor, ceiling = float(below.max()) + 0.8, float(above.min()) - 0.8
        if outside:
            floor, ceiling = float(above.max()) + 0.6 + height, float(below.min()) - 0.6
            starts = [floor - height, ceiling - height]
        elif ceiling - floor < height:
            continue
        else:
            lifts = [*np.arange(0.0, ceiling - floor - height, 2.0), ceiling - floor - height]
            starts = [ceiling - height - lift for lift in lifts]
        for bottom in starts:
            place = Box(float(left), bottom, float(left) + width, bottom + height)
            if place.within(plot.width, plot.height):
                yield place
