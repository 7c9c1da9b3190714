"""The command line with a file of events."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from marketshock.cli import main

TEXT = "symbol;date;time\nNVDA;2025-01-27;08:00\nMETA;2022-02-02;16:05\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "events.csv"
    path.write_text(TEXT, "utf-8")
    return str(path)


def test_a_file_of_events_is_studied(file: str) -> None:
    ran = CliRunner().invoke(
        main, ["study", "--events", file, "--window", "0,0", "--format", "json"]
    )
    assert ran.exit_code == 0, ran.output
    answer = json.loads(ran.stdout)
    assert [row["first_session"] for row in answer["events"]] == ["2025-01-27", "2022-02-03"]
    assert [row["symbol"] for row in answer["windows"]] == ["NVDA", "META"]
    assert [one["n"] for one in answer["aggregate"]] == [2]
    assert {finding["code"] for finding in answer["findings"]} >= {"D11", "STUDY"}


@pytest.mark.parametrize("shape", ["csv", "table"])
def test_the_table_of_a_file_has_one_row_an_event_and_window(file: str, shape: str) -> None:
    ran = CliRunner().invoke(
        main, ["study", "--events", file, "--window", "0,0", "--format", shape]
    )
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    assert len(lines) == 3
    if shape == "csv":
        rows = list(csv.DictReader(io.StringIO(ran.stdout)))
        assert [row["event_id"] for row in rows] == ["NVDA@2025-01-27", "META@2022-02-02"]
    else:
        assert "embedded" in ran.stderr


def test_mistakes_of_a_file_go_to_stderr_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(TEXT.replace("2025-01-27", "03/04/2025"), "utf-8")
    ran = CliRunner().invoke(main, ["study", "--events", str(path)])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "line 2, date: received '03/04/2025'" in ran.stderr
    assert "2025-04-03 or 2025-03-04" in ran.stderr


@pytest.mark.parametrize("more", [["--event", "deepseek"], ["--symbols", "NVDA"]])
def test_a_file_of_events_stands_alone(file: str, more: list[str]) -> None:
    ran = CliRunner().invoke(main, ["study", "--events", file, *more])
    assert ran.exit_code == 2
    assert "stands alone" in ran.stderr


def test_overlapping_events_need_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("symbol,date\nNVDA,2025-01-27\nNVDA,2025-01-28\n", "utf-8")
    command = ["study", "--events", str(path), "--window=-1,1", "--format", "csv"]
    assert CliRunner().invoke(main, command).exit_code == 2
    ran = CliRunner().invoke(main, [*command, "--overlapping", "keep"])
    assert len(ran.stdout.splitlines()) == 3
