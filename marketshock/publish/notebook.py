"""Run a notebook with parameters and collect what its cells show, in cell order."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import marketshock.errors as errors
from marketshock.errors import MarketShockError, QualityError, UserInputError, suggest
from marketshock.exhibits.exhibit import MIME
from marketshock.exhibits.in_force import current_brand
from marketshock.publish.privacy import published
from marketshock.resources import resource_folder

__all__ = [
    "Notebook",
    "Shown",
    "assignments",
    "collect",
    "find_notebook",
    "parameters_of",
    "read",
    "refuse_disorder",
    "run_notebook",
    "shown_by",
    "typed_parameters",
]

HIDDEN = "no-report"
WIDGET = "application/vnd.jupyter.widget-view+json"
QUIET = "--IPKernelApp.log_level=50"
ATTEMPTS = 4
NEVER_READY = "before replying to kernel_info"
Notebook = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a notebook shows: payloads and prose in cell order."""

    items: tuple[dict[str, Any], ...]

    def one(self, kind: str) -> dict[str, Any]:
        """Return the only payload of a kind, such as the cover.

        Raises
        ------
        QualityError
            If there is none, or more than one.
        """
        found = [item for item in self.items if item["kind"] == kind]
        if len(found) != 1:
            raise QualityError(
                f"The notebook shows {len(found)} of {kind!r}; a page needs exactly one.",
                "See notebooks/05_client_report.ipynb for an example.",
            )
        return found[0]


def find_notebook(name: str) -> Path:
    """Return a notebook by path, or by name among those that travel with the package.

    The number in front of the name may be left out: ``shock`` is ``09_shock``.
    """
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    folder = resource_folder("notebooks")
    known = {found.stem: found for found in sorted(folder.glob("*.ipynb"))}
    known |= {stem.lstrip("0123456789_"): found for stem, found in known.items()}
    if path.stem in known:
        return known[path.stem]
    raise UserInputError(f"No notebook {name!r}.", suggest(path.stem, known))


def read(path: Path) -> Notebook:
    """Read a notebook.

    Raises
    ------
    UserInputError
        If it is no notebook.
    """
    try:
        notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
        _ = [(cell["cell_type"], cell["metadata"], cell["source"]) for cell in notebook["cells"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserInputError(f"{path} can't be read as a notebook: {error}.") from error
    return notebook


def parameters_of(path: Path) -> dict[str, Any]:
    """Return the parameters of a notebook with their defaults: those of its tagged cell."""
    for cell in read(path)["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            try:
                return assignments("".join(cell["source"]))
            except (SyntaxError, ValueError) as error:
                raise UserInputError(f"{path}: parameters must be plain values.") from error
    return {}


def assignments(source: str, *, alone: bool = False) -> dict[str, Any]:
    """Return the plain values that a cell gives to names.

    Parameters
    ----------
    source : str
    alone : bool
        Refuse anything else in it; otherwise it is passed over.

    Raises
    ------
    SyntaxError, ValueError
        If it is no Python, or a name gets something else than a plain value.
    """
    found = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and value is not None:
            found[target.id] = ast.literal_eval(value)
        elif alone:
            raise ValueError(f"line {node.lineno} is no parameter")
    return found


def typed_parameters(path: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """Read what the user gave as the types of the notebook's own defaults.

    Raises
    ------
    UserInputError
        For a parameter that the notebook lacks, or a value of another type.
    """
    defaults = parameters_of(path)
    typed = {}
    for name, text in given.items():
        if name not in defaults:
            hint = suggest(name, defaults) or f"It has {', '.join(defaults)}."
            raise UserInputError(f"{path.name} has no parameter {name!r}.", hint)
        typed[name] = _typed(name, text, defaults[name])
    return typed


def _typed(name: str, text: str, default: Any) -> Any:
    if isinstance(default, str):
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    wanted = (int, float) if isinstance(default, float) else type(default)
    if isinstance(value, wanted) and isinstance(value, bool) == isinstance(default, bool):
        return value
    raise UserInputError(
        f"The parameter {name} is {type(default).__name__}, not {text!r}.",
        f"For example -p {name}={default!r}.",
    )


def run_notebook(path: Path, parameters: Mapping[str, Any], folder: Path) -> Notebook:
    """Execute a notebook with parameters in a fresh kernel and return it, without timestamps.

    Parameters
    ----------
    path : Path
    parameters : mapping
    folder : Path
        Where the run keeps its files.

    Notes
    -----
    The kernel draws in the brand in force.

    Raises
    ------
    MarketShockError
        The error of the package that stopped a cell, as itself.
    QualityError
        If a cell fails otherwise, or the notebook holds a secret of the environment.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    target = folder / "executed.ipynb"
    brand = _brand_file(folder)

    def execute() -> None:
        papermill.execute_notebook(
            str(path),
            str(target),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            extra_arguments=[QUIET, *brand],
        )

    try:
        _patiently(execute)
    except PapermillExecutionError as error:
        raise _own_error(error, path) from None
    except DeadKernelError as error:
        raise QualityError(f"{path.name}: its kernel died.", "Run it cell by cell.") from error
    return published(_timeless(read(target)))


def _brand_file(folder: Path) -> list[str]:
    """Return how a kernel is told the brand in force: a line of code to run before its first cell.

    So a notebook says what is on a page, and nothing about how it looks.
    """
    brand = current_brand()
    if not brand.digest:
        return []
    script = folder / "brand.py"
    script.write_text(
        f"__import__('marketshock.exhibits.in_force').exhibits.in_force.wear_toml("
        f"{brand.text!r}, {str(brand.folder.resolve())!r})\n",
        encoding="utf-8",
    )
    return [f"--IPKernelApp.exec_files={script}"]


def _patiently(execute: Callable[[], None]) -> None:
    """Execute, again if the kernel died before its first cell.

    A kernel is told its ports before it binds them; another process that starts at the same
    moment can take one of them, and the kernel dies. Nothing has run by then.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return execute()
        except RuntimeError as error:
            if NEVER_READY not in str(error) or attempt == ATTEMPTS:
                raise


def _own_error(error: Any, path: Path) -> MarketShockError:
    """Return the package's error that a cell raised, or one that names the cell."""
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, MarketShockError):
        own: MarketShockError = kind(str(error.evalue))
        return own
    return QualityError(
        f"{path.name} stopped in cell {error.cell_index}: {error.ename}: {error.evalue}.",
        "Open the notebook and run it cell by cell.",
    )


def _timeless(notebook: Notebook) -> Notebook:
    """Drop clock, machine and messages from an executed notebook, so that bytes repeat."""
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"]["language_info"] = {"name": "python"}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{number}"
        if "outputs" in cell:
            cell["outputs"] = [o for o in cell["outputs"] if o.get("name") != "stderr"]
        cell["metadata"] = {
            key: value
            for key, value in cell["metadata"].items()
            if key not in ("papermill", "execution")
        }
    return notebook


def collect(notebook: Notebook, lang: str) -> Shown:
    """Return payloads and prose of an executed notebook in cell order.

    Raises
    ------
    QualityError
        For an error output, cells run out of order, a widget that stands alone, or a payload in
        another language.
    """
    refuse_disorder(notebook)
    items: list[dict[str, Any]] = []
    for number, cell in enumerate(notebook["cells"], 1):
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            if HIDDEN not in tags and f"lang-{lang}" in tags:
                items.append({"kind": "markdown", "text": "".join(cell["source"])})
            continue
        shown = list(shown_by(cell, number))
        if HIDDEN not in tags:
            _refuse_lone_widget(cell, number, shown)
            items += shown
    for item in items:
        if item.get("lang", lang) != lang:
            raise QualityError(
                f"{item.get('key', item['kind'])} is in {item['lang']!r}, the page in {lang!r}.",
                "Give the cell lang=lang.",
            )
    return Shown(tuple(items))


def refuse_disorder(notebook: Notebook) -> None:
    """Refuse a notebook whose cells were not run from the first to the last.

    Raises
    ------
    QualityError
        It names the first cell that was run before the one above it, or not at all.
    """
    last = 0
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
            continue
        count = cell.get("execution_count") or 0
        if count <= last:
            raise QualityError(
                f"Cell {number} was not run after the cell above it.",
                "Restart the kernel and run all cells.",
            )
        last = count


def shown_by(cell: Mapping[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """Yield the payloads of one cell; the `number` is for the reader of an error.

    Raises
    ------
    QualityError
        If the cell ended with an error.
    """
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            raise QualityError(f"Cell {number} ended with {output['ename']}: {output['evalue']}.")
        payload = output.get("data", {}).get(MIME)
        if payload is not None:
            yield payload


def _refuse_lone_widget(cell: Mapping[str, Any], number: int, shown: list[dict[str, Any]]) -> None:
    """Refuse a widget without an exhibit beside it: a page would lose what it shows."""
    if not shown and any(WIDGET in output.get("data", {}) for output in cell.get("outputs", [])):
        raise QualityError(
            f"Cell {number} shows a widget only, and a page can't hold one.",
            f"Show the exhibit in the same cell, or tag the cell {HIDDEN}.",
        )
