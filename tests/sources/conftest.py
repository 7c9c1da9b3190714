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
    before = _stamps(_copy)
    yield _copy
    after = _stamps(_copy)
    for name in after.keys() - before.keys():
        (_copy / name).unlink()
    for name, stamp in before.items():
        if after.get(name) != stamp:
            shutil.copy2(data_folder / name, _copy / name)


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in stats.items()}


@pytest.fixture
def small(data_folder: Path, tmp_path: Path) -> Path:
    """A folder of the same layout without the price tables, which take time, and its manifest."""
    from marketshock.sources.manifest import MANIFEST, build_manifest

    folder = tmp_path / "small"
    folder.mkdir()
    for path in data_folder.iterdir():
        if not path.name.startswith("prices"):
            shutil.copy2(path, folder)
    (folder / MANIFEST).write_text(build_manifest(folder).to_json(), "utf-8")
    return folder


@pytest.fixture(scope="session")
def frames(data_folder: Path) -> dict[str, pd.DataFrame]:
    """All tables, read as the contracts ask."""
    import pandas as pd

    from marketshock.sources.contracts import read_options, table_names

    paths = {path.name.split(".")[0]: path for path in data_folder.glob("*.csv*")}
    return {name: pd.read_csv(paths[name], **read_options(name)) for name in table_names()}
