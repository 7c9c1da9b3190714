"""Whether this installation can do its work."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from marketshock.sources.maintenance import Check

__all__ = ["examine"]

NEEDED = (
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "papermill",
    "pypdf",
    "ipykernel",
    "typst",
)
OLDEST = (3, 11)


def examine() -> list[Check]:
    """Return one check for Python, each library, the data, the fonts, and a page."""
    return list(_checks())


def _checks() -> Iterator[Check]:
    found = platform.python_version()
    yield Check("python", sys.version_info[:2] >= OLDEST, f"{found} on {platform.system()}")
    for name in NEEDED:
        yield _library(name)
    for label, look in (("data", _data), ("notebooks", _notebooks), ("page", _page)):
        yield _tried(label, look)


def _library(name: str) -> Check:
    try:
        import_module(name)
        return Check(name, True, version(name))
    except (ImportError, PackageNotFoundError) as error:
        return Check(name, False, f"{error}: install marketshock again")


def _tried(label: str, look: Callable[[], str]) -> Check:
    try:
        return Check(label, True, look())
    except Exception as error:  # noqa: BLE001  (a check reports whatever goes wrong)
        return Check(label, False, f"{type(error).__name__}: {error}")


def _data() -> str:
    from marketshock.sources.bundle import EmbeddedSource

    source = EmbeddedSource()
    last = source.prices(["^GSPC"]).calendar
    return f"vintage {source.vintage}, prices to {last.day(len(last.sessions) - 1)}"


def _notebooks() -> str:
    from marketshock.publish.notebook import find_notebook, parameters_of

    path = find_notebook("05_client_report")
    return f"{path.name} with parameters {', '.join(parameters_of(path))}"


def _page() -> str:
    """Set an empty page with the bundled fonts."""
    from marketshock.publish.labels import page_labels
    from marketshock.publish.pdf import pdf_bytes

    cover: dict[str, Any] = {
        "kicker": "doctor",
        "title": "doctor",
        "deck": "doctor",
        "date": "doctor",
        "client": None,
        "prepared_by": None,
        "reviewed_by": None,
        "figures": [],
        "takeaways": [],
    }
    content = {
        "lang": "en",
        "labels": page_labels("en"),
        "cover": cover,
        "body": [],
        "document": {
            "title": "doctor",
            "author": "marketshock",
            "description": "",
            "keywords": [],
            "date": [2000, 1, 1],
        },
        "closing": {"method": [], "sources": [], "vintage": [], "findings": [], "disclaimer": "-"},
        "footer": "",
        "draft": False,
    }
    return f"{len(pdf_bytes(content, {}, {}))} bytes of PDF"
