"""What a chart must be before it goes on a page.

The page writer replaces an unknown font inside a drawing without a word and leaves out text that
it has no font for, so both are checked here.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from marketshock.errors import QualityError
from marketshock.exhibits.in_force import current_brand

__all__ = ["check_svg"]

_SHORTHAND = re.compile(r"(?:^|[;{])\s*font\s*:\s*([^;}]+)")
_FAMILY = re.compile(r"(?:^|[;{])\s*font-family\s*:\s*([^;}]+)")
_SIZE = re.compile(r"^.*?\d(?:px|pt|em|mm|%)(?:/\S+)?\s+")


def check_svg(key: str, text: str) -> None:
    """Refuse a drawing with a foreign font, a link to a file, or text that is not XML.

    Parameters
    ----------
    key : str
        Exhibit, for the message.
    text : str
        The SVG.

    Raises
    ------
    QualityError
        Says which exhibit and what.
    """
    families = current_brand().families
    if "<!ENTITY" in text:
        raise QualityError(f"Chart {key}: the drawing declares entities.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise QualityError(f"Chart {key}: the drawing is not valid SVG ({error}).") from error
    for element in root.iter():
        _check_links(key, element)
        for family in _families(element):
            if family not in families:
                raise QualityError(
                    f"Chart {key}: its text asks for the font {family!r}.",
                    f"Use {' or '.join(families)}, or it would be printed in another one.",
                )


def _check_links(key: str, element: ElementTree.Element) -> None:
    for name, value in element.attrib.items():
        inside = value.startswith(("#", "data:image/png"))
        if name.split("}")[-1] == "href" and not inside:
            raise QualityError(f"Chart {key}: the drawing links to {value[:60]!r}.")


def _families(element: ElementTree.Element) -> list[str]:
    """Return the first font family that each style of an element asks for."""
    sheet = element.tag.split("}")[-1] == "style"
    style = (element.text or "") if sheet else element.get("style", "")
    lists = _FAMILY.findall(style)
    lists += [_SIZE.sub("", value) for value in _SHORTHAND.findall(style)]
    lists += [value for value in (element.get("font-family"),) if value]
    return [value.split(",")[0].strip().strip("\"'") for value in lists]
