"""The source as syntax trees, and the files of the repository as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "marketshock"
SKIPPED = {"__pycache__", "node_modules", "dist", "build"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def trees() -> dict[str, ast.Module]:
    """Every module of the package by its path below marketshock/."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Every text file that belongs to the repository; build products of reports/ do not."""
    return {path.relative_to(ROOT).as_posix(): text for path, text in _texts(ROOT)}


def _texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in (".ci", ".gitignore")
        if hidden or path.name in SKIPPED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _texts(path)
        elif path.parent.name != "reports" or path.name == "README.md":
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue
