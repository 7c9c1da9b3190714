"""Colours by what they mean, and how well they can be read and told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

__all__ = [
    "LEAST_TEXT_CONTRAST",
    "Palette",
    "channels",
    "contrast",
    "difference",
    "lightness",
    "mixed",
    "readable",
]

LEAST_TEXT_CONTRAST = 4.5
"""Contrast that text needs (WCAG 2.1, success criterion 1.4.3)."""
_COMPANIES = ("amazon", "microsoft", "alphabet", "meta", "oracle")
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_XYZ = (
    (0.4124, 0.3576, 0.1805, 0.9505),
    (0.2126, 0.7152, 0.0722, 1.0),
    (0.0193, 0.1192, 0.9505, 1.089),
)
_DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean.

    Text colours reach a contrast of 4.5:1 on white and on the band, marks 3:1 on
    white. Amber marks the event and nothing else. Company colours differ in
    lightness, so they hold in grey print and for colour-blind readers. A brand may
    put other colours under the same names.
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
    def series(self) -> tuple[str, ...]:
        """The colours of series, in order."""
        return tuple(getattr(self, name) for name in _COMPANIES)

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
        spare = [*self.series, self.unsplit, self.band_edge]
        free = [colour for colour in spare if colour not in own.values()]
        others = [name for name in names if name not in own]
        if len(others) > len(free):
            raise ValueError(f"{len(names)} series are too many to tell apart in one chart.")
        return {**own, **dict(zip(others, free, strict=False))}

    def as_dict(self) -> dict[str, str]:
        """Return all colours by name, for templates."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#RRGGBB``, 0 to 255."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((_luminance(_linear(one)), _luminance(_linear(other))))
    return (high + 0.05) / (low + 0.05)


def lightness(colour: str) -> float:
    """Return the lightness L* of a colour in grey print, 0 to 100."""
    return _lab([_luminance(_linear(colour))] * 3)[0]


def difference(one: str, other: str) -> float:
    """Return how far two colours lie apart for a reader who is blind to green.

    Distance in CIE L*a*b* (1976) after the transformation for deuteranopia of Machado,
    Oliveira and Fernandes (2009).
    """
    seen = (_lab(_deuteranope(_linear(colour))) for colour in (one, other))
    return float(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5)


def mixed(one: str, other: str, share: float) -> str:
    """Return the colour that is `share` of the other and the rest of the first."""
    parts = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round((1 - share) * a + share * b):02X}" for a, b in parts)


def readable(colour: str, grounds: Sequence[str], towards: str) -> str:
    """Return the colour, moved towards another only as far as text of it needs on all grounds."""
    for step in range(51):
        moved = mixed(colour, towards, step / 50)
        if min(contrast(moved, ground) for ground in grounds) >= LEAST_TEXT_CONTRAST:
            return moved
    return towards


def _linear(colour: str) -> list[float]:
    shares = [channel / 255 for channel in channels(colour)]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def _luminance(rgb: Sequence[float]) -> float:
    return sum(weight * share for weight, share in zip(_LUMINANCE, rgb, strict=True))


def _deuteranope(rgb: Sequence[float]) -> list[float]:
    mixtures = (sum(w * c for w, c in zip(row, rgb, strict=True)) for row in _DEUTERANOPIA)
    return [min(1.0, max(0.0, share)) for share in mixtures]


def _lab(rgb: Sequence[float]) -> tuple[float, float, float]:
    ratios = (sum(w * c for w, c in zip(row[:3], rgb, strict=True)) / row[3] for row in _XYZ)
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
