"""An exhibit with all its words as one drawing: title, unit, picture, notes and source.

PNG, SVG and PDF of an exhibit are this drawing; lengths are millimetres on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from marketshock.errors import QualityError
from marketshock.exhibits.card_table import table_marks
from marketshock.exhibits.characters import texts
from marketshock.exhibits.in_force import current_brand
from marketshock.exhibits.marks import Drawn, Style, paragraph, rule
from marketshock.exhibits.theme import MM_PER_POINT, PALETTE, WIDTH_MM, printable

__all__ = ["EDGE_MM", "card_size", "card_svg"]

EDGE_MM = 4.0
TITLE = {"full": Style(11.4, "ink", bold=True), "half": Style(10.4, "ink", bold=True)}
UNIT = Style(8.2, "muted")
NOTE = Style(7.2, "muted")
_ROOT = re.compile(r"<svg\b[^>]*?\bviewBox=\"([^\"]+)\"[^>]*>")


def card_svg(payload: Mapping[str, Any]) -> str:
    """Return the drawing as SVG with real text, the same bytes for the same payload.

    Parameters
    ----------
    payload : mapping
        See ``Exhibit.payload``. A table that needs more room than its size gives is set in
        smaller type, down to sixty per cent; a wider one makes the drawing wider.

    Raises
    ------
    QualityError
        For a character that the typeface of the brand lacks.
    """
    _refuse_unprintable(payload)
    picture = _chart(payload) if payload["kind"] == "chart" else table_marks(payload)
    inner = max(picture.width, WIDTH_MM[payload["size"]])
    head = _stack(_head(payload, inner))
    foot = _stack(_foot(payload, inner))
    parts = ((head, 0.0), (picture, head.height + 2.4), (foot, head.height + picture.height + 5.0))
    width, height = inner + 2 * EDGE_MM, parts[-1][1] + foot.height + 2 * EDGE_MM
    body = "".join(
        f'<g transform="translate({EDGE_MM:g} {top + EDGE_MM:.3f})">{part.svg}</g>'
        for part, top in parts
    )
    family = f"'{current_brand().text_face().family}'"
    scale = max(WIDTH_MM[payload["size"]] / inner, 0.6)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'role="img" aria-labelledby="title desc" xml:lang="{payload["lang"]}" '
        f'font-family={quoteattr(family)} xml:space="preserve" '
        f'width="{width * scale:.3f}mm" height="{height * scale:.3f}mm" '
        f'viewBox="0 0 {width:.3f} {height:.3f}">'
        f'<title id="title">{escape(payload["title"])}</title>'
        f'<desc id="desc">{escape(payload["alt"])}</desc>'
        f'<rect width="{width:.3f}" height="{height:.3f}" fill="{PALETTE.ground}"/>{body}</svg>\n'
    )


def _refuse_unprintable(payload: Mapping[str, Any]) -> None:
    """Refuse words that would be printed with question marks; labels in a chart are its own."""
    words = [payload[key] for key in ("title", "unit", "notes", "source")]
    for _, text in texts([*words, payload.get("columns", ()), payload.get("rows", ())]):
        if lost := set(text) - set(printable(text)) - {"\t"}:
            raise QualityError(
                f"The fonts of exhibit {payload['key']} can't print {min(lost)!r}.",
                "Write it in Latin or Greek letters, or leave it out.",
            )


def card_size(svg: str) -> tuple[float, float]:
    """Return width and height of a card on paper, millimetres."""
    found = re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', svg)
    if found is None:
        raise ValueError("no card")
    return float(found[1]), float(found[2])


def _head(payload: Mapping[str, Any], width: float) -> Iterator[Drawn]:
    yield rule(width, PALETTE.ink, 0.28)
    yield Drawn("", width, 1.9)
    yield paragraph(payload["title"], TITLE[payload["size"]], width)
    yield Drawn("", width, 0.9)
    yield paragraph(payload["unit"], UNIT, width)


def _foot(payload: Mapping[str, Any], width: float) -> Iterator[Drawn]:
    for number, note in enumerate(payload["notes"], 1):
        yield paragraph(f"{number}. {note}", NOTE, width)
        yield Drawn("", width, 0.6)
    yield paragraph(payload["source"], NOTE, width)


def _stack(parts: Iterator[Drawn]) -> Drawn:
    """Put parts below each other."""
    top, drawn, width = 0.0, [], 0.0
    for part in parts:
        drawn.append(f'<g transform="translate(0 {top:.3f})">{part.svg}</g>' if part.svg else "")
        top, width = top + part.height, max(width, part.width)
    return Drawn("".join(drawn), width, top)


def _chart(payload: Mapping[str, Any]) -> Drawn:
    """Return the chart at its size on paper, from the drawing in the payload."""
    svg = payload["svg"]
    root = _ROOT.search(svg)
    if root is None:
        raise ValueError(f"Exhibit {payload['key']}: its drawing has no viewBox.")
    _, _, wide, high = map(float, root[1].split())
    width, height = wide * MM_PER_POINT, high * MM_PER_POINT
    inner = svg[root.end() : svg.rindex("</svg>")]
    return Drawn(
        f'<svg width="{width:.3f}" height="{height:.3f}" viewBox="{root[1]}">{inner}</svg>',
        width,
        height,
    )
