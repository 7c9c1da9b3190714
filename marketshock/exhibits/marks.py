"""Text and lines as SVG, measured in millimetres with the house typeface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape

from marketshock.exhibits.theme import MM_PER_POINT, PALETTE, printable, text_width

__all__ = ["Drawn", "Style", "line_of", "lines_in", "paragraph", "rule"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of SVG with its size in millimetres, its upper left corner at the origin."""

    svg: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Style:
    """Type: size in points on paper, colour by its name in the palette, weight."""

    points: float
    role: str
    bold: bool = False

    @property
    def colour(self) -> str:
        """The colour in the brand in force."""
        return str(getattr(PALETTE, self.role))

    @property
    def leading(self) -> float:
        """Height of one line, millimetres."""
        return 1.24 * self.points * MM_PER_POINT

    def width(self, text: str) -> float:
        """Width of one line of text, millimetres."""
        return text_width(text, bold=self.bold, size=self.points)

    def strong(self) -> Style:
        """Return the same type in semibold."""
        return replace(self, bold=True)


def paragraph(text: str, style: Style, width: float) -> Drawn:
    """Return a text broken into lines of at most `width` millimetres; nothing is cut off."""
    lines = lines_in(text, style, width)
    svg = "".join(line_of(line, style, 0.0, number) for number, line in enumerate(lines))
    return Drawn(svg, width, len(lines) * style.leading)


def line_of(
    text: str,
    style: Style,
    x: float,
    number: float = 0,
    side: Literal["start", "end"] = "start",
) -> str:
    """Return one line of text; `number` counts lines from the top, `side` lies at `x`."""
    y = number * style.leading + 0.95 * style.points * MM_PER_POINT
    weight = "font-weight: 600; " if style.bold else ""
    anchor = "; text-anchor: end" if side == "end" else ""
    return (
        f'<text x="{x:.3f}" y="{y:.3f}" style="{weight}font-size: '
        f'{style.points * MM_PER_POINT:.4f}px; fill: {style.colour}{anchor}">'
        f"{escape(printable(text))}</text>"
    )


def lines_in(text: str, style: Style, width: float) -> list[str]:
    """Break a text at its spaces; a word longer than a line is broken where the line ends."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if style.width(longer) <= width:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        for letter in word:
            if lines[-1] and style.width(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def rule(width: float, colour: str, thickness: float, top: float = 0.0) -> Drawn:
    """Return a horizontal line."""
    svg = f'<rect y="{top:.3f}" width="{width:.3f}" height="{thickness:g}" fill="{colour}"/>'
    return Drawn(svg, width, top + thickness)
