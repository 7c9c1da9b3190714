"""Notebooks: typed parameters, what is refused, and what comes out in which order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from marketshock import errors
from marketshock.errors import InsufficientDataError, MarketShockError, QualityError, UserInputError
from marketshock.exhibits.exhibit import MIME
from marketshock.publish.notebook import (
    collect,
    find_notebook,
    parameters_of,
    read,
    run_notebook,
    typed_parameters,
)

DEFAULTS = 'event = "deepseek"\nestimation = 250\nlevel = 0.05\ndraft = False\nwindows = [-1, 1]'


def code(source: str, *, count: int | None = None, outputs: Any = (), tags: Any = ()) -> Any:
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": count,
    }


def prose(source: str, *tags: str) -> Any:
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def shows(**payload: Any) -> Any:
    data = {MIME: payload, "text/plain": "seen"}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


def notebook(*cells: Any) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": [cell | {"id": f"id-{at}"} for at, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def saved(folder: Path, *cells: Any, name: str = "tiny.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return path


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    return saved(tmp_path, prose("words"), code(DEFAULTS, tags=["parameters"]), code("event"))


# Finding and reading.


def test_a_notebook_is_found_by_name_and_by_path(typed: Path) -> None:
    assert find_notebook("05_client_report").name == "05_client_report.ipynb"
    assert find_notebook(str(typed)) == typed


@pytest.mark.parametrize("name", ["05_client_reprot", "05_client_reprot.ipynb"])
def test_a_name_almost_right_gets_a_suggestion(name: str) -> None:
    with pytest.raises(UserInputError) as caught:
        find_notebook(name)
    assert "05_client_report" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"cells": 5}', b'{"cells": [5]}', b'{"cells": [{}]}', b"\xff\xfe", b"{}"],
)
def test_what_is_no_notebook_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.ipynb"
    path.write_bytes(content)
    with pytest.raises(UserInputError, match=r"odd\.ipynb"):
        read(path)


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="can't be read"):
        read(tmp_path)


# Parameters.


def test_defaults_are_those_of_the_tagged_cell(typed: Path) -> None:
    assert parameters_of(typed) == {
        "event": "deepseek",
        "estimation": 250,
        "level": 0.05,
        "draft": False,
        "windows": [-1, 1],
    }


def test_source_may_be_a_list_of_lines(tmp_path: Path) -> None:
    cell = code("", tags=["parameters"]) | {"source": ["a = 1\n", 'b = "x"']}
    assert parameters_of(saved(tmp_path, cell)) == {"a": 1, "b": "x"}


def test_without_a_tagged_cell_there_are_none(tmp_path: Path) -> None:
    assert parameters_of(saved(tmp_path, code("a = 1"))) == {}


@pytest.mark.parametrize("source", ["d = today()", "n = = 3", "%matplotlib inline", "x = 1 + y"])
def test_a_parameter_that_is_no_plain_value_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(UserInputError, match=r"tiny\.ipynb"):
        parameters_of(saved(tmp_path, code(source, tags=["parameters"])))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("event", "tariffs_2025", "tariffs_2025"),
        ("event", "2025", "2025"),
        ("event", "", ""),
        ("event", "a=b $ <b>", "a=b $ <b>"),
        ("estimation", "120", 120),
        ("estimation", "-3", -3),
        ("level", "0.1", 0.1),
        ("level", "1", 1),
        ("draft", "True", True),
        ("windows", "[0, 5]", [0, 5]),
    ],
)
def test_text_becomes_the_type_of_the_default(
    typed: Path, name: str, text: str, value: Any
) -> None:
    found = typed_parameters(typed, {name: text})
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("estimation", "abc"),
        ("estimation", "2.5"),
        ("estimation", ""),
        ("estimation", "True"),
        ("estimation", "1_0 + 1"),
        ("estimation", "__import__('os').getpid()"),
        ("estimation", "(" * 3000),
        ("estimation", "1\0"),
        ("level", "False"),
        ("level", "a lot"),
        ("draft", "1"),
        ("draft", "yes"),
        ("windows", "0,5"),
    ],
)
def test_b3_a_value_of_another_type_is_refused_with_an_example(
    typed: Path, name: str, text: str
) -> None:
    with pytest.raises(UserInputError, match=f"parameter {name} is") as caught:
        typed_parameters(typed, {name: text})
    assert f"-p {name}=" in caught.value.hint


def test_b3_an_unknown_parameter_is_refused_with_a_suggestion(typed: Path) -> None:
    with pytest.raises(UserInputError, match="no parameter 'estimaton'") as caught:
        typed_parameters(typed, {"estimaton": "120"})
    assert "estimation" in caught.value.hint


def test_b3_a_parameter_like_no_other_lists_those_there_are(typed: Path) -> None:
    with pytest.raises(UserInputError) as caught:
        typed_parameters(typed, {"zzzzzz": "1"})
    assert "event, estimation, level, draft, windows" in caught.value.hint


# What a page is made from.


def test_items_come_in_cell_order() -> None:
    found = collect(
        notebook(
            code("cover", count=1, outputs=[shows(kind="cover", lang="en")]),
            prose("Some words.", "lang-en"),
            code("chart", count=2, outputs=[shows(kind="chart", key="a", lang="en")]),
            code("two", count=3, outputs=[shows(kind="prose", key="b"), shows(kind="table")]),
        ),
        "en",
    )
    assert [item["kind"] for item in found.items] == [
        "cover",
        "markdown",
        "chart",
        "prose",
        "table",
    ]
    assert found.items[1]["text"] == "Some words."


def test_prose_comes_in_the_language_of_the_page_only() -> None:
    cells = notebook(prose("English", "lang-en"), prose("Italiano", "lang-it"), prose("Neither"))
    assert [item["text"] for item in collect(cells, "it").items] == ["Italiano"]
    assert [item["text"] for item in collect(cells, "en").items] == ["English"]


def test_hidden_cells_stay_out() -> None:
    cells = notebook(
        prose("Secret", "lang-en", "no-report"),
        code("a", count=1, outputs=[shows(kind="table", lang="it")], tags=["no-report"]),
        code("b", count=2, outputs=[shows(kind="cover", lang="en")]),
    )
    assert [item["kind"] for item in collect(cells, "en").items] == ["cover"]


@pytest.mark.parametrize("tags", [[], ["no-report"]])
def test_an_error_output_is_refused_even_in_a_hidden_cell(tags: list[str]) -> None:
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "'close'", "traceback": []}
    cells = notebook(code("x", count=1), code("y", count=2, outputs=[failed], tags=tags))
    with pytest.raises(QualityError, match="Cell 2 ended with KeyError"):
        collect(cells, "en")


@pytest.mark.parametrize("counts", [(2, 1), (1, 1), (1, None), (None, 1), (3, 2)])
def test_b1_cells_run_out_of_order_are_refused(counts: tuple[int | None, ...]) -> None:
    cells = notebook(*(code(f"x{at}", count=count) for at, count in enumerate(counts)))
    with pytest.raises(QualityError, match=r"Cell [12] was not run after"):
        collect(cells, "en")


def test_b1_gaps_in_the_count_and_empty_cells_are_no_fault() -> None:
    cells = notebook(code("x", count=2), code("  \n"), code("y", count=7))
    assert collect(cells, "en").items == ()


def test_an_exhibit_in_another_language_is_refused_by_name() -> None:
    cells = notebook(code("x", count=1, outputs=[shows(kind="chart", key="car_path", lang="en")]))
    with pytest.raises(QualityError, match="car_path is in 'en'") as caught:
        collect(cells, "it")
    assert "lang=lang" in caught.value.hint


def test_outputs_without_a_payload_are_left_out() -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": "noise"}
    frame = {"output_type": "display_data", "data": {"text/html": "<b>x</b>"}, "metadata": {}}
    assert collect(notebook(code("x", count=1, outputs=[printed, frame])), "en").items == ()


@pytest.mark.parametrize("number", [0, 2])
def test_a_page_needs_exactly_one_cover(number: int) -> None:
    cover = shows(kind="cover", lang="en")
    cells = notebook(*(code("x", count=at + 1, outputs=[cover]) for at in range(number)))
    with pytest.raises(QualityError, match=f"shows {number} of 'cover'"):
        collect(cells, "en").one("cover")


# Running.


def test_a_run_takes_the_parameters_and_leaves_no_clock(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        code("n = 1", tags=["parameters"]),
        code(f"display({{'{MIME}': {{'kind': 'prose', 'n': n, 'lang': 'en'}}}}, raw=True)"),
    )
    before = path.read_bytes()
    done = run_notebook(path, {"n": 5}, tmp_path)
    assert [item["n"] for item in collect(done, "en").items] == [5]
    assert path.read_bytes() == before
    text = json.dumps(done)
    assert not re.search(r"papermill|\d{4}-\d\d-\d\dT|start_time|duration", text)
    assert [cell["id"] for cell in done["cells"]] == [f"cell-{at}" for at in range(3)]


def test_an_error_of_the_package_in_a_cell_comes_out_as_itself(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        code("from marketshock.errors import InsufficientDataError"),
        code("raise InsufficientDataError('only 12 of 250 sessions', 'Choose another day.')"),
    )
    with pytest.raises(InsufficientDataError, match="only 12 of 250 sessions") as caught:
        run_notebook(path, {}, tmp_path)
    assert type(caught.value) is InsufficientDataError
    assert "Choose another day." in str(caught.value)
    assert caught.value.exit_code == 3


KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MarketShockError)
]


def stopping(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    import papermill

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(papermill, "execute_notebook", fail)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_package_keeps_its_kind_and_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: type[MarketShockError]
) -> None:
    from papermill.exceptions import PapermillExecutionError

    stopping(monkeypatch, PapermillExecutionError(3, 2, "x", kind.__name__, "no luck", []))
    with pytest.raises(MarketShockError, match="no luck") as caught:
        run_notebook(saved(tmp_path, code("x")), {}, tmp_path)
    assert type(caught.value) is kind


@pytest.mark.parametrize("name", ["ZeroDivisionError", "Iterable", "suggest", "ClassVar"])
def test_any_other_error_names_notebook_and_cell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    from papermill.exceptions import PapermillExecutionError

    stopping(monkeypatch, PapermillExecutionError(3, 2, "1/0", name, "no luck", []))
    with pytest.raises(QualityError, match=rf"tiny\.ipynb stopped in cell 3: {name}: no luck"):
        run_notebook(saved(tmp_path, code("x")), {}, tmp_path)


def test_b4_a_kernel_that_dies_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from nbclient.exceptions import DeadKernelError

    stopping(monkeypatch, DeadKernelError("Kernel died"))
    with pytest.raises(QualityError, match=r"tiny\.ipynb: its kernel died"):
        run_notebook(saved(tmp_path, code("x")), {}, tmp_path)


@pytest.mark.parametrize(("deaths", "starts"), [(0, 1), (2, 3)])
def test_a_kernel_that_dies_before_its_first_cell_is_started_again(
    deaths: int, starts: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = []

    def execute(source: str, target: str, **_: Any) -> None:
        begun.append(source)
        if len(begun) <= deaths:
            raise RuntimeError("Kernel died before replying to kernel_info")
        Path(target).write_text(Path(source).read_text("utf-8"), "utf-8")

    monkeypatch.setattr("papermill.execute_notebook", execute)
    run_notebook(find_notebook("01_event_study"), {}, tmp_path)
    assert len(begun) == starts


@pytest.mark.parametrize("words", ["Kernel died before replying to kernel_info", "another"])
def test_other_failures_and_the_last_death_are_raised(
    words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def execute(*_: Any, **__: Any) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr("papermill.execute_notebook", execute)
    with pytest.raises(RuntimeError, match=words):
        run_notebook(find_notebook("01_event_study"), {}, tmp_path)
