"""What a deck and a workbook of a report hold: the cover and the exhibits of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketshock.errors import QualityError
from marketshock.publish.notebook import Shown
from marketshock.publish.plates import Plate, plate_of_payload

__all__ = ["Cover", "cover_of", "plates_of"]


@dataclass(frozen=True, slots=True)
class Cover:
    """What a deck or a workbook says before its exhibits.

    Parameters
    ----------
    title : str
    subtitle : str
    client, prepared_by, reviewed_by : str
        Printed literally; may be empty.
    vintage : str
        Name of the data vintage.
    created : datetime.date, optional
        Day of the vintage; the day of the file too.
    findings : tuple of str
        Notes of the quality gate.
    draft : bool
    """

    title: str
    subtitle: str = ""
    client: str = ""
    prepared_by: str = ""
    reviewed_by: str = ""
    vintage: str = ""
    created: dt.date | None = None
    findings: tuple[str, ...] = ()
    draft: bool = False


def cover_of(shown: Shown, content: Mapping[str, Any]) -> Cover:
    """Return the cover of a page for its deck and its workbook.

    Parameters
    ----------
    shown : Shown
        What the executed notebook shows.
    content : mapping
        The content of the PDF; see ``report.content_of``.
    """
    cover, end = content["cover"], shown.one("closing")
    return Cover(
        title=cover["title"],
        subtitle=cover["deck"],
        client=cover.get("client") or "",
        prepared_by=cover.get("prepared_by") or "",
        reviewed_by=cover.get("reviewed_by") or "",
        vintage=end["vintage_id"],
        created=dt.date.fromisoformat(end["created"]),
        findings=tuple(end["findings"]),
        draft=content["draft"],
    )


def plates_of(shown: Shown, cover: Cover) -> list[Plate]:
    """Return the exhibits of a page in their order; the vintage's day is their as-of day.

    Raises
    ------
    QualityError
        If there is none.
    """
    items = [item for item in shown.items if item["kind"] in ("chart", "table")]
    if not items:
        raise QualityError("The notebook shows no exhibit.", "Show one, or leave out --also.")
    return [plate_of_payload(item, cover.created) for item in items]
