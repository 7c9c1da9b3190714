"""Files that a brand brings: fonts and a logo, checked before anything is drawn with them."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from marketshock.errors import UserInputError

__all__ = ["FontFace", "Logo", "nearest", "read_face", "read_logo"]

LARGEST_LOGO = 2_000_000
MOST_PIXELS = 16 * 10**6
NEEDED_LETTERS = (
    "0123456789.,;:%$()+\u2212-\u2013/&'\u2019\u00a0\u202f\u2026\u2020<="
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàèéìòùÀÈÉÌÒÙ"
)
"""What every page prints; a font without one of them is refused."""
_PNG = b"\x89PNG\r\n\x1a\n"
_ITALIC = 1
_REMOTE = re.compile(r"(?i)url\(\s*['\"]?(?!#)|@import|javascript:|expression\(")
_ACTIVE = {"script", "foreignObject", "iframe", "image", "text", "animate", "set", "handler"}


@dataclass(frozen=True, slots=True)
class FontFace:
    """One font file: its family, its weight (400 is regular, 600 semibold) and its posture."""

    family: str
    weight: int
    path: Path
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as read from its file."""

    kind: Literal["svg", "png"]
    data: bytes


def read_face(path: Path) -> FontFace:
    """Read what a font file says about itself.

    Raises
    ------
    UserInputError
        It is missing, no font, or lacks letters that every page prints.
    """
    from matplotlib.ft2font import FT2Font

    if path.suffix.lower() not in (".ttf", ".otf"):
        raise UserInputError(f"{path.name} is no .ttf or .otf font.", "Name a font file.")
    try:
        path.open("rb").close()
        face = FT2Font(str(path))
        table = face.get_sfnt_table("OS/2")
        names = face.get_sfnt()
    except OSError as error:
        raise UserInputError(f"{path.name} is missing.", f"Expected it at {path}.") from error
    except RuntimeError as error:
        raise UserInputError(
            f"{path.name} can't be read as a font.", "Try another file."
        ) from error
    lacking = [char for char in NEEDED_LETTERS if ord(char) not in face.get_charmap()]
    if lacking or table is None:
        shown = ", ".join(f"U+{ord(char):04X}" for char in lacking[:5])
        raise UserInputError(
            f"{path.name} lacks letters that every page prints: {shown}.",
            "Choose a font with Italian letters, the minus sign and the narrow space.",
        )
    family = names.get((3, 1, 0x409, 16)) or names.get((3, 1, 0x409, 1)) or b""
    name = family.decode("utf-16-be", "replace") or face.family_name
    italic = bool(int(table["fsSelection"]) & _ITALIC)
    return FontFace(name, int(table["usWeightClass"]), path, italic)


def read_logo(path: Path) -> Logo:
    """Read a logo: a PNG, or an SVG of shapes only.

    Raises
    ------
    UserInputError
        It is missing, too large, of another kind, or holds more than shapes.
    """
    try:
        if path.stat().st_size > LARGEST_LOGO:
            raise UserInputError(
                f"{path.name} has {path.stat().st_size:,} bytes, of at most {LARGEST_LOGO:,}.",
                "Save a smaller picture.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserInputError(
            f"{path.name} can't be read ({error.strerror}).", f"Expected it at {path}."
        ) from error
    if data.startswith(_PNG):
        _check_png(path.name, data)
        return Logo("png", data)
    _check_svg(path.name, data)
    return Logo("svg", data)


def _check_png(name: str, data: bytes) -> None:
    whole = len(data) > 45 and data[12:16] == b"IHDR" and data[-8:-4] == b"IEND"
    width, height = struct.unpack(">II", data[16:24]) if whole else (0, 0)
    if not whole or not 0 < width * height <= MOST_PIXELS:
        raise UserInputError(
            f"{name} is a damaged PNG, or has more than {MOST_PIXELS:,} pixels.", "Save it again."
        )


def _check_svg(name: str, data: bytes) -> None:
    try:
        text = data.decode("utf-8")
        if "<!" in text.replace("<!--", ""):
            raise UserInputError(f"{name} declares a document type.", "Remove the <!...> lines.")
        root = ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise UserInputError(
            f"{name} is neither PNG nor SVG.", "Save it as one of them."
        ) from error
    if _local(root.tag) != "svg":
        raise UserInputError(
            f"{name} is no SVG: it begins with {_local(root.tag)}.", "Save as SVG."
        )
    for element in root.iter():
        if wrong := _beyond_shapes(element):
            raise UserInputError(
                f"{name} holds {wrong}; a logo may hold shapes only.",
                "Convert text to paths, and remove scripts, links and pictures.",
            )


def _beyond_shapes(element: ElementTree.Element) -> str:
    """Return what an element holds besides shapes, or an empty string."""
    tag = _local(element.tag)
    if tag in _ACTIVE:
        return f"<{tag}>"
    if element.text and tag == "style" and _REMOTE.search(element.text):
        return "a style that loads something"
    for key, value in element.attrib.items():
        if _local(key).lower().startswith("on"):
            return f"the script attribute {_local(key)}"
        if (_local(key) == "href" and not value.startswith("#")) or _REMOTE.search(value):
            return f"the link {value[:40]!r}"
    return ""


def _local(tag: object) -> str:
    return str(tag).split("}")[-1]


def nearest(faces: Sequence[FontFace], weight: int) -> FontFace:
    """Return the upright face whose weight lies nearest to the one asked for."""
    upright = [face for face in faces if not face.italic] or list(faces)
    return min(upright, key=lambda face: (abs(face.weight - weight), face.weight))
