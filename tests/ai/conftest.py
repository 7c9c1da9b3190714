"""The tables of the AI figures, as read and as they stand in the files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from marketshock.sources.bundle import EmbeddedSource
from marketshock.table import Table

Raw = list[dict[str, str]]


@pytest.fixture(scope="session")
def source(private_cache: Path) -> EmbeddedSource:
    return EmbeddedSource()


@pytest.fixture(scope="session")
def raw(data_folder: Path) -> Callable[[str], Raw]:
    """Rows of a table as text, read without the package."""

    def read(name: str) -> Raw:
        with (data_folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def without_print() -> Callable[[Table], Table]:
    """A table without the columns of what was printed, and without comments on it."""

    def drop(table: Table) -> Table:
        kept = {
            name: values
            for name, values in table.columns.items()
            if not name.startswith("printed") and name not in ("note_value", "verdict", "computed")
        }
        assert len(kept) < len(table.columns)
        return Table(table.name, kept)

    return drop
