"""The look of decks and workbooks: colours, typefaces and fixed words of the brand in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketshock.exhibits.brand import FAMILY, Brand
from marketshock.exhibits.colours import Palette
from marketshock.exhibits.in_force import current_brand
from marketshock.locale import Language, Text
from marketshock.publish.labels import DISCLAIMER, FOOTER

__all__ = ["Look", "house_look"]

OFFICE_FONT = "Arial"
"""On every machine that opens decks and workbooks; the bundled typeface is not."""
PAPERS = {"a4": 9, "us-letter": 1}
"""Number of a paper size in a workbook."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours, typefaces and fixed words.

    Parameters
    ----------
    palette : Palette
    font : str
        Typeface named in decks and workbooks; the reader's machine may substitute it.
    footer, disclaimer : Text
    author : str
        Author in the properties of a file.
    paper : int
        Number of the paper size of a workbook.
    logo : bytes, optional
        PNG for the cover of a deck.
    compliance : mapping of language to tuple of (str, str)
        Label and words of what the compliance office wants.
    """

    palette: Palette
    font: str
    footer: Text
    disclaimer: Text
    author: str = "marketshock"
    paper: int = PAPERS["a4"]
    logo: bytes | None = None
    compliance: Mapping[Language, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def house_look(brand: Brand | None = None) -> Look:
    """Return the look of a brand; default the one in force."""
    brand = brand or current_brand()
    rows = {
        lang: tuple((row["label"], row["text"]) for row in brand.compliance.rows(lang))
        for lang in brand.numbers
    }
    return Look(
        palette=brand.palette,
        font=OFFICE_FONT if brand.text_family == FAMILY else brand.text_family,
        footer=brand.footer or FOOTER,
        disclaimer=brand.disclaimer or DISCLAIMER,
        author=brand.name,
        paper=PAPERS[brand.paper.name],
        logo=_logo(brand),
        compliance=rows,
    )


def _logo(brand: Brand) -> bytes | None:
    """Return the logo as PNG."""
    if brand.logo is None or brand.logo.kind == "png":
        return brand.logo.data if brand.logo else None
    from marketshock.publish.drawing import drawing_png

    return drawing_png("logo", brand.logo.data.decode("utf-8"))
