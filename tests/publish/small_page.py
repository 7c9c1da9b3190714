"""A page made without a kernel: a small notebook as it was run, and the PDF that it gives."""

from __future__ import annotations

import copy
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from marketshock.exhibits.exhibit import MIME
from marketshock.publish.attachments import Origin, attachments_of, versions
from marketshock.publish.notebook import collect
from marketshock.publish.pdf import pdf_bytes
from marketshock.publish.report import content_of, page_bytes
from marketshock.publish.verify import verify
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.maintenance import Check

DEFAULTS = 'event = "deepseek"\nn = 3\nlang = "en"\ndraft = False'
CODE = ["import marketshock as ms", "ms.cover()", "ms.chart()", "ms.table()", "ms.closing()"]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="174mm" height="40mm" viewBox="0 0 174 40">'
    "<path d='M0 0L174 40' stroke='black'/><text x='5' y='20' style=\"font: 4px "
    "'Source Sans 3', sans-serif\">-17.0</text></svg>"
)
WORDS = {"unit": "per cent", "notes": ["A note."], "source": "Source: somebody.", "size": "full"}
WHOLE = ["file", "attachments", "draft", "page", "vintage", "notebook"]
COMPARED = ["figures: car_path", "figures: losses", "words", "drawings"]
NAMES = {"client": "Rossi SGR", "prepared_by": None, "reviewed_by": None}


def vintage() -> str:
    return EmbeddedSource().vintage


def payloads(lang: str = "en") -> list[dict[str, Any]]:
    figure = {"value": "−17.0%", "label": "Nvidia", "note": "one session"}
    cover: dict[str, Any] = {"kind": "cover", "kicker": "Study", "title": "One session"}
    cover |= {"deck": "What happened.", "date": "27 January 2025", "day": "2025-01-27"}
    cover |= {"figures": [figure], "takeaways": [{"lead": "It was specific.", "text": "Mostly."}]}
    chart = {"kind": "chart", "key": "car_path", "title": "A path", "alt": "Line chart", "svg": SVG}
    chart |= {"data_csv": "tau,car\n-1,0.0\n0,-0.1699853\n1,-0.0812345678901\n", **WORDS}
    heads = [{"label": "Company", "align": "left", "bar": False}]
    heads += [{"label": "Return", "align": "right", "bar": False}]
    table = {"kind": "table", "key": "losses", "title": "Losses", "alt": "Table", "columns": heads}
    table |= {"rows": [["Nvidia", "−17.0"], ["Meta", "+1.9"]], "emphasis": [0], **WORDS}
    table |= {"data_csv": "symbol,code,return\nNVDA,0700,-0.1699853\nMETA,1E5,0.0192\n"}
    end = {"kind": "closing", "vintage_id": vintage(), "created": "2026-11-23"}
    end |= {"method": ["The method."], "sources": ["Somebody."], "findings": ["A finding."]}
    end |= {"vintage": [f"Vintage {vintage()}; marketshock {versions()['marketshock']}."]}
    return [{**item, "lang": lang} for item in (cover, chart, table, end)]


def source_notebook() -> dict[str, Any]:
    """Return the notebook before its run."""
    cells = [_code(DEFAULTS, ["parameters"]), *(_code(text) for text in CODE)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _code(source: str, tags: Any = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "x",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def executed_notebook(lang: str = "en", injected: str = "n = 5") -> dict[str, Any]:
    """Return the notebook as it was run."""
    notebook = source_notebook()
    text = f'# Parameters\nlang = "{lang}"\n{injected}\n'
    notebook["cells"].insert(1, _code(text, ["injected-parameters"]))
    for number, cell in enumerate(notebook["cells"], 1):
        cell["execution_count"] = number
    for cell, payload in zip(notebook["cells"][3:], payloads(lang), strict=True):
        data = {MIME: payload, "text/plain": "seen"}
        cell["outputs"] = [
            {
                "output_type": "execute_result",
                "data": data,
                "metadata": {},
                "execution_count": cell["execution_count"],
            }
        ]
    return notebook


def payload_of(notebook: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a payload inside a notebook, to change it."""
    found: list[dict[str, Any]] = [
        output["data"][MIME]
        for cell in notebook["cells"]
        for output in cell["outputs"]
        if output["data"][MIME]["kind"] == kind
    ]
    return found[0]


def origin(**change: Any) -> Origin:
    fields: dict[str, Any] = {"notebook": "small", "lang": "en", "names": NAMES, "draft": False}
    fields |= {"vintages": {"embedded": vintage()}, "versions": versions()}
    return Origin(**{**fields, **change})


def as_bytes(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def page_of(notebook: dict[str, Any] | None = None, **change: Any) -> bytes:
    """Return the page that this package makes from a notebook."""
    found = notebook or executed_notebook(change.get("lang", "en"))
    return page_bytes(as_bytes(found), origin(**change))


def altered(content_change: Any = None, files_change: Any = None, **change: Any) -> bytes:
    """Return a well-formed page whose words or attachments were changed by somebody."""
    executed = as_bytes(executed_notebook())
    shown, made = collect(json.loads(executed), "en"), origin(**change)
    content, charts = copy.deepcopy(content_of(shown, "en", NAMES, draft=made.draft))
    attached = attachments_of(shown, executed, made)
    if content_change:
        content_change(content)
    if files_change:
        files_change(attached)
    return pdf_bytes(content, charts, attached)


def attachments(data: bytes) -> dict[str, bytes]:
    return {name: found[0] for name, found in PdfReader(io.BytesIO(data)).attachments.items()}


def foreign(files: dict[str, bytes], packed: str = "", raw: bytes | None = None) -> bytes:
    """Return a PDF of another program with attachments, the first packed as said."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in files.items():
        entry = writer.add_attachment(name, content)
        stream: Any = entry.pdf_object["/EF"]["/F"]  # type: ignore[index]
        if packed and name == next(iter(files)):
            stream._data = raw if raw is not None else content
            stream[NameObject("/Filter")] = NameObject(packed)
            assert isinstance(stream, StreamObject)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "page.pdf"
    path.write_bytes(data)
    return path


class Kernel:
    """Stands for the run: notes what was asked, gives a notebook back."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: Any = executed_notebook()

    def run(self, path: Path, values: dict[str, Any], folder: Path) -> dict[str, Any]:
        self.asked.append((path.name, values))
        if isinstance(self.answer, Exception):
            raise self.answer
        found: dict[str, Any] = copy.deepcopy(self.answer)
        return found


@cache
def plain() -> bytes:
    return page_of()


def checked(folder: Path, data: bytes, notebook: Path | None = None) -> dict[str, Check]:
    return {check.name: check for check in verify(saved(folder, data), notebook)}


def failed(found: dict[str, Check]) -> list[str]:
    return [name for name, check in found.items() if not check.ok]


def words_changed(content: dict[str, Any]) -> None:
    content["body"][1]["rows"][0][1] = "−12.0"
