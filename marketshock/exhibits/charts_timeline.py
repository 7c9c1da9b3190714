"""A price path with numbered events, and below it what the numbers mean."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import TICK_GAP_MM, Plot, bold_width, text_box, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, least_crowded, nice_ticks, thinned, wrap
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["Mark", "numbered_path"]

PATH_MM: dict[Size, float] = {"full": 62.0, "half": 58.0}
GAP_MM = 3.5
COLUMN_GAP_MM = 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered event.

    Parameters
    ----------
    session : datetime.date or None
        Where it stands on the path; None for one that is only listed.
    day, words : str
        As listed.
    """

    session: dt.date | None
    day: str
    words: str


@house_style()
def numbered_path(
    sessions: Sequence[dt.date],
    closes: Sequence[float],
    marks: Sequence[Mark],
    *,
    end_label: str,
    locale: Locale,
    size: Size = "full",
    accent: dt.date | None = None,
) -> Figure:
    """Draw closes with a number at each event, and the list of events below.

    Parameters
    ----------
    sessions : sequence of datetime.date of shape (T,)
    closes : sequence of float of shape (T,)
    marks : sequence of Mark
        In order; numbered from 1.
    end_label : str
        Name at the end of the path.
    locale : Locale
    size : {"full", "half"}
    accent : datetime.date, optional
        Session of the shock.
    """
    lists, below = _listed(marks, size)
    end = f"{end_label} {locale.number(closes[-1], 2)}"
    plot = _frame(sessions, closes, end, below, locale, size)
    if accent in sessions:
        plot.event_line(sessions.index(accent))
    plot.axes.plot(
        range(len(closes)),
        closes,
        color=PALETTE.ink,
        linewidth=1.5,
        solid_joinstyle="round",
        clip_on=False,
        zorder=3,
    )
    plot.write(end, plot.width + 1.5, plot.y_mm(closes[-1]), colour=PALETTE.ink, bold=True)
    _number(plot, sessions, closes, marks, accent)
    _write_list(plot, lists)
    return plot.figure


def _frame(
    sessions: Sequence[dt.date],
    closes: Sequence[float],
    end: str,
    below: float,
    locale: Locale,
    size: Size,
) -> Plot:
    low, high = min(closes), max(closes)
    air = 0.16 * (high - low) or 1.0
    ticks, step = nice_ticks(low - air, high + 2 * air, 6)
    words = [locale.number(tick, 0 if step >= 1 else 2) for tick in ticks]
    plot = Plot.with_margins(
        size,
        PATH_MM[size] + below,
        left=widest(words) + TICK_GAP_MM + 0.3,
        right=bold_width(end) + 2.0,
        bottom=below + 6.5,
        top=1.0,
    )
    plot.limits((0.0, len(sessions) - 1.0), (low - air, high + 2 * air))
    plot.y_ticks(ticks, words)
    plot.grid(ticks)
    plot.line([(0.0, 0.0), (plot.width, 0.0)], colour=PALETTE.axis)
    _day_ticks(plot, sessions, locale)
    return plot


def _day_ticks(plot: Plot, sessions: Sequence[dt.date], locale: Locale) -> None:
    """Label evenly spaced sessions by day, or first sessions of months where the path is long."""
    count = len(sessions)
    if count > 90:
        months = [at for at in range(1, count) if sessions[at].month != sessions[at - 1].month]
        room = plot.width / max(len(months), 1)
        shown = [months[at] for at in thinned(len(months), 15.0, room)]
        labels = [locale.short_month(sessions[at]) for at in shown]
    else:
        every = max(1, math.ceil(count / (plot.width / 14.0)))
        shown = list(range(every // 2, count - every // 3, every))
        labels = [locale.day_month(sessions[at]) for at in shown]
    plot.x_ticks(shown, labels, marks=True)


def _number(
    plot: Plot,
    sessions: Sequence[dt.date],
    closes: Sequence[float],
    marks: Sequence[Mark],
    accent: dt.date | None,
) -> None:
    """Write the numbers of each session near its close, clear of the path and each other."""
    groups: dict[dt.date, list[int]] = {}
    for number, mark in enumerate(marks, 1):
        if mark.session is not None:
            groups.setdefault(mark.session, []).append(number)
    places = {
        day: (plot.x_mm(sessions.index(day)), plot.y_mm(closes[sessions.index(day)]))
        for day in groups
    }
    ink = _ink(plot, sessions, closes, accent)
    taken = [Box.centred(x, y, 2.0, 2.0) for x, y in places.values()]
    for day, numbers in groups.items():
        shock = day == accent
        x, y = places[day]
        text = _range(numbers)
        box = text_box(text, bold=True)
        others = [one for one in taken if one.centre != (x, y)]
        spots = [
            Box.centred(x + shift, y + lift, box.right, box.top)
            for lift in _lifts(plot.height)
            for shift in (0.0, 2.2, -2.2, 4.4, -4.4)
        ]
        inside = [spot for spot in spots if spot.within(plot.width, plot.height)]
        best, _ = least_crowded(inside, ink, others, gap=0.3)
        colour = PALETTE.amber_text if shock else PALETTE.teal
        _lead(plot, (x, y), best)
        plot.dot(
            sessions.index(day),
            closes[sessions.index(day)],
            PALETTE.amber if shock else PALETTE.teal,
            4.5,
        )
        plot.write_in(best, text, colour=colour, bold=True, veil=0.9)
        taken.append(best)


def _range(numbers: Sequence[int]) -> str:
    """Return 4, or 4–6: events of one session follow each other."""
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def _lifts(height: float) -> list[float]:
    return [sign * lift for lift in np.arange(3.2, min(height, 26.0), 1.6) for sign in (1.0, -1.0)]


def _lead(plot: Plot, point: tuple[float, float], box: Box) -> None:
    """Draw a thin line from a dot to a number that stands away from it."""
    x, y = point
    near = (min(max(x, box.left), box.right), min(max(y, box.bottom), box.top))
    if math.dist(point, near) > 2.4:
        plot.line([point, near], colour=PALETTE.axis, points_wide=0.5, zorder=2.6)


def _ink(
    plot: Plot, sessions: Sequence[dt.date], closes: Sequence[float], accent: dt.date | None
) -> np.ndarray:
    """Return points of the path and of the event line, shape (n, 3)."""
    xs = np.array([plot.x_mm(at) for at in range(len(sessions))])
    ys = np.array([plot.y_mm(close) for close in closes])
    fine = np.linspace(0.0, len(xs) - 1.0, max(4 * int(plot.width), len(xs)))
    at = np.arange(len(xs))
    path = np.column_stack(
        [np.interp(fine, at, xs), np.interp(fine, at, ys), np.full(len(fine), 10.0)]
    )
    if accent not in sessions:
        return path
    levels = np.arange(0.0, plot.height, 0.5)
    line = np.column_stack(
        [np.full(len(levels), xs[sessions.index(accent)]), levels, np.full(len(levels), 3.0)]
    )
    return np.concatenate([path, line])


def _listed(
    marks: Sequence[Mark], size: Size
) -> tuple[list[tuple[float, list[tuple[str, str, list[str]]]]], float]:
    """Return the columns of the list with their left edges, and the height of the longest."""
    columns = 2 if size == "full" else 1
    room = (WIDTH_MM[size] - COLUMN_GAP_MM * (columns - 1)) / columns
    number = bold_width(str(len(marks))) + 1.5
    days = widest([mark.day for mark in marks]) + 2.0
    entries = [
        (str(at), mark.day, wrap(mark.words, room - number - days, text_width, lines=3))
        for at, mark in enumerate(marks, 1)
    ]
    total = sum(len(lines) for _, _, lines in entries)
    split: list[list[tuple[str, str, list[str]]]] = [[]]
    for entry in entries:
        used = sum(len(lines) for _, _, lines in split[-1])
        if len(split) < columns and used >= total / columns - 0.5:
            split.append([])
        split[-1].append(entry)
    lefts = [at * (room + COLUMN_GAP_MM) for at in range(len(split))]
    longest = max((sum(len(e[2]) for e in column) for column in split), default=0)
    return list(zip(lefts, split, strict=True)), longest * LINE_MM + GAP_MM


def _write_list(
    plot: Plot, lists: Sequence[tuple[float, list[tuple[str, str, list[str]]]]]
) -> None:
    page = plot.axes.get_position().x0 * plot.figure.get_figwidth() * 25.4
    entries = [entry for _, column in lists for entry in column]
    number = bold_width(str(len(entries))) + 1.5
    days = widest([day for _, day, _ in entries]) + 2.0
    for left, column in lists:
        y = -6.5 - GAP_MM + LINE_MM / 2
        for at, day, lines in column:
            y -= LINE_MM
            start = left - page
            plot.write(at, start, y, colour=PALETTE.teal, bold=True)
            plot.write(day, start + number, y, colour=PALETTE.muted)
            for line in lines:
                plot.write(line, start + number + days, y)
                y -= LINE_MM
            y += LINE_MM
