"""From a notebook to the client page: run, collect, lay out, write."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketshock.errors import QualityError, UserInputError
from marketshock.exhibits.brand import Brand
from marketshock.exhibits.brand_findings import brand_findings
from marketshock.exhibits.in_force import branded, current_brand
from marketshock.files import preflight_folder, refuse_special, slug, write_atomically
from marketshock.locale import LANGUAGES
from marketshock.publish.also import further, known_formats
from marketshock.publish.as_saved import refuse_stale, saved_run
from marketshock.publish.attachments import (
    Origin,
    attachments_of,
    executed_parameters,
    exhibit_names,
    injected_parameters,
    versions,
)
from marketshock.publish.labels import DISCLAIMER, FOOTER, page_labels
from marketshock.publish.markdown import markdown_tree
from marketshock.publish.notebook import (
    Shown,
    collect,
    find_notebook,
    parameters_of,
    read,
    run_notebook,
    typed_parameters,
)
from marketshock.publish.pdf import pdf_bytes
from marketshock.publish.repeated_notes import notes_once, notes_overleaf
from marketshock.table import Table

__all__ = ["Report", "content_of", "page_bytes", "report"]

CLIENT_REPORT = "05_client_report"
EMBEDDED = "embedded"
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Report:
    """The files of a report: the PDF first, then the executed notebook, then further formats."""

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
    brand: Brand | None = None,
    out: str | Path = "reports",
    draft: bool = False,
    also: Sequence[str] = (),
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
    brand : Brand, optional
        House style of charts and page; its names stand where none is given here.
    out : path
        Folder; made if it is missing.
    draft : bool
        Print a watermark; findings that block are printed instead of forbidding the page.
    also : sequence of str
        Further formats of the same page: pptx, xlsx, html, png (one picture for each exhibit).
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
    brand = (brand or current_brand()).signed(prepared_by, reviewed_by)
    signed = brand.compliance
    names = {
        "client": client,
        "prepared_by": signed.prepared_by,
        "reviewed_by": signed.reviewed_by,
    }
    for label, text in names.items():
        if text is not None and not 0 < len(text.strip()) <= LONGEST_NAME:
            raise UserInputError(
                f"{label} must have 1 to {LONGEST_NAME} characters.", "Shorten it or leave it out."
            )
    brand.require(client=client, draft=draft)
    formats = known_formats(also)
    path, values = _request(name, dict(parameters or {}), lang, draft=draft)
    folder, saved = preflight_folder(out), saved_run(path)
    progress(f"Running {path.name} ...")
    with tempfile.TemporaryDirectory(prefix="marketshock-") as scratch, branded(brand):
        notebook = run_notebook(path, values, Path(scratch))
    if saved is not None:
        refuse_stale(saved, notebook)
    progress("Laying out the page ...")
    executed = (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()
    vintages = _vintages(executed_parameters(notebook))
    origin = Origin(path.stem, lang, names, draft, vintages, versions())
    with branded(brand):
        page = page_bytes(executed, origin)
        shown = collect(notebook, lang)
        content, _ = content_of(shown, lang, names, draft=draft)
        files = {".pdf": page, ".ipynb": executed, **further(formats, shown, content)}
    stem = _stem(path, values, lang, client, draft, brand.name if brand.digest else None)
    for ending in files:
        refuse_special(folder / f"{stem}{ending}")
    written = [write_atomically(folder / f"{stem}{ending}", files[ending]) for ending in files]
    end = shown.one("closing")
    remarks = [finding.text[end["lang"]] for finding in brand_findings(brand)]
    for remark in remarks:
        progress(remark)
    return Report(tuple(written), end["vintage_id"], (*end["findings"], *remarks))


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
    return path, {**_kept(path), **typed_parameters(path, given)}


def _kept(path: Path) -> dict[str, Any]:
    """Return the parameters with which the notebook was run before; a page names its own."""
    before = injected_parameters(read(path))
    return {name: value for name, value in before.items() if name not in ("lang", "draft")}


def _stem(
    path: Path,
    values: Mapping[str, Any],
    lang: str,
    client: str | None,
    draft: bool,
    brand: str | None = None,
) -> str:
    """Return the file name: event, client, brand, a mark for own parameters, and the language."""
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
    parts += [slug(words) for words in (client, brand) if words]
    parts += [hashlib.sha256(repr(own).encode()).hexdigest()[:6]] if own else []
    parts += [lang, *(["draft"] if draft else [])]
    return "-".join(parts)


def _vintages(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the vintage of the source that was studied, and of the embedded one."""
    from marketshock.sources.opening import open_source

    name = str(parameters.get("source", EMBEDDED))
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
    brand = current_brand()
    if cover.get("brand", "") != brand.digest:
        raise QualityError(
            f"The notebook was not drawn in the brand {brand.name!r} of the page.",
            "Run it again with the same brand file.",
        )
    compliance = brand.compliance.signed(names["prepared_by"], names["reviewed_by"])
    language: Any = lang
    day = dt.date.fromisoformat(end["created"])
    named = exhibit_names(shown)
    names_left = iter(named)
    body = [_body(item, names_left) for item in shown.items if item["kind"] not in _ELSEWHERE]
    body, overleaf = (
        notes_overleaf(body, language) if cover.get("compact") else (notes_once(body, language), [])
    )
    content = {
        "lang": lang,
        "labels": page_labels(language),
        "document": {
            "title": cover["title"],
            "author": names["prepared_by"] or brand.name,
            "description": cover["deck"],
            "keywords": ["event study", "marketshock", f"vintage {end['vintage_id']}"],
            "date": [day.year, day.month, day.day],
        },
        "cover": {**cover, **names},
        "body": _paired(body),
        "closing": {
            **{key: end[key] for key in ("method", "sources", "vintage", "findings")},
            "notes": overleaf,
            "disclaimer": (brand.disclaimer or DISCLAIMER)[language],
            "compliance": compliance.rows(language),
        },
        "footer": (brand.footer or FOOTER)[language],
        "draft": draft,
    }
    charts = {f"{n}.svg": item["svg"] for n, item in named.items() if item["kind"] == "chart"}
    return content, charts


_ELSEWHERE = ("cover", "closing")


def _body(item: dict[str, Any], names: Iterator[str]) -> dict[str, Any]:
    """Return an item as the template reads it; `names` are those of the exhibits, in order."""
    if item["kind"] == "markdown":
        return {"kind": "markdown", "tree": markdown_tree(item["text"])}
    kept = {key: value for key, value in item.items() if key not in ("svg", "data_csv", "lang")}
    name = next(names) if item["kind"] in ("chart", "table") else ""
    return {**kept, "file": f"{name}.svg"} if item["kind"] == "chart" else kept


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
