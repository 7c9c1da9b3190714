"""What a page holds besides exhibits: the cover, computed prose, and the closing part."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass, replace
from typing import Any

from marketshock.exhibits.exhibit import MIME
from marketshock.exhibits.in_force import current_brand
from marketshock.locale import Language, Locale, Text

__all__ = ["Closing", "Cover", "Figure", "Point", "Say"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure: what is printed large, and what it is."""

    value: Text
    label: Text
    note: Text


@dataclass(frozen=True, slots=True)
class Point:
    """A takeaway: a bold lead and a sentence with computed numbers."""

    lead: Text
    text: Text


class _Shown:
    """Shows itself in a notebook and carries its payload in the same output."""

    __slots__ = ()

    def payload(self) -> dict[str, Any]:
        raise NotImplementedError

    def _lines(self) -> list[str]:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        lines = self._lines()
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return {MIME: self.payload(), "text/html": body, "text/plain": "\n".join(lines)}


@dataclass(frozen=True, slots=True)
class Cover(_Shown):
    """The cover band and the first lines of the page.

    Parameters
    ----------
    kicker, title, deck : Text
    date : datetime.date
        Session 0.
    figures : tuple of Figure
    points : tuple of Point
    compact : bool
        Set the whole page small, so that a sheet fits on one side.
    """

    kicker: Text
    title: Text
    deck: Text
    date: dt.date
    figures: tuple[Figure, ...]
    points: tuple[Point, ...]
    compact: bool = False
    lang: Language = "en"

    def in_language(self, lang: Language) -> Cover:
        """Return the cover in another language."""
        return replace(self, lang=Locale(lang).lang)

    def payload(self) -> dict[str, Any]:
        """Return what the page needs, as JSON-ready data."""
        lang = self.lang
        digest = current_brand().digest
        return {
            **({"brand": digest} if digest else {}),
            "kind": "cover",
            "lang": lang,
            "kicker": self.kicker[lang],
            "title": self.title[lang],
            "deck": self.deck[lang],
            "date": Locale(lang).date(self.date),
            "day": self.date.isoformat(),
            "figures": [
                {"value": f.value[lang], "label": f.label[lang], "note": f.note[lang]}
                for f in self.figures
            ],
            "compact": self.compact,
            "takeaways": [{"lead": p.lead[lang], "text": p.text[lang]} for p in self.points],
        }

    def _lines(self) -> list[str]:
        lang = self.lang
        figures = "   ".join(f"{f.value[lang]} {f.label[lang]}" for f in self.figures)
        points = [f"{p.lead[lang]} {p.text[lang]}" for p in self.points]
        return [self.title[lang], self.deck[lang], figures, *points]


@dataclass(frozen=True, slots=True)
class Say(_Shown):
    """A paragraph whose numbers were computed, under a heading of its own if it has one."""

    text: Text
    heading: Text | None = None
    lang: Language = "en"

    def in_language(self, lang: Language) -> Say:
        """Return the paragraph in another language."""
        return replace(self, lang=Locale(lang).lang)

    def payload(self) -> dict[str, Any]:
        """Return what the page needs, as JSON-ready data."""
        heading = self.heading[self.lang] if self.heading else None
        return {
            "kind": "prose",
            "lang": self.lang,
            "heading": heading,
            "paragraphs": [self.text[self.lang]],
        }

    def _lines(self) -> list[str]:
        heading = [self.heading[self.lang]] if self.heading else []
        return [*heading, self.text[self.lang]]


@dataclass(frozen=True, slots=True)
class Closing(_Shown):
    """Method, sources, data vintage and findings, printed at the end of the page."""

    method: tuple[Text, ...]
    sources: tuple[Text, ...]
    vintage: tuple[Text, ...]
    findings: tuple[Text, ...]
    vintage_id: str
    created: dt.date
    lang: Language = "en"

    def in_language(self, lang: Language) -> Closing:
        """Return the closing part in another language."""
        return replace(self, lang=Locale(lang).lang)

    def payload(self) -> dict[str, Any]:
        """Return what the page needs, as JSON-ready data."""
        parts = {
            name: [text[self.lang] for text in getattr(self, name)]
            for name in ("method", "sources", "vintage", "findings")
        }
        head = {"kind": "closing", "lang": self.lang, "vintage_id": self.vintage_id}
        return {**head, "created": self.created.isoformat(), **parts}

    def _lines(self) -> list[str]:
        return [text[self.lang] for text in (*self.method, *self.sources, *self.vintage)]
