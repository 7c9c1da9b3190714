from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

LAYERS = [
    "cli",
    "api",
    "publish",
    "exhibits",
    "note",
    "shock",
    "eventstudy",
    "marketcap",
    "capex",
    "ai",
    "sources",
    "quality",
    "inference",
    "market",
    "table",
    "provenance",
    "locale",
    "errors",
]


@pytest.fixture(scope="module")
def contracts(root: Path) -> list[dict[str, Any]]:
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


LINT = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(sys.argv[1], cache_dir=None))
"""


def lint(root: Path, config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, str(config)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_imports_point_down_only(root: Path) -> None:
    answer = lint(root, root / "pyproject.toml")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " 0 broken" in answer.stdout


def test_the_linter_does_find_an_arrow_that_points_up(root: Path, tmp_path: Path) -> None:
    config = tmp_path / "upside_down.toml"
    config.write_text(
        "[tool.importlinter]\nroot_package = 'marketshock'\n"
        "[[tool.importlinter.contracts]]\nname = 'upside down'\ntype = 'layers'\n"
        "layers = ['marketshock.errors', 'marketshock.api']\n"
    )
    answer = lint(root, config)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "upside down BROKEN" in answer.stdout


def test_no_layer_is_left_out(contracts: list[dict[str, Any]]) -> None:
    layers = next(c for c in contracts if c["type"] == "layers")["layers"]
    named = [part.strip(" ()") for layer in layers for part in layer.split("|")]
    order = [name.removeprefix("marketshock.") for name in named]
    assert [name for name in order if name in LAYERS] == LAYERS


def test_every_module_of_the_package_is_in_a_layer(
    root: Path, contracts: list[dict[str, Any]]
) -> None:
    layers = next(c for c in contracts if c["type"] == "layers")["layers"]
    named = {part.strip(" ()") for layer in layers for part in layer.split("|")}
    package = root / "marketshock"
    there = {
        f"marketshock.{path.stem}"
        for path in package.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - named - {"marketshock.__init__"} == set()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("marketshock.eventstudy", "marketshock.sources"),
        ("marketshock.marketcap", "marketshock.exhibits"),
        ("marketshock.capex", "marketshock.cli"),
        ("marketshock.inference", "pandas"),
    ],
)
def test_what_must_never_be_imported_is_forbidden(
    contracts: list[dict[str, Any]], source: str, target: str
) -> None:
    assert any(
        source in contract["source_modules"] and target in contract["forbidden_modules"]
        for contract in contracts
        if contract["type"] == "forbidden"
    )
