"""Files from an exhibit, by ending, and the names of those who write them.

Most formats are written by the layer above. It is named here by text, as an entry point is, and
imported when the first such file is asked for; so charts need neither Typst nor PowerPoint.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from marketshock.errors import UserInputError
from marketshock.exhibits.characters import refuse_invisible
from marketshock.files import write_atomically

if TYPE_CHECKING:
    from marketshock.exhibits.exhibit import Exhibit

__all__ = ["WRITERS", "Writer", "write"]

Writer = Callable[["Exhibit", Path], object]
"""``writer(exhibit, path)`` writes it in its own language and size, whole or not at all."""


def write_csv(exhibit: Exhibit, path: Path) -> Path:
    """Write the figures behind an exhibit, twelve significant digits, machine decimals."""
    return write_atomically(path, exhibit.data.to_csv().encode())


def write_svg(exhibit: Exhibit, path: Path) -> Path:
    """Write title, unit, picture, notes and source as one drawing with its own letters."""
    from marketshock.exhibits.card import card_svg
    from marketshock.exhibits.letters import with_letters

    return write_atomically(path, with_letters(card_svg(exhibit.payload())).encode())


WRITERS: dict[str, Writer | str] = {
    ".csv": write_csv,
    ".html": "marketshock.publish.html:write_html",
    ".pdf": "marketshock.publish.pictures:write_pdf",
    ".png": "marketshock.publish.pictures:write_png",
    ".pptx": "marketshock.publish.pptx:write_pptx",
    ".svg": write_svg,
    ".xlsx": "marketshock.publish.xlsx:write_xlsx",
}
"""Who writes which ending: a function, or where one is found. Add your own ending here."""


def write(exhibit: Exhibit, path: str | Path) -> Path:
    """Write an exhibit by the ending of the path and tell the path on standard error.

    Raises
    ------
    QualityError
        For a character that can't be seen or printed.
    UserInputError
        For an ending that nobody writes.
    OutputError
        The disk refuses; an old file is intact.
    """
    target = Path(path).expanduser().absolute()
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise UserInputError(
            f"Can't write {target.suffix or 'a file without ending'}.",
            f"Use one of {', '.join(sorted(WRITERS))}.",
        )
    refuse_invisible(_words(exhibit))
    found: Writer = resolve_name(writer) if isinstance(writer, str) else writer
    found(exhibit, target)
    if sys.stderr is not None:
        sys.stderr.write(f"{target}\n")
    return target


def _words(exhibit: Exhibit) -> dict[str, Any]:
    """Return everything of an exhibit that may be text, by its place."""
    lang = exhibit.lang
    named = {"title": exhibit.title, "unit": exhibit.unit, "alternative text": exhibit.alt}
    return {
        **{place: text[lang] for place, text in named.items()},
        "notes": [note[lang] for note in exhibit.notes],
        "sources": [source.name[lang] for source in exhibit.sources],
        "data": str(exhibit.data.copy(lang)),
    }
