"""What a brand makes harder to read, though it is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from marketshock.exhibits.brand import Brand
from marketshock.exhibits.colours import contrast, difference, lightness
from marketshock.exhibits.words import both
from marketshock.locale import Locale, Text
from marketshock.quality.findings import Finding

__all__ = ["brand_findings"]

LEAST_MARK_CONTRAST = 3.0
"""Contrast that bars, lines and dots need (WCAG 2.1, success criterion 1.4.11)."""
LEAST_DIFFERENCE = 15.0
LEAST_LIGHTNESS_STEP = 7.0


def brand_findings(brand: Brand) -> tuple[Finding, ...]:
    """Return what the author should know; nothing of it is printed on the page."""
    return (*(_finding(text) for text in _palette(brand)), *brand.compliance.findings())


def _finding(text: Text) -> Finding:
    return Finding("INFO", "brand_colours", text)


def _palette(brand: Brand) -> Iterator[Text]:
    palette = brand.palette
    marks = {"accent": palette.amber, "mark": palette.teal}
    marks |= {f"palette {number}": colour for number, colour in enumerate(palette.series, 1)}
    for name, colour in marks.items():
        ratio = contrast(colour, palette.ground)
        if ratio < LEAST_MARK_CONTRAST:
            yield both(partial(_faint, name, colour, ratio))
    pairs = [("accent", "mark"), *combinations([n for n in marks if n.startswith("palette")], 2)]
    for one, other in pairs:
        seen = difference(marks[one], marks[other])
        step = abs(lightness(marks[one]) - lightness(marks[other]))
        if seen < LEAST_DIFFERENCE or step < LEAST_LIGHTNESS_STEP:
            yield both(partial(_alike, one, other, seen, step))


def _faint(name: str, colour: str, ratio: float, locale: Locale) -> str:
    measured, wanted = locale.number(ratio, 2), locale.number(LEAST_MARK_CONTRAST)
    return {
        "en": f"Brand colour {name} ({colour}) has a contrast of {measured}:1 with the "
        f"background; marks need {wanted}:1.",
        "it": f"Il colore {name} ({colour}) ha un contrasto di {measured}:1 con lo sfondo; "
        f"barre e linee richiedono {wanted}:1.",
    }[locale.lang]


def _alike(one: str, other: str, seen: float, step: float, locale: Locale) -> str:
    far, grey = locale.number(seen), locale.number(step)
    return {
        "en": f"Brand colours {one} and {other} are hard to tell apart: distance {far} for "
        f"readers blind to green, step {grey} in grey print.",
        "it": f"I colori {one} e {other} si distinguono a fatica: distanza {far} per chi non "
        f"vede il verde, scarto {grey} nella stampa in grigio.",
    }[locale.lang]
