"""A child process with the real client, a loopback Yahoo, and vintages of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from child import SYMBOLS, Shell, shell_at
from data_copy import DataCopy, shrink
from loopback_yahoo import History, LoopbackYahoo

if TYPE_CHECKING:
    from marketshock.desk import Desk


@pytest.fixture(scope="session")
def histories(desk: Desk) -> dict[str, History]:
    """The embedded figures of three symbols, as Yahoo would send them."""
    found = {}
    for symbol in SYMBOLS:
        fields = ("open", "high", "low", "close", "adj_close", "volume")
        columns = [desk.source.prices([symbol], name).values[:, 0] for name in fields]
        sessions = desk.source.prices([symbol]).sessions.astype(object)
        there = np.isfinite(columns[3])
        rows = [
            (day, *(float(value) if np.isfinite(value) else None for value in values[:5]), None)
            if not np.isfinite(values[5])
            else (day, *map(float, values[:5]), int(values[5]))
            for day, *values in zip(sessions, *columns, strict=True)
        ]
        splits = [(s.date, s.ratio) for s in desk.splits.splits if s.symbol == symbol]
        kind = "INDEX" if symbol.startswith("^") else "EQUITY"
        kept = [row for row, is_there in zip(rows, there, strict=True) if is_there]
        found[symbol] = History(symbol, kept, splits, [], kind)
    return found


@pytest.fixture(scope="session")
def short(histories: dict[str, History]) -> dict[str, History]:
    """The last forty sessions, for tests that look at the fetch only."""
    return {symbol: replace(one, rows=one.rows[-40:]) for symbol, one in histories.items()}


@pytest.fixture
def yahoo(short: dict[str, History]) -> Iterator[LoopbackYahoo]:
    with LoopbackYahoo(short) as server:
        yield server


@pytest.fixture
def shell(yahoo: LoopbackYahoo, tmp_path: Path, private_cache: Path) -> Shell:
    """A shell whose every connection ends at the loopback."""
    return shell_at(yahoo, tmp_path, private_cache)


@pytest.fixture(scope="session")
def prepared(
    short: dict[str, History], tmp_path_factory: pytest.TempPathFactory, private_cache: Path
) -> Path:
    """Vintages as one good refresh leaves them."""
    with LoopbackYahoo(short) as server:
        shell = shell_at(server, tmp_path_factory.mktemp("prepared"), private_cache)
        done = shell.refresh()
    assert done.returncode == 0, done.stderr
    return shell.folder / "vintages"


@pytest.fixture
def kept(shell: Shell, prepared: Path) -> Shell:
    """A shell with a good vintage, which every fault must leave as it is."""
    shutil.copytree(prepared, shell.folder / "vintages")
    return shell


@pytest.fixture(scope="session")
def small_data(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shrink(data_folder, tmp_path_factory.mktemp("small") / "data")


@pytest.fixture
def data(small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataCopy:
    """A copy of the data that a test may damage."""
    shutil.copytree(small_data, tmp_path / "data")
    return DataCopy(tmp_path / "data", monkeypatch)
