"""A table as a drawing: columns as wide as their words need, rows as high as their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketshock.exhibits.brand import page_colours
from marketshock.exhibits.in_force import current_brand
from marketshock.exhibits.marks import Drawn, Style, line_of, lines_in, rule
from marketshock.exhibits.theme import PALETTE, WIDTH_MM

__all__ = ["table_marks"]

CELL = Style(8.2, "text")
HEAD = Style(7.8, "ink", bold=True)
PAD_MM = 1.5
ROW_PAD_MM = 1.0
BAR_MM = {"full": 24.0, "half": 12.0}
BAR_GAP_MM = 2.0
LONGEST_WORD_MM = 60.0
SMALLER = 0.85
"""Type is made this much smaller before words are wrapped."""


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a column lies and how its cells are set."""

    left: float
    width: float
    align: str
    bar: float

    def cell(self, text: str, style: Style) -> tuple[str, int]:
        """Return the text of a cell as SVG, and how many lines it takes."""
        lines = lines_in(text, style, self.width + 1e-6)
        right = self.align == "right"
        x = self.left + PAD_MM + self.bar + (self.width if right else 0.0)
        side: Any = "end" if right else "start"
        drawn = (line_of(line, style, x, at, side) for at, line in enumerate(lines))
        return "".join(drawn), len(lines)


def table_marks(payload: Mapping[str, Any]) -> Drawn:
    """Return the table of a payload as SVG; it is wider than its size if its words need it."""
    columns = _columns(payload, WIDTH_MM[payload["size"]])
    last = columns[-1]
    width = last.left + last.bar + last.width + 2 * PAD_MM
    drawn, top = _row([c["label"] for c in payload["columns"]], columns, HEAD, 0.0)
    drawn += rule(width, PALETTE.ink, 0.25, top).svg
    for number, row in enumerate(payload["rows"]):
        strong = number in payload["emphasis"]
        marks, bottom = _row(row, columns, CELL.strong() if strong else CELL, top + 0.25)
        drawn += _ground(width, top + 0.25, bottom) + marks if strong else marks
        drawn += rule(width, PALETTE.grid, 0.12, bottom).svg
        top = bottom
    return Drawn(drawn, width, top + 0.25)


def _ground(width: float, top: float, bottom: float) -> str:
    """Return the light ground and the amber edge of a row of the event."""
    height, glow = bottom - top, page_colours(current_brand().palette)["glow"]
    return (
        f'<rect y="{top:.3f}" width="{width:.3f}" height="{height:.3f}" fill="{glow}"/>'
        f'<rect y="{top:.3f}" width="0.7" height="{height:.3f}" fill="{PALETTE.amber}"/>'
    )


def _row(
    cells: Sequence[Any], columns: Sequence[_Column], style: Style, top: float
) -> tuple[str, float]:
    """Return one row as SVG and the height at which it ends."""
    drawn, most = "", 1
    for cell, column in zip(cells, columns, strict=True):
        text = cell["text"] if isinstance(cell, dict) else cell
        marks, lines = column.cell(text, style)
        drawn += marks + (_bar(cell, column, style) if isinstance(cell, dict) else "")
        most = max(most, lines)
    bottom = top + most * style.leading + 2 * ROW_PAD_MM
    return f'<g transform="translate(0 {top + ROW_PAD_MM:.3f})">{drawn}</g>', bottom


def _bar(cell: Mapping[str, Any], column: _Column, style: Style) -> str:
    colour = PALETTE.amber if cell["accent"] else PALETTE.teal
    length = cell["bar"] * (column.bar - BAR_GAP_MM)
    return (
        f'<rect x="{column.left + PAD_MM:.3f}" y="{0.2 * style.leading:.3f}" '
        f'width="{length:.3f}" height="{0.6 * style.leading:.3f}" fill="{colour}"/>'
    )


def _columns(payload: Mapping[str, Any], room: float) -> list[_Column]:
    """Give every column its width: whole lines where they fit, else wrapped words."""
    heads = payload["columns"]
    bars = [BAR_MM[payload["size"]] + BAR_GAP_MM if c["bar"] else 0.0 for c in heads]
    needs = [_needs(payload, at) for at in range(len(heads))]
    fixed = sum(bars) + 2 * PAD_MM * len(heads)
    whole = fixed + sum(want for _, want in needs)
    free = min(max(room, whole), room / SMALLER) - fixed
    widths = _shared([least for least, _ in needs], [whole for _, whole in needs], free)
    columns, left = [], 0.0
    for head, bar, width in zip(heads, bars, widths, strict=True):
        columns.append(_Column(left, width, head["align"], bar))
        left += width + bar + 2 * PAD_MM
    return columns


def _needs(payload: Mapping[str, Any], at: int) -> tuple[float, float]:
    """Return the least width of a column and the width at which nothing in it wraps."""
    cells = [row[at]["text"] if isinstance(row[at], dict) else row[at] for row in payload["rows"]]
    label, style = payload["columns"][at]["label"], CELL.strong()
    whole = max(map(style.width, cells), default=0.0)
    words = [word for cell in cells for word in cell.split(" ")]
    text = payload["columns"][at]["align"] == "left"
    least = min(max(map(style.width, words), default=0.0), LONGEST_WORD_MM) if text else whole
    head = max(map(HEAD.width, label.split(" ")))
    return max(least, head), max(whole, HEAD.width(label))


def _shared(least: Sequence[float], whole: Sequence[float], room: float) -> list[float]:
    """Return widths between the least and the whole ones that fill the room as far as they can."""
    spare = room - sum(whole)
    if spare >= 0:
        return [width + spare / len(whole) for width in whole]
    hunger = [want - need for want, need in zip(whole, least, strict=True)]
    share = max(0.0, room - sum(least)) / (sum(hunger) or 1.0)
    return [need + share * gap for need, gap in zip(least, hunger, strict=True)]
