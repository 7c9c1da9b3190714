"""The workbook: a read-me, a formatted sheet for each exhibit with its native chart, raw data.

Numbers are numbers, days are days, derived figures are live formulas where a declared formula
gives them, and no text can become a formula. The same input gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketshock.files import write_atomically
from marketshock.publish.archives import EPOCH, same_bytes
from marketshock.publish.cell_formats import NumberFormat, cell_format, raw_format
from marketshock.publish.formulas import excel_formula, formula_of, sums_above
from marketshock.publish.look import Look, house_look
from marketshock.publish.native import NativeChart
from marketshock.publish.native_charts import native_chart
from marketshock.publish.native_sheet import chart_object, explicit, write_block
from marketshock.publish.notebook import Shown
from marketshock.publish.plates import Plate, plate_of_exhibit
from marketshock.publish.readme_sheet import row_height, write_readme
from marketshock.publish.sheet_names import sheet_names
from marketshock.publish.shown_plates import Cover, cover_of, plates_of

if TYPE_CHECKING:
    from marketshock.exhibits.exhibit import Exhibit

__all__ = ["also_xlsx", "chart_workbook", "workbook_bytes", "write_xlsx"]

NEVER = dt.datetime(*EPOCH)
"""Day of a workbook whose sources name none."""
WIDEST = 58
"""Characters in the widest column."""


def write_xlsx(exhibit: Exhibit, path: Path) -> Path:
    """Write one exhibit as a workbook, in its own language.

    Parameters
    ----------
    exhibit : Exhibit
    path : Path
        Its folder must exist.

    Raises
    ------
    OutputError
        The disk refuses; an old file is intact.
    """
    return write_atomically(path, workbook_bytes([plate_of_exhibit(exhibit)]))


def also_xlsx(shown: Shown, content: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the workbook of a report: every exhibit of its page, in the same order."""
    cover = cover_of(shown, content)
    return {".xlsx": workbook_bytes(plates_of(shown, cover), cover)}


def workbook_bytes(
    plates: Sequence[Plate], cover: Cover | None = None, look: Look | None = None
) -> bytes:
    """Return a workbook with a read-me and, for each exhibit, a formatted and a raw sheet.

    Parameters
    ----------
    plates : sequence of Plate
        At least one, all in one language.
    cover : Cover, optional
        Title and vintage. Default: the title of the first exhibit.
    look : Look, optional
        Colours, typeface and fixed words of the house.
    """
    look = look or house_look()
    cover = cover or Cover(plates[0].title)
    book = _open(look, cover.created or _latest(plates), cover.title)
    names = sheet_names([plate.key for plate in plates], reserved=("Read me", "Leggimi"))
    write_readme(book.file, plates, names, cover, look, book.formats)
    for plate, (shown, raw) in zip(plates, names, strict=True):
        _exhibit_sheet(book, plate, shown, look)
        _printed(_raw_sheet(book, plate, raw), look, plate)
    return book.close()


def chart_workbook(plate: Plate, chart: NativeChart, look: Look) -> tuple[bytes, bytes]:
    """Return the drawing of a native chart and the workbook that holds its figures.

    The first is the part ``chart1.xml`` as a deck needs it, without typeface; the second has the
    figures at the same cells and the raw data behind them.
    """
    import zipfile

    drawn, plain = (_chart_book(plate, chart, look, with_chart=w) for w in (True, False))
    with zipfile.ZipFile(io.BytesIO(drawn)) as archive:
        return archive.read("xl/charts/chart1.xml"), plain


def _chart_book(plate: Plate, chart: NativeChart, look: Look, *, with_chart: bool) -> bytes:
    book = _open(look, plate.as_of, plate.title)
    sheet = book.file.add_worksheet(plate.say("Chart", "Grafico"))
    formats = {
        **book.formats,
        "number": book.format(num_format=chart.cell_format or chart.number_format),
    }
    block = write_block(sheet, chart, 0, 0, formats, _interval_word(plate))
    sheet.set_column(0, 0, 24)
    if with_chart:
        sheet.insert_chart(0, 0, chart_object(book.file, chart, block, look.palette, None))
    _raw_sheet(book, plate, plate.say("Data", "Dati"))
    return book.close()


def _interval_word(plate: Plate) -> str:
    return plate.say("95% interval", "intervallo al 95\u00a0%")


@dataclass(slots=True)
class _Book:
    """A workbook in the making, its formats by their properties."""

    file: Any
    out: io.BytesIO
    face: str
    formats: dict[str, Any] = field(default_factory=dict)
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def format(self, **properties: Any) -> Any:
        """Return the format with these properties, one object for equal ones."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            base = {"font_name": self.face, "font_size": 10, "valign": "top"}
            self.made[key] = self.file.add_format({**base, **properties})
        return self.made[key]

    def close(self) -> bytes:
        self.file.close()
        return same_bytes(self.out.getvalue(), _explicit_charts)


def _explicit_charts(name: str, data: bytes) -> bytes:
    return explicit(data) if name.startswith("xl/charts/chart") else data


def _open(look: Look, created: dt.date | None, title: str) -> _Book:
    from xlsxwriter import Workbook

    out = io.BytesIO()
    safe = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    file = Workbook(out, {"in_memory": True, **safe})
    day = dt.datetime.combine(created, dt.time()) if created else NEVER
    file.set_properties({"title": title[:255], "author": look.author, "created": day})
    file.set_calc_mode("auto")
    book = _Book(file, out, look.font)
    palette = look.palette
    book.formats |= {
        "title": book.format(bold=True, font_size=14, font_color=palette.ink),
        "unit": book.format(font_color=palette.muted),
        "note": book.format(font_color=palette.muted, font_size=9),
        "head": book.format(
            bold=True, text_wrap=True, valign="bottom", bottom=2, bottom_color=palette.ink
        ),
        "text": book.format(),
        "plain": book.format(),
        "wrapped": book.format(text_wrap=True),
        "day": book.format(num_format="d mmm yyyy", align="left"),
        "link": book.format(font_color=palette.teal, underline=1),
    }
    return book


def _latest(plates: Sequence[Plate]) -> dt.date | None:
    return max((plate.as_of for plate in plates if plate.as_of), default=None)


def _exhibit_sheet(book: _Book, plate: Plate, name: str, look: Look) -> None:
    """Write title, unit, chart or table, notes and source, as they stand on the page."""
    sheet = book.file.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, plate.title, book.formats["title"])
    sheet.write_string(1, 0, plate.unit, book.formats["unit"])
    make = _table if plate.heads else _chart
    below, widths = make(book, sheet, plate, look)
    for at, text in enumerate((*plate.notes, plate.source), below + 2):
        sheet.merge_range(at, 0, at, max(len(widths) - 1, 1), "", book.formats["note"])
        sheet.write_string(at, 0, text, book.formats["note"])
        sheet.set_row(at, row_height(text, sum(widths), 9))
    _printed(sheet, look, plate)


def _printed(sheet: Any, look: Look, plate: Plate) -> None:
    """Fit a sheet to the width of the paper, with the words of the house below."""
    sheet.set_landscape()
    sheet.set_paper(look.paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{look.footer[plate.lang].replace('&', '&&')}&R&P / &N")


def _table(book: _Book, sheet: Any, plate: Plate, look: Look) -> tuple[int, list[float]]:
    """Write the printed table with its figures as figures; return its last row and widths."""
    top, widths = 3, []
    edge = {"bottom": 1, "bottom_color": look.palette.grid}
    fields = [head.field for head in plate.heads]
    for column, head in enumerate(plate.heads):
        side = book.format(
            bold=True, text_wrap=True, align=head.align, valign="bottom", bottom=2,
            bottom_color=look.palette.ink,
        )  # fmt: skip
        sheet.write_string(top, column, head.label, side)
        texts = [row[column] for row in plate.cells]
        found = NumberFormat.of(plate.data[head.field], texts, plate.lang)
        for row, text in enumerate(texts):
            accent = {"bold": True, "bg_color": look.palette.band} if row in plate.emphasis else {}
            properties = {"align": head.align, **edge, **accent}
            _table_cell(book, sheet, plate, (top, row, column), text, found, fields, properties)
        widths.append(_width([head.label, *texts]))
        sheet.set_column(column, column, widths[-1])
    for at, cells in enumerate(plate.cells, top + 1):
        pairs = zip(cells, widths, strict=True)
        sheet.set_row(at, max(row_height(text, width, 10) for text, width in pairs))
    sheet.freeze_panes(top + 1, 1)
    return top + len(plate.cells), widths


def _table_cell(
    book: _Book,
    sheet: Any,
    plate: Plate,
    place: tuple[int, int, int],
    text: str,
    found: NumberFormat | None,
    fields: Sequence[str],
    properties: Mapping[str, Any],
) -> None:
    """Write one cell of the printed table: a formula, a number, a day, or the printed words."""
    top, row, column = place
    name, at = fields[column], top + 1 + row
    value = plate.data[name][row]
    if isinstance(value, dt.date):
        shape = book.format(**properties, num_format=raw_format(value, plate.lang))
        sheet.write_datetime(at, column, value, shape)
    elif found is None or value is None or isinstance(value, (bool, str)):
        sheet.write_string(at, column, text, book.format(**properties, text_wrap=len(text) > 40))
    else:
        p_value = any(row[column].startswith("<") for row in plate.cells)
        code = cell_format(found, value, text, plate.lang, p_value=p_value)
        shape = book.format(**properties, num_format=code)
        _number(sheet, plate, (at, column), (name, row), fields, shape)


def _number(
    sheet: Any,
    plate: Plate,
    cell: tuple[int, int],
    figure: tuple[str, int],
    fields: Sequence[str],
    shape: Any,
) -> None:
    """Write a figure, as a formula where its neighbours on this sheet give it."""
    from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

    (at, column), (name, row) = cell, figure
    value = plate.data[name][row]
    if sums_above(plate.key, plate.data, name, row):
        above = xl_range(at - row, column, at - 1, column)
        sheet.write_formula(at, column, f"=SUM({above})", shape, value)
    elif formula := formula_of(plate.data, name, row, fields):
        text = excel_formula(
            formula, lambda other, up: xl_rowcol_to_cell(at - up, fields.index(other))
        )
        sheet.write_formula(at, column, text, shape, value)
    else:
        sheet.write_number(at, column, value, shape)


def _chart(book: _Book, sheet: Any, plate: Plate, look: Look) -> tuple[int, list[float]]:
    """Write the native chart above its figures, or the picture; return last row and widths."""
    chart = native_chart(plate, look.palette)
    top, height = 3, 24
    picture = [12.0] * 10
    if chart is None:
        from marketshock.publish.drawing import drawing_png

        sheet.insert_image(
            top, 0, f"{plate.key}.png",
            {"image_data": io.BytesIO(drawing_png(plate.key, plate.svg)), "description": plate.alt,
             "x_scale": 0.45, "y_scale": 0.45},
        )  # fmt: skip
        sheet.set_column(0, len(picture) - 1, picture[0])
        return top + height, picture
    formats = {
        **book.formats,
        "number": book.format(num_format=chart.cell_format or chart.number_format),
    }
    block = write_block(sheet, chart, top + height, 0, formats, _interval_word(plate))
    drawn = chart_object(book.file, chart, block, look.palette, look.font)
    drawn.set_size({"width": 900, "height": 20 * (height - 1)})
    sheet.insert_chart(top, 0, drawn, {"description": plate.alt, "object_position": 3})
    first = _width(["0" * 10, *map(str, chart.categories)])
    sheet.set_column(0, 0, first)
    sheet.set_column(1, 60, 13)
    return top + height + max(len(one.values) for one in chart.series), [first] + [13.0] * 7


def _raw_sheet(book: _Book, plate: Plate, name: str) -> Any:
    """Write every figure of the exhibit under its field name, derived ones as formulas."""
    sheet = book.file.add_worksheet(name)
    fields = list(plate.data.columns)
    for column, field_name in enumerate(fields):
        sheet.write_string(0, column, field_name, book.formats["head"])
        values = plate.data[field_name]
        for row, value in enumerate(values):
            shape = book.formats["day" if isinstance(value, dt.date) else "plain"]
            if isinstance(value, bool):
                sheet.write_boolean(row + 1, column, value, shape)
            elif isinstance(value, dt.date):
                sheet.write_datetime(row + 1, column, value, shape)
            elif isinstance(value, (int, float)):
                _number(sheet, plate, (row + 1, column), (field_name, row), fields, shape)
            elif value is not None:
                sheet.write_string(row + 1, column, str(value), shape)
        shown = ["d mmm yyyy" if isinstance(v, dt.date) else f"{v:.6g}"
                 if isinstance(v, float) else str(v) for v in values]  # fmt: skip
        sheet.set_column(column, column, _width([field_name, *shown]))
    sheet.freeze_panes(1, 0)
    if len(plate.data):
        sheet.autofilter(0, 0, len(plate.data), len(fields) - 1)
    return sheet


def _width(texts: Sequence[str]) -> float:
    """Return the width of a column in characters; long words of a sentence wrap."""
    return min(max(map(len, texts), default=8) + 2.5, WIDEST)
