"""What the first second of every user costs: nothing heavy is loaded for it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

HEAVY = {"scipy", "statsmodels", "matplotlib", "yfinance", "typst", "pandas"}
TELL = "; import json; sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"
HELP = """
import runpy, sys
sys.argv = ["marketshock", "--help"]
try:
    runpy.run_module("marketshock", run_name="__main__")
except SystemExit as left:
    assert not left.code, left.code
import json
sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


def loaded(program: str) -> tuple[set[str], str]:
    """Run a program and return the packages it loaded and what it wrote."""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    modules = json.loads(answer.stderr.splitlines()[-1])
    return {name.split(".")[0] for name in modules}, answer.stdout


def test_importing_the_package_loads_nothing_heavy() -> None:
    packages, written = loaded("import sys, marketshock" + TELL)
    assert "marketshock" in packages
    assert packages & (HEAVY | {"numpy"}) == set()
    assert written == ""


def test_listing_the_names_loads_nothing_heavy() -> None:
    packages, _ = loaded("import sys, marketshock; dir(marketshock)" + TELL)
    assert packages & HEAVY == set()


@pytest.mark.skipif(importlib.util.find_spec("marketshock.cli") is None, reason="no cli yet")
def test_help_loads_nothing_heavy() -> None:
    packages, written = loaded(HELP)
    assert "Usage" in written
    assert "losses" in written
    assert packages & HEAVY == set()


def test_the_probe_does_see_what_is_loaded() -> None:
    packages, _ = loaded("import sys, pandas" + TELL)
    assert "pandas" in packages


@pytest.mark.parametrize(
    "module",
    [
        "errors",
        "locale",
        "provenance",
        "table",
        "market.panel",
        "marketcap.losses",
        "sources.bundle",
    ],
)
def test_the_lower_floors_load_without_the_upper_ones(module: str) -> None:
    packages, _ = loaded(f"import sys, marketshock.{module}" + TELL)
    assert packages & HEAVY == set()
