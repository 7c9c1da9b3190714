"""From a notebook to the client page: run, collect, lay out, write."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketshock.errors import UserInputError
from marketshock.files import preflight_folder, refuse_special, slug, write_atomically
from marketshock.locale import LANGUAGES
from marketshock.publish.attachments import Origin, attachments_of, exhibit_names, versions
from marketshock.publish.labels import DISCLAIMER, page_labels
from marketshock.publish.markdown import markdown_tree
from marketshock.publish.notebook import (
    Shown,
    collect,
    find_notebook,
    parameters_of,
    run_notebook,
    typed_parameters,
)
from marketshock.publish.pdf import pdf_bytes
from marketshock.table import Table

__all__ = ["Report", "content_of", "page_bytes", "report"]

CLIENT_REPORT = "05_client_report"
EMBEDDED = "embedded"
LONGEST_NAME = 120
FOOTER = {
    "en": "Prepared with marketshock. For professional investors.",
    "it": "Preparato con marketshock. Riservato a investitori professionali.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The files of a report: the PDF first, then the executed notebook."""

    files: tuple[Path, ...]
    vintage: str
    findings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock report``."""
        return {
            "files": [str(path) for path in self.files],
            "vintage": self.vintage,
            "findings": list(self.findings),
        }

    def table(self) -> Table:
        """Return the files as a table."""
        return Table("files", {"file": tuple(str(path) for path in self.files)})


def report(
    name: str = "deepseek",
    *,
    parameters: Mapping[str, str] | None = None,
    lang: str = "en",
    client: str | None = None,
    prepared_by: str | None = None,
    reviewed_by: str | None = None,
    out: str | Path = "reports",
    draft: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> Report:
    """Run a notebook and write the page as PDF, with the executed notebook beside it.

    Parameters
    ----------
    name : str
        Event of the catalogue (or a unique prefix), or a notebook by name or path.
    parameters : mapping of str to str
        Notebook parameters, as text.
    lang : {"en", "it"}
    client, prepared_by, reviewed_by : str, optional
        Printed on the cover, literally.
    out : path
        Folder; made if it is missing.
    draft : bool
        Print a watermark; findings that block are printed instead of forbidding the page.
    progress : callable
        Told what is being done.

    Returns
    -------
    Report

    Raises
    ------
    UserInputError, QualityError, OutputError
        Nothing is written then, and an older page stays as it was.
    """
    if lang not in LANGUAGES:
        raise UserInputError(f"Unknown language {lang!r}.", "Use it or en.")
    names = {"client": client, "prepared_by": prepared_by, "reviewed_by": reviewed_by}
    for label, text in names.items():
        if text is not None and not 0 < len(text.strip()) <= LONGEST_NAME:
            raise UserInputError(
                f"{label} must have 1 to {LONGEST_NAME} characters.", "Shorten it or leave it out."
            )
    path, values = _request(name, dict(parameters or {}), lang, draft=draft)
    folder = preflight_folder(out)
    progress(f"Running {path.name} ...")
    with tempfile.TemporaryDirectory(prefix="marketshock-") as scratch:
        notebook = run_notebook(path, values, Path(scratch))
    progress("Laying out the page ...")
    executed = (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()
    origin = Origin(path.stem, lang, names, draft, _vintages(values), versions())
    page = page_bytes(executed, origin)
    stem = _stem(path, values, lang, client, draft)
    for ending in (".pdf", ".ipynb"):
        refuse_special(folder / f"{stem}{ending}")
    pdf = write_atomically(folder / f"{stem}.pdf", page)
    archive = write_atomically(folder / f"{stem}.ipynb", executed)
    end = collect(notebook, lang).one("closing")
    return Report((pdf, archive), end["vintage_id"], tuple(end["findings"]))


def _request(
    name: str, given: dict[str, str], lang: str, *, draft: bool
) -> tuple[Path, dict[str, Any]]:
    """Return the notebook and its parameters; the name of an event stands for the report on it."""
    try:
        path = find_notebook(name)
    except UserInputError:
        if name.endswith(".ipynb"):
            raise
        from marketshock.desk import Desk

        event = Desk().catalogue.find(name).id
        if given.setdefault("event", event) != event:
            raise UserInputError(
                f"The report is on {event}, but the parameter event says {given['event']!r}.",
                "Name it once.",
            ) from None
        path = find_notebook(CLIENT_REPORT)
    if "draft" in given:
        raise UserInputError("draft is no parameter to set with -p.", "Use --draft: it watermarks.")
    if "lang" in parameters_of(path):
        given["lang"] = lang
    if draft and "draft" in parameters_of(path):
        given["draft"] = "True"
    return path, typed_parameters(path, given)


def _stem(path: Path, values: Mapping[str, Any], lang: str, client: str | None, draft: bool) -> str:
    """Return the file name: event, client, language, and a mark for parameters of one's own."""
    defaults = parameters_of(path)
    asked = values.get("date") or values.get("event", defaults.get("event"))
    own = {
        key: value
        for key, value in sorted(values.items())
        if key not in ("date", "event", "lang", "draft") and value != defaults.get(key)
    }
    kind = path.stem.lstrip("0123456789_")
    parts = [] if path.stem == CLIENT_REPORT else [slug(kind)]
    parts += [slug(str(asked))] if asked else []
    parts += [slug(client)] if client else []
    parts += [hashlib.sha256(repr(own).encode()).hexdigest()[:6]] if own else []
    parts += [lang, *(["draft"] if draft else [])]
    return "-".join(parts)


def _vintages(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the vintage of the source that was studied, and of the embedded one."""
    from marketshock.sources.opening import open_source

    name = str(values.get("source", EMBEDDED))
    return {source.name: source.vintage for source in map(open_source, (EMBEDDED, name))}


def page_bytes(executed: bytes, origin: Origin) -> bytes:
    """Return the PDF that an executed notebook and its origin give, attachments inside.

    Raises
    ------
    QualityError
        If the notebook or what it shows is not fit for a page.
    """
    shown = collect(json.loads(executed), origin.lang)
    content, charts = content_of(shown, origin.lang, origin.names, draft=origin.draft)
    return pdf_bytes(content, charts, attachments_of(shown, executed, origin))


def content_of(
    shown: Shown, lang: str, names: Mapping[str, str | None], *, draft: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the content of the page and its charts by file name."""
    cover, end = shown.one("cover"), shown.one("closing")
    language: Any = lang
    day = dt.date.fromisoformat(end["created"])
    files = {id(item): f"{name}.svg" for name, item in exhibit_names(shown).items()}
    content = {
        "lang": lang,
        "labels": page_labels(language),
        "document": {
            "title": cover["title"],
            "author": names["prepared_by"] or "marketshock",
            "description": cover["deck"],
            "keywords": ["event study", "marketshock", f"vintage {end['vintage_id']}"],
            "date": [day.year, day.month, day.day],
        },
        "cover": {**cover, **names},
        "body": _paired(
            [_body(item, files) for item in shown.items if item["kind"] not in _ELSEWHERE]
        ),
        "closing": {
            **{key: end[key] for key in ("method", "sources", "vintage", "findings")},
            "disclaimer": DISCLAIMER[language],
        },
        "footer": FOOTER[lang],
        "draft": draft,
    }
    charts = {files[id(i)]: i["svg"] for i in shown.items if i["kind"] == "chart"}
    return content, charts


_ELSEWHERE = ("cover", "closing")


def _body(item: dict[str, Any], files: Mapping[int, str]) -> dict[str, Any]:
    if item["kind"] == "markdown":
        return {"kind": "markdown", "tree": markdown_tree(item["text"])}
    kept = {key: value for key, value in item.items() if key not in ("svg", "data_csv", "lang")}
    if item["kind"] == "chart":
        kept["file"] = files[id(item)]
    return kept


def _paired(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put two half-size exhibits that follow each other side by side."""
    body: list[dict[str, Any]] = []
    for item in items:
        before = body[-1] if body else {}
        if item.get("size") == "half" and before.get("size") == "half":
            body[-1] = {"kind": "pair", "items": [before, item]}
        else:
            body.append(item)
    return body
