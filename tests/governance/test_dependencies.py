from __future__ import annotations

import ast
import socket
import sys
from collections.abc import Iterator

import pytest

Trees = dict[str, ast.Module]

# Who may import what: paths below marketshock/, or their beginnings; "" is everybody.
ALLOWED = {
    "arch": ("eventstudy/garch.py",),
    "click": ("cli.py", "cli_answers.py", "cli_data.py", "cli_note.py", "cli_scan.py"),
    "curl_cffi": ("sources/yahoo_session.py",),
    "exchange_calendars": ("market/exchange_hours.py",),
    "fontTools": ("exhibits/letters.py",),
    "httpx": ("sources/",),
    "IPython": ("publish/", "exhibits/"),
    "markdown_it": ("publish/",),
    "matplotlib": ("exhibits/",),
    "nbclient": ("publish/",),
    "nbformat": ("publish/",),
    "numpy": ("",),
    "openpyxl": ("sources/file_rows.py",),
    "pandas": ("",),
    "pandera": ("sources/contract",),
    "papermill": ("publish/",),
    "platformdirs": ("sources/",),
    "pyarrow": ("sources/file_rows.py",),
    "pptx": ("publish/pptx.py", "publish/deck_"),
    "pypdf": ("publish/verify_file.py",),
    "scipy": ("",),
    "statsmodels": ("capex/", "eventstudy/", "inference/"),
    "typst": ("publish/drawing.py", "publish/pdf.py", "publish/pictures.py"),
    "xlsxwriter": ("publish/native_sheet.py", "publish/xlsx.py"),
    "yfinance": ("sources/yahoo.py",),
}
WITHOUT_PANDAS = [
    "errors.py",
    "locale.py",
    "provenance.py",
    "table.py",
    "market/",
    "inference/",
    "eventstudy/",
    "marketcap/",
    "capex/",
    "shock/",
    "quality/",
]
CLOCKS = {"now", "today", "utcnow"}


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield full names of imported modules and their lines, wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def at_import_time(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements that run when a module is imported; not those for type checkers."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and "TYPE_CHECKING" not in ast.dump(statement.test):
            yield from at_import_time([*statement.body, *statement.orelse])
        elif isinstance(statement, (ast.Try, ast.With)):
            yield from at_import_time(statement.body)


def test_outside_packages_are_imported_only_where_they_belong(trees: Trees) -> None:
    wrong = []
    for path, tree in trees.items():
        for name, line in imports(tree):
            package = name.split(".")[0]
            if package in sys.stdlib_module_names or package in ("marketshock", "__future__"):
                continue
            if not path.startswith(ALLOWED.get(package, ())):
                wrong.append(f"{path}:{line} imports {package}")
    assert wrong == []


@pytest.mark.parametrize("prefix", WITHOUT_PANDAS)
def test_pandas_is_loaded_only_when_it_is_needed(trees: Trees, prefix: str) -> None:
    paths = [path for path in trees if path.startswith(prefix)]
    assert paths
    wrong = [
        f"{path}:{statement.lineno}"
        for path in paths
        for statement in at_import_time(trees[path].body)
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        and any(name.split(".")[0] == "pandas" for name, _ in imports(statement))
    ]
    assert wrong == []


def test_inference_does_not_know_pandas_at_all(trees: Trees) -> None:
    known = {
        name.split(".")[0]
        for path, tree in trees.items()
        if path.startswith("inference/")
        for name, _ in imports(tree)
    }
    assert known <= {
        "__future__",
        "collections",
        "dataclasses",
        "math",
        "typing",
        "numpy",
        "scipy",
        "marketshock",
        "functools",
        "itertools",
    }


def test_nobody_uses_pyplot_or_global_settings_of_charts(trees: Trees) -> None:
    wrong = []
    for path, tree in trees.items():
        wrong += [f"{path}:{line}" for name, line in imports(tree) if "pyplot" in name]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("pyplot", "rcParams"):
                wrong.append(f"{path}:{node.lineno} {node.attr}")
    assert wrong == []


def test_nobody_prints_but_the_command_line(trees: Trees) -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        if path != "cli.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []


def test_nobody_looks_at_the_clock_but_the_command_line(trees: Trees) -> None:
    wrong = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            is_time = isinstance(owner, ast.Name) and owner.id == "time"
            if path not in ("cli.py", "cli_data.py") and (node.func.attr in CLOCKS or is_time):
                wrong.append(f"{path}:{node.lineno} {node.func.attr}")
    assert wrong == []


def test_nobody_runs_text_as_code_or_unpickles(trees: Trees) -> None:
    wrong = []
    for path, tree in trees.items():
        wrong += [f"{path}:{line}" for name, line in imports(tree) if name.startswith("pickle")]
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in ("eval", "exec", "compile"):
                wrong.append(f"{path}:{called.lineno} {called.id}")
    assert wrong == []


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.1", 443)),
        (socket.AF_INET6, ("2001:db8::1", 443, 0, 0)),
        (socket.AF_INET, ("example.invalid", 80)),
    ],
)
def test_the_guard_of_these_tests_refuses_the_network(
    family: int, address: tuple[str, int]
) -> None:
    with socket.socket(family) as outside, pytest.raises(pytest.fail.Exception, match="network"):
        outside.connect(address)
    with pytest.raises(pytest.fail.Exception, match="network"):
        socket.getaddrinfo("example.invalid", 80)


def test_the_guard_lets_the_machine_talk_to_itself() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()
    with socket.socket(socket.AF_UNIX) as local, pytest.raises(FileNotFoundError):
        local.connect("/nonexistent/socket")
