"""One JupyterLab and one Chromium for all notebooks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from jupyterlab_page import JupyterLabPage, opened

from marketshock.resources import resource_folder


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, private_cache: Path) -> Iterator[JupyterLabPage]:
    """JupyterLab in a browser, on a copy of the notebooks."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    for module, package in (("jupyterlab", "jupyterlab"), ("websocket", "websocket-client")):
        if find_spec(module) is None:
            pytest.skip(f"{package} is not installed (pip install 'marketshock[notebook]')")
    base = tmp_path_factory.mktemp("browser")
    shutil.copytree(resource_folder("notebooks"), base / "notebooks")
    with opened(base, browser) as page:
        yield page
