"""The normal equations of many windows, solved by one Cholesky factor that is written out.

With X'X = LL', the weights w = L^-1 X'y and v = L^-1 x give the forecast v'w, its variance
1 + v'v in units of the residual one, and the residual sum of squares y'y - w'w.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from marketshock.market.panel import Floats

__all__ = ["Solved", "Transform", "solve", "solve_own", "transform"]


class Solved(NamedTuple):
    """Windows of L sessions and n stocks, solved.

    Parameters
    ----------
    expected, squares : ndarray of shape (L, n)
        Expected return, without the offset of the design, and residual sum of squares.
    factor, determinant : ndarray of shape (L, n), or (L, 1) where shared
        1 + x'(X'X)^-1 x; and the determinant of X'X with columns of length one.
    """

    expected: Floats
    squares: Floats
    factor: Floats
    determinant: Floats


class Transform(NamedTuple):
    """What takes the sums X'y of all stocks to weights and forecasts.

    Parameters
    ----------
    matrix : ndarray of shape (L, K + 1, K)
        L^-1, and below it x'(X'X)^-1.
    factor, determinant : ndarray of shape (L, 1)
    """

    matrix: Floats
    factor: Floats
    determinant: Floats


def transform(moments: Floats, x_event: Floats) -> Transform:
    """Return the transform of windows whose regressors all stocks share.

    Parameters
    ----------
    moments : ndarray of shape (L, K (K + 1) / 2, 1)
        Lower triangle of X'X by rows.
    x_event : ndarray of shape (L, K, 1)
    """
    parameters = x_event.shape[1]
    inverse, determinant = _inverse_factor(moments, parameters)
    matrix = np.zeros((len(moments), parameters + 1, parameters))
    for i, row in enumerate(inverse):
        for j, entry in enumerate(row):
            matrix[:, i, j] = entry[:, 0]
    seen = matrix[:, :parameters] @ x_event
    matrix[:, parameters] = (np.swapaxes(matrix[:, :parameters], 1, 2) @ seen)[:, :, 0]
    factor = 1.0 + (seen * seen).sum(axis=1)
    return Transform(matrix, factor, determinant)


def solve(shared: Transform, sums: Floats, scratch: Floats) -> Solved:
    """Solve for all stocks at once; `sums` and `scratch` (L, K + 1, n) are overwritten.

    `sums` holds X'y and below it y'y.
    """
    parameters = shared.matrix.shape[2]
    np.matmul(shared.matrix, sums[:, :parameters], out=scratch)
    np.multiply(scratch[:, :parameters], scratch[:, :parameters], out=sums[:, :parameters])
    squares = sums[:, parameters]
    for k in range(parameters):
        squares -= sums[:, k]
    expected = scratch[:, parameters]
    return Solved(expected, squares, shared.factor, shared.determinant)


def solve_own(moments: Floats, sums: Floats, x_event: Floats) -> Solved:
    """Solve for stocks with sessions of their own.

    `moments` (L, K (K + 1) / 2, n) are theirs; `sums` (L, K + 1, n) stay as they are.
    """
    parameters = x_event.shape[1]
    inverse, determinant = _inverse_factor(moments, parameters)
    squares, factor = sums[:, parameters].copy(), np.ones_like(determinant)
    expected = np.zeros_like(squares)
    for row in inverse:
        weight, seen = np.zeros_like(squares), np.zeros_like(squares)
        for j, entry in enumerate(row):
            weight += entry * sums[:, j]
            seen += entry * x_event[:, j]
        squares -= weight * weight
        expected += seen * weight
        factor = factor + seen * seen
    return Solved(expected, squares, factor, determinant)


def _inverse_factor(moments: Floats, parameters: int) -> tuple[list[list[Floats]], Floats]:
    """Return L^-1 by rows, and the determinant of X'X with columns of length one."""
    lower: list[list[Floats]] = []
    inverse: list[list[Floats]] = []
    determinant = np.ones(moments.shape[::2])
    for i in range(parameters):
        first = i * (i + 1) // 2
        row: list[Floats] = []
        left = moments[:, first + i]
        for j in range(i):
            product = moments[:, first + j]
            for k in range(j):
                product = product - row[k] * lower[j][k]
            row.append(product * inverse[j][j])
            left = left - row[j] * row[j]
        determinant = determinant * (np.maximum(left, 0.0) / moments[:, first + i])
        pivot = 1.0 / np.sqrt(np.where(left > 0.0, left, 1.0))
        lower.append(row)
        below = [-pivot * _sum_of_products(row, inverse, j) for j in range(i)]
        inverse.append([*below, pivot])
    return inverse, determinant


def _sum_of_products(row: list[Floats], inverse: list[list[Floats]], column: int) -> Floats:
    total = row[column] * inverse[column][column]
    for k in range(column + 1, len(row)):
        total = total + row[k] * inverse[k][column]
    return total
