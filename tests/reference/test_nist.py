"""Digits of agreement of least squares with the certified values of NIST StRD; see README.md."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from marketshock.errors import SingularModelError
from marketshock.eventstudy import ols

HERE = Path(__file__).parent
MOST = 15.0
"""Digits to which the values are certified."""

FLOORS = {
    "norris": (12.0, 13.0),
    "pontius": (11.0, 12.0),
    "longley": (10.0, 11.0),
    "wampler1": (9.0, 14.0),
    "wampler2": (12.0, 14.0),
    "wampler3": (9.0, 13.0),
    "wampler4": (7.0, 13.0),
    "wampler5": (5.0, 13.0),
}
"""Fewest digits of the coefficients, and of their errors and sigma."""

WOBBLE = {0: 759, 4: 2523, 8: 1838, 12: 1838, 16: 2523, 20: 759}
"""Departures of Wampler 3 from its polynomial; elsewhere -2048 and 2048 in turn."""

Rows = list[list[Fraction]]


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


DATA, CERTIFIED = read("nist_data.csv"), read("nist_certified.csv")


def wampler(number: int) -> tuple[Rows, list[Fraction]]:
    """Return a polynomial of degree five on 0 .. 20 as NIST defines it."""
    x = [[Fraction(point) ** power for power in range(6)] for point in range(21)]
    base = Fraction(1, 10) if number == 2 else Fraction(1)
    size = {3: 1, 4: 100, 5: 10_000}.get(number, 0)
    wobble = [WOBBLE.get(point, 2048 if point % 2 == 0 else -2048) for point in range(21)]
    y = [
        sum(base**power * value for power, value in enumerate(row)) + size * part
        for row, part in zip(x, wobble, strict=True)
    ]
    return x, y


def problem(name: str) -> tuple[Rows, list[Fraction]]:
    """Return regressors and response without rounding."""
    if name.startswith("wampler"):
        return wampler(int(name[-1]))
    rows = [row for row in DATA if row["set"] == name]
    given = [[Fraction(row[f"x{i}"]) for i in range(1, 7) if row[f"x{i}"]] for row in rows]
    if name == "pontius":
        given = [[x, x * x] for (x,) in given]
    return [[Fraction(1), *row] for row in given], [Fraction(row["y"]) for row in rows]


def certified(name: str) -> tuple[list[float], list[float], float]:
    """Return coefficients, their errors, and sigma."""
    rows = [row for row in CERTIFIED if row["set"] == name]
    betas = [row for row in rows if row["quantity"] != "sigma"]
    (sigma,) = (float(row["value"]) for row in rows if row["quantity"] == "sigma")
    return [float(row["value"]) for row in betas], [float(row["error"]) for row in betas], sigma


def digits(found: float, true: float) -> float:
    """Return the log relative error, as NIST counts agreeing digits."""
    if found == true:
        return MOST
    scale = abs(true) if true else 1.0
    return min(MOST, -math.log10(abs(found - true) / scale))


def solved(left: Rows, right: Rows) -> Rows:
    """Return the solution of linear equations without rounding."""
    size = len(left)
    rows = [[*a, *b] for a, b in zip(left, right, strict=True)]
    for i in range(size):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(size):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[size:] for row in rows]


@pytest.mark.parametrize("name", FLOORS)
def test_certified_values_follow_from_the_data_by_exact_arithmetic(name: str) -> None:
    x, y = problem(name)
    size = range(len(x[0]))
    gram = [[sum(row[i] * row[j] for row in x) for j in size] for i in size]
    inverse = solved(gram, [[Fraction(int(i == j)) for j in size] for i in size])
    moments = [sum(row[i] * value for row, value in zip(x, y, strict=True)) for i in size]
    betas = [sum(inverse[i][j] * moments[j] for j in size) for i in size]
    rest = [
        v - sum(a * b for a, b in zip(r, betas, strict=True)) for r, v in zip(x, y, strict=True)
    ]
    variance = sum(part * part for part in rest) / (len(x) - len(betas))
    expected, errors, sigma = certified(name)
    assert [float(beta) for beta in betas] == pytest.approx(expected, rel=5e-15)
    assert math.sqrt(variance) == pytest.approx(sigma, rel=5e-15)
    own = [math.sqrt(variance * inverse[i][i]) for i in size]
    assert own == pytest.approx(errors, rel=5e-15)


def agreement(name: str) -> tuple[float, float]:
    """Return the fewest agreeing digits of the coefficients, and of errors and sigma.

    The forecast of a row of regressors that is c at one place and zero elsewhere has the
    variance 1 + c^2 (X'X)^-1 at that place; c makes both parts alike.
    """
    exact, response = problem(name)
    x = np.array([[float(value) for value in row] for row in exact])
    y = np.array([float(value) for value in response])
    betas, errors, sigma = certified(name)
    ratio = np.array([error / sigma if sigma else 1.0 for error in errors])
    fitted = ols.fit(y[:, None], x, np.diag(1.0 / ratio))
    first = min(map(digits, fitted.coefficients[:, 0], betas))
    spread = math.sqrt(float(fitted.variance[0]))
    if not sigma:
        scale = float(np.abs(y).max())
        return first, digits(spread / scale, 0.0)
    own = spread * ratio * np.sqrt(np.diagonal(fitted.forecast) - 1.0)
    return first, min(digits(spread, sigma), *map(digits, own, errors))


@pytest.mark.parametrize("name", FLOORS)
def test_least_squares_agrees_in_so_many_digits(name: str, record_property) -> None:
    found, floor = agreement(name), FLOORS[name]
    record_property("digits", f"{found[0]:.1f} {found[1]:.1f}")
    assert found[0] >= floor[0]
    assert found[1] >= floor[1]


def test_a_polynomial_that_doubles_cannot_solve_is_refused_with_its_names() -> None:
    """Filip's problem: degree ten on points from -9 to -3, a singular ratio below 1e-10."""
    x = np.linspace(-8.8, -3.1, 82)[:, None] ** np.arange(11)
    names = [f"x^{power}" for power in range(11)]
    with pytest.raises(SingularModelError, match=r"x\^10.*collinear"):
        ols.fit(np.ones((82, 1)), x, x[:1], names=names)
    scaled = x / np.sqrt((x * x).sum(axis=0))
    singular = np.linalg.svd(scaled, compute_uv=False)
    assert singular[-1] / singular[0] < ols.SMALLEST_RATIO
