from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

Trees = dict[str, ast.Module]

LONGEST_FUNCTION = 60
SHORT_FUNCTION = 30
LONGEST_MODULE = 400
MEDIAN_MODULE = 220
SHARE_OF_SHORT = 0.9


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    documented = ast.get_docstring(node) is not None and len(node.body) > 1
    first = node.body[1] if documented else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def functions(trees: Trees) -> list[tuple[str, int]]:
    """Return place and length of every function without its docstring."""
    return [
        (f"{path}:{node.lineno} {node.name}", _length(node))
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def module_lengths(root: Path) -> dict[str, int]:
    return {
        path.relative_to(root).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in (root / "marketshock").rglob("*.py")
    }


def test_no_function_is_longer_than_a_screen(trees: Trees) -> None:
    assert [f for f in functions(trees) if f[1] > LONGEST_FUNCTION] == []


def test_nine_functions_of_ten_are_short(trees: Trees) -> None:
    lengths = [length for _, length in functions(trees)]
    assert len(lengths) > 200
    assert sum(length < SHORT_FUNCTION for length in lengths) / len(lengths) >= SHARE_OF_SHORT


def test_no_module_is_a_book(root: Path) -> None:
    assert {p: n for p, n in module_lengths(root).items() if n > LONGEST_MODULE} == {}


def test_the_usual_module_is_small(root: Path) -> None:
    assert median(n for n in module_lengths(root).values() if n > 1) <= MEDIAN_MODULE


def test_no_test_collects_itself_by_its_class_name(root: Path, trees: Trees) -> None:
    own = {path.name: ast.parse(path.read_text("utf-8")) for path in (root / "tests").rglob("*.py")}
    wrong = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in {**trees, **own}.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    ]
    assert wrong == []
