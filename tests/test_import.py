"""`marketshock data import` as a child process, and a study of what it imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from marketshock.desk import Desk

SYMBOLS = ("NVDA", "AVGO", "^GSPC")
STUDY = ("study", "--date", "2025-01-27", "--symbols", "NVDA,AVGO", "--format", "json")
Shell = Callable[..., subprocess.CompletedProcess[str]]
WIDE = """
[columns]
date = "Data"
[format]
delimiter = ";"
decimal = ","
date = "%d/%m/%Y"
basis = "splits_dividends"
currency = "USD"
name = "Terminale"
licence = "uso interno"
[symbols]
"NVDA US Equity" = "NVDA"
"AVGO US Equity" = "AVGO"
"SPX Index" = "^GSPC"
"""


@pytest.fixture
def shell(tmp_path: Path, private_cache: Path) -> Shell:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    own = {
        "HOME": str(tmp_path),
        "MARKETSHOCK_CACHE": str(private_cache),
        "MARKETSHOCK_VINTAGES": str(tmp_path / "vintages"),
        "MARKETSHOCK_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "marketshock", *arguments],
            env={**kept, **own},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def rows(desk: Desk, first: str = "2023-06-01") -> list[list[Any]]:
    """The embedded closes of three symbols: symbol, date, close, adjusted close, volume."""
    fields = ("close", "adj_close", "volume")
    found = []
    for symbol in SYMBOLS:
        panels = [desk.source.prices([symbol], field) for field in fields]
        since = panels[0].sessions >= np.datetime64(first)
        columns = [panel.values[since, 0] for panel in panels]
        for day, *values in zip(panels[0].sessions[since], *columns, strict=True):
            cells = ["" if np.isnan(value) else repr(float(value)) for value in values]
            found.append([symbol, str(day), *cells])
    return found


def long(lines: list[list[Any]]) -> str:
    return "\n".join(["symbol,date,close,adj_close,volume", *(",".join(line) for line in lines)])


def answers(shell: Shell, *more: str) -> dict[str, Any]:
    done = shell(*STUDY, *more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_a_study_of_an_imported_file_is_that_of_the_embedded_figures(
    shell: Shell, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(long(rows(desk)))
    done = shell("data", "import", "own.csv", "--name", "Desk export")
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert (folder / "manifest.json").is_file()
    assert (folder / "raw" / "own.csv").read_text() == (tmp_path / "own.csv").read_text()
    assert "FOOTNOTE BASIS" in done.stderr
    ours, embedded = answers(shell, "--source", "files"), answers(shell)
    assert (ours["source"], ours["vintage"]) == ("files", folder.name)
    assert ours["sources"][0]["name"].startswith("Desk export, daily prices")
    for one, other in zip(ours["stocks"], embedded["stocks"], strict=True):
        for name in ("alpha", "beta", "sigma", "ar"):
            assert one[name] == pytest.approx(other[name], rel=1e-12), name
    for one, other in zip(ours["aggregate"], embedded["aggregate"], strict=True):
        assert (one["caar"], one["r_bar"]) == pytest.approx((other["caar"], other["r_bar"]))
    status = json.loads(shell("data", "status", "--source", "files", "--format", "json").stdout)
    assert status["fetch"]["name"] == "Desk export"
    assert all(file["ok"] for file in status["files"])


@pytest.mark.slow
def test_a_wide_export_of_total_returns_is_read_with_a_map(
    shell: Shell, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "map.toml").write_text(WIDE)
    days: dict[str, dict[str, str]] = {}
    for symbol, day, close, adjusted, _ in rows(desk):
        days.setdefault(day, {})[symbol] = (adjusted or close).replace(".", ",")
    lines = ["Data;NVDA US Equity;AVGO US Equity;SPX Index"]
    for day, cells in days.items():
        year, month, number = day.split("-")
        lines.append(";".join([f"{number}/{month}/{year}", *(cells[s] for s in SYMBOLS)]))
    (tmp_path / "own.csv").write_text("\n".join(lines))
    done = shell("data", "import", "own.csv", "--map", "map.toml", "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["symbols"], told["last"]) == (sorted(SYMBOLS), "2026-08-21")
    assert [finding["code"] for finding in told["findings"] if finding["level"] != "INFO"] == []
    ours, embedded = answers(shell, "--source", "files"), answers(shell)
    for one, other in zip(ours["stocks"], embedded["stocks"], strict=True):
        assert one["ar"] == pytest.approx(other["ar"], rel=1e-12)
    assert ours["sources"][0]["name"].startswith("Terminale, daily prices (total return)")


def test_d12_a_split_left_in_the_closes_blocks_and_nothing_is_written(
    shell: Shell, desk: Desk, tmp_path: Path
) -> None:
    lines = rows(desk)
    for line in lines:
        if line[0] == "NVDA" and line[1] < "2024-06-10":
            line[2], line[3] = (repr(float(cell) * 10.0) for cell in line[2:4])
    (tmp_path / "own.csv").write_text(long(lines))
    done = shell("data", "import", "own.csv")
    assert done.returncode == 3
    assert "NVDA" in done.stderr
    assert "2024-06-10" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "vintages").exists()


def test_the_vintage_before_survives_a_file_that_is_refused(
    shell: Shell, desk: Desk, tmp_path: Path
) -> None:
    lines = rows(desk, "2026-06-01")
    (tmp_path / "good.csv").write_text(long(lines))
    assert shell("data", "import", "good.csv").returncode == 0
    before = contents(tmp_path / "vintages")
    for cell, code in (("abc", 2), ("-1", 3), ("=1+1", 2), ("0", 3)):
        broken = [*lines[:-1], [*lines[-1][:2], cell, "", ""]]
        (tmp_path / "bad.csv").write_text(long(broken))
        done = shell("data", "import", "bad.csv")
        assert done.returncode == code, (cell, done.stderr)
        assert f"line {len(lines) + 1}, close" in done.stderr
        assert contents(tmp_path / "vintages") == before


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_importing_twice_makes_one_vintage(shell: Shell, desk: Desk, tmp_path: Path) -> None:
    lines = rows(desk, "2026-06-01")
    (tmp_path / "own.csv").write_text(long(lines))
    first = shell("data", "import", "own.csv").stdout
    (tmp_path / "turned.csv").write_text(long(lines[::-1]))
    assert shell("data", "import", "turned.csv").stdout == first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.csv",), "nowhere.csv can't be read"),
        ((".",), "can't be read"),
        (("own.csv", "--map", "nowhere.toml"), "The map nowhere.toml can't be read"),
        ((), "Missing argument"),
    ],
)
def test_bad_input_ends_with_two(
    shell: Shell, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "own.csv").write_text("symbol,date,close\nNVDA,2025-01-27,118.42\n")
    done = shell("data", "import", *arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "internal error" not in done.stderr


def test_before_the_first_import_the_command_is_named(shell: Shell) -> None:
    done = shell(*STUDY, "--source", "files")
    assert done.returncode == 3
    assert "marketshock data import FILE" in done.stderr


def test_sec_and_french_stay_closed_offline(shell: Shell, tmp_path: Path) -> None:
    for source in ("sec", "french"):
        assert shell("data", "refresh", "--source", source).returncode == 4
    assert not (tmp_path / "vintages").exists()
