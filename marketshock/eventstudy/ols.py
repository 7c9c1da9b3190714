"""Ordinary least squares for many stocks on the same sessions, with exact forecast variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marketshock.errors import SingularModelError
from marketshock.market.panel import Floats

__all__ = ["Fit", "fit"]

SMALLEST_RATIO = 1e-8
"""Least singular value over the largest, of columns scaled to length one."""

ROUNDING = 1e-14
"""Residual over total sum of squares below which nothing is left to estimate."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Least squares of N stocks on the same M sessions.

    Parameters
    ----------
    coefficients : ndarray of shape (n_parameters, n_stocks)
    variance : ndarray of shape (n_stocks,)
        e'e / (M - k).
    residuals : ndarray of shape (n_sessions, n_stocks)
    df : int
        M - k.
    forecast : ndarray of shape (n_event_sessions, n_event_sessions)
        I + X*(X'X)^-1 X*': covariance of forecast errors in units of the variance. The
        estimation error is common to all sessions, so it is not diagonal.
    """

    coefficients: Floats
    variance: Floats
    residuals: Floats
    df: int
    forecast: Floats


def fit(y: Floats, x: Floats, x_event: Floats, names: Sequence[str] = ()) -> Fit:
    """Fit `y` (M, N) on `x` (M, K) and prepare forecasts at `x_event` (L, K).

    One QR decomposition serves all stocks. Columns are scaled to length one first, so
    the test for collinearity does not depend on units.

    Raises
    ------
    SingularModelError
        If the regressors are collinear or constant, with their names.
    """
    sessions, parameters = x.shape
    if parameters == 0:
        return Fit(
            np.zeros((0, y.shape[1])),
            (y * y).sum(axis=0) / sessions,
            y,
            sessions,
            np.eye(len(x_event)),
        )
    scale = np.sqrt((x * x).sum(axis=0))
    _check_rank(x, scale, names)
    q, r = np.linalg.qr(x / scale)
    projected = q.T @ y
    residuals = y - q @ projected
    correction = q.T @ residuals
    residuals -= q @ correction
    coefficients = np.linalg.solve(r, projected + correction) / scale[:, None]
    df = sessions - parameters
    whitened = np.linalg.solve(r.T, (x_event / scale).T)
    forecast = np.eye(len(x_event)) + whitened.T @ whitened
    variance = (residuals * residuals).sum(axis=0) / df
    return Fit(coefficients, variance, residuals, df, forecast)


def _check_rank(x: Floats, scale: Floats, names: Sequence[str]) -> None:
    sessions, parameters = x.shape
    words = ", ".join(names) or f"{parameters} regressors"
    if sessions <= parameters:
        raise SingularModelError(
            f"{sessions} sessions can't estimate {parameters} parameters ({words})."
        )
    if not (scale > 0).all():
        raise SingularModelError(f"A regressor is zero on every session ({words}).")
    singular = np.linalg.svd(x / scale, compute_uv=False)
    if singular[-1] < SMALLEST_RATIO * singular[0]:
        raise SingularModelError(
            f"The regressors {words} are collinear or constant over the estimation window.",
            "Leave one out or choose another benchmark.",
        )
