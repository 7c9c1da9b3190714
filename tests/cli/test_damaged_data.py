"""Damaged data are named, by file."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import (
    answer,
    fails,
    run,
    strict,
)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGES = {
    "one bit": flip,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}
FILES = {
    "prices_close.csv.gz": "losses",
    "shares.csv": "losses",
    "instruments.csv": "study --event deepseek",
    "shocks.csv": "report deepseek",
    "capex.csv": "capex",
    "losses_published.csv": "losses --reconcile",
    "factors3_daily.csv.gz": "study --event deepseek --model ff3",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["prices_close.csv.gz", "shares.csv"])
def test_f4_a_damaged_file_is_named(damaged: Path, here: Path, name: str, damage: str) -> None:
    DAMAGES[damage](damaged / name)
    before = {path.name: path.stat().st_mtime_ns for path in damaged.iterdir()}
    fails(f"{FILES[name]} --format json", 3, name)
    assert {path.name: path.stat().st_mtime_ns for path in damaged.iterdir()} == before
    assert list(here.iterdir()) == []


def test_f4_every_command_names_its_damaged_file(damaged: Path, here: Path) -> None:
    for name, command in FILES.items():
        whole = (damaged / name).read_bytes()
        flip(damaged / name)
        fails(command, 3, name)
        (damaged / name).write_bytes(whole)
    assert list(here.iterdir()) == []


def test_f4_status_and_verify_point_at_the_damaged_file(damaged: Path) -> None:
    flip(damaged / "capex.csv")
    files = strict(run("data status --format json").stdout)["files"]
    assert [file["path"] for file in files if not file["ok"]] == ["capex.csv"]
    result = run("data verify --format json")
    assert result.exit_code == 3
    found = strict(result.stdout)
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"] if not check["ok"]] == ["capex.csv"]
    assert "capex.csv" in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"schema": 99}'])
def test_f5_a_bad_manifest_is_named(damaged: Path, content: bytes | None) -> None:
    path = damaged / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for command in ("losses", "data status", "events"):
        fails(command, 3, "manifest.json")
    assert run("data verify").exit_code == 3


def test_a_folder_without_data_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETSHOCK_DATA", str(tmp_path / "nowhere"))
    fails("losses", 3, "nowhere")


def test_build_changes_no_byte_of_unchanged_data(damaged: Path) -> None:
    before = (damaged / "manifest.json").read_bytes()
    result = run("data build")
    assert result.exit_code == 0
    assert result.stdout == f"{damaged / 'manifest.json'}\n"
    assert answer("status")["vintage"] in result.stderr
    assert (damaged / "manifest.json").read_bytes() == before
