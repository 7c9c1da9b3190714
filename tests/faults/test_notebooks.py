"""What can go wrong with a notebook, by the B rows of docs/faults.md."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import all_bytes, ask, refused

from marketshock.errors import QualityError
from marketshock.exhibits.exhibit import MIME
from marketshock.publish import report as publishing
from marketshock.publish.as_saved import refuse_stale, saved_run
from marketshock.publish.notebook import WIDGET, collect, find_notebook, run_notebook
from marketshock.publish.privacy import published, secrets_of
from marketshock.resources import resource_folder

CANARY = "canary-7731-not-for-clients"
SECRET = "key-4242-for-nobody"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
DEFAULTS = 'event = "deepseek"\nlang = "en"\ndraft = False'
PAGE = (
    "import marketshock as ms",
    "shock, losses = ms.event_study(event), ms.losses(None)",
    "ms.cover(shock, losses).in_language(lang)",
    'ms.exhibit(shock, "abnormal_table", lang=lang)',
    "ms.closing(shock, losses).in_language(lang)",
)
GUARD = """
import os, socket
for name in ("connect", "connect_ex"):
    def guarded(self, address, original=getattr(socket.socket, name)):
        if self.family != socket.AF_UNIX and not str(address[0]).startswith("127."):
            open(os.environ["REACHED"], "a").write(repr(address) + "\\n")
            raise OSError("no network here")
        return original(self, address)
    setattr(socket.socket, name, guarded)
"""


def code(source: str, count: int | None = None, *outputs: Any, tags: Any = ()) -> dict[str, Any]:
    metadata = {"tags": list(tags)}
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "id": "x"}
    return {**cell, "outputs": list(outputs), "execution_count": count}


def shows(key: str, figures: str, **more: Any) -> dict[str, Any]:
    payload = {"kind": "table", "key": key, "data_csv": figures, **more}
    data = {MIME: payload, "text/plain": "seen"}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    metadata = {"kernelspec": KERNEL}
    return {"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def saved(folder: Path, content: dict[str, Any], name: str = "own.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return path


def own_page(*more: str) -> dict[str, Any]:
    cells = [code(source) for source in (*PAGE[:3], *more, *PAGE[3:])]
    return notebook(code(DEFAULTS, tags=["parameters"]), *cells)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "run_notebook", lambda *_: pytest.fail("a kernel was started"))


@pytest.fixture
def old(tmp_path: Path) -> dict[str, bytes]:
    """A page of an earlier run, which every fault must leave as it is."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "own-deepseek-en.pdf").write_bytes(b"old")
    return {"own-deepseek-en.pdf": b"old"}


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


# B1, B2: hidden state and stale outputs.


@pytest.mark.parametrize("counts", [(2, 1, 3), (1, 1, 2), (1, None, 2), (1, 2, None)])
def test_b1_a_notebook_saved_out_of_order_is_refused_before_it_is_run(
    counts: tuple[int | None, ...], tmp_path: Path, no_kernel: None, old: dict[str, bytes]
) -> None:
    path = saved(tmp_path, notebook(*(code(f"x{at}", at) for at in counts)))
    said = refused("report", str(path), "--out", str(tmp_path / "out"), code=3)
    assert "was not run after the cell above it" in said
    assert "Restart the kernel" in said
    assert left(tmp_path) == old


def test_b1_a_notebook_without_outputs_hides_nothing(tmp_path: Path) -> None:
    assert saved_run(saved(tmp_path, notebook(code("x"), code("y")))) is None
    for path in resource_folder("notebooks").glob("*.ipynb"):
        assert saved_run(path) is None


@pytest.mark.slow
def test_b1_a_fresh_kernel_gives_the_same_twice(tmp_path: Path) -> None:
    path = find_notebook("00_start_here")
    one, two = (run_notebook(path, {}, tmp_path) for _ in range(2))
    assert one == two


def test_b2_figures_that_the_code_no_longer_gives_are_refused() -> None:
    seen = notebook(code("a", 1), code("b", 2, shows("car", "x\n1\n")))
    now = copy.deepcopy(seen)
    refuse_stale(seen, now)
    now["cells"][1]["outputs"][0]["data"][MIME]["data_csv"] = "x\n2\n"
    with pytest.raises(QualityError, match="Cell 2 was saved with other figures"):
        refuse_stale(seen, now)


@pytest.mark.parametrize(
    "change", [[], [shows("other", "x\n1\n")], [shows("car", "x\n1\n"), shows("car", "x\n1\n")]]
)
def test_b2_another_exhibit_in_a_cell_is_stale_too(change: list[Any]) -> None:
    seen = notebook(code("a", 1, shows("car", "x\n1\n")))
    now = notebook(code("a", 1, *change))
    with pytest.raises(QualityError, match="Cell 1"):
        refuse_stale(seen, now)


def test_b2_other_parameters_are_no_staleness_and_drawings_are_not_compared() -> None:
    given = code('event = "covid"', 1, tags=["injected-parameters"])
    seen = notebook(code("a", 1, shows("car", "x\n1\n", svg="<svg/>")))
    refuse_stale(seen, notebook(given, code("a", 2, shows("car", "x\n2\n"))))
    refuse_stale(seen, notebook(code("a", 1, shows("car", "x\n1\n", svg="<svg>2</svg>"))))


def test_b2_a_notebook_that_was_saved_with_an_error_is_refused() -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "x", "traceback": []}
    with pytest.raises(QualityError, match="Cell 1 ended with KeyError"):
        refuse_stale(notebook(code("a", 1, error)), notebook(code("a", 1)))


@pytest.mark.slow
def test_b2_a_cell_edited_after_its_run_is_refused_and_run_again_accepted(
    tmp_path: Path, old: dict[str, bytes]
) -> None:
    path = saved(tmp_path, own_page())
    content = run_notebook(path, {}, tmp_path)
    command = ("report", str(saved(tmp_path, content)), "--out", str(tmp_path / "out"))
    edited = copy.deepcopy(content)
    source = edited["cells"][2]["source"]
    edited["cells"][2]["source"] = "".join(source).replace("event)", "event, estimation=120)")
    saved(tmp_path, edited)
    assert "was saved with other figures" in refused(*command, code=3)
    assert left(tmp_path) == old
    saved(tmp_path, content)
    assert ask(*command).exit_code == 0
    assert left(tmp_path)["own-deepseek-en.pdf"].startswith(b"%PDF")


# B3, B4: parameters and kernels.


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("evnt=covid", "Did you mean event"),
        ("zzz=1", "event, lang, draft"),
        ("event", "key=value"),
        ("draft=True", "--draft"),
    ],
)
def test_b3_a_parameter_that_is_none_is_refused_before_the_run(
    given: str, words: str, tmp_path: Path, no_kernel: None
) -> None:
    assert words in refused("report", str(saved(tmp_path, own_page())), "-p", given)


def test_b3_parameters_of_the_run_before_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = own_page()
    before = code('event = "covid"\nlang = "it"\ndraft = True', tags=["injected-parameters"])
    content["cells"].insert(1, before)
    asked: list[Any] = []

    def run(path: Path, values: dict[str, Any], folder: Path) -> Any:
        asked.append(values)
        raise QualityError("enough")

    monkeypatch.setattr(publishing, "run_notebook", run)
    path = str(saved(tmp_path, content))
    refused("report", path, "--out", str(tmp_path), code=3)
    refused("report", path, "--out", str(tmp_path), "-p", "event=deepseek", code=3)
    assert asked == [{"event": "covid", "lang": "en"}, {"event": "deepseek", "lang": "en"}]


@pytest.mark.slow
def test_b4_a_kernel_that_is_killed_leaves_the_old_page_and_the_next_run_works(
    tmp_path: Path, old: dict[str, bytes]
) -> None:
    kill = f"import os, pathlib\nif not pathlib.Path({str(tmp_path / 'once')!r}).exists():\n"
    kill += f"    pathlib.Path({str(tmp_path / 'once')!r}).touch()\n    os.kill(os.getpid(), 9)"
    command = ("report", str(saved(tmp_path, own_page(kill))), "--out", str(tmp_path / "out"))
    assert "its kernel died" in refused(*command, code=3)
    assert left(tmp_path) == old
    again = ask(*command)
    assert again.exit_code == 0, again.output
    assert left(tmp_path)["own-deepseek-en.pdf"].startswith(b"%PDF")


# B5, U14: places and secrets.


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_b5_the_home_folder_in_outputs_becomes_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/people/anna")
    text = "/people/anna/x.csv file:///people/anna/y /people/annabel /to/people/anna '/people/anna'"
    found = published(notebook(code("x", 1, printed(text), shows("a", "/people/anna\n"))))
    outputs = found["cells"][0]["outputs"]
    kept = "~/x.csv file://~/y /people/annabel /to/people/anna '~'"
    assert outputs[0]["text"] == kept
    assert outputs[1]["data"][MIME]["data_csv"] == "~\n"


@pytest.mark.parametrize("place", ["output", "source"])
def test_b5_u14_a_secret_of_the_environment_is_refused_by_name(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_API_KEY", f'{CANARY}"\\é')
    told = f'{CANARY}"\\é'
    cell = code("x", 1, printed(told)) if place == "output" else code(f"k = {told}", 1)
    with pytest.raises(QualityError, match=r"Cell 2 holds .* MARKET_API_KEY") as caught:
        published(notebook(code("a", 1), cell))
    assert CANARY not in str(caught.value)


def test_b5_only_what_is_called_secret_is_one() -> None:
    names = ("API_KEY", "GITHUB_TOKEN", "db_password", "KEYBOARD", "HOME", "X_SECRET")
    environment = dict.fromkeys(names, "x" * 20) | {"SHORT_KEY": "abc"}
    assert [name for name, _ in secrets_of(environment)] == [*names[:3], "X_SECRET"]


@pytest.mark.slow
def test_u14_b5_a_page_in_every_format_tells_no_place_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / f"{CANARY}-home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LOGNAME", CANARY)
    monkeypatch.setenv("MARKET_API_KEY", SECRET)
    path = saved(tmp_path, own_page("from pathlib import Path\nprint(Path.home() / 'own.csv')"))
    out = tmp_path / "out"
    done = ask("report", str(path), "--out", str(out), "--also", "pptx,xlsx,html,png")
    assert done.exit_code == 0, done.output
    assert {file.suffix for file in out.iterdir()} == {
        ".pdf", ".ipynb", ".pptx", ".xlsx", ".html", ".png",
    }  # fmt: skip
    assert "~/own.csv" in next(out.glob("*.ipynb")).read_text("utf-8")
    for file in out.iterdir():
        data = all_bytes(file)
        for secret in (CANARY, SECRET, str(tmp_path), str(home), "site-packages"):
            assert secret.encode() not in data, (file.name, secret)
    path = saved(tmp_path, own_page("import os\nos.environ['MARKET_API_KEY']"))
    said = refused("report", str(path), "--out", str(tmp_path / "none"), code=3)
    assert "MARKET_API_KEY" in said
    assert SECRET not in said
    assert list((tmp_path / "none").iterdir()) == []


# B6, B7: widgets and no network.


def widget() -> dict[str, Any]:
    data = {WIDGET: {"model_id": "x"}, "text/plain": "IntSlider(value=3)"}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_b6_a_widget_without_a_static_twin_is_refused() -> None:
    with pytest.raises(QualityError, match="Cell 1 shows a widget only") as caught:
        collect(notebook(code("x", 1, widget())), "en")
    assert "no-report" in caught.value.hint


def test_b6_a_twin_beside_the_widget_is_printed_and_a_hidden_one_is_left_out() -> None:
    twin = code("x", 1, widget(), shows("car", "x\n1\n"))
    hidden = code("y", 2, widget(), tags=["no-report"])
    assert [item["key"] for item in collect(notebook(twin, hidden), "en").items] == ["car"]


@pytest.mark.slow
def test_b7_a_page_is_made_without_a_network_and_says_which_data_it_used(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    reached = tmp_path / "reached"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "REACHED": str(reached)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
        )

    assert run("-c", "import socket; socket.socket().connect(('192.0.2.1', 9))").returncode == 1
    assert "192.0.2.1" in reached.read_text()
    reached.unlink()
    done = run("-m", "marketshock", "report", "shock", "--out", "out", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert not reached.exists()
    answer = json.loads(done.stdout)
    page = next(Path(file) for file in answer["files"] if file.endswith(".pdf"))
    assert answer["vintage"].encode() in all_bytes(page)
