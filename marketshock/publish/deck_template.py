"""The deck without a template: one master, a cover and an exhibit layout, in the house colours."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from marketshock.locale import Language
from marketshock.publish.look import Look

__all__ = ["SLOTS", "house_presentation"]

INCH = 914_400
"""EMU."""
WIDTH, HEIGHT = 40 * INCH // 3, 15 * INCH // 2
"""16:9."""
SLOTS = {
    "lt1": "ground",
    "dk1": "text",
    "dk2": "ink",
    "lt2": "band",
    "accent1": "teal",
    "accent2": "amber",
    "accent3": "microsoft",
    "accent4": "alphabet",
    "accent5": "meta",
    "accent6": "oracle",
    "hlink": "teal",
    "folHlink": "microsoft",
}
"""Colour of the palette by slot of the theme."""
_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_GROUP = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
    '<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/>'
    '<a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
_MUTED = '<a:schemeClr val="tx1"><a:lumMod val="75000"/><a:lumOff val="25000"/></a:schemeClr>'
_INK = '<a:schemeClr val="tx2"/>'
_TEXT = '<a:schemeClr val="tx1"/>'
Box = tuple[float, float, float, float]
"""Left, top, width and height, inches."""


def house_presentation(look: Look, lang: Language) -> Any:
    """Return an empty 16:9 presentation with the layouts ``Cover`` and ``Exhibit``.

    Parameters
    ----------
    look : Look
        Its colours and typeface become the theme of the file.
    lang : {"en", "it"}
        Language of the footer.
    """
    from pptx import Presentation
    from pptx.util import Emu

    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(WIDTH), Emu(HEIGHT)
    for layout in list(deck.slide_layouts)[2:]:
        deck.slide_layouts.remove(layout)
    _theme(deck.slide_master, look)
    footer = look.footer[lang]
    _fill(deck.slide_master, "", _master_shapes())
    _fill(deck.slide_layouts[0], "Cover", _cover_shapes())
    _fill(deck.slide_layouts[1], "Exhibit", _exhibit_shapes(footer))
    return deck


def _theme(master: Any, look: Look) -> None:
    """Write colours and typefaces of the house into the theme."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = part.blob.decode("utf-8")
    colours = look.palette.as_dict()
    scheme = "".join(
        f'<a:{slot}><a:srgbClr val="{colours[role].lstrip("#").upper()}"/></a:{slot}>'
        for slot, role in sorted(SLOTS.items(), key=lambda item: _ORDER.index(item[0]))
    )
    text = re.sub(
        r"<a:clrScheme.*?</a:clrScheme>",
        lambda _: f'<a:clrScheme name="marketshock">{scheme}</a:clrScheme>',
        text,
        flags=re.DOTALL,
    )
    face = quoteattr(look.font)
    for kind in ("majorFont", "minorFont"):
        text = re.sub(
            rf"(<a:{kind}>\s*<a:latin typeface=)\"[^\"]*\"", lambda m: m[1] + face, text, count=1
        )
    part._blob = text.encode("utf-8")


_ORDER = (
    "dk1", "lt1", "dk2", "lt2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6",
    "hlink", "folHlink",
)  # fmt: skip


def _fill(owner: Any, name: str, shapes: str) -> None:
    """Replace the shapes of a master or layout."""
    from pptx.oxml import parse_xml

    tree = parse_xml(f"<p:spTree {_SPACES}>{_GROUP}{shapes}</p:spTree>")
    common = owner._element.cSld
    common.replace(common.spTree, tree)
    if name:
        common.set("name", name)
        owner._element.attrib.pop("type", None)


def _master_shapes() -> str:
    return _placeholder(
        2, "Title", 'type="title"', (0.5, 0.35, 12.33, 0.85), 2600, _INK, "b", bold=True
    ) + _placeholder(3, "Text", 'type="body" idx="1"', (0.5, 1.65, 12.33, 4.2), 1400, _TEXT, "t")


def _cover_shapes() -> str:
    return (
        _line(9, (0.7, 2.35, 1.2, 0.0), "accent2", 38_100)
        + _placeholder(
            2, "cover title", 'type="ctrTitle"', (0.7, 2.5, 11.9, 1.5), 3600, _INK, "t", bold=True
        )
        + _placeholder(
            3, "subtitle", 'type="subTitle" idx="1"', (0.7, 4.05, 11.9, 0.9), 1800, _TEXT, "t"
        )
        + _placeholder(4, "client", 'type="body" idx="10"', (0.7, 5.0, 11.9, 0.8), 1400, _TEXT, "t")
        + _placeholder(
            5, "disclaimer", 'type="body" idx="11"', (0.7, 5.9, 11.9, 1.2), 800, _MUTED, "b"
        )
    )


def _exhibit_shapes(footer: str) -> str:
    return (
        _placeholder(
            2, "title", 'type="title"', (0.5, 0.3, 12.33, 0.85), 2400, _INK, "b", bold=True
        )
        + _placeholder(
            3, "unit", 'type="body" idx="10"', (0.5, 1.17, 12.33, 0.4), 1400, _MUTED, "t"
        )
        + _placeholder(4, "exhibit", 'idx="11"', (0.5, 1.65, 12.33, 4.1), 1400, _TEXT, "t")
        + _placeholder(5, "notes", 'type="body" idx="12"', (0.5, 5.8, 12.33, 0.9), 900, _MUTED, "b")
        + _placeholder(
            6, "source", 'type="body" idx="13"', (0.5, 6.72, 12.33, 0.36), 900, _MUTED, "t"
        )
        + _line(7, (0.5, 7.1, 12.33, 0.0), "accent1", 9_525)
        + _label(8, footer, (0.5, 7.12, 10.0, 0.28), "l")
        + _number(9, (11.83, 7.12, 1.0, 0.28))
    )


def _placeholder(
    number: int,
    name: str,
    kind: str,
    box: Box,
    size: int,
    colour: str,
    anchor: str,
    *,
    bold: bool = False,
) -> str:
    weight = ' b="1"' if bold else ' b="0"'
    run = f'<a:defRPr sz="{size}"{weight}><a:solidFill>{colour}</a:solidFill></a:defRPr>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr>'
        f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{_place(box)}</p:spPr><p:txBody>"
        f'<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:normAutofit/>'
        "</a:bodyPr>"
        f'<a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="l"><a:spcBef><a:spcPts val="0"/>'
        f"</a:spcBef><a:buNone/>{run}</a:lvl1pPr></a:lstStyle>"
        f"<a:p><a:r><a:rPr/><a:t>{name}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _label(number: int, words: str, box: Box, side: str, field: str = "") -> str:
    run = f'<a:rPr sz="800"><a:solidFill>{_MUTED}</a:solidFill></a:rPr><a:t>{escape(words)}</a:t>'
    body = f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="{field}">{run}</a:fld>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="footer {number}"/><p:cNvSpPr txBox="1"/>'
        f'<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>{_place(box)}<a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody>"
        '<a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle/>'
        f'<a:p><a:pPr algn="{side}"/>{body if field else f"<a:r>{run}</a:r>"}</a:p>'
        "</p:txBody></p:sp>"
    )


def _number(number: int, box: Box) -> str:
    return _label(number, "‹#›", box, "r", "slidenum")


def _line(number: int, box: Box, slot: str, width: int) -> str:
    return (
        f'<p:cxnSp><p:nvCxnSpPr><p:cNvPr id="{number}" name="line {number}"/><p:cNvCxnSpPr/>'
        f'<p:nvPr userDrawn="1"/></p:nvCxnSpPr><p:spPr>{_place(box)}<a:prstGeom prst="line">'
        f'<a:avLst/></a:prstGeom><a:ln w="{width}"><a:solidFill><a:schemeClr val="{slot}"/>'
        "</a:solidFill></a:ln></p:spPr></p:cxnSp>"
    )


def _place(box: Box) -> str:
    left, top, width, height = (round(length * INCH) for length in box)
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
