"""A house style in one file: colours, fonts, logo, page, numbers, and compliance words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from marketshock.errors import UserInputError, suggest
from marketshock.exhibits.brand_assets import FontFace, Logo, nearest, read_face, read_logo
from marketshock.exhibits.brand_reading import Section, read_toml
from marketshock.exhibits.colours import (
    LEAST_TEXT_CONTRAST,
    Palette,
    contrast,
    mixed,
    readable,
)
from marketshock.exhibits.compliance import DISTRIBUTION, Compliance
from marketshock.locale import LANGUAGES, MINUS, NUMBER_STYLES, Language, NumberStyle, Text

__all__ = ["FAMILY", "FONT_FOLDER", "HOUSE", "TITLE_FAMILY", "Brand", "Paper"]

FONT_FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Source Sans 3"
TITLE_FAMILY = "Source Serif 4 Display"
REGULAR, SEMIBOLD = 400, 600
LARGEST_FILE = 200_000
BUNDLED = (
    FontFace(FAMILY, REGULAR, FONT_FOLDER / "SourceSans3-Regular.ttf"),
    FontFace(FAMILY, SEMIBOLD, FONT_FOLDER / "SourceSans3-Semibold.ttf"),
    FontFace(TITLE_FAMILY, REGULAR, FONT_FOLDER / "SourceSerif4Display-Regular.ttf"),
    FontFace(TITLE_FAMILY, SEMIBOLD, FONT_FOLDER / "SourceSerif4Display-Semibold.ttf"),
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper size: its name in the page writer, width and height in millimetres."""

    name: Literal["a4", "us-letter"]
    width: float
    height: float


HOUSE_PALETTE = Palette()
NOTHING_SAID = Compliance()
PAPERS = {"A4": Paper("a4", 210.0, 297.0), "Letter": Paper("us-letter", 215.9, 279.4)}
_TOP = ("name", "logo", "page", "footer", "disclaimer")
_COLOUR_KEYS = {
    "ink": "ink",
    "text": "text",
    "muted": "muted",
    "accent": "amber",
    "accent_text": "amber_text",
    "mark": "teal",
    "axis": "axis",
    "grid": "grid",
    "band": "band",
    "band_edge": "band_edge",
    "neutral": "unsplit",
    "background": "ground",
}
"""Colour in the file by its field of the palette."""
_SHADES = {"band": 0.09, "grid": 0.13, "axis": 0.6, "band_edge": 0.52, "unsplit": 0.48}
"""How much ink a shade holds that follows from ink and background."""
_SERIES = ("amazon", "microsoft", "alphabet", "meta", "oracle")
_GROUPING = {char: char for char in (".", ",", "'", "\u2019")} | dict.fromkeys(
    (" ", "\u00a0", "\u202f"), "\u202f"
)
_HOUSE_PAGE = {
    "navy": "#0B1F3A",
    "mist": "#C3D0DF",
    "ink": "#1C2733",
    "grey": "#56616E",
    "teal": "#1F7A8C",
    "amber": "#D4702A",
    "rust": "#A94F12",
    "rule": "#C9D2DB",
    "pale": "#F2F5F8",
    "glow": "#FCF3EB",
    "ground": "#FFFFFF",
    "kicker": "#F0A56B",
    "seam": "#3B5275",
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One house style; :data:`HOUSE` is the default.

    Parameters
    ----------
    name : str
        Whose it is; also the alternative text of the logo.
    palette : Palette
    text_family, title_family : str
    faces : tuple of FontFace
        Bundled fonts and those that the brand brings.
    logo : Logo, optional
    footer, disclaimer : Text, optional
        None stands for the house's words.
    paper : Paper
    numbers : mapping of language to NumberStyle
    compliance : Compliance
    text, folder : str, Path
        The TOML that it was read from, and where its paths start.
    digest : str
        SHA-256 of the text and of what it brings; empty for the house.
    """

    name: str = "marketshock"
    palette: Palette = HOUSE_PALETTE
    text_family: str = FAMILY
    title_family: str = TITLE_FAMILY
    faces: tuple[FontFace, ...] = BUNDLED
    logo: Logo | None = None
    footer: Text | None = None
    disclaimer: Text | None = None
    paper: Paper = PAPERS["A4"]
    numbers: Mapping[Language, NumberStyle] = field(default_factory=lambda: NUMBER_STYLES)
    compliance: Compliance = NOTHING_SAID
    text: str = field(default="", repr=False)
    folder: Path = field(default=Path(), repr=False, compare=False)
    digest: str = ""

    @classmethod
    def from_file(cls, path: str | Path) -> Brand:
        """Read a brand file; see :meth:`from_toml`."""
        target = Path(path)
        try:
            data = target.read_bytes()
            text = data[: LARGEST_FILE + 1].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UserInputError(f"{target} is not UTF-8 text.", "Save it as UTF-8.") from error
        except OSError as error:
            raise UserInputError(
                f"{target} can't be read ({error.strerror}).", "--brand takes a TOML file."
            ) from error
        if len(data) > LARGEST_FILE:
            raise UserInputError(f"{target} has {len(data):,} bytes.", "That is no brand file.")
        return cls.from_toml(text, target.resolve().parent)

    @classmethod
    def from_toml(cls, text: str, folder: Path) -> Brand:
        """Read a brand; what the text does not say stays as in the house style.

        Parameters
        ----------
        text : str
            TOML; its keys are described in the documentation.
        folder : Path
            Where paths of fonts and logo start.

        Raises
        ------
        UserInputError
            An unknown key, a wrong value, a file that can't be read, or text that can't be read
            on its background; with line and key.
        """
        top = Section("", read_toml(text), text).known(
            (*_TOP, "colours", "fonts", "numbers", "compliance")
        )
        palette = _palette(top.section("colours"))
        text_family, title_family, faces = _fonts(top.section("fonts"), folder)
        logo = _logo(top, folder)
        brought = [face.path.read_bytes() for face in faces if face not in BUNDLED]
        parts = [text.encode(), *([logo.data] if logo else []), *brought]
        return cls(
            name=top.line("name", 60) or cls().name,
            palette=palette,
            text_family=text_family,
            title_family=title_family,
            faces=faces,
            logo=logo,
            footer=top.words("footer", one_for_both=True),
            disclaimer=top.words("disclaimer"),
            paper=top.choice("page", PAPERS) or PAPERS["A4"],
            numbers=_numbers(top.section("numbers")),
            compliance=_compliance(top.section("compliance")),
            text=text,
            folder=folder,
            digest=hashlib.sha256(b"\0".join(parts)).hexdigest(),
        )

    def signed(self, prepared_by: str | None, reviewed_by: str | None) -> Brand:
        """Return the brand with the names of one page."""
        return replace(self, compliance=self.compliance.signed(prepared_by, reviewed_by))

    def require(self, *, client: str | None, draft: bool) -> None:
        """Refuse a page that contradicts the distribution class; see :class:`Compliance`."""
        own_words = self.footer is not None and self.disclaimer is not None
        self.compliance.require(client=client, draft=draft, own_words=own_words)

    def text_face(self, *, bold: bool = False) -> FontFace:
        """Return the font file of text, regular or semibold."""
        own = [face for face in self.faces if face.family == self.text_family]
        return nearest(own, SEMIBOLD if bold else REGULAR)

    @property
    def font_files(self) -> tuple[Path, ...]:
        """Font files that the brand brings."""
        return tuple(face.path for face in self.faces if face not in BUNDLED)

    @property
    def families(self) -> tuple[str, ...]:
        """Families that text may ask for, those of the brand first."""
        return tuple(dict.fromkeys((self.text_family, self.title_family, FAMILY, TITLE_FAMILY)))

    def page(self) -> dict[str, Any]:
        """Return what the page template reads: colours, fonts, paper, and the logo's words."""
        return {
            "colours": page_colours(self.palette),
            "text_fonts": list(dict.fromkeys((self.text_family, FAMILY))),
            "title_fonts": list(dict.fromkeys((self.title_family, TITLE_FAMILY))),
            "paper": {"name": self.paper.name, "width": self.paper.width},
            "logo": {"file": f"logo.{self.logo.kind}", "alt": self.name} if self.logo else None,
        }


def page_colours(palette: Palette) -> dict[str, str]:
    """Return the colours of a page by their names in the template."""
    if palette == HOUSE_PALETTE:
        return dict(_HOUSE_PAGE)
    ground, ink = palette.ground, palette.ink
    return {
        "navy": ink,
        "mist": readable(mixed(ground, ink, 0.2), [ink], ground),
        "ink": palette.text,
        "grey": palette.muted,
        "teal": palette.teal,
        "amber": palette.amber,
        "rust": palette.amber_text,
        "rule": mixed(ground, ink, 0.22),
        "pale": mixed(ground, ink, 0.05),
        "glow": mixed(ground, palette.amber, 0.08),
        "ground": ground,
        "kicker": readable(mixed(palette.amber, ground, 0.35), [ink], ground),
        "seam": mixed(ink, ground, 0.22),
    }


def _grounds(palette: Palette) -> dict[str, str]:
    """Return everything that text stands on, by what it is."""
    page = page_colours(palette)
    shades = {
        "its band": palette.band,
        "its pale box": page["pale"],
        "its marked row": page["glow"],
    }
    return {"its background": palette.ground, **shades}


def _palette(section: Section) -> Palette:
    section.known((*_COLOUR_KEYS, "palette"))
    read = {name: section.colour(key) for key, name in _COLOUR_KEYS.items()}
    given: dict[str, str] = {name: colour for name, colour in read.items() if colour}
    palette = replace(HOUSE_PALETTE, **given)
    if "ink" in given or "ground" in given:
        shades = {name: mixed(palette.ground, palette.ink, s) for name, s in _SHADES.items()}
        palette = replace(palette, **{**shades, **given})
    if "amber" in given and "amber_text" not in given:
        grounds = list(_grounds(palette).values())
        palette = replace(palette, amber_text=readable(palette.amber, grounds, palette.ink))
    if series := section.colours("palette", len(_SERIES)):
        palette = replace(palette, **dict(zip(_SERIES, series, strict=True)))
    if palette != HOUSE_PALETTE:
        _require_contrast(section, palette)
    return palette


def _require_contrast(section: Section, palette: Palette) -> None:
    for key in ("ink", "text", "muted", "accent_text"):
        colour = getattr(palette, _COLOUR_KEYS[key])
        for place, ground in _grounds(palette).items():
            ratio = contrast(colour, ground)
            if ratio < LEAST_TEXT_CONTRAST:
                raise UserInputError(
                    f"{section.place(key)} {colour} on {place} {ground} has a contrast of "
                    f"{ratio:.2f}:1, expected at least {LEAST_TEXT_CONTRAST}:1.",
                    "Choose a darker text or a lighter background, or the other way round.",
                )


def _fonts(section: Section, folder: Path) -> tuple[str, str, tuple[FontFace, ...]]:
    section.known(("text", "title", "files"))
    brought = [
        section.at("files", partial(read_face, folder / name)) for name in section.lines("files")
    ]
    faces = (*brought, *BUNDLED)
    known = tuple(dict.fromkeys(face.family for face in faces))
    text, title = section.line("text") or FAMILY, section.line("title") or TITLE_FAMILY
    for key, family in (("text", text), ("title", title)):
        if family not in known:
            raise section.wrong(
                key,
                f"a family that is bundled or in fonts.files ({', '.join(known)})",
                suggest(family, known) or "Add its .ttf or .otf files to fonts.files.",
            )
    return text, title, faces


def _logo(top: Section, folder: Path) -> Logo | None:
    name = top.line("logo")
    if name is None:
        return None
    if "name" not in top.values:
        raise top.wrong("logo", "a name beside it", 'Add name = "...": readers hear it.')
    return top.at("logo", partial(read_logo, folder / name))


def _numbers(section: Section) -> Mapping[Language, NumberStyle]:
    section.known(LANGUAGES)
    return {lang: _style(section.section(lang), NUMBER_STYLES[lang]) for lang in LANGUAGES}


def _style(section: Section, house: NumberStyle) -> NumberStyle:
    section.known(("decimal", "grouping", "minus"))
    style = NumberStyle(
        section.choice("decimal", {".": ".", ",": ","}) or house.decimal,
        section.choice("grouping", _GROUPING) or house.grouping,
        section.choice("minus", {MINUS: MINUS, "-": "-"}) or house.minus,
    )
    if style.decimal == style.grouping:
        key = "grouping" if "grouping" in section.values else "decimal"
        raise section.wrong(key, "another mark than the one of the decimals or thousands")
    return style


def _compliance(section: Section) -> Compliance:
    section.known(("prepared_by", "reviewed_by", "distribution", "conflicts", "supersedes"))
    return Compliance(
        section.line("prepared_by", 120),
        section.line("reviewed_by", 120),
        section.choice("distribution", {word: word for word in DISTRIBUTION}),
        section.words("conflicts"),
        section.words("supersedes"),
    )


HOUSE = Brand()
