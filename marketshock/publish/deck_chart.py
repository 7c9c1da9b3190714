"""A native chart of a deck: its drawing in the colours of the theme, its figures in a workbook."""

from __future__ import annotations

import re
from typing import Any

from marketshock.publish.look import Look
from marketshock.publish.native import NativeChart
from marketshock.publish.plates import Plate
from marketshock.publish.xlsx import chart_workbook

__all__ = ["place_chart"]

_ROLES = {
    "ground": '<a:schemeClr val="bg1"/>',
    "band": '<a:schemeClr val="bg2"/>',
    "teal": '<a:schemeClr val="accent1"/>',
    "amber": '<a:schemeClr val="accent2"/>',
    "microsoft": '<a:schemeClr val="accent3"/>',
    "alphabet": '<a:schemeClr val="accent4"/>',
    "meta": '<a:schemeClr val="accent5"/>',
    "oracle": '<a:schemeClr val="accent6"/>',
    "text": '<a:schemeClr val="tx1"/>',
    "muted": '<a:schemeClr val="tx1"><a:lumMod val="75000"/><a:lumOff val="25000"/></a:schemeClr>',
    "axis": '<a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr>',
    "band_edge": (
        '<a:schemeClr val="tx1"><a:lumMod val="50000"/><a:lumOff val="50000"/></a:schemeClr>'
    ),
    "unsplit": (
        '<a:schemeClr val="tx1"><a:lumMod val="50000"/><a:lumOff val="50000"/></a:schemeClr>'
    ),
    "grid": '<a:schemeClr val="tx1"><a:lumMod val="15000"/><a:lumOff val="85000"/></a:schemeClr>',
    "ink": '<a:schemeClr val="tx2"/>',
}
"""Colour of the theme by role in the palette; of roles with one colour the last one counts."""
_COLOUR = re.compile(r'<a:srgbClr val="([0-9A-Fa-f]{6})"/>')
_PRINTING = re.compile(rb"<c:printSettings>.*?</c:printSettings>", re.DOTALL)


def place_chart(
    slide: Any, box: tuple[int, int, int, int], plate: Plate, chart: NativeChart, look: Look
) -> Any:
    """Add a native chart to a slide and return its frame.

    Parameters
    ----------
    slide : Slide
    box : tuple of int
        Left, top, width and height, EMU.
    plate : Plate
    chart : NativeChart
    look : Look
        Its palette says which colours are which slots of the theme.
    """
    from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from pptx.parts.chart import ChartPart

    drawing, figures = chart_workbook(plate, chart, look)
    package = slide.part.package
    part = ChartPart.load(
        package.next_partname(ChartPart.partname_template),
        CONTENT_TYPE.DML_CHART,
        package,
        _themed(_PRINTING.sub(b"", drawing), look),
    )
    part.chart_workbook.update_from_xlsx_blob(figures)
    link = slide.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    slide.shapes._add_chart_graphicFrame(link, *box)
    return slide.shapes[-1]


def _themed(drawing: bytes, look: Look) -> bytes:
    """Return the drawing with the palette's colours as slots of the theme."""
    colours = look.palette.as_dict()
    slots = {colours[role].lstrip("#").upper(): slot for role, slot in _ROLES.items()}
    text = drawing.decode("utf-8")
    return _COLOUR.sub(lambda found: slots.get(found[1].upper(), found[0]), text).encode("utf-8")
