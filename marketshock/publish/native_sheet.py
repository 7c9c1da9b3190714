"""A native chart on a worksheet: its figures as a block of cells, and the chart over them.

The same block and the same drawing serve a workbook and the workbook inside a chart of a deck.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketshock.exhibits.colours import Palette
from marketshock.publish.native import NativeChart, Series

__all__ = ["Block", "chart_object", "explicit", "write_block"]

MOST_CATEGORIES = 24
"""Names along an axis; beyond that every second or third one is printed."""
_TYPES: Mapping[str, dict[str, str]] = {
    "bars": {"type": "bar"},
    "columns": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "lines": {"type": "line"},
    "scatter": {"type": "scatter", "subtype": "straight"},
}
_WIDTHS = {"line": 2.25, "thin": 1.0, "dashed": 1.0}


@dataclass(frozen=True, slots=True)
class Block:
    """Where the figures of a chart lie: sheet, first row of figures, columns of each series.

    Parameters
    ----------
    sheet : str
    first, last : int
        Rows of the figures, from 0.
    columns : tuple of dict
        Column by role of each series: ``x``, ``values``, ``minus``, ``plus``.
    """

    sheet: str
    first: int
    columns: tuple[dict[str, int], ...]
    lengths: tuple[int, ...]

    def cells(self, series: int, role: str) -> list[Any]:
        """Return the range of one role of a series, as xlsxwriter reads ranges."""
        column = self.columns[series][role]
        last = self.first + self.lengths[series] - 1
        return [self.sheet, self.first, column, last, column]

    def name(self, series: int) -> list[Any]:
        """Return the cell of the name of a series."""
        return [self.sheet, self.first - 1, self.columns[series]["values"]]


def write_block(
    sheet: Any, chart: NativeChart, row: int, column: int, formats: Mapping[str, Any], range_: str
) -> Block:
    """Write the figures of a chart, names above them, and return where they lie.

    Parameters
    ----------
    sheet : xlsxwriter Worksheet
    chart : NativeChart
    row, column : int
        Upper left corner, from 0: the heads.
    formats : mapping
        Formats ``head``, ``number``, ``text``, ``day`` and ``plain``.
    range_ : str
        Word for the ends of an interval, as in "range".
    """
    places: list[dict[str, int]] = []
    at = column
    if chart.categories:
        _column(sheet, row, at, chart.head, chart.categories, formats, "plain")
        at += 1
    for one in chart.series:
        place = {"x": column}
        if one.x:
            place["x"] = at
            _column(sheet, row, at, chart.head, one.x, formats, "plain")
            at += 1
        place["values"] = at
        _column(sheet, row, at, one.name, one.values, formats, "number")
        at += 1
        if one.low:
            at = _interval(sheet, row, at, one, place, formats, range_)
        places.append(place)
    lengths = tuple(len(one.values) for one in chart.series)
    return Block(sheet.get_name(), row + 1, tuple(places), lengths)


def _interval(
    sheet: Any,
    row: int,
    at: int,
    one: Series,
    place: dict[str, int],
    formats: Mapping[str, Any],
    word: str,
) -> int:
    """Write both ends of an interval and, as formulas, how far they lie from the value."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    for shift, (mark, ends) in enumerate((("\u2193", one.low), ("\u2191", one.high))):
        _column(sheet, row, at + shift, f"{one.name}, {word} {mark}", ends, formats, "number")
    for shift, (role, mark, ends) in enumerate(
        (("minus", "\u2212", one.low), ("plus", "+", one.high)), 2
    ):
        sheet.write_string(row, at + shift, f"{one.name}, {word} {mark}", formats["head"])
        place[role] = at + shift
        for n, (value, end) in enumerate(zip(one.values, ends, strict=True), row + 1):
            if value is None or end is None:
                continue
            cells = [xl_rowcol_to_cell(n, c) for c in (place["values"], at + shift - 2)]
            sheet.write_formula(
                n, at + shift, f"=ABS({cells[0]}-{cells[1]})", formats["number"], abs(value - end)
            )
    return at + 4


def _column(
    sheet: Any,
    row: int,
    column: int,
    head: str,
    values: Sequence[Any],
    formats: Mapping[str, Any],
    kind: str,
) -> None:
    sheet.write_string(row, column, head, formats["head"])
    for at, value in enumerate(values, row + 1):
        if value is None:
            continue
        if isinstance(value, dt.date):
            sheet.write_datetime(at, column, value, formats["day"])
        elif isinstance(value, (int, float)):
            sheet.write_number(at, column, value, formats[kind])
        else:
            sheet.write_string(at, column, str(value), formats["text"])


def chart_object(
    workbook: Any, chart: NativeChart, block: Block, palette: Palette, font: str | None
) -> Any:
    """Return the chart over its block of cells.

    Parameters
    ----------
    workbook : xlsxwriter Workbook
    chart : NativeChart
    block : Block
    palette : Palette
    font : str or None
        Typeface; None leaves it to the theme of the file.
    """
    drawn = workbook.add_chart(_TYPES[chart.kind])
    lines = None
    style = _Style(palette, font, chart)
    for at, one in enumerate(chart.series):
        options = style.series(one, block, at)
        if chart.kind == "stacked" and one.shape != "bar":
            lines = lines or workbook.add_chart({"type": "line"})
            lines.add_series(options)
        else:
            drawn.add_series(options)
    if lines is not None:
        drawn.combine(lines)
    along, across = style.along(), style.values()
    drawn.set_x_axis(across if chart.kind == "bars" else along)
    drawn.set_y_axis(along if chart.kind == "bars" else across)
    drawn.set_title({"none": True})
    drawn.set_legend(
        {"position": "bottom", "font": style.font(10), "delete_series": style.unnamed()}
        if chart.legend
        else {"none": True}
    )
    drawn.show_blanks_as("gap")
    drawn.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    drawn.set_plotarea({"border": {"none": True}, "fill": {"none": True}})
    return drawn


@dataclass(frozen=True, slots=True)
class _Style:
    """Options of xlsxwriter in the colours of the house."""

    palette: Palette
    face: str | None
    chart: NativeChart

    def font(self, size: float, colour: str = "", *, bold: bool = False) -> dict[str, Any]:
        named = {"name": self.face} if self.face else {}
        return {"size": size, "color": colour or self.palette.text, "bold": bold, **named}

    def series(self, one: Series, block: Block, at: int) -> dict[str, Any]:
        options: dict[str, Any] = {
            "name": block.name(at),
            "values": block.cells(at, "values"),
            "values_data": list(one.values),
        }
        if one.x or self.chart.categories:
            options["categories"] = block.cells(at, "x")
        options |= self._bar(one) if one.shape == "bar" else self._line(one)
        if one.low:
            options["y_error_bars"] = {
                "type": "custom",
                "plus_values": _reference(block.cells(at, "plus")),
                "plus_data": _lengths(one.values, one.high),
                "minus_values": _reference(block.cells(at, "minus")),
                "minus_data": _lengths(one.values, one.low),
                "line": {"color": self.palette.ink, "width": 1.0},
            }
        if one.numbered or any(one.labels):
            options["data_labels"] = self._labels(one)
        return options

    def unnamed(self) -> list[int]:
        """Return the series that a legend leaves out, because only their labels are seen."""
        return [at for at, one in enumerate(self.chart.series) if one.shape == "words"]

    def _bar(self, one: Series) -> dict[str, Any]:
        accent = {"fill": {"color": self.palette.amber}}
        points = [accent if n in one.accents else None for n in range(len(one.values))]
        options: dict[str, Any] = {"fill": {"color": one.colour}, "gap": 45}
        if one.accents:
            options["points"] = points
        if self.chart.kind == "stacked":
            options["overlap"] = 100
        return options

    def _line(self, one: Series) -> dict[str, Any]:
        if one.shape == "words":
            return {"line": {"none": True}, "marker": {"type": "none"}}
        if one.shape == "dots":
            options: dict[str, Any] = {"line": {"none": True}, "marker": self._marker(one.colour)}
            if one.trend:
                line = {"color": self.palette.band_edge, "width": 1.25}
                options["trendline"] = {"type": "log", "name": one.trend, "line": line}
        else:
            line = {"color": one.colour, "width": _WIDTHS[one.shape]}
            if one.shape == "dashed":
                line["dash_type"] = "dash"
            options = {"line": line, "marker": {"type": "none"}, "smooth": False}
        return options

    def _marker(self, colour: str) -> dict[str, Any]:
        return {
            "type": "circle" if self.chart.kind != "stacked" else "diamond",
            "size": 9,
            "fill": {"color": colour},
            "border": {"color": self.palette.ground},
        }

    def _labels(self, one: Series) -> dict[str, Any]:
        bars = len(self.chart.categories) * len(self.chart.series)
        crowded = self.chart.kind == "bars" and bars > MOST_CATEGORIES - 8
        labels: dict[str, Any] = {"value": True, "font": self.font(8 if crowded else 10)}
        if one.shape in ("words", "dashed"):
            labels["position"] = "above"
        elif one.shape != "bar":
            labels["position"] = "right"
        elif self.chart.kind == "bars" and not one.low:
            labels["position"] = "outside_end"
        if any(one.labels):
            labels["custom"] = [
                {"value": text, "font": self.font(10, one.colour)} if text else {"delete": True}
                for text in one.labels
            ]
        else:
            labels["num_format"] = self.chart.number_format
        return labels

    def along(self) -> dict[str, Any]:
        """Return the horizontal axis; for bars the one with the names."""
        chart = self.chart
        options: dict[str, Any] = {
            "num_font": self.font(10),
            "label_position": "low",
            "line": {"color": self.palette.axis},
            "major_gridlines": {"visible": False},
            "major_tick_mark": "none",
        }
        if chart.kind == "bars":
            return {**options, "reverse": True}
        options |= {"name": chart.head, "name_font": self.font(10)}
        if chart.kind != "scatter":
            every = -(-len(chart.categories) // MOST_CATEGORIES)
            return {**options, "interval_unit": every, "interval_tick": every}
        return {
            **options,
            "num_format": chart.axis_format,
            "major_tick_mark": "outside",
            **_ends(chart.low_x, chart.high_x),
            **({"log_base": 10} if chart.log_x else {}),
        }

    def values(self) -> dict[str, Any]:
        """Return the axis of the values."""
        chart = self.chart
        options: dict[str, Any] = {
            "num_font": self.font(10),
            "num_format": chart.number_format,
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": self.palette.grid}},
            "major_tick_mark": "none",
            **_ends(chart.low_y, chart.high_y),
        }
        if chart.log_y:
            options["log_base"] = 10
        if chart.value_title:
            options |= {"name": chart.value_title, "name_font": self.font(10)}
        if chart.kind in ("lines", "scatter"):
            options["label_position"] = "low"
        if chart.kind == "bars":
            options |= {"visible": False, "major_gridlines": {"visible": False}}
        return options


def _ends(low: float | None, high: float | None) -> dict[str, float]:
    return {name: value for name, value in (("min", low), ("max", high)) if value is not None}


def explicit(drawing: bytes) -> bytes:
    """Return a drawing that says what programs assume differently when it is left out.

    Labels with values only, gaps where figures are missing, straight lines, one colour for
    negative bars too, square corners.
    """
    text = drawing.decode("utf-8")
    for pattern, replacement in _EXPLICIT:
        text = re.sub(pattern, replacement, text)
    return _GROUPS.sub(_explicit_series, text).encode("utf-8")


def _explicit_series(group: re.Match[str]) -> str:
    """Say how the series of a group of bars or lines are drawn."""
    text = group[0]
    if group[1] == "barChart":
        return _BAR_FILL.sub(r'\1<c:invertIfNegative val="0"/>', text)
    return text.replace('<c:smooth val="0"/>', "").replace(
        "</c:ser>", '<c:smooth val="0"/></c:ser>'
    )


_GROUPS = re.compile(r"<c:(barChart|lineChart|scatterChart)>.*?</c:\1>", re.DOTALL)
_BAR_FILL = re.compile(r"(</c:tx><c:spPr>.*?</c:spPr>|<c:dPt><c:idx val=\"\d+\"/>)", re.DOTALL)
_ONLY_VALUES = (
    '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>'
    '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)
_EXPLICIT = (
    ('<c:showVal val="1"/>', _ONLY_VALUES),
    (r'(<c:plotVisOnly val="1"/>)(?!<c:dispBlanksAs)', r'\1<c:dispBlanksAs val="gap"/>'),
    (r'(<c:trendlineType val="log"/>)', r'\1<c:dispRSqr val="0"/><c:dispEq val="0"/>'),
    (r'(<c:lang val="[^"]*"/>)', r'\1<c:roundedCorners val="0"/>'),
    (r'(<c:(?:grouping|scatterStyle) val="[^"]*"/>)', r'\1<c:varyColors val="0"/>'),
)
"""What is written, and what it becomes."""


def _lengths(values: Sequence[float | None], ends: Sequence[float | None]) -> list[float]:
    """Return how far the ends lie from the values; zero where there is nothing to draw."""
    pairs = zip(values, ends, strict=True)
    return [0.0 if v is None or end is None else abs(v - end) for v, end in pairs]


def _reference(cells: Sequence[Any]) -> str:
    from xlsxwriter.utility import xl_range_abs

    sheet, first, column, last, _ = cells
    return f"='{sheet}'!{xl_range_abs(first, column, last, column)}"
