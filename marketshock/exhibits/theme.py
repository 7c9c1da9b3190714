"""The look of every chart: colours, typeface, size on paper, and deterministic files.

Nothing here touches the global matplotlib state: styles hold only inside
:func:`house_style`, and all text carries its own font file.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from marketshock.exhibits.exhibit import Size

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

FONT_FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Source Sans 3"
TEXT_PT = 8.0
MM_PER_POINT = 25.4 / 72.0
LINE_MM = 1.22 * TEXT_PT * MM_PER_POINT
"""Height of one line of chart text, millimetres."""
WIDTH_MM: dict[Size, float] = {"full": 174.0, "half": 83.5}
"""Width of a chart on paper, millimetres."""

_FILES = {False: "SourceSans3-Regular.ttf", True: "SourceSans3-Semibold.ttf"}
_HOUSE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.hinting": "none",
    "text.parse_math": False,
    "text.usetex": False,
    "hatch.linewidth": 0.5,
}
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean.

    Text colours reach a contrast of 4.5:1 on white and on the band, marks 3:1 on
    white. Amber marks the event and nothing else. Company colours differ in
    lightness, so they hold in grey print and for colour-blind readers.
    """

    ink: str = "#0B1F3A"
    text: str = "#1C2733"
    muted: str = "#566270"
    teal: str = "#1F7A8C"
    amber: str = "#D4702A"
    amber_text: str = "#A84F04"
    axis: str = "#75848F"
    band: str = "#E6ECF2"
    band_edge: str = "#7F8FA0"
    grid: str = "#DDE3E9"
    unsplit: str = "#87939F"
    ground: str = "#FFFFFF"
    amazon: str = "#0B1F3A"
    microsoft: str = "#612653"
    alphabet: str = "#1B6F80"
    meta: str = "#557EB2"
    oracle: str = "#A58F72"

    @property
    def companies(self) -> dict[str, str]:
        """Colour by company name, the same on every page."""
        named = {name.capitalize(): getattr(self, name) for name in _COMPANIES}
        return {**named, "AWS": self.amazon}

    def company_colours(self, names: Sequence[str]) -> dict[str, str]:
        """Return one colour per name: its own where it has one, else one that is still free.

        Raises
        ------
        ValueError
            If there are more names than colours.
        """
        own = {name: self.companies[name] for name in names if name in self.companies}
        spare = [getattr(self, key) for key in _COMPANIES] + [self.unsplit, self.band_edge]
        free = [colour for colour in spare if colour not in own.values()]
        others = [name for name in names if name not in own]
        if len(others) > len(free):
            raise ValueError(f"{len(names)} series are too many to tell apart in one chart.")
        return {**own, **dict(zip(others, free, strict=False))}

    def as_dict(self) -> dict[str, str]:
        """Return all colours by name, for templates."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_COMPANIES = ("amazon", "microsoft", "alphabet", "meta", "oracle")
PALETTE = Palette()


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
def _font(bold: bool, size: float) -> FontProperties:
    return FontProperties(
        family=FAMILY,
        weight=600 if bold else 400,
        size=size,
        fname=str(FONT_FOLDER / _FILES[bold]),
    )


def font(*, bold: bool = False, size: float = TEXT_PT) -> FontProperties:
    """Return the chart font from the package's own file.

    Parameters
    ----------
    bold : bool
        Semibold instead of regular.
    size : float
        Points on paper.
    """
    return _font(bold, size).copy()


@lru_cache(maxsize=1)
def _letters() -> frozenset[str]:
    return frozenset(map(chr, get_font(str(FONT_FOLDER / _FILES[False])).get_charmap()))


def printable(text: str) -> str:
    """Return the text as the chart font can print it.

    Control and direction marks are dropped, line breaks kept, and letters that the
    font lacks become a question mark that the reader can see.
    """
    kept = [char for char in text if char == "\n" or unicodedata.category(char) not in _HIDDEN]
    return "".join(char if char == "\n" or char in _letters() else "?" for char in kept)


@lru_cache(maxsize=4096)
def text_width(text: str, *, bold: bool = False, size: float = TEXT_PT) -> float:
    """Return the width of one line of text on paper, millimetres."""
    line = printable(text).replace("\n", " ")
    if not line.strip():
        return 0.0
    width, _, _ = text_to_path.get_text_width_height_descent(line, _font(bold, size), False)
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
