"""Words, files and readers for tests of hostile input."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from pypdf import PdfReader
from pypdf.generic import StreamObject

from marketshock.cli import main

EVIL = '=1+1 $600bn vs $500bn #read("/etc/passwd") @x _a_ *b* <script>alert(1)</script> & {{c}} %'
HIDDEN = ("\u202e", "\u2066", "\x07", "\x00", "\ufeff", "\ud800")
PACKED = (".xlsx", ".pptx")


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def refused(*arguments: str, code: int = 2) -> str:
    """Run a command that must fail clearly; return what it says."""
    done = ask(*arguments)
    assert done.exit_code == code, (done.exit_code, done.output)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done.stderr


def squeezed(text: str) -> str:
    """Words without the blanks that a layout puts or breaks at."""
    return re.sub(r"\s+", "", text)


class Seen(HTMLParser):
    """What a browser makes of a page: its tags and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def words_in(path: Path) -> str:
    """Return what a reader of a file sees."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
        return "".join([*pages, _attached(data, ".csv")])
    if path.suffix == ".html":
        return Seen(data.decode()).words
    if path.suffix == ".csv":
        rows = csv.reader(io.StringIO(data.decode(), newline=""))
        return " ".join(cell for row in rows for cell in row)
    if path.suffix == ".svg":
        from xml.etree import ElementTree

        return "".join(ElementTree.fromstring(data).itertext())
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(data))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [
            cell.coordinate for cell in cells if cell.data_type == "f" and EVIL in cell.value
        ]
        return " ".join(str(cell.value) for cell in cells)
    return _deck_words(data)


def _deck_words(data: bytes) -> str:
    from pptx import Presentation

    found = []
    for slide in Presentation(io.BytesIO(data)).slides:
        for shape in slide.shapes:
            found += [shape.text_frame.text] if shape.has_text_frame else []
            if shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
    return " ".join(found)


def _attached(data: bytes, ending: str) -> str:
    files = PdfReader(io.BytesIO(data)).attachments
    return " ".join(
        content.decode() for name, (content, *_) in files.items() if name.endswith(ending)
    )


def all_bytes(path: Path) -> bytes:
    """Return a file with everything inside it unpacked: streams, metadata, attachments, parts."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        reader = PdfReader(io.BytesIO(data))
        objects = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
        streams = [item.get_data() for item in objects if isinstance(item, StreamObject)]
        text = [page.extract_text().encode() for page in reader.pages]
        attached = [content for found in reader.attachments.values() for content in found]
        parts = [*streams, *text, *attached, repr(reader.metadata).encode()]
        return b"\n".join([data, *parts])
    if path.suffix in PACKED:
        return data + _unpacked(data)
    return data


def _unpacked(data: bytes) -> bytes:
    parts = b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            inner = archive.read(name)
            parts += name.encode() + inner
            if name.endswith(PACKED):
                parts += _unpacked(inner)
    return parts
