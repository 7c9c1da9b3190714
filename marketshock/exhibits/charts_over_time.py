"""Several shares over time, one line a company, named at its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from marketshock.exhibits.canvas import TICK_GAP_MM, Plot, percent_ticks, widest
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import cut, spread, thinned
from marketshock.exhibits.theme import LINE_MM, PALETTE, WIDTH_MM, house_style, text_width
from marketshock.locale import Locale

__all__ = ["lines_over_time"]

LEADER_MM = 4.2
LONGEST_GAP_DAYS = 140
"""Days between two points from which the line is broken: more than one quarter is missing."""
HEIGHT_MM: dict[Size, float] = {"full": 54.0, "half": 56.0}

Points = Sequence[tuple[dt.date, float]]


@house_style()
def lines_over_time(series: Mapping[str, Points], *, locale: Locale, size: Size = "full") -> Figure:
    """Draw one line a company with its name and last value beside its end.

    Parameters
    ----------
    series : mapping of str to sequence of (date, float)
        Decimals (0.01 = 1 %), by company, in order of time; never empty.
    locale : Locale
    size : {"full", "half"}
    """
    longest = (0.2 if size == "full" else 0.3) * WIDTH_MM[size]
    ends = {
        name: f"{cut(name, longest, text_width)} {locale.percent(points[-1][1], 0)}"
        for name, points in series.items()
    }
    plot = _frame(series, locale, size, widest(list(ends.values())))
    colours = PALETTE.company_colours(list(series))
    for name, points in series.items():
        for part in _unbroken(points):
            plot.axes.plot(
                [day.toordinal() for day, _ in part],
                [value for _, value in part],
                color=colours[name],
                linewidth=1.5,
                solid_joinstyle="round",
                clip_on=False,
                zorder=3,
            )
    _write_ends(plot, series, ends, colours)
    return plot.figure


def _frame(series: Mapping[str, Points], locale: Locale, size: Size, right: float) -> Plot:
    days = [day for points in series.values() for day, _ in points]
    top = 1.04 * max(value for points in series.values() for _, value in points)
    ticks, labels = percent_ticks(0.0, top, 6, locale)
    plot = Plot.with_margins(
        size,
        HEIGHT_MM[size],
        left=widest(labels) + TICK_GAP_MM + 0.3,
        right=right + LEADER_MM + 0.5,
        bottom=6.0,
        top=1.0,
    )
    plot.limits((min(days).toordinal(), max(days).toordinal()), (0.0, top))
    plot.y_ticks(ticks, labels)
    plot.grid(ticks[1:])
    plot.baseline()
    years = [dt.date(year, 1, 1) for year in range(min(days).year + 1, max(days).year + 1)]
    room = plot.width / max(len(years), 1)
    shown = [years[at] for at in thinned(len(years), 9.0, room)]
    plot.x_ticks([day.toordinal() for day in shown], [str(day.year) for day in shown], marks=True)
    return plot


def _unbroken(points: Points) -> list[list[tuple[dt.date, float]]]:
    """Return the points in parts, cut where quarters are missing."""
    parts: list[list[tuple[dt.date, float]]] = []
    for day, value in points:
        if parts and (day - parts[-1][-1][0]).days <= LONGEST_GAP_DAYS:
            parts[-1].append((day, value))
        else:
            parts.append([(day, value)])
    return parts


def _write_ends(
    plot: Plot, series: Mapping[str, Points], ends: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    """Write name and last value right of the plot, moved apart, tied to the end of each line."""
    tips = [(plot.x_mm(p[-1][0].toordinal()), plot.y_mm(p[-1][1])) for p in series.values()]
    places = spread([y for _, y in tips], LINE_MM, LINE_MM / 2, plot.height - LINE_MM / 2)
    for name, (x, start), y in zip(series, tips, places, strict=True):
        way = [(x, start), (plot.width + 0.6, start), (plot.width + LEADER_MM - 0.8, y)]
        plot.line(way, colour=colours[name], points_wide=0.7, zorder=2)
        plot.write(ends[name], plot.width + LEADER_MM, y, colour=PALETTE.text)
