"""What came next by horizon: a dot with its interval on the band of random sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from marketshock.exhibits.canvas import Plot, bold_width, percent_ticks, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import wrap
from marketshock.exhibits.theme import (
    LINE_MM,
    MM_PER_POINT,
    PALETTE,
    WIDTH_MM,
    house_style,
    text_width,
)
from marketshock.locale import Locale

__all__ = ["HorizonRow", "outcomes_by_horizon"]

ROW_MM: dict[Size, float] = {"full": 8.0, "half": 9.0}
BAND_MM = 4.6
DOT_PT = 5.5
AXIS_MM = 6.5
KEY_MM = 7.0
GAP_MM = 2.4


@dataclass(frozen=True, slots=True)
class HorizonRow:
    """One horizon; decimals, None where something is not known.

    Parameters
    ----------
    label : str
        Left of the row.
    value, low, high : float or None
        The dot and its interval.
    base, base_low, base_high : float or None
        Random sessions: their mean, and the range of samples of the same size.
    words : str
        Right of the row, where there is room.
    count : str
        Below the label, where there is none.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    base: float | None
    base_low: float | None
    base_high: float | None
    words: str
    count: str


@house_style()
def outcomes_by_horizon(
    rows: Sequence[HorizonRow],
    *,
    dot_label: str,
    band_label: str,
    locale: Locale,
    size: Size = "full",
) -> Figure:
    """Draw one row a horizon, the shortest on top.

    Parameters
    ----------
    rows : sequence of HorizonRow
    dot_label, band_label : str
        Words of the key above the rows.
    locale : Locale
    size : {"full", "half"}

    Raises
    ------
    ValueError
        If no row has anything to draw.
    """
    values = [value for row in rows for value in _numbers(row)]
    if not values:
        raise ValueError("There is no outcome to draw.")
    pitch, half = ROW_MM[size], size == "half"
    key = _key(dot_label, band_label, size)
    left = max(widest([row.label for row in rows], bold=True), widest([row.count for row in rows]))
    left += GAP_MM
    right = 0.0 if half else widest([row.words for row in rows]) + GAP_MM
    top = len(key) * LINE_MM * 1.25 + 1.5
    plot = Plot.with_margins(
        size,
        top + pitch * len(rows) + AXIS_MM + 0.5,
        left=left,
        right=max(right, 1.0),
        bottom=AXIS_MM,
        top=top,
    )
    air = 0.04 * ((max(values) - min(values)) or 0.01)
    plot.limits((min(*values, 0.0) - air, max(*values, 0.0) + air), (0.0, plot.height))
    _axis(plot, locale)
    for number, row in enumerate(rows):
        level = plot.height - pitch * (number + 0.5)
        lift = LINE_MM / 2 if half else 0.0
        plot.write(row.label, -left, level + lift, bold=True)
        if half:
            plot.write(row.count, -left, level - lift, colour=PALETTE.muted)
        else:
            plot.write(row.words, plot.width + GAP_MM, level, colour=PALETTE.muted)
        _draw_row(plot, row, level)
    _write_key(plot, key, left)
    return plot.figure


def _numbers(row: HorizonRow) -> list[float]:
    given = (row.value, row.low, row.high, row.base, row.base_low, row.base_high)
    return [value for value in given if value is not None]


def _axis(plot: Plot, locale: Locale) -> None:
    low, high = plot.axes.get_xlim()
    ticks, labels = percent_ticks(low, high, max(2, int(plot.width / 16.0)), locale)
    for tick in ticks:
        plot.axes.axvline(tick, color=PALETTE.grid, linewidth=0.5, zorder=0)
    plot.axes.axvline(0.0, color=PALETTE.axis, linewidth=0.8, zorder=2.0)
    kept = [
        (tick, label)
        for tick, label in zip(ticks, labels, strict=True)
        if plot.x_mm(tick) + text_width(label) / 2 <= plot.width + 1.0
    ]
    plot.x_ticks([tick for tick, _ in kept], [label for _, label in kept], marks=False)


def _draw_row(plot: Plot, row: HorizonRow, y: float) -> None:
    if row.base_low is not None and row.base_high is not None:
        _band(plot, plot.x_mm(row.base_low), plot.x_mm(row.base_high), y)
    if row.base is not None:
        x = plot.x_mm(row.base)
        tick = [(x, y - BAND_MM / 2), (x, y + BAND_MM / 2)]
        plot.line(tick, colour=PALETTE.band_edge, points_wide=1.4, zorder=2.6)
    if row.value is None:
        return
    if row.low is not None and row.high is not None:
        ends = [(plot.x_mm(row.low), y), (plot.x_mm(row.high), y)]
        plot.line(ends, colour=PALETTE.teal, points_wide=1.4, zorder=4)
    _dot(plot, plot.x_mm(row.value), y, filled=row.low is not None)


def _band(plot: Plot, start: float, end: float, y: float) -> None:
    """Draw the range of random sessions as a thick light bar."""
    points = BAND_MM / MM_PER_POINT
    plot.line([(start, y), (end, y)], colour=PALETTE.band, points_wide=points, zorder=1.5)
    for x in (start, end):
        edge = [(x, y - BAND_MM / 2), (x, y + BAND_MM / 2)]
        plot.line(edge, colour=PALETTE.band_edge, points_wide=0.5, zorder=1.6)


def _dot(plot: Plot, x: float, y: float, *, filled: bool) -> None:
    """Draw the mean; hollow where no interval can be given."""
    plot.axes.plot(
        [x / plot.width],
        [y / plot.height],
        "o",
        transform=plot.axes.transAxes,
        color=PALETTE.teal,
        markerfacecolor=PALETTE.teal if filled else PALETTE.ground,
        markersize=DOT_PT,
        markeredgewidth=1.0,
        clip_on=False,
        zorder=5,
    )


def _key(dot_label: str, band_label: str, size: Size) -> list[tuple[str, str]]:
    """Return the lines of the key: the mark, or nothing on a further line, and its words."""
    wide = WIDTH_MM[size] - KEY_MM
    lines = []
    for mark, words in (("dot", dot_label), ("band", band_label)):
        parts = wrap(words, wide, bold_width, lines=2)
        lines += [(mark if not number else "", part) for number, part in enumerate(parts)]
    return lines


def _write_key(plot: Plot, key: Sequence[tuple[str, str]], left: float) -> None:
    start = -left
    for number, (mark, words) in enumerate(key):
        y = plot.height + (len(key) - number - 0.5) * LINE_MM * 1.25 + 1.0
        if mark == "dot":
            ends = [(start, y), (start + KEY_MM - 1.6, y)]
            plot.line(ends, colour=PALETTE.teal, points_wide=1.4, zorder=4)
            _dot(plot, start + (KEY_MM - 1.6) / 2, y, filled=True)
        elif mark == "band":
            end = start + KEY_MM - 1.6
            points = 0.6 * BAND_MM / MM_PER_POINT
            plot.line([(start, y), (end, y)], colour=PALETTE.band, points_wide=points)
            middle = start + (KEY_MM - 1.6) / 2
            tick = [(middle, y - 0.3 * BAND_MM), (middle, y + 0.3 * BAND_MM)]
            plot.line(tick, colour=PALETTE.band_edge, points_wide=1.4, zorder=4)
        colour = PALETTE.teal if mark == "dot" else PALETTE.muted
        plot.write(words, start + KEY_MM, y, colour=colour)
