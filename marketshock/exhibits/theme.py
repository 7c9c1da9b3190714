"""The look of every chart: colours, typeface, size on paper, and deterministic files.

Nothing here touches the global matplotlib state: styles hold only inside
:func:`house_style`, and all text carries its own font file. Colours and fonts are those of the
brand in force, which belongs to the context (a thread, a task, a kernel) and not to the process.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from marketshock.exhibits.brand import FAMILY, FONT_FOLDER
from marketshock.exhibits.brand_assets import FontFace
from marketshock.exhibits.colours import Palette
from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.in_force import current_brand

__all__ = [
    "FAMILY",
    "FONT_FOLDER",
    "LINE_MM",
    "MM_PER_POINT",
    "PALETTE",
    "TEXT_PT",
    "WIDTH_MM",
    "Palette",
    "figure_png",
    "figure_svg",
    "font",
    "house_style",
    "new_figure",
    "printable",
    "text_width",
]

TEXT_PT = 8.0
MM_PER_POINT = 25.4 / 72.0
LINE_MM = 1.22 * TEXT_PT * MM_PER_POINT
"""Height of one line of chart text, millimetres."""
WIDTH_MM: dict[Size, float] = {"full": 174.0, "half": 83.5}
"""Width of a chart on paper, millimetres."""

_HOUSE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.hinting": "none",
    "text.parse_math": False,
    "text.usetex": False,
    "hatch.linewidth": 0.5,
}
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LOCK = threading.RLock()


class _Current:
    """The palette of the brand in force, read anew at every use."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(current_brand().palette, name)


PALETTE = cast(Palette, _Current())
"""Colours of the brand in force."""


@contextmanager
def house_style(salt: str | None = None) -> Iterator[None]:
    """Draw in the house style, whatever styles the session has set, and restore those after.

    Works as ``with house_style():`` and as the decorator ``@house_style()``.

    Parameters
    ----------
    salt : str, optional
        Makes the ids inside an SVG stable.
    """
    style = {**_HOUSE, "svg.hashsalt": salt}
    with _LOCK, matplotlib.style.context(["default", style]):
        yield


@lru_cache(maxsize=64)
def _font(face: FontFace, size: float) -> FontProperties:
    return FontProperties(family=face.family, weight=face.weight, size=size, fname=str(face.path))


def font(*, bold: bool = False, size: float = TEXT_PT) -> FontProperties:
    """Return the chart font from its own file.

    Parameters
    ----------
    bold : bool
        Semibold instead of regular.
    size : float
        Points on paper.
    """
    return _font(current_brand().text_face(bold=bold), size).copy()


@lru_cache(maxsize=8)
def _letters(face: FontFace) -> frozenset[str]:
    return frozenset(map(chr, get_font(str(face.path)).get_charmap()))


def printable(text: str) -> str:
    """Return the text as the chart font can print it.

    Control and direction marks are dropped, line breaks kept, and letters that the
    font lacks become a question mark that the reader can see.
    """
    known = _letters(current_brand().text_face())
    kept = [char for char in text if char == "\n" or unicodedata.category(char) not in _HIDDEN]
    return "".join(char if char == "\n" or char in known else "?" for char in kept)


def text_width(text: str, *, bold: bool = False, size: float = TEXT_PT) -> float:
    """Return the width of one line of text on paper, millimetres."""
    return _width(printable(text).replace("\n", " "), current_brand().text_face(bold=bold), size)


@lru_cache(maxsize=4096)
def _width(line: str, face: FontFace, size: float) -> float:
    if not line.strip():
        return 0.0
    width, _, _ = text_to_path.get_text_width_height_descent(line, _font(face, size), False)
    return float(width) * MM_PER_POINT


def new_figure(size: Size, height_mm: float) -> tuple[Figure, Axes]:
    """Return an empty figure at its final size on paper, and bare axes that fill it.

    Parameters
    ----------
    size : {"full", "half"}
        174 mm or 83.5 mm wide.
    height_mm : float
        Height in millimetres.
    """
    with house_style():
        figure = Figure(figsize=(WIDTH_MM[size] / 25.4, height_mm / 25.4), dpi=200)
        FigureCanvasAgg(figure)  # or every measured text makes a renderer of its own
        figure.set_facecolor(PALETTE.ground)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
    return figure, axes


def figure_svg(figure: Figure, salt: str) -> str:
    """Return the figure as SVG with real text, the same bytes for the same figure.

    Parameters
    ----------
    figure : Figure
    salt : str
        Makes the ids inside the SVG stable, and different between exhibits.
    """
    out = io.StringIO()
    with house_style(salt):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "marketshock"})
    return out.getvalue()


def figure_png(figure: Figure, dpi: int = 200) -> bytes:
    """Return the figure as PNG, the same bytes for the same figure on one machine.

    Parameters
    ----------
    figure : Figure
    dpi : int
        Pixels per inch on paper.
    """
    out = io.BytesIO()
    with house_style():
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()
