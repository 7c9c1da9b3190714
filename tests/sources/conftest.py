"""A copy of the data folder that a test may damage, and the tables as frames."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="session")
def _copy(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(data_folder, folder)
    return folder


@pytest.fixture
def folder(_copy: Path, data_folder: Path) -> Iterator[Path]:
    """A copy of the data; what a test changes in it is put back."""
    yield _copy
    here = {path.name for path in data_folder.iterdir()}
    for path in _copy.iterdir():
        if path.name not in here:
            path.unlink()
    for path in data_folder.iterdir():
        copied = _copy / path.name
        if not copied.exists() or copied.read_bytes() != path.read_bytes():
            shutil.copy2(path, copied)


@pytest.fixture(scope="session")
def frames(data_folder: Path) -> dict[str, pd.DataFrame]:
    """All tables, read as the contracts ask."""
    import pandas as pd

    from marketshock.sources.contracts import read_options, table_names

    paths = {path.name.split(".")[0]: path for path in data_folder.glob("*.csv*")}
    return {name: pd.read_csv(paths[name], **read_options(name)) for name in table_names()}
