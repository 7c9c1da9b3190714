"""Every notebook in a real browser: run by the menu, saved, and made a page from what was saved."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jupyterlab_page import JupyterLabPage
from pypdf import PdfReader

from marketshock.cli import main
from marketshock.exhibits.exhibit import MIME
from marketshock.publish.notebook import collect, read, run_notebook
from marketshock.resources import resource_folder

pytestmark = pytest.mark.long
NOTEBOOKS = sorted(path.name for path in resource_folder("notebooks").glob("*.ipynb"))


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def makes_a_page(name: str) -> bool:
    sources = [
        "".join(cell["source"]) for cell in read(resource_folder("notebooks") / name)["cells"]
    ]
    return any("cover(" in source for source in sources)


PAGES = [name for name in NOTEBOOKS if makes_a_page(name)]


@pytest.fixture(scope="module")
def saved(lab: JupyterLabPage) -> dict[str, Path]:
    """Notebooks as the browser saved them, filled as they are asked for."""
    return {}


def run_in_browser(name: str, lab: JupyterLabPage, saved: dict[str, Path]) -> Path:
    if name not in saved:
        said = lab.run_all_and_save(name)
        assert not said["dirty"]
        assert said["kernel"] == "python3"
        saved[name] = lab.folder / name
        shown = [item for item in collect(read(saved[name]), "en").items if item["kind"] == "chart"]
        assert said["pictures"] >= min(len(shown), 1)
    return saved[name]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_in_order_without_an_error(
    name: str, lab: JupyterLabPage, saved: dict[str, Path]
) -> None:
    notebook = read(run_in_browser(name, lab, saved))
    cells = code_cells(notebook)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert outputs
    assert "error" not in {output["output_type"] for output in outputs}
    sources = [cell["source"] for cell in code_cells(read(resource_folder("notebooks") / name))]
    assert ["".join(cell["source"]) for cell in cells] == ["".join(source) for source in sources]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_browser_shows_what_a_run_without_one_shows(
    name: str, lab: JupyterLabPage, saved: dict[str, Path], tmp_path: Path
) -> None:
    seen = read(run_in_browser(name, lab, saved))
    again = run_notebook(resource_folder("notebooks") / name, {}, tmp_path)
    assert payloads(seen) == payloads(again)
    if name == "00_start_here.ipynb":
        assert payloads(seen)


def payloads(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        output["data"][MIME]
        for cell in code_cells(notebook)
        for output in cell["outputs"]
        if MIME in output.get("data", {})
    ]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_the_saved_notebook_is_that_of_the_command_line(
    name: str, lab: JupyterLabPage, saved: dict[str, Path], tmp_path: Path
) -> None:
    seen = run_in_browser(name, lab, saved)
    from_browser = made(str(seen), tmp_path / "browser")
    shipped = made(Path(name).stem, tmp_path / "shipped")
    ours, theirs = attachments(from_browser), attachments(shipped)
    assert ours.keys() == theirs.keys()
    assert [file for file in ours if file.endswith(".csv")]
    assert [file for file in ours if ours[file] != theirs[file]] == []
    assert from_browser.read_bytes() == shipped.read_bytes()


def made(name: str, out: Path) -> Path:
    done = CliRunner().invoke(main, ["report", name, "--out", str(out)])
    assert done.exit_code == 0, done.output
    (page,) = out.glob("*.pdf")
    return page


def attachments(page: Path) -> dict[str, bytes]:
    found = PdfReader(io.BytesIO(page.read_bytes())).attachments
    return {name: contents[0] for name, contents in found.items()}
