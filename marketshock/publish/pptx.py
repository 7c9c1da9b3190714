"""The deck: one slide for each exhibit, with native charts and tables that stay editable.

A firm's own template is filled by the names of its placeholders and keeps its master, fonts and
colours; without one the house deck is used. The same input gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from marketshock.errors import UserInputError
from marketshock.exhibits.exhibit import Exhibit
from marketshock.files import write_atomically
from marketshock.locale import Language
from marketshock.publish.archives import EPOCH, read_template, same_bytes
from marketshock.publish.deck_layouts import Layouts, find_layouts
from marketshock.publish.deck_slides import add_cover, add_exhibit
from marketshock.publish.deck_template import house_presentation
from marketshock.publish.look import Look, house_look
from marketshock.publish.notebook import Shown
from marketshock.publish.plates import Plate, plate_of_exhibit
from marketshock.publish.shown_plates import Cover, cover_of, plates_of

__all__ = ["also_pptx", "deck", "deck_bytes", "write_pptx"]

NEVER = dt.datetime(*EPOCH)
"""Day of a deck whose sources name none."""


def deck(
    exhibits: Iterable[Exhibit],
    path: str | Path,
    *,
    lang: Language | None = None,
    template: str | Path | None = None,
    title: str = "",
    client: str = "",
) -> Path:
    """Write exhibits as a PowerPoint deck.

    Parameters
    ----------
    exhibits : iterable of Exhibit
        In the order of the slides.
    path : str or Path
        Its folder must exist.
    lang : {"en", "it"}, optional
        Default: the language of each exhibit.
    template : str or Path, optional
        The firm's own .pptx or .potx. A layout is used if its placeholders are named title,
        unit, exhibit (or chart, table), source and, if wanted, notes; a cover layout if one is
        named cover title.
    title, client : str
        Printed on a cover slide, literally; no cover if both are empty.

    Returns
    -------
    Path
        The absolute path written.

    Raises
    ------
    UserInputError
        No exhibit; or the template can't be read or lacks placeholders: says which.
    OutputError
        The disk refuses; an old file is intact.
    """
    plates = [plate_of_exhibit(exhibit, lang) for exhibit in exhibits]
    if not plates:
        raise UserInputError("A deck needs at least one exhibit.", "Pass a list of exhibits.")
    cover = Cover(title or plates[0].title, client=client) if title or client else None
    return write_atomically(path, deck_bytes(plates, cover, template=template))


def write_pptx(exhibit: Exhibit, path: Path) -> Path:
    """Write one exhibit as a deck in its own language; see :func:`deck`."""
    return deck([exhibit], path)


def also_pptx(shown: Shown, content: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the deck of a report: a cover and every exhibit of its page, in the same order."""
    cover = cover_of(shown, content)
    return {".pptx": deck_bytes(plates_of(shown, cover), cover)}


def deck_bytes(
    plates: Sequence[Plate],
    cover: Cover | None = None,
    *,
    template: str | Path | None = None,
    look: Look | None = None,
) -> bytes:
    """Return a deck, the same bytes for the same input.

    Parameters
    ----------
    plates : sequence of Plate
        At least one.
    cover : Cover, optional
        No cover slide without it.
    template : str or Path, optional
    look : Look, optional
        Colours and words of the house; a template's colours and fonts come before them.
    """
    look = look or house_look()
    file = _opened(template) if template else house_presentation(look, plates[0].lang)
    layouts = find_layouts(file, str(template or "The house deck"))
    _add_slides(file, layouts, plates, cover, look)
    days = [plate.as_of for plate in plates if plate.as_of]
    created = cover.created if cover and cover.created else max(days, default=None)
    _stamp(file, cover.title if cover else plates[0].title, plates[0].lang, created, look)
    out = io.BytesIO()
    file.save(out)
    return same_bytes(out.getvalue())


def _opened(template: str | Path) -> Any:
    from pptx import Presentation

    data = read_template(template)
    try:
        return Presentation(io.BytesIO(data))
    except Exception as error:  # a broken file fails in many ways inside the reader
        raise UserInputError(
            f"{template} can't be read as a presentation: {error!r}.", "Open and save it again."
        ) from error


def _add_slides(
    file: Any, layouts: Layouts, plates: Sequence[Plate], cover: Cover | None, look: Look
) -> None:
    if cover and layouts.cover is not None:
        add_cover(file, layouts.cover, cover, plates, look)
    for plate in plates:
        add_exhibit(file, layouts, plate, look)


def _stamp(file: Any, title: str, lang: Language, created: dt.date | None, look: Look) -> None:
    """Write the properties of the file: nothing of the machine, no clock."""
    day = dt.datetime.combine(created, dt.time()) if created else NEVER
    properties = file.core_properties
    properties.title = title[:255]
    properties.author = properties.last_modified_by = look.author
    properties.created = properties.modified = day
    properties.language = lang
    properties.revision = 1
