"""The client page: one JSON of content, its charts and one template become one PDF.

Everything that varies travels as data; nothing of it is parsed as Typst. The file is PDF/A-3a
(archive, with attachments) and PDF/UA-1 (accessible), and the same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from marketshock.errors import OutputError, QualityError
from marketshock.exhibits.brand import FONT_FOLDER, Brand
from marketshock.exhibits.characters import refuse_invisible, texts
from marketshock.exhibits.in_force import current_brand
from marketshock.files import write_atomically
from marketshock.publish.fitting import Fit, Mark, best_fit
from marketshock.publish.labels import page_labels
from marketshock.publish.vectors import check_svg

__all__ = ["STANDARDS", "pdf_bytes", "write_pdf"]

STANDARDS: tuple[Literal["a-3a"], Literal["ua-1"]] = ("a-3a", "ua-1")
FONTS = "fonts"
FOOT_MARGIN = 22.0
_MIME = {
    ".csv": ("text/csv", "data"),
    ".ipynb": ("application/x-ipynb+json", "source"),
    ".json": ("application/json", "data"),
    ".txt": ("text/plain", "supplement"),
}
_DESCRIBED = {
    ".ipynb": "attached_notebook",
    ".csv": "attached_data",
    ".json": "attached_results",
}
_GLYPH = re.compile(r"the text (.+?) (?:could not be displayed|contains)")


def write_pdf(
    content: Mapping[str, Any],
    charts: Mapping[str, str],
    attachments: Mapping[str, bytes],
    target: Path,
) -> Path:
    """Lay out a note and write it.

    Parameters
    ----------
    content : mapping
        What the page says; JSON-ready. Its keys are described in the template.
    charts : mapping of str to str
        SVG text by the ``file`` that body items name.
    attachments : mapping of str to bytes
        Files that travel inside the PDF, by name.
    target : Path
        The PDF; its folder must exist. An old file stays until the new one is whole.

    Returns
    -------
    Path
        The absolute path written.

    Raises
    ------
    QualityError
        Something that the page must have is missing or can't be printed: an alternative text,
        a glyph, a chart, a font.
    OutputError
        The disk refuses.
    """
    return write_atomically(target, pdf_bytes(content, charts, attachments))


def pdf_bytes(
    content: Mapping[str, Any],
    charts: Mapping[str, str],
    attachments: Mapping[str, bytes],
) -> bytes:
    """Lay out a note in the brand in force and return the PDF; see :func:`write_pdf`."""
    _check(content, charts)
    try:
        with tempfile.TemporaryDirectory(prefix="marketshock-") as name:
            folder = Path(name)
            whole = _fill(folder, content, charts, attachments)
            return _compile(folder, whole, charts)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"Can't write temporary files to {tempfile.gettempdir()} ({reason}).",
            "Free some space there, or set TMPDIR to another folder.",
        ) from error


def _check(content: Mapping[str, Any], charts: Mapping[str, str]) -> None:
    """Refuse what would be lost or wrong on the page, naming the place."""
    refuse_invisible(content)
    for item in _exhibits(content["body"]):
        for words in ("title", "unit", "source"):
            if not item.get(words, "").strip():
                raise QualityError(f"Exhibit {item['key']} has no {words}.", "Give it one.")
        if item["kind"] == "chart":
            _check_chart(item, charts)
        else:
            _check_table(item)


def _check_table(item: Mapping[str, Any]) -> None:
    for number, row in enumerate(item["rows"]):
        if len(row) != len(item["columns"]):
            raise QualityError(
                f"Table {item['key']}: row {number} has {len(row)} cells, "
                f"its head has {len(item['columns'])}."
            )
        for cell in row:
            if not isinstance(cell, str) and not 0.0 <= cell["bar"] <= 1.0:
                raise QualityError(
                    f"Table {item['key']}: row {number} has a bar of length {cell['bar']}.",
                    "A bar is a share of the longest one, from 0 to 1.",
                )


def _check_chart(item: Mapping[str, Any], charts: Mapping[str, str]) -> None:
    if not item.get("alt", "").strip():
        raise QualityError(
            f"Chart {item['key']} has no alternative text (alt).",
            "Say in words what it shows: type, range, extremes, as-of day.",
        )
    if item["file"] not in charts:
        raise QualityError(f"Chart {item['key']}: there is no drawing {item['file']}.")
    check_svg(item["key"], charts[item["file"]])


def _exhibits(body: Any) -> Iterator[Mapping[str, Any]]:
    for item in body:
        if item["kind"] == "pair":
            yield from _exhibits(item["items"])
        elif item["kind"] in ("chart", "table"):
            yield item


def _fill(
    folder: Path,
    content: Mapping[str, Any],
    charts: Mapping[str, str],
    attachments: Mapping[str, bytes],
) -> dict[str, Any]:
    """Write template, charts and attachments under names of our own; return all content."""
    drawings = {name: f"chart-{number}.svg" for number, name in enumerate(sorted(charts))}
    for name, file in drawings.items():
        (folder / file).write_text(charts[name], encoding="utf-8", newline="\n")
    brand = current_brand()
    _write_brand(folder, brand)
    attached = []
    for number, name in enumerate(sorted(attachments)):
        file = f"attached-{number}.bin"
        (folder / file).write_bytes(attachments[name])
        attached.append({"file": file, **_attachment(name, content["lang"])})
    template = files("marketshock.publish") / "templates" / "report.typ"
    (folder / "report.typ").write_bytes(template.read_bytes())
    return {**content, "brand": brand.page(), "files": drawings, "attachments": attached}


def _write_brand(folder: Path, brand: Brand) -> None:
    """Write the logo and the fonts that a brand brings, under names of our own."""
    if brand.logo:
        (folder / f"logo.{brand.logo.kind}").write_bytes(brand.logo.data)
    (folder / FONTS).mkdir()
    for number, path in enumerate(brand.font_files):
        (folder / FONTS / f"font-{number}{path.suffix}").write_bytes(path.read_bytes())


def _attachment(name: str, lang: Any) -> dict[str, str]:
    """Return what a reader of the PDF is told about one attachment."""
    if name != Path(name).name or not name.isprintable():
        raise QualityError(f"Attachment {name!r} is not a plain file name.")
    suffix = Path(name).suffix.lower()
    mime, relationship = _MIME.get(suffix, ("application/octet-stream", "supplement"))
    label = _DESCRIBED.get(suffix, "attached_file")
    words = page_labels(lang)[label].replace("{name}", name)
    return {"name": name, "mime": mime, "relationship": relationship, "description": words}


def _compile(folder: Path, content: Mapping[str, Any], charts: Mapping[str, str]) -> bytes:
    """Run Typst; every warning is an error, because a client can't see warnings."""
    import typst

    template = folder / "report.typ"
    fonts = typst.Fonts(False, False, [str(FONT_FOLDER), str(folder / FONTS)])
    foot = current_brand().paper.height - FOOT_MARGIN

    def marks_of(fit: Fit) -> list[Mark]:
        _write_content(folder, content, fit)
        answer = typst.query(template, "<mark>", field="value", root=folder, font_paths=fonts)
        marks: list[Mark] = json.loads(answer)
        return marks

    try:
        _write_content(folder, content, best_fit(len(content["body"]) + 1, marks_of, foot))
        data, warnings = typst.compile_with_warnings(
            template,
            root=folder,
            font_paths=fonts,
            format="pdf",
            pdf_standards=[*STANDARDS],
            package_path=folder,
            package_cache_path=folder,
            timestamp=_timestamp(content),
        )
    except RuntimeError as error:  # a query raises it bare, a compilation as TypstError
        raise _quality_error(str(error), getattr(error, "hints", []), content, charts) from error
    if warnings:
        raise _quality_error(warnings[0].message, warnings[0].hints, content, charts)
    return data


def _timestamp(content: Mapping[str, Any]) -> int:
    """Return midnight UTC of the day of the content, never of today, in seconds."""
    year, month, day = content["document"]["date"]
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp())


def _write_content(folder: Path, content: Mapping[str, Any], fit: Fit) -> None:
    text = json.dumps(
        {**content, "fit": fit.as_dict()}, ensure_ascii=False, sort_keys=True, allow_nan=False
    )
    (folder / "content.json").write_text(text, encoding="utf-8", newline="\n")


def _quality_error(
    message: str, hints: list[str], content: Mapping[str, Any], charts: Mapping[str, str]
) -> QualityError:
    """Say what the page lacks and, for a character that no font has, where it stands."""
    if found := _GLYPH.search(message):
        wanted = found[1].strip("\"'`")
        everything = [*texts(content), *charts.items()]
        places = [place for place, text in everything if wanted in text]
        where = f" It stands in {places[0]}." if places else ""
        return QualityError(
            f"The fonts of the page can't print {wanted!r}.{where}",
            "Write it in Latin or Greek letters, or leave it out.",
        )
    reason = message.removeprefix("failed to compile document: ").removeprefix("panicked with: ")
    return QualityError(f"The page can't be laid out: {reason}.", " ".join(hints))
