"""Formulas of derived columns: what a workbook computes again from the figures beside it.

A formula is written only where it gives the exhibit's own figure; elsewhere (another share
basis, a missing input) the figure stands as a number.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from marketshock.table import Table

__all__ = ["FORMULAS", "SUMS", "excel_formula", "formula_of", "sums_above", "value_of"]

FORMULAS: dict[str, tuple[str, ...]] = {
    "loss_usd_bn": (
        "(close - previous_close) * shares_bn",
        "close * shares_bn - previous_close * shares_before_bn",
    ),
    "return": ("close / previous_close - 1",),
    "car": ("realised - expected", "before.car + ar"),
    "difference_usd_bn": ("computed_usd_bn - published_usd_bn",),
    "delta": ("usd_per_m / reference_usd_per_m - 1",),
    "multiple": ("reference_usd_per_m / usd_per_m",),
    "blended_usd_per_m": ("(3 * input_usd_per_m + output_usd_per_m) / 4",),
    "total_usd_bn": (
        "Alphabet + AWS + Meta + Microsoft + Oracle",
        "Alphabet + Amazon + Meta + Microsoft + Oracle",
    ),
    "intensity": ("capex_usd_bn / revenue_usd_bn",),
    "gain_per_bn": ("gain / parameters_bn",),
}
"""Formulas by column, the first that holds is taken; ``before.x`` is x of the row above."""

SUMS: dict[str, tuple[str, ...]] = {"training_cost_table": ("gpu_hours", "days", "usd")}
"""Columns in which the emphasised row adds up all rows above it, by exhibit."""

_OPERATORS: dict[type[ast.operator], tuple[Callable[[float, float], float], str]] = {
    ast.Add: (operator.add, "+"),
    ast.Sub: (operator.sub, "-"),
    ast.Mult: (operator.mul, "*"),
    ast.Div: (operator.truediv, "/"),
}


def formula_of(data: Table, field: str, row: int, known: Sequence[str]) -> str | None:
    """Return the declared formula that gives a figure from its neighbours.

    Parameters
    ----------
    data : Table
    field : str
        Column of the figure.
    row : int
    known : sequence of str
        Columns that stand on the same sheet.

    Returns
    -------
    str or None
        None if no declared formula gives the figure to twelve digits or so.
    """
    wanted = data[field][row]
    if not _is_number(wanted):
        return None
    for text in FORMULAS.get(field, ()):
        if not _names(text) <= set(known):
            continue
        found = value_of(text, lambda name, up: _at(data, name, row - up))
        if found is not None and math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-12):
            return text
    return None


def value_of(text: str, figure: Callable[[str, int], float | None]) -> float | None:
    """Compute a formula; None where an input is missing or zero divides.

    Parameters
    ----------
    text : str
        Names, numbers, the four operations and brackets.
    figure : callable
        ``figure(name, rows_up)`` gives a figure.
    """

    def compute(node: ast.expr) -> float | None:
        if isinstance(node, ast.BinOp):
            left, right = compute(node.left), compute(node.right)
            divides = isinstance(node.op, ast.Div)
            if left is None or right is None or (divides and right == 0):
                return None
            return _OPERATORS[type(node.op)][0](left, right)
        if isinstance(node, ast.Constant):
            return float(node.value)  # type: ignore[arg-type]
        return figure(*_name(node))

    return compute(_tree(text))


def excel_formula(text: str, cell: Callable[[str, int], str]) -> str:
    """Return the formula in the words of a spreadsheet, ``cell(name, rows_up)`` naming cells."""

    def words(node: ast.expr) -> str:
        if isinstance(node, ast.BinOp):
            return f"({words(node.left)}{_OPERATORS[type(node.op)][1]}{words(node.right)})"
        if isinstance(node, ast.Constant):
            return str(node.value)
        return cell(*_name(node))

    return "=" + words(_tree(text))


def sums_above(key: str, data: Table, field: str, row: int) -> bool:
    """Tell whether a figure is the declared sum of all figures above it."""
    if field not in SUMS.get(key, ()) or row == 0:
        return False
    figures = data[field][: row + 1]
    if not all(map(_is_number, figures)):
        return False
    return math.isclose(math.fsum(figures[:-1]), figures[-1], rel_tol=1e-9)


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _name(node: ast.expr) -> tuple[str, int]:
    """Return the column that a node names, and how many rows up it lies."""
    if isinstance(node, ast.Attribute):
        return node.attr, 1
    if isinstance(node, ast.Name):
        return node.id, 0
    raise ValueError(f"{ast.dump(node)} is no part of a formula.")


def _names(text: str) -> set[str]:
    nodes = [node for node in ast.walk(_tree(text)) if isinstance(node, (ast.Name, ast.Attribute))]
    return {_name(node)[0] for node in nodes} - {"before"}


def _at(data: Table, name: str, row: int) -> float | None:
    if row < 0:
        return None
    value = data[name][row]
    return float(value) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
