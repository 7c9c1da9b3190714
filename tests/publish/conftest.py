"""Helpers of these tests are found by name; what stands for a kernel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_page import Kernel, as_bytes, source_notebook

from marketshock.publish import verify as verifying


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kernel:
    """Only one notebook travels with the package, and it is run without a kernel."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "small.ipynb").write_bytes(as_bytes(source_notebook()))
    stand_in = Kernel()
    monkeypatch.setattr(verifying, "resource_folder", lambda name: folder)
    monkeypatch.setattr(verifying, "run_notebook", stand_in.run)
    return stand_in
