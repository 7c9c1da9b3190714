"""Tables of a deck: native cells, as large as they fit, on as many slides as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketshock.exhibits.theme import text_width
from marketshock.publish.native import PrintedColumn
from marketshock.publish.plates import Plate

__all__ = ["DeckTable", "Page", "fitted", "lines_of", "place_table", "table_of"]

EMU_PER_MM = 36_000
MM_PER_POINT = 25.4 / 72.0
SIZES = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0)
"""Points of the text, largest first."""
SIDE_MM, LINE = 1.6, 1.25
"""Room left and right of a cell's words; line height over the size of the text."""
WIDER = 1.2
"""Room for a typeface that replaces ours on another machine and is wider."""
PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""Id of the table style without lines and fills."""


@dataclass(frozen=True, slots=True)
class DeckTable:
    """Heads, sides and cells of a table as printed.

    Parameters
    ----------
    heads : tuple of str
    sides : tuple of {"left", "right"}
    rows : tuple of tuple of str
    emphasis : tuple of int
        Rows of the event.
    """

    heads: tuple[str, ...]
    sides: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    emphasis: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a table that one slide holds: text size, widths and heights in mm, rows."""

    points: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    rows: tuple[int, ...]


def table_of(plate: Plate, columns: Sequence[PrintedColumn] = ()) -> DeckTable:
    """Return the printed table of a plate, or the one that printed columns make."""
    if not columns:
        heads = tuple(head.label for head in plate.heads)
        sides = tuple(head.align for head in plate.heads)
        return DeckTable(heads, sides, plate.cells, plate.emphasis)
    sides = tuple("right" if all(map(_numeric, cells)) else "left" for _, cells in columns)
    rows = tuple(zip(*(cells for _, cells in columns), strict=True))
    return DeckTable(tuple(head for head, _ in columns), sides, rows)


def _numeric(text: str) -> bool:
    return not any(char.isalpha() for char in text.replace("n.a.", "")) and text[:1] != "["


def fitted(table: DeckTable, width: float, height: float) -> list[Page]:
    """Return the table on as few slides as its words need, as large as it fits there.

    Parameters
    ----------
    table : DeckTable
    width, height : float
        Room on a slide, millimetres.
    """
    pages: list[Page] = []
    for points in SIZES:
        widths = _widths(table, width, points)
        heads = _height(table.heads, widths, points, bold=True)
        heights = [_height(row, widths, points) for row in table.rows]
        if heads + sum(heights) <= height:
            return [Page(points, widths, (heads, *heights), tuple(range(len(heights))))]
        if points == 10.0:
            pages = _split(points, widths, heads, heights, height)
            if len(pages) > 2:
                return pages
    return pages


def _split(
    points: float, widths: tuple[float, ...], heads: float, heights: Sequence[float], room: float
) -> list[Page]:
    pages, rows, used = [], list[int](), heads
    for row, height in enumerate(heights):
        if rows and used + height > room:
            pages.append(Page(points, widths, (heads, *(heights[r] for r in rows)), tuple(rows)))
            rows, used = [], heads
        rows.append(row)
        used += height
    pages.append(Page(points, widths, (heads, *(heights[r] for r in rows)), tuple(rows)))
    return pages


def _widths(table: DeckTable, width: float, points: float) -> tuple[float, ...]:
    """Return widths that fill the room; columns too wide for it share what others leave."""
    natural = []
    for column, head in enumerate(table.heads):
        cells = [row[column] for row in table.rows]
        words = max((_width(text, points) for text in cells), default=0.0)
        natural.append(max(words, _width(head, points, bold=True)) + 2 * SIDE_MM)
    if (total := sum(natural)) <= width:
        spare = min(width / total, 1.6)
        return tuple(one * spare for one in natural)
    wide = {at for at, one in enumerate(natural) if one > width / len(natural)}
    left = width - sum(one for at, one in enumerate(natural) if at not in wide)
    share = left / sum(natural[at] for at in wide)
    return tuple(one * share if at in wide else one for at, one in enumerate(natural))


def _width(text: str, points: float, *, bold: bool = False) -> float:
    return WIDER * text_width(text, bold=bold, size=points)


def _height(
    cells: Sequence[str], widths: Sequence[float], points: float, *, bold: bool = False
) -> float:
    most = max(
        lines_of(text, width - 2 * SIDE_MM, points, bold=bold)
        for text, width in zip(cells, widths, strict=True)
    )
    return (most * LINE + 0.45) * points * MM_PER_POINT


def lines_of(text: str, width: float, points: float, *, bold: bool = False) -> int:
    """Return how many lines some text takes in a box `width` millimetres wide."""
    lines, used = 1, 0.0
    space = _width("x x", points) - _width("xx", points)
    for word in text.split(" "):
        length = _width(word, points, bold=bold)
        if used and used + space + length > width:
            lines, used = lines + 1, length
        else:
            used += length + (space if used else 0.0)
        lines += int(used // max(width, 1.0)) if used > width else 0
    return lines


def place_table(slide: Any, box: tuple[int, int, int, int], table: DeckTable, page: Page) -> Any:
    """Add one page of a table to a slide and return its frame.

    Parameters
    ----------
    slide : Slide
    box : tuple of int
        Left, top, width and height, EMU.
    table : DeckTable
    page : Page
    """
    left, top = box[:2]
    width = round(sum(page.widths) * EMU_PER_MM)
    height = round(sum(page.heights) * EMU_PER_MM)
    frame = slide.shapes.add_table(len(page.rows) + 1, len(table.heads), left, top, width, height)
    grid = frame.table
    grid._tbl.tblPr.find("{*}tableStyleId").text = PLAIN
    grid.horz_banding = False
    for at, one in enumerate(page.widths):
        grid.columns[at].width = round(one * EMU_PER_MM)
    for at, one in enumerate(page.heights):
        grid.rows[at].height = round(one * EMU_PER_MM)
    for column, head in enumerate(table.heads):
        _write(grid.cell(0, column), head, table.sides[column], page.points, head=True)
    for at, row in enumerate(page.rows, 1):
        for column, text in enumerate(table.rows[row]):
            accent = row in table.emphasis
            _write(grid.cell(at, column), text, table.sides[column], page.points, accent=accent)
    return frame


def _write(
    cell: Any, text: str, side: str, points: float, *, head: bool = False, accent: bool = False
) -> None:
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Emu, Pt

    cell.margin_left = cell.margin_right = Emu(round(SIDE_MM * EMU_PER_MM))
    cell.margin_top = cell.margin_bottom = Emu(round(0.2 * points * MM_PER_POINT * EMU_PER_MM))
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.TOP
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if side == "right" else PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = text
    run.font.size = Pt(points)
    run.font.bold = head or accent
    run.font.color.theme_color = MSO_THEME_COLOR.TEXT_2 if head else MSO_THEME_COLOR.TEXT_1
    if accent:
        cell.fill.solid()
        cell.fill.fore_color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    _underline(cell, "tx2" if head else "bg2", 19_050 if head else 9_525)


def _underline(cell: Any, slot: str, width: int) -> None:
    """Draw the line below a cell; it stands before the fill in the order of the format."""
    from pptx.oxml import parse_xml

    line = parse_xml(
        '<a:lnB xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'w="{width}"><a:solidFill><a:schemeClr val="{slot}"/></a:solidFill></a:lnB>'
    )
    cell._tc.get_or_add_tcPr().insert(0, line)
