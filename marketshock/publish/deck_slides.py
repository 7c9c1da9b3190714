"""The slides of a deck: words into named placeholders, charts and tables in their places."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from marketshock.publish.deck_chart import place_chart
from marketshock.publish.deck_layouts import COVER, COVER_NAMES, NAMES, Layouts, placeholder_name
from marketshock.publish.deck_table import (
    EMU_PER_MM,
    MM_PER_POINT,
    DeckTable,
    fitted,
    lines_of,
    place_table,
    table_of,
)
from marketshock.publish.look import Look
from marketshock.publish.native_charts import native_chart, printed_columns
from marketshock.publish.plates import Plate, status_lines
from marketshock.publish.shown_plates import Cover

__all__ = ["add_cover", "add_exhibit"]

ORDER = ("title", "unit", "exhibit", "notes", "source")
"""The order in which a screen reader reads a slide."""
KEPT = ("exhibit", "chart", "table")
LEAST_POINTS = 7.0
LOGO_HEIGHT = 540_000
"""EMU: 15 mm."""
LARGEST = {"title": 28.0, "unit": 14.0, "notes": 10.0, "source": 10.0}
"""Largest size of words whose layout names none, points."""
LINE = 1.2


def add_cover(file: Any, layout: Any, cover: Cover, plates: Sequence[Plate], look: Look) -> None:
    """Add the cover slide."""
    slide = new_slide(file, layout)
    say, locale = plates[0].say, plates[0].locale
    days = [plate.as_of for plate in plates if plate.as_of]
    lines = (
        (say("Draft: not for distribution", "Bozza: non distribuire")) * cover.draft,
        say("Prepared for ", "Preparato per ") + cover.client if cover.client else "",
        say("Prepared by ", "A cura di ") + cover.prepared_by if cover.prepared_by else "",
        say("Reviewed by ", "Revisione di ") + cover.reviewed_by if cover.reviewed_by else "",
        say("Figures as of ", "Cifre al ") + locale.date(max(days)) if days else "",
        say("Data vintage ", "Edizione dei dati ") + cover.vintage if cover.vintage else "",
        *(f"{label}: {text}" for label, text in look.compliance.get(plates[0].lang, ())),
    )
    words = {
        COVER: cover.title,
        "subtitle": cover.subtitle,
        "client": "\n".join(line for line in lines if line),
        "disclaimer": look.disclaimer[plates[0].lang],
    }
    _write_words(slide, words)
    if look.logo:
        picture = slide.shapes.add_picture(io.BytesIO(look.logo), 0, 0, height=LOGO_HEIGHT)
        picture.left = file.slide_width - picture.width - LOGO_HEIGHT
        picture.top = LOGO_HEIGHT
        picture._element.xpath(".//p:cNvPr")[0].set("descr", look.author)


def new_slide(file: Any, layout: Any) -> Any:
    """Add a slide with every placeholder of ours, also those that the library leaves out.

    It leaves out date, footer and number; a firm may have named one of them for our words.
    """
    from pptx.enum.shapes import PP_PLACEHOLDER

    slide = file.slides.add_slide(layout)
    there = {shape.placeholder_format.idx for shape in slide.placeholders}
    for shape in layout.placeholders:
        if shape.placeholder_format.idx in there:
            continue
        if placeholder_name(shape) in (*NAMES, *COVER_NAMES):
            slide.shapes.clone_placeholder(shape)
        elif shape.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER:
            number = deepcopy(shape._element)
            number.xpath(".//p:cNvPr")[0].set("id", str(slide.shapes._next_shape_id))
            slide.shapes._spTree.append(number)
    return slide


def add_exhibit(file: Any, layouts: Layouts, plate: Plate, look: Look) -> None:
    """Add the slides of one exhibit: its chart or picture, and its table on as many as it needs."""
    chart = native_chart(plate, look.palette) if plate.kind == "chart" else None
    if plate.kind == "table":
        _add_tables(file, layouts, plate, table_of(plate), "")
        return
    slide = new_slide(file, layouts.chart)
    _write_words(slide, _words(plate))
    box, place = _take_place(slide, "chart")
    if chart:
        frame = place_chart(slide, box, plate, chart, look)
        _describe(frame, plate, plate.say("Chart", "Grafico"))
    else:
        frame = _picture(slide, box, plate)
    _settle(slide, frame, place)
    columns = chart.table if chart else printed_columns(plate)
    if columns:
        figures = plate.say(" \u2013 the figures", " \u2013 le cifre")
        _add_tables(file, layouts, plate, table_of(plate, columns), figures)


def _words(plate: Plate, more: str = "") -> dict[str, str]:
    return {
        "title": plate.title + more,
        "unit": plate.unit,
        "notes": "\n".join(f"{at}. {note}" for at, note in enumerate(plate.notes, 1)),
        "source": " ".join([plate.source, *_statuses(plate)]),
    }


def _statuses(plate: Plate) -> list[str]:
    words = [text for _, text in status_lines(plate)]
    listed = "; ".join(words)
    return [plate.say(f"Figures: {listed}.", f"Cifre: {listed}.")] if words else []


def _add_tables(file: Any, layouts: Layouts, plate: Plate, table: DeckTable, more: str) -> None:
    """Add a table, with its number of slides in the title when there are several."""
    slide = new_slide(file, layouts.table)
    box, place = _take_place(slide, "table")
    pages = fitted(table, box[2] / EMU_PER_MM, box[3] / EMU_PER_MM)
    for number, page in enumerate(pages, 1):
        if number > 1:
            slide = new_slide(file, layouts.table)
            box, place = _take_place(slide, "table")
        part = f" ({number}/{len(pages)})" if len(pages) > 1 else ""
        _write_words(slide, _words(plate, more + part))
        frame = place_table(slide, box, table, page)
        _describe(frame, plate, plate.say("Table", "Tabella"))
        _settle(slide, frame, place)


def _take_place(slide: Any, kind: str) -> tuple[tuple[int, int, int, int], Any]:
    """Return the room for an exhibit, and the placeholder that keeps it."""
    named = {placeholder_name(_origin(shape)): shape for shape in slide.placeholders}
    place = named.get(kind) or named["exhibit"]
    return (place.left, place.top, place.width, place.height), place


def _origin(shape: Any) -> Any:
    """Return the placeholder of the layout that a slide's placeholder comes from."""
    return shape._base_placeholder


def _write_words(slide: Any, words: dict[str, str]) -> None:
    """Fill the placeholders that have a name of ours; drop those that would stay empty."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    named = {placeholder_name(_origin(shape)): shape for shape in slide.placeholders}
    if "notes" not in named and words.get("notes"):
        words = {**words, "source": f"{words['notes']}\n{words['source']}"}
    for name, shape in named.items():
        if text := words.get(name):
            _write(slide, shape, name, text)
        elif name not in KEPT and shape.placeholder_format.type != PP_PLACEHOLDER.SLIDE_NUMBER:
            shape._element.getparent().remove(shape._element)


def _write(slide: Any, shape: Any, name: str, text: str) -> None:
    """Write words into a placeholder, smaller where they would not fit.

    Footnotes that do not fit at the least size go on in one paragraph, and beyond that into
    the notes of the speaker, which then hold them all.
    """
    from pptx.util import Pt

    room = shape.width / EMU_PER_MM, shape.height / EMU_PER_MM
    wanted = _size(shape) or LARGEST.get(name, 18.0)
    points = _fitting(text, room, wanted)
    if points is None and name in ("notes", "source"):
        joined = text.replace("\n", "  ")
        points = _fitting(joined, room, LEAST_POINTS)
        if points is None:
            slide.notes_slide.notes_text_frame.text = text
            joined = _shortened(joined, room)
        text = joined
    frame = shape.text_frame
    frame.text = text.replace("\v", " ")
    if points != wanted or _size(shape) is None:
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(points or LEAST_POINTS)


def _size(shape: Any) -> float | None:
    """Return the size of words in points that the layout names for a placeholder."""
    for one in shape, _origin(shape):
        for found in one._element.iter("{*}defRPr", "{*}rPr"):
            if found.get("sz"):
                return int(found.get("sz")) / 100.0
    return None


def _fitting(text: str, room: tuple[float, float], wanted: float) -> float | None:
    """Return the largest size, down from the wanted one, at which words fit; None if none."""
    points = wanted
    while points >= LEAST_POINTS:
        lines = sum(lines_of(part, room[0], points) for part in text.split("\n"))
        if lines * LINE * points * MM_PER_POINT <= room[1]:
            return points
        points -= 0.5
    return None


def _shortened(text: str, room: tuple[float, float]) -> str:
    """Return as many words as fit at the least size; the mark says that they go on."""
    words = text.split(" ")
    while words and _fitting(" ".join(words) + " [\u2026]", room, LEAST_POINTS) is None:
        words.pop()
    return " ".join(words) + " [\u2026]"


def _picture(slide: Any, box: tuple[int, int, int, int], plate: Plate) -> Any:
    """Add a drawing as a picture, whole and in proportion, in the middle of its room."""
    from marketshock.publish.drawing import drawing_png

    picture = slide.shapes.add_picture(io.BytesIO(drawing_png(plate.key, plate.svg)), 0, 0)
    scale = min(box[2] / picture.width, box[3] / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    picture.left = box[0] + (box[2] - picture.width) // 2
    picture.top = box[1] + (box[3] - picture.height) // 2
    _describe(picture, plate, plate.say("Picture", "Immagine"))
    return picture


def _describe(shape: Any, plate: Plate, kind: str) -> None:
    """Give a shape the alternative text of the exhibit, and a name."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("name", f"{kind} {plate.key}")
    properties.set("descr", plate.alt)


def _settle(slide: Any, frame: Any, place: Any) -> None:
    """Put a frame where its placeholder was, and all shapes into the order of reading."""
    place._element.addprevious(frame._element)
    place._element.getparent().remove(place._element)
    tree = slide.shapes._spTree
    ranks = {}
    for shape in slide.placeholders:
        name = placeholder_name(_origin(shape))
        ranks[shape._element] = ORDER.index(name) if name in ORDER else len(ORDER)
    ranks[frame._element] = ORDER.index("exhibit")
    for element in sorted(ranks, key=lambda one: ranks[one]):
        tree.append(element)
