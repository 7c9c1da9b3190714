"""The letters of the brand's typeface that a drawing or a page uses, carried inside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import lru_cache
from xml.etree import ElementTree

from marketshock.exhibits.brand_assets import FontFace
from marketshock.exhibits.in_force import current_brand

__all__ = ["letters_css", "with_letters"]


def with_letters(svg: str) -> str:
    """Return the drawing with the letters that it uses, so that it looks the same everywhere."""
    css = letters_css(ElementTree.fromstring(svg).itertext())
    end = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:end]}<style>{css}</style>{svg[end:]}"


def letters_css(texts: Iterable[str]) -> str:
    """Return the style rules that hold the letters of the texts in both weights."""
    letters = frozenset("".join(texts)) | {" "}
    faces = [current_brand().text_face(bold=bold) for bold in (False, True)]
    return "".join(
        f"@font-face{{font-family:'{face.family}';font-weight:{weight};"
        f"src:url(data:font/woff;base64,{_part(face, letters)})}}"
        for face, weight in zip(faces, (400, 600), strict=True)
    )


@lru_cache(maxsize=64)
def _part(face: FontFace, letters: frozenset[str]) -> str:
    """Return the part of a font that holds these letters, the same bytes each time."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(hinting=False, layout_features=["kern", "mark", "tnum"])
    reduced, out = Subsetter(options), io.BytesIO()
    reduced.populate(text="".join(sorted(letters)))
    with TTFont(face.path, recalcTimestamp=False) as font:
        reduced.subset(font)
        font.flavor = "woff"
        font.save(out)
    return base64.b64encode(out.getvalue()).decode()
