"""Check a page: whether it is whole, what its attachments give, and whether figures come again.

Code that came in a PDF is never run. A page is computed again with a notebook that travels with
this package, if its code cells equal those inside the page, or with the user's own file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from marketshock.errors import DataCorruptError, MarketShockError, UserInputError
from marketshock.exhibits.brand import Brand
from marketshock.exhibits.in_force import branded, current_brand
from marketshock.publish.attachments import INJECTED, executed_parameters, versions
from marketshock.publish.notebook import (
    Notebook,
    Shown,
    collect,
    parameters_of,
    read,
    run_notebook,
    typed_parameters,
)
from marketshock.publish.verify_figures import compare
from marketshock.publish.verify_file import AttachedPage, read_file, read_page
from marketshock.publish.verify_page import attachments_check, page_check, shown_on
from marketshock.resources import resource_folder
from marketshock.sources.maintenance import Check
from marketshock.sources.opening import open_source

__all__ = ["verify"]

EMBEDDED = "embedded"
LONGEST_VALUE = 200
Progress = Callable[[str], None]


def verify(
    path: str | Path,
    notebook: str | Path | None = None,
    *,
    brand: Brand | None = None,
    progress: Progress = lambda message: None,
) -> list[Check]:
    """Check a PDF of this package against what it carries and against a new computation.

    Parameters
    ----------
    path : path
        The PDF.
    notebook : path, optional
        The user's own notebook, where the page was not made with one of the package. It is run.
    brand : Brand, optional
        House style of the page, by default the one in force; it is never taken from the PDF.
    progress : callable
        Told what is being done.

    Returns
    -------
    list of Check
        The file, its attachments, the draft mark, the page set again, the vintage, the code, and
        one for the figures of each exhibit, for all words, and for the drawings. The first that
        leaves nothing to build on is the last.

    Raises
    ------
    UserInputError
        If either file can't be read, or the notebook is none.
    """
    try:
        data = read_file(path)
    except DataCorruptError as error:
        return [Check("file", False, str(error))]
    own = Path(notebook) if notebook is not None else None
    if own is not None:
        read(own)
    with branded(brand or current_brand()):
        return list(_checks(data, own, progress))


def _checks(data: bytes, own: Path | None, progress: Progress) -> Iterator[Check]:
    progress("Reading the page ...")
    try:
        page = read_page(data)
        shown = shown_on(page)
        attached = attachments_check(page, shown)
    except DataCorruptError as error:
        yield Check("file", False, str(error))
        return
    yield Check("file", True, f"a page of {len(data)} bytes with {len(page.files)} attachments")
    whole = [attached, _draft_check(page), *_brand_check(shown)]
    yield from whole
    if all(check.ok for check in whole):
        whole.append(page_check(page, shown))
        yield whole[-1]
    if all(check.ok for check in whole):
        yield from _computed(page, shown, own, progress)


def _draft_check(page: AttachedPage) -> Check:
    if page.origin.draft or executed_parameters(page.executed).get("draft"):
        return Check("draft", False, "this is a draft; only a page without its mark is verified")
    return Check("draft", True, "no draft")


def _brand_check(shown: Shown) -> list[Check]:
    """Check that the house style in force is that of the page; the house's own needs no check."""
    inside, here = str(shown.one("cover").get("brand", "")), current_brand()
    if inside == here.digest:
        return [Check("brand", True, here.name)] if inside else []
    words = f"the page is not in the house style of {here.name}, so it can't be set again. "
    return [Check("brand", False, words + "Name the brand file it was made with: --brand FILE")]


def _computed(
    page: AttachedPage, shown: Shown, own: Path | None, progress: Progress
) -> Iterator[Check]:
    """Yield the checks that need a new computation."""
    vintage = _vintage_check(page)
    yield vintage
    trusted = own or _shipped(page.executed)
    if trusted is None:
        yield Check(
            "notebook",
            False,
            "not checked: its code is that of no notebook in this package, and code from a PDF is "
            "never run. Name your own copy with --notebook FILE",
        )
        return
    yield _code_check(page.executed, trusted)
    if not vintage.ok:
        return
    try:
        values = _parameters(page, trusted)
        progress(f"Running {trusted.name} ...")
        with tempfile.TemporaryDirectory(prefix="marketshock-") as scratch:
            again = run_notebook(trusted, values, Path(scratch))
        computed = collect(again, page.origin.lang)
    except MarketShockError as error:
        yield Check("figures", False, f"not computed: {error}")
        return
    yield from compare(shown, computed, page.origin.versions, versions())


def _vintage_check(page: AttachedPage) -> Check:
    """Check that every vintage that the page names is here."""
    named = dict(page.origin.vintages)
    source = str(executed_parameters(page.executed).get("source", EMBEDDED)).split("@")[0]
    stated = page.results.get("vintage")
    if set(named) != {EMBEDDED, source} or named[source] != stated:
        words = f"the page states vintage {stated}, its notebook reads {source} and {named}"
        return Check("vintage", False, words)
    here = open_source(EMBEDDED).vintage
    if named[EMBEDDED] != here:
        return Check(
            "vintage",
            False,
            f"not computed: made on the embedded vintage {named[EMBEDDED]}, here it is {here}. "
            "Set MARKETSHOCK_DATA to the folder of that vintage",
        )
    try:
        for name in named.keys() - {EMBEDDED}:
            open_source(f"{name}@{named[name]}")
    except MarketShockError as error:
        return Check("vintage", False, f"not computed: {error}")
    return Check("vintage", True, ", ".join(f"{name} {named[name]}" for name in sorted(named)))


def _code(notebook: Notebook) -> list[tuple[tuple[str, ...], str]]:
    """Return tags and source of the code cells; not of the one with injected parameters."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    tagged = [(tuple(cell["metadata"].get("tags", ())), "".join(cell["source"])) for cell in cells]
    return [cell for cell in tagged if INJECTED not in cell[0]]


def _shipped(executed: Notebook) -> Path | None:
    """Return the notebook of the package with the same code cells."""
    code = _code(executed)
    paths = sorted(resource_folder("notebooks").glob("*.ipynb"))
    return next((path for path in paths if _code(read(path)) == code), None)


def _code_check(executed: Notebook, trusted: Path) -> Check:
    inside, outside = _code(executed), _code(read(trusted))
    for number, (one, two) in enumerate(zip(inside, outside, strict=False), 1):
        if one != two:
            words = f"code cell {number} on the page is not that of {trusted.name}, which is run"
            return Check("notebook", False, words)
    if len(inside) != len(outside):
        words = f"{len(inside)} code cells on the page, {len(outside)} in {trusted.name}"
        return Check("notebook", False, words)
    return Check("notebook", True, f"its {len(inside)} code cells are those of {trusted.name}")


def _parameters(page: AttachedPage, trusted: Path) -> dict[str, Any]:
    """Return the parameters of the page as the trusted notebook takes them.

    Raises
    ------
    UserInputError
        For a parameter that the notebook lacks, of another type, or that names a file.
    """
    stated = executed_parameters(page.executed)
    typed = typed_parameters(trusted, {name: _as_text(value) for name, value in stated.items()})
    for name, value in typed.items():
        if value != stated[name]:
            raise UserInputError(f"The parameter {name} of the page is {stated[name]!r}.")
        if _names_a_file(value):
            raise UserInputError(
                f"The parameter {name} of the page may name a file ({value[:LONGEST_VALUE]!r}).",
                "Files that a PDF names are not read: run the notebook yourself.",
            )
    defaults = parameters_of(trusted)
    given = {name: value for name, value in typed.items() if value != defaults[name]}
    return _on_the_vintage(given, page.origin.vintages)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _names_a_file(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    odd = any(sign in value for sign in "/\\\0") or value.lower().endswith(".csv")
    return odd or len(value) > LONGEST_VALUE


def _on_the_vintage(values: dict[str, Any], vintages: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters with the source at the vintage that the page names."""
    name = str(values.get("source", EMBEDDED)).split("@")[0]
    return {**values, "source": f"{name}@{vintages[name]}"} if name != EMBEDDED else values
