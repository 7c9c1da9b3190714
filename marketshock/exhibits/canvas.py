"""A plot area measured in millimetres: axes, ticks and text in the house style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from marketshock.exhibits.exhibit import Size
from marketshock.exhibits.labels import Box, nice_ticks
from marketshock.exhibits.theme import (
    LINE_MM,
    PALETTE,
    WIDTH_MM,
    font,
    new_figure,
    printable,
    text_width,
)
from marketshock.locale import Locale

__all__ = ["Plot", "bold_width", "percent_ticks", "text_box", "widest"]

Side = Literal["left", "center", "right"]
TICK_GAP_MM = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A figure with one plot area of known size.

    Parameters
    ----------
    figure : Figure
    axes : Axes
    width, height : float
        Size of the plot area, millimetres.
    """

    figure: Figure
    axes: Axes
    width: float
    height: float

    @classmethod
    def with_margins(
        cls,
        size: Size,
        height_mm: float,
        *,
        left: float,
        right: float,
        bottom: float,
        top: float,
    ) -> Plot:
        """Return a new plot with the given margins in millimetres."""
        figure, axes = new_figure(size, height_mm)
        page = WIDTH_MM[size]
        width, height = page - left - right, height_mm - bottom - top
        axes.set_position((left / page, bottom / height_mm, width / page, height / height_mm))
        return cls(figure, axes, width, height)

    def limits(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Fix the data range of both axes."""
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)

    def x_mm(self, value: float) -> float:
        """Return where a data value lies, millimetres from the left of the plot area."""
        low, high = self.axes.get_xlim()
        return (value - low) / (high - low) * self.width

    def y_mm(self, value: float) -> float:
        """Return where a data value lies, millimetres from the bottom of the plot area."""
        low, high = self.axes.get_ylim()
        return (value - low) / (high - low) * self.height

    def write(
        self,
        text: str,
        x: float,
        y: float,
        *,
        colour: str | None = None,
        bold: bool = False,
        side: Side = "left",
        veil: float = 0.0,
    ) -> None:
        """Write one or more lines, centred in height, at a place in millimetres.

        Parameters
        ----------
        text : str
        x, y : float
            From the lower left corner of the plot area.
        colour : str, optional
            That of text when absent.
        bold : bool
        side : {"left", "center", "right"}
            Which side of the text lies at `x`.
        veil : float
            How much the ground hides what lies under the text, 0 to 1.
        """
        lines = printable(text).split("\n")
        ground = {"facecolor": PALETTE.ground, "alpha": veil, "linewidth": 0.0, "pad": 0.2}
        for number, line in enumerate(lines):
            lift = ((len(lines) - 1) / 2 - number) * LINE_MM
            self.axes.text(
                x / self.width,
                (y + lift) / self.height,
                line,
                transform=self.axes.transAxes,
                color=colour or PALETTE.text,
                fontproperties=font(bold=bold),
                ha=side,
                va="center",
                parse_math=False,
                zorder=6,
                bbox=ground if veil and line.strip() else None,
            )

    def write_in(
        self,
        box: Box,
        text: str,
        *,
        colour: str,
        bold: bool = False,
        side: Side = "center",
        veil: float = 0.0,
    ) -> None:
        """Write text into a box that was measured for it."""
        x, y = box.centre
        x = {"left": box.left, "center": x, "right": box.right}[side]
        self.write(text, x, y, colour=colour, bold=bold, side=side, veil=veil)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: str,
        points_wide: float = 0.6,
        zorder: float = 3,
    ) -> None:
        """Draw a thin line through places in millimetres, also outside the plot area."""
        self.axes.plot(
            [x / self.width for x, _ in points],
            [y / self.height for _, y in points],
            transform=self.axes.transAxes,
            color=colour,
            linewidth=points_wide,
            solid_capstyle="butt",
            clip_on=False,
            zorder=zorder,
        )

    def grid(self, values: Sequence[float]) -> None:
        """Draw light horizontal lines behind the data."""
        for value in values:
            self.axes.axhline(value, color=PALETTE.grid, linewidth=0.5, zorder=0)

    def x_ticks(self, values: Sequence[float], labels: Sequence[str], *, marks: bool) -> None:
        """Label the horizontal axis below the plot area."""
        self.axes.set_xticks(list(values), list(map(printable, labels)), **_tick_text())
        self.axes.tick_params(
            axis="x",
            length=2.5 if marks else 0.0,
            width=0.6,
            color=PALETTE.axis,
            pad=2.5 if marks else 4.0,
        )

    def y_ticks(self, values: Sequence[float], labels: Sequence[str]) -> None:
        """Label the vertical axis, flush with the left edge of the figure."""
        self.axes.set_yticks(
            list(values), list(map(printable, labels)), va="center", **_tick_text()
        )
        self.axes.tick_params(axis="y", length=0.0, pad=TICK_GAP_MM * 72 / 25.4)

    def dot(self, x: float, y: float, colour: str, points: float) -> None:
        """Draw a dot at a data value, whole even at the edge of the plot area."""
        self.axes.plot(
            [x],
            [y],
            "o",
            color=colour,
            markersize=points,
            markeredgewidth=0.0,
            clip_on=False,
            zorder=5,
        )

    def baseline(self, value: float = 0.0) -> None:
        """Draw a horizontal axis line at a data value."""
        self.axes.axhline(value, color=PALETTE.axis, linewidth=0.8, zorder=2.5)

    def event_line(self, x: float, top: float = 1.0) -> None:
        """Draw the dashed amber line of the event at a data value, up to a share of the height."""
        self.axes.axvline(
            x,
            ymax=top,
            color=PALETTE.amber,
            linewidth=1.0,
            dashes=(3.0, 2.0),
            zorder=2.8,
        )


def _tick_text() -> dict[str, Any]:
    return {"fontproperties": font(), "color": PALETTE.muted, "parse_math": False}


def percent_ticks(
    low: float, high: float, most: int, locale: Locale
) -> tuple[list[float], list[str]]:
    """Return round ticks between two decimals and their percentages in words."""
    ticks, step = nice_ticks(low, high, most)
    decimals = next((d for d in range(4) if abs(step * 100 - round(step * 100, d)) < 1e-9), 4)
    return ticks, [locale.percent(tick, decimals) for tick in ticks]


def bold_width(text: str) -> float:
    """Return the width of one line of semibold text, millimetres."""
    return text_width(text, bold=True)


def widest(texts: Sequence[str], *, bold: bool = False) -> float:
    """Return the width of the widest text, millimetres; 0 for none."""
    return max((text_width(text, bold=bold) for text in texts), default=0.0)


def text_box(text: str, *, bold: bool = False) -> Box:
    """Return the box of a text of one or more lines with its lower left corner at the origin."""
    lines = text.split("\n")
    return Box(0.0, 0.0, widest(lines, bold=bold), LINE_MM * len(lines))
