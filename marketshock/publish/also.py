"""Further files of a report, made from what its notebook shows and from the words of its PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pkgutil import resolve_name
from typing import Any

from marketshock.errors import UserInputError, suggest
from marketshock.publish.notebook import Shown

__all__ = ["FORMATS", "Maker", "further", "known_formats"]

Maker = Callable[[Shown, Mapping[str, Any]], Mapping[str, bytes]]
"""``maker(shown, content)`` returns files by what follows the name of the page: ``".html"``."""
FORMATS: dict[str, Maker | str] = {
    "html": "marketshock.publish.html:also_html",
    "png": "marketshock.publish.pictures:also_png",
    "pptx": "marketshock.publish.pptx:also_pptx",
    "xlsx": "marketshock.publish.xlsx:also_xlsx",
}
"""Who makes which format: a function, or where one is found."""


def known_formats(names: Sequence[str]) -> tuple[str, ...]:
    """Return the formats asked for, each once.

    Parameters
    ----------
    names : sequence of str
        For example ``("pptx", "html")``; case, blanks and a leading point do not matter.

    Raises
    ------
    UserInputError
        For a format that is not known.
    """
    asked = dict.fromkeys(name.strip().lower().removeprefix(".") for name in names)
    for name in asked:
        if name not in FORMATS:
            hint = suggest(name, FORMATS) or f"Known: {', '.join(FORMATS)}."
            raise UserInputError(f"Unknown format {name!r}.", hint)
    return tuple(asked)


def further(formats: Sequence[str], shown: Shown, content: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the further files of a report by what follows the name of its page.

    Parameters
    ----------
    formats : sequence of str
        See :func:`known_formats`.
    shown : Shown
        What the executed notebook shows.
    content : mapping
        The content of the PDF; see ``report.content_of``.
    """
    made: dict[str, bytes] = {}
    for name in formats:
        maker = FORMATS[name]
        found: Maker = resolve_name(maker) if isinstance(maker, str) else maker
        made |= found(shown, content)
    return made
