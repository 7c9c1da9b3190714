"""PNG and PDF of one exhibit: the same drawing as its SVG, set with the bundled letters.

Typst draws both, so that the bytes do not depend on the fonts of the machine.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from marketshock.errors import QualityError
from marketshock.exhibits.card import card_size, card_svg
from marketshock.exhibits.exhibit import Exhibit
from marketshock.exhibits.in_force import current_brand
from marketshock.files import slug, write_atomically
from marketshock.publish.archives import EPOCH
from marketshock.publish.attachments import exhibit_names
from marketshock.publish.labels import page_labels
from marketshock.publish.notebook import Shown
from marketshock.publish.vectors import check_svg

__all__ = ["also_png", "picture_pdf", "picture_png", "write_pdf", "write_png"]

PIXELS_PER_INCH = 300.0
UNDATED = dt.date(*EPOCH[:3])
"""Date of a file whose sources have none."""


def write_png(exhibit: Exhibit, path: Path) -> Path:
    """Write an exhibit as PNG, 300 pixels per inch on paper."""
    return write_atomically(path, picture_png(exhibit.payload()))


def write_pdf(exhibit: Exhibit, path: Path) -> Path:
    """Write an exhibit as PDF/A-3a and PDF/UA-1 with its figures attached as CSV."""
    days = [source.as_of for source in exhibit.sources if source.as_of]
    return write_atomically(path, picture_pdf(exhibit.payload(), max(days, default=None)))


def picture_png(payload: Mapping[str, Any], ppi: float = PIXELS_PER_INCH) -> bytes:
    """Return the exhibit of a payload as PNG, the same bytes for the same payload."""
    return _set(payload, "png", ppi=ppi)


def picture_pdf(payload: Mapping[str, Any], day: dt.date | None = None) -> bytes:
    """Return the exhibit of a payload as PDF, the same bytes for the same payload.

    Parameters
    ----------
    payload : mapping
        See ``Exhibit.payload``.
    day : datetime.date, optional
        Date of the file: the last day of its sources, never today.
    """
    midnight = dt.datetime.combine(day or UNDATED, dt.time(), dt.UTC)
    return _set(
        payload,
        "pdf",
        day or UNDATED,
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(midnight.timestamp()),
    )


def _set(
    payload: Mapping[str, Any],
    kind: Literal["png", "pdf"],
    day: dt.date = UNDATED,
    **options: Any,
) -> bytes:
    """Let Typst set the drawing of a payload; every warning is an error."""
    import typst

    card = card_svg(payload)
    check_svg(payload["key"], card)
    template = files("marketshock.publish") / "templates" / "exhibit.typ"
    with tempfile.TemporaryDirectory(prefix="marketshock-") as name:
        folder = Path(name)
        fonts = folder / "fonts"
        fonts.mkdir()
        for number, face in enumerate(current_brand().faces):
            (fonts / f"{number}{face.path.suffix}").write_bytes(face.path.read_bytes())
        (folder / "exhibit.typ").write_bytes(template.read_bytes())
        (folder / "card.svg").write_text(card, encoding="utf-8", newline="\n")
        (folder / "data.csv").write_bytes(payload["data_csv"].encode())
        content = json.dumps(
            _content(payload, card, kind, day), ensure_ascii=False, allow_nan=False
        )
        (folder / "content.json").write_text(content, encoding="utf-8", newline="\n")
        try:
            data, warnings = typst.compile_with_warnings(
                folder / "exhibit.typ",
                root=folder,
                font_paths=typst.Fonts(False, False, [str(fonts)]),
                format=kind,
                package_path=folder,
                package_cache_path=folder,
                **options,
            )
        except RuntimeError as error:
            raise QualityError(f"Exhibit {payload['key']} can't be drawn: {error}.") from error
    if warnings:
        raise QualityError(f"Exhibit {payload['key']} can't be drawn: {warnings[0].message}.")
    return bytes(data)


def _content(payload: Mapping[str, Any], card: str, kind: str, day: dt.date) -> dict[str, Any]:
    """Return what the template reads: title, size, and all words of the drawing."""
    width, height = card_size(card)
    file = f"{payload['key']}.csv"
    about = page_labels(payload["lang"])["attached_data"].replace("{name}", file)
    notes = (f"{number}. {note}" for number, note in enumerate(payload["notes"], 1))
    words = (payload["title"], payload["unit"], payload["alt"], *notes, payload["source"])
    return {
        "lang": payload["lang"],
        "title": payload["title"],
        "about": payload["unit"],
        "alt": "\n".join(words),
        "date": [day.year, day.month, day.day],
        "width": width,
        "height": height,
        "attached": [{"name": file, "description": about}] if kind == "pdf" else [],
    }


def also_png(shown: Shown, content: Mapping[str, Any]) -> dict[str, bytes]:
    """Return each exhibit of a report as a further file; see the module ``also``."""
    named = exhibit_names(shown).items()
    return {f"-{slug(name)}.png": picture_png(payload) for name, payload in named}
