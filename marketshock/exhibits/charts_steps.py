"""Prices over time as steps on a logarithmic axis."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits.canvas import TICK_GAP_MM, Plot, text_box, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, cut, least_crowded, spread
from marketshock.exhibits.log_scale import log_ticks, plain
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["Step", "price_steps"]

LEADER_MM = 4.0
NEAR_MM = (0.7, 4.2)
FAR_MM = (7.7, 11.2, 14.7, 18.2, 21.7, 25.2)
COVERED = 1e6
"""Load from which a name would cover another one."""
HEIGHT_MM: dict[Size, float] = {"full": 88.0, "half": 84.0}


@dataclass(frozen=True, slots=True)
class Step:
    """One price and the days on which it held.

    Parameters
    ----------
    name : str
        As printed; the value is added after it.
    line : str
        Steps of one line that follow each other are joined.
    start : datetime.date
    end : datetime.date or None
        None where no end is known.
    value : float
        Positive.
    accent : bool
    """

    name: str
    line: str
    start: dt.date
    end: dt.date | None
    value: float
    accent: bool

    @property
    def colour(self) -> str:
        """Teal for the accent, else grey."""
        return PALETTE.teal if self.accent else PALETTE.axis

    @property
    def text_colour(self) -> str:
        """The same, dark enough for words."""
        return PALETTE.teal if self.accent else PALETTE.muted


@house_style()
def price_steps(
    steps: Sequence[Step],
    until: dt.date,
    *,
    locale: Locale,
    size: Size = "full",
    event: dt.date | None = None,
    event_label: str = "",
) -> Figure:
    """Draw each price from its first to its last day; open ends run to the right edge.

    Parameters
    ----------
    steps : sequence of Step
    until : datetime.date
        Right edge.
    locale : Locale
    size : {"full", "half"}
    event : datetime.date, optional
        Marked with a dashed line.
    event_label : str

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if not steps:
        raise ValueError("There is no price to draw.")
    longest = (0.25 if size == "full" else 0.43) * WIDTH_MM[size]
    ends = [step for step in steps if step.end is None or step.end >= until]
    texts = [_words(step, locale, longest) for step in ends]
    plot = _frame(steps, until, locale, size, widest(texts))
    _draw(plot, steps, until)
    _write_ends(plot, ends, texts)
    taken: list[Box] = []
    if event is not None:
        plot.event_line(event.toordinal())
        taken.append(_write_event(plot, event, event_label))
    closed = [step for step in steps if step not in ends]
    _write_closed(plot, closed, steps, until, locale, taken, event)
    return plot.figure


def _words(step: Step, locale: Locale, longest: float) -> str:
    return f"{cut(step.name, longest, text_width)} {locale.number(step.value, 2)}"


def _frame(steps: Sequence[Step], until: dt.date, locale: Locale, size: Size, right: float) -> Plot:
    values = [step.value for step in steps]
    low, high = math.log10(min(values)) - 0.12, math.log10(max(values)) + 0.2
    ticks = log_ticks(10.0**low, 10.0**high, 9)
    words = [plain(tick, locale) for tick in ticks]
    plot = Plot.with_margins(
        size,
        HEIGHT_MM[size],
        left=widest(words) + TICK_GAP_MM + 0.3,
        right=right + LEADER_MM + 0.5 if right else 0.5,
        bottom=6.0,
        top=1.0,
    )
    first = min(step.start for step in steps)
    plot.limits((first.toordinal(), until.toordinal()), (low, high))
    plot.y_ticks([math.log10(tick) for tick in ticks], words)
    plot.grid([math.log10(tick) for tick in ticks])
    plot.line([(0.0, 0.0), (plot.width, 0.0)], colour=PALETTE.axis)
    days = _quarters(first, until, plot.width)
    plot.x_ticks(
        [day.toordinal() for day in days], [locale.short_month(day) for day in days], marks=True
    )
    return plot


def _quarters(first: dt.date, last: dt.date, width: float) -> list[dt.date]:
    """Return first days of quarters, as many as have room."""
    months = [
        dt.date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in (1, 4, 7, 10)
    ]
    inside = [day for day in months if first <= day <= last]
    every = next(n for n in (1, 2, 4, 8) if len(inside) / n * 13.5 <= width or n == 8)
    return [day for day in inside if (day.year * 4 + day.month // 3) % every == 0]


def _draw(plot: Plot, steps: Sequence[Step], until: dt.date) -> None:
    for step in steps:
        xs = [step.start.toordinal(), min(step.end or until, until).toordinal()]
        level = math.log10(step.value)
        plot.axes.plot(
            xs,
            [level, level],
            color=step.colour,
            linewidth=1.8 if step.accent else 1.1,
            solid_capstyle="butt",
            zorder=4 if step.accent else 3,
        )
        for other in steps:
            if other.line == step.line and other.start == step.end and other is not step:
                plot.axes.plot(
                    [xs[1]] * 2,
                    [level, math.log10(other.value)],
                    color=step.colour,
                    linewidth=0.7,
                    zorder=2.5,
                )


def _write_ends(plot: Plot, steps: Sequence[Step], texts: Sequence[str]) -> None:
    """Write the prices still open right of the plot, moved apart, with leaders."""
    wanted = [plot.y_mm(math.log10(step.value)) for step in steps]
    places = spread(wanted, LINE_MM * 0.97, 0.0, plot.height - LINE_MM / 2)
    for step, text, start, y in zip(steps, texts, wanted, places, strict=True):
        line = [(plot.width + 0.3, start), (plot.width + LEADER_MM - 0.6, y)]
        plot.line(line, colour=step.colour, points_wide=0.6)
        plot.write(text, plot.width + LEADER_MM, y, colour=step.text_colour)


def _write_event(plot: Plot, event: dt.date, words: str) -> Box:
    x = plot.x_mm(event.toordinal())
    box = text_box(words, bold=True).moved(x + 1.2, plot.height - LINE_MM)
    plot.write_in(box, words, colour=PALETTE.amber_text, bold=True, side="left", veil=1.0)
    return box


def _write_closed(
    plot: Plot,
    closed: Sequence[Step],
    steps: Sequence[Step],
    until: dt.date,
    locale: Locale,
    taken: list[Box],
    event: dt.date | None,
) -> None:
    """Write each price that has ended beside its step, clear of all others."""
    ink = np.array(list(_ink(plot, steps, until)))
    if event is not None:
        levels = np.arange(0.0, plot.height, 0.5)
        at = np.full(len(levels), plot.x_mm(event.toordinal()))
        ink = np.concatenate([ink, np.column_stack([at, levels, np.full(len(levels), 3.0)])])
    for step in closed:
        text = f"{step.name} {locale.number(step.value, 2)}"
        box = text_box(text)
        for lifts in (NEAR_MM, FAR_MM):
            best, load = least_crowded(_around(plot, step, box, lifts), ink, taken, gap=0.3)
            if load < COVERED:
                break
        veil = 0.85 if load else 0.0
        plot.write_in(best, text, colour=step.text_colour, side="left", veil=veil)
        taken.append(best)


def _around(plot: Plot, step: Step, box: Box, lifts: Sequence[float]) -> Iterator[Box]:
    """Places above and below a step, from its start on; all inside the plot area."""
    y = plot.y_mm(math.log10(step.value))
    start = plot.x_mm(step.start.toordinal())
    end = plot.x_mm((step.end or step.start).toordinal())
    width = box.right
    places = (start, (start + end - width) / 2, end - width, end + 0.8, start - width - 0.8)
    for away in lifts:
        for lift, x in product((away, -box.top - away), places):
            place = box.moved(min(max(x, 0.0), plot.width - width), y + lift)
            if place.within(plot.width, plot.height):
                yield place


def _ink(plot: Plot, steps: Sequence[Step], until: dt.date) -> Iterator[tuple[float, float, float]]:
    for step in steps:
        y = plot.y_mm(math.log10(step.value))
        start = plot.x_mm(step.start.toordinal())
        end = plot.x_mm(min(step.end or until, until).toordinal())
        for x in np.arange(start, end + 0.5, 0.5):
            yield float(x), y, 10.0
        for other in steps:
            if other.line == step.line and other.start == step.end and other is not step:
                for level in np.linspace(y, plot.y_mm(math.log10(other.value)), 20):
                    yield end, float(level), 5.0
