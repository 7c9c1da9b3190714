"""A notebook that was run and saved: the page must show what its author saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from marketshock.errors import QualityError
from marketshock.publish.attachments import INJECTED, executed_parameters
from marketshock.publish.notebook import Notebook, read, refuse_disorder, shown_by

__all__ = ["refuse_stale", "saved_run"]

Figures = list[tuple[str, str]]


def saved_run(path: Path) -> Notebook | None:
    """Return a notebook that was saved after a run; None if it holds no run.

    Raises
    ------
    QualityError
        If its cells were not run from the first to the last.
    """
    notebook = read(path)
    if not any(cell.get("execution_count") for cell in notebook["cells"]):
        return None
    refuse_disorder(notebook)
    return notebook


def refuse_stale(saved: Notebook, executed: Notebook) -> None:
    """Refuse a notebook that was saved with other figures than its code gives now.

    Runs with different parameters are not compared, and drawings never: a house style changes
    those.

    Raises
    ------
    QualityError
        It names the first cell that differs.
    """
    if executed_parameters(saved) != executed_parameters(executed):
        return
    for (number, seen), (_, now) in zip(_figures(saved), _figures(executed), strict=True):
        if seen != now:
            raise QualityError(
                f"Cell {number} was saved with other figures than it gives now.",
                "Run all cells, look at them, save the notebook, and ask again.",
            )


def _figures(notebook: Notebook) -> Iterator[tuple[int, Figures]]:
    """Yield the key and the data of each exhibit by the number of its cell."""
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "code" and INJECTED not in cell["metadata"].get("tags", []):
            shown = shown_by(cell, number)
            yield number, [(item["key"], item["data_csv"]) for item in shown if "data_csv" in item]
