"""What travels inside the page: the figures of each exhibit, how they came about, the notebook.

``results.json`` names the notebook, its parameters, the data vintages, the versions of all that
draws and sets the page, every figure, and the sha256 of each other attachment. All of it follows
from the executed notebook and an `Origin`, so that whoever holds the page can check it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import chain, count
from typing import Any

from marketshock.errors import QualityError
from marketshock.publish.notebook import Notebook, Shown, assignments

__all__ = [
    "EXECUTED",
    "INJECTED",
    "RESULTS",
    "Origin",
    "attachments_of",
    "cell_value",
    "executed_parameters",
    "exhibit_names",
    "injected_parameters",
    "versions",
]

RESULTS, EXECUTED = "results.json", "executed.ipynb"
SCHEMA = 1
PACKAGES = (
    "marketshock",
    "markdown-it-py",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "typst",
)
INJECTED = "injected-parameters"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a page is made from besides its executed notebook.

    Parameters
    ----------
    notebook : str
        Name of the notebook that was run, without ending.
    lang : {"en", "it"}
    names : mapping of str to str or None
        What is printed on the cover: ``client``, ``prepared_by``, ``reviewed_by``.
    draft : bool
    vintages : mapping of str to str
        Vintage by source name: what was studied, and the embedded one for all else.
    versions : mapping of str to str
        Version by package, and ``layout``: the sha256 of template and fonts, 12 digits.
    """

    notebook: str
    lang: str
    names: Mapping[str, str | None]
    draft: bool
    vintages: Mapping[str, str]
    versions: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return the part of ``results.json`` that nothing else says."""
        return {
            "notebook": self.notebook,
            "page": {"lang": self.lang, "draft": self.draft, **self.names},
            "vintages": dict(self.vintages),
            "versions": dict(self.versions),
        }


def versions() -> dict[str, str]:
    """Return the versions of this installation that figures and pages depend on."""
    return {**{name: version(name) for name in PACKAGES}, "layout": _layout()}


@cache
def _layout() -> str:
    """Return the first 12 digits of the sha256 of template and fonts."""
    template = files("marketshock.publish") / "templates" / "report.typ"
    fonts = (files("marketshock.exhibits") / "fonts").iterdir()
    parts = [template, *sorted((font for font in fonts if font.is_file()), key=lambda f: f.name)]
    digests = "".join(hashlib.sha256(part.read_bytes()).hexdigest() for part in parts)
    return hashlib.sha256(digests.encode()).hexdigest()[:12]


def attachments_of(shown: Shown, executed: bytes, origin: Origin) -> dict[str, bytes]:
    """Return the files that travel inside a page, by name.

    Parameters
    ----------
    shown : Shown
        What the notebook shows.
    executed : bytes
        The executed notebook.
    origin : Origin

    Raises
    ------
    QualityError
        If the parameters of the notebook are not plain values.
    """
    names = exhibit_names(shown)
    tables = {f"{name}.csv": item["data_csv"].encode() for name, item in names.items()}
    attached = {**tables, EXECUTED: executed}
    end = shown.one("closing")
    results = {
        "schema": SCHEMA,
        **origin.as_dict(),
        "parameters": executed_parameters(json.loads(executed)),
        "vintage": end["vintage_id"],
        "created": end["created"],
        "brand": shown.one("cover").get("brand", ""),
        "exhibits": [_exhibit(name, item) for name, item in names.items()],
        "findings": end["findings"],
        "attachments": {
            name: hashlib.sha256(data).hexdigest() for name, data in sorted(attached.items())
        },
    }
    text = json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1)
    return {**attached, RESULTS: (text + "\n").encode()}


def exhibit_names(shown: Shown) -> dict[str, dict[str, Any]]:
    """Return charts and tables by a name of their own: the key, numbered when shown again."""
    named: dict[str, dict[str, Any]] = {}
    for item in shown.items:
        if item["kind"] in ("chart", "table"):
            others = (f"{item['key']}-{number}" for number in count(2))
            named[next(name for name in chain([item["key"]], others) if name not in named)] = item
    return named


def executed_parameters(notebook: Notebook) -> dict[str, Any]:
    """Return the parameters with which a notebook was run: its own, then those injected.

    Raises
    ------
    QualityError
        If a parameters cell holds anything but names and plain values.
    """
    found: dict[str, Any] = {}
    for number, cell in enumerate(notebook["cells"], 1):
        tags = cell["metadata"].get("tags", [])
        if "parameters" not in tags and INJECTED not in tags:
            continue
        try:
            found |= assignments("".join(cell["source"]), alone=INJECTED in tags)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise QualityError(
                f"Cell {number}: parameters must be plain values.", "Write name = value."
            ) from error
    return found


def injected_parameters(notebook: Notebook) -> dict[str, Any]:
    """Return the parameters that a run gave to a notebook, without the notebook's own."""
    cells = notebook["cells"]
    injected = [cell for cell in cells if INJECTED in cell["metadata"].get("tags", [])]
    return executed_parameters({"cells": injected})


def _exhibit(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    head, *rows = csv.reader(io.StringIO(item["data_csv"]))
    words = {key: item[key] for key in ("key", "kind", "title", "unit", "source")}
    return {
        **words,
        "file": f"{name}.csv",
        "columns": head,
        "rows": [[cell_value(cell) for cell in row] for row in rows],
    }


def cell_value(cell: str) -> Any:
    """Return a CSV cell as a number if it was one, None if empty, else as text.

    A number is what reads back as itself, so that ``0700`` and ``1E5`` stay text.
    """
    if not cell:
        return None
    for read in (int, float):
        try:
            value = read(cell)
        except ValueError:
            continue
        if math.isfinite(value) and repr(value) == cell:
            return value
    return cell
