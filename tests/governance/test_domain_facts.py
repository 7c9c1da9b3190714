"""Prices, dates and share counts live in the tables of data/, never in code."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

Trees = dict[str, ast.Module]

ISO = re.compile(r"(?<!\d)(?:19|20)\d{2}-[01]\d-[0-3]\d(?!\d)")
WELL_KNOWN = {142.62, 118.42, 118.58, 24.49, 24.53, 2485.63, 237.76, 589, 590, 592.7, 593, 588.7}
BASES = {0, 1}


def constants(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield constants, without docstrings and other strings that stand alone."""
    alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in alone:
            yield node


def digits(value: float) -> int:
    """Return the number of significant digits of a literal."""
    return len(f"{value:.12g}".replace(".", "").replace("-", "").strip("0"))


def figures(data_folder: Path) -> set[float]:
    """Return the figures of the tables of losses, and share counts in billions."""
    found = set(WELL_KNOWN)
    with (data_folder / "losses_inputs.csv").open(encoding="utf-8") as file:
        found |= {abs(float(row["value"])) for row in csv.DictReader(file)}
    with (data_folder / "losses_published.csv").open(encoding="utf-8") as file:
        cells = (row[key] for row in csv.DictReader(file) for key in row if "usd_bn" in key)
        found |= {abs(float(cell)) for cell in cells if cell}
    with (data_folder / "shares.csv").open(encoding="utf-8") as file:
        found |= {float(row["shares"]) / 1e9 for row in csv.DictReader(file)}
    return {v for v in found if v in WELL_KNOWN or (v != int(v) and digits(v) > 3) or v > 1e7}


@pytest.fixture(scope="module")
def facts(data_folder: Path) -> set[float]:
    return figures(data_folder)


def numbers(tree: ast.Module) -> Iterator[tuple[float, int]]:
    for node in constants(tree):
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            yield abs(node.value), node.lineno


def dates(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield ISO days in text, but for those that a hint gives as an example."""
    for node in constants(tree):
        if isinstance(node.value, str) and "example" not in node.value:
            yield from ((found, node.lineno) for found in ISO.findall(node.value))


def built_dates(tree: ast.Module) -> Iterator[int]:
    """Yield lines on which a date is built from literal numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) >= 3:
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            literal = all(isinstance(argument, ast.Constant) for argument in node.args[:3])
            if name in ("date", "datetime", "Timestamp") and literal:
                yield node.lineno


def test_no_day_is_written_in_code(trees: Trees) -> None:
    found = [f"{path}:{line} {day}" for path, tree in trees.items() for day, line in dates(tree)]
    found += [f"{path}:{line}" for path, tree in trees.items() for line in built_dates(tree)]
    assert found == []


def test_no_year_is_written_in_code(trees: Trees) -> None:
    assert [
        f"{path}:{line} {number}"
        for path, tree in trees.items()
        for number, line in numbers(tree)
        if 2000 < number < 2100 and number == int(number)
    ] == []


def test_no_price_or_loss_is_written_in_code(trees: Trees, facts: set[float]) -> None:
    assert [
        f"{path}:{line} {number}"
        for path, tree in trees.items()
        for number, line in numbers(tree)
        if number in facts
    ] == []


def test_no_share_count_is_written_in_code(trees: Trees) -> None:
    assert [
        f"{path}:{line} {number}"
        for path, tree in trees.items()
        for number, line in numbers(tree)
        if 1e7 <= number < 1e15 and digits(number) > 1
    ] == []


@pytest.mark.parametrize(
    "code",
    ["DAY = '2025-01-27'", "f(f'from {x} to 2025-01-27')", "d = dt.date(2025, 1, 27)"],
)
def test_a_day_in_code_would_be_found(code: str) -> None:
    tree = ast.parse(code)
    assert list(dates(tree)) or list(built_dates(tree))


@pytest.mark.parametrize("number", ["142.62", "-118.42", "24.49", "593", "4.687356156", "251.3"])
def test_a_price_in_code_would_be_found(facts: set[float], number: str) -> None:
    assert any(value in facts for value, _ in numbers(ast.parse(f"x = {number}")))


def test_docstrings_may_give_examples() -> None:
    tree = ast.parse(
        'def f():\n    """On 2025-01-27."""\n    return "YYYY, for example 2025-01-27"'
    )
    assert list(dates(tree)) == []
