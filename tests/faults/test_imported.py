"""What a user imported, and what every answer from it must then say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from marketshock import api
from marketshock.cli import main
from marketshock.exhibits.colophon import closing

if TYPE_CHECKING:
    from marketshock.desk import Desk

STUDY = ("study", "--date", "2025-01-27", "--source", "files", "--format", "json")
MAP = """
[format]
basis = "{basis}"
currency = "USD"
exchange = "{exchange}"
name = "Desk export"
[columns]
symbol = "symbol"
date = "date"
close = "close"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Path:
    """Closes of a stock that has no card, and of the index, in a file."""
    monkeypatch.setenv("MARKETSHOCK_VINTAGES", str(tmp_path / "vintages"))
    monkeypatch.chdir(tmp_path)
    lines = ["symbol,date,close"]
    for symbol, own in (("NVDA", "ENI.MI"), ("^GSPC", "^GSPC")):
        panel = desk.source.prices([symbol])
        since = panel.sessions >= np.datetime64("2023-06-01")
        pairs = zip(panel.sessions[since], panel.values[since, 0], strict=True)
        lines += [f"{own},{day},{close!r}" for day, close in pairs]
    (tmp_path / "own.csv").write_text("\n".join(lines).replace("np.float64(", "").replace(")", ""))
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def imported(folder: Path, basis: str = "splits", exchange: str = "XNYS") -> None:
    (folder / "map.toml").write_text(MAP.format(basis=basis, exchange=exchange))
    done = run("data", "import", "own.csv", "--map", "map.toml")
    assert done.exit_code == 0, done.stderr


def answered(*more: str) -> dict[str, Any]:
    done = run(*STUDY, *more)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(answer: dict[str, Any], code: str) -> list[tuple[str, str]]:
    found = answer["findings"]
    return [(one["level"], one["text"]["en"]) for one in found if one["code"] == code]


def test_a_symbol_without_a_card_is_studied_and_says_so(folder: Path, desk: Desk) -> None:
    imported(folder)
    answer = answered("--symbols", "eni.mi")
    assert [row["symbol"] for row in answer["stocks"]] == ["ENI.MI"]
    words = "no instrument card for ENI.MI: currency and exchange as declared by the file"
    assert told(answer, "CARD") == [("FOOTNOTE", words)]
    plain = desk.returns(["NVDA"], "^GSPC")
    assert answer["stocks"][0]["ar"]["0"] < -0.1
    assert "ENI.MI" not in desk.universe
    assert plain.basis == "splits_dividends"


def test_a_symbol_with_a_card_needs_no_footnote(folder: Path) -> None:
    text = (folder / "own.csv").read_text().replace("ENI.MI", "NVDA")
    (folder / "own.csv").write_text(text)
    imported(folder)
    assert told(answered("--symbols", "NVDA"), "CARD") == []


@pytest.mark.parametrize(("basis", "footnotes"), [("splits", 1), ("splits_dividends", 0)])
def test_returns_carry_the_basis_that_was_declared(
    folder: Path, basis: str, footnotes: int
) -> None:
    from marketshock.desk import Desk as Opened

    imported(folder, basis)
    panel = Opened("files").returns(["ENI.MI"], "^GSPC")
    assert (panel.basis, panel.symbols) == (basis, ("ENI.MI", "^GSPC"))
    answer = answered("--symbols", "ENI.MI")
    words = "the file has closes without dividends: so have the returns"
    assert told(answer, "BASIS") == [("FOOTNOTE", words)] * footnotes
    reinvested = "stocks with dividends reinvested against a price index without dividends"
    assert (("FOOTNOTE", reinvested) in told(answer, "STUDY")) == (footnotes == 0)


@pytest.mark.slow
def test_findings_of_the_import_are_told_by_every_answer_and_on_the_page(folder: Path) -> None:
    """Kept with the vintage: a row that stands twice, and what was not declared."""
    text = (folder / "own.csv").read_text()
    (folder / "own.csv").write_text(f"{text}\n{text.splitlines()[-1]}\n")
    done = run("data", "import", "own.csv")
    assert done.exit_code == 0, done.stderr
    answer = answered("--symbols", "ENI.MI")
    twice = ("INFO", "1 rows stand twice with the same values and were taken once")
    assert told(answer, "D3") == [twice]
    levels = dict(told(answer, "BASIS"))
    assert levels.keys() == {"FOOTNOTE"}
    shock = api.event_study(date="2025-01-27", symbols=["ENI.MI"], source="files")
    words = [text.en for text in closing(shock, api.losses(3)).findings]
    assert any(line.startswith("basis and currency are not both declared") for line in words)
    assert any(line.startswith("no instrument card for ENI.MI") for line in words)
    assert not any("stand twice" in line for line in words)


def test_sessions_are_those_of_the_exchange_that_was_declared(folder: Path) -> None:
    """Milan was shut on Easter Monday of 2024, when New York traded."""
    imported(folder, exchange="XMIL")
    done = run(*STUDY, "--symbols", "ENI.MI")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "there are prices of 2024-04-01, on which the exchange was shut (D9)" in done.stderr
    (folder / "map.toml").write_text(MAP.format(basis="splits", exchange="XXXX"))
    done = run("data", "import", "own.csv", "--map", "map.toml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Unknown exchange 'XXXX'" in done.stderr


def test_an_events_file_says_the_same_of_its_source(folder: Path) -> None:
    imported(folder)
    (folder / "events.csv").write_text("symbol,date\nENI.MI,2025-01-27\n")
    done = run("study", "--events", "events.csv", "--source", "files", "--format", "json")
    assert done.exit_code == 0, done.stderr
    codes = {one["code"] for one in json.loads(done.stdout)["findings"]}
    assert {"CARD", "BASIS", "D25"} <= codes
