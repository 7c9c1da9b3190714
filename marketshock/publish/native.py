"""A chart as numbers and roles, so that a deck and a workbook can draw it as their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

__all__ = ["NativeChart", "PrintedColumn", "Series", "Shape"]

Shape = Literal["bar", "line", "thin", "dashed", "dots", "words"]
PrintedColumn = tuple[str, tuple[str, ...]]
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a native chart.

    Parameters
    ----------
    name : str
        Printed in the legend or beside the series.
    values : tuple of float or None
        In the units of the exhibit's data; None leaves a gap.
    colour : str
        ``#RRGGBB`` of the palette.
    shape : {"bar", "line", "thin", "dashed", "dots", "words"}
        Of "words" only the labels are seen.
    x : tuple of float or date
        Places along the horizontal axis, for a scatter only.
    low, high : tuple of float or None
        Ends of an interval around each value.
    accents : tuple of int
        Points in the colour of the event.
    labels : tuple of str
        Words beside points; an empty string leaves a point without.
    numbered : bool
        Print each value beside its point.
    trend : str
        Name of a line of least squares on the logarithm of `x`, if one is to be drawn.
    """

    name: str
    values: Values
    colour: str
    shape: Shape = "bar"
    x: tuple[float | dt.date | None, ...] = ()
    low: Values = ()
    high: Values = ()
    accents: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    numbered: bool = False
    trend: str = ""


@dataclass(frozen=True, slots=True)
class NativeChart:
    """A chart that PowerPoint and Excel draw and let their users edit.

    Parameters
    ----------
    kind : {"bars", "columns", "stacked", "lines", "scatter"}
    head : str
        What the categories, or the places along the horizontal axis, are.
    categories : tuple
        Words or numbers along the axis; empty for a scatter.
    series : tuple of Series
        Bars first, then lines over them.
    number_format : str
        Format code of the values, as in ``0.0%``.
    value_title : str
        Words at the axis of the values.
    axis_format : str
        Format code of the horizontal axis of a scatter.
    log_x, log_y : bool
    legend : bool
    low_x, high_x, low_y, high_y : float, optional
        Ends of the axes.
    cell_format : str
        Format code of the cells; default that of the axis.
    table : tuple of (str, tuple of str)
        Heads and printed cells of a table on a slide of its own, for what a chart can't show.
    """

    kind: Literal["bars", "columns", "stacked", "lines", "scatter"]
    head: str
    categories: tuple[str | float, ...]
    series: tuple[Series, ...]
    number_format: str = "General"
    value_title: str = ""
    axis_format: str = "General"
    log_x: bool = False
    log_y: bool = False
    legend: bool = False
    low_x: float | None = None
    high_x: float | None = None
    low_y: float | None = None
    high_y: float | None = None
    cell_format: str = ""
    table: tuple[PrintedColumn, ...] = ()
