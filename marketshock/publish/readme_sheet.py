"""The first sheet of a workbook: what it holds, from where, as of when, and how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marketshock.locale import Locale
from marketshock.publish.look import Look
from marketshock.publish.plates import Plate, status_lines
from marketshock.publish.shown_plates import Cover

__all__ = ["row_height", "write_readme"]

LABEL, TEXT = 26, 100
"""Widths of the two columns, characters."""


def write_readme(
    book: Any,
    plates: Sequence[Plate],
    names: Sequence[tuple[str, str]],
    cover: Cover,
    look: Look,
    formats: Mapping[str, Any],
) -> None:
    """Add the sheet to a workbook; see :func:`marketshock.publish.xlsx.workbook_bytes`."""
    say = plates[0].say
    sheet = book.add_worksheet(say("Read me", "Leggimi"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, LABEL)
    sheet.set_column(1, 1, TEXT)
    sheet.set_landscape()
    sheet.set_paper(look.paper)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, cover.title, formats["title"])
    row = 1
    for label, text in _facts(plates, cover, look):
        sheet.write_string(row, 0, label, formats["text"])
        sheet.write_string(row, 1, text, formats["wrapped"])
        sheet.set_row(row, row_height(text, TEXT))
        row += 1
    row = _section(sheet, row, say("Sheets", "Fogli"), formats)
    for plate, pair in zip(plates, names, strict=True):
        for name, text in zip(pair, (plate.title, say("its figures", "le sue cifre")), strict=True):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
            sheet.write_string(row, 1, text, formats["wrapped"])
            sheet.set_row(row, row_height(text, TEXT))
            row += 1
    for head, lines in _parts(plates, cover, look):
        if lines:
            row = _section(sheet, row, head, formats)
        for label, text in lines:
            sheet.write_string(row, 0, label, formats["wrapped"])
            sheet.write_string(row, 1, text, formats["wrapped"])
            sheet.set_row(row, max(row_height(label, LABEL - 4), row_height(text, TEXT)))
            row += 1


def row_height(text: str, width: float, points: float = 10.0) -> float:
    """Return the height of a row in points whose cell of `width` characters wraps its text."""
    lines = sum(-(-len(part) // max(int(width), 1)) or 1 for part in text.split("\n"))
    return max(lines, 1) * 1.4 * points


def _section(sheet: Any, row: int, head: str, formats: Mapping[str, Any]) -> int:
    sheet.write_string(row + 1, 0, head, formats["head"])
    sheet.write_blank(row + 1, 1, None, formats["head"])
    return row + 2


def _facts(plates: Sequence[Plate], cover: Cover, look: Look) -> Iterator[tuple[str, str]]:
    say, locale = plates[0].say, Locale(plates[0].lang)
    days = [plate.as_of for plate in plates if plate.as_of]
    lines = (
        (say("Draft", "Bozza"), say("Not for distribution", "Non distribuire") * cover.draft),
        (say("About", "Contenuto"), cover.subtitle),
        (say("Prepared for", "Preparato per"), cover.client),
        (say("Prepared by", "A cura di"), cover.prepared_by),
        (say("Reviewed by", "Revisione di"), cover.reviewed_by),
        (say("Figures as of", "Cifre al"), locale.date(max(days)) if days else ""),
        (say("Data vintage", "Edizione dei dati"), cover.vintage),
        (say("Notice", "Nota"), look.footer[plates[0].lang]),
        *look.compliance.get(plates[0].lang, ()),
    )
    yield from ((label, text) for label, text in lines if text)


def _parts(
    plates: Sequence[Plate], cover: Cover, look: Look
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    say = plates[0].say
    yield say("Sources", "Fonti"), [(plate.key, plate.source) for plate in plates]
    units = [(plate.key, plate.unit) for plate in plates]
    notes: dict[str, list[str]] = {}
    for plate in plates:
        for note in plate.notes:
            notes.setdefault(note, []).append(plate.key)
    shared = [(", ".join(keys), note) for note, keys in notes.items()]
    yield say("Definitions", "Definizioni"), [*units, *shared]
    marks = dict(line for plate in plates for line in status_lines(plate))
    yield say("Status of the figures", "Stato delle cifre"), list(marks.items())
    yield (
        say("Data-quality notes", "Note sulla qualità dei dati"),
        [("", t) for t in cover.findings],
    )
    yield (
        say("How to read the sheets", "Come leggere i fogli"),
        [("", text) for text in _reading(say)],
    )
    text = look.disclaimer[plates[0].lang]
    yield say("Important information", "Avvertenze"), [("", text)] if text else []


def _reading(say: Any) -> tuple[str, ...]:
    return (
        say(
            "Figures are stored in full and rounded on display; returns are decimals shown as "
            "percentages.",
            "Le cifre sono conservate per intero e arrotondate a video; i rendimenti sono "
            "decimali mostrati in percentuale.",
        ),
        say(
            "Derived figures are formulas over the cells beside them wherever these give them.",
            "Le cifre derivate sono formule sulle celle accanto, ovunque queste le danno.",
        ),
        say(
            "n.a. or an empty cell: not available, never zero.",
            "n.a. o cella vuota: non disponibile, mai zero.",
        ),
    )
