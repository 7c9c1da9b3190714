"""Ordinary least squares for many stocks on the same sessions, with exact forecast variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from marketshock.errors import SingularModelError
from marketshock.market.panel import Floats

__all__ = ["Fit", "fit", "regular"]

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
    the test for collinearity does not depend on units. Leading axes are independent fits.

    Raises
    ------
    SingularModelError
        If the regressors are collinear or constant, with their names.
    """
    sessions, parameters = x.shape[-2:]
    identity = np.eye(x_event.shape[-2])
    if parameters == 0:
        variance = (y * y).sum(axis=-2) / sessions
        shape = (*y.shape[:-2], 0, y.shape[-1])
        spread = np.broadcast_to(identity, (*y.shape[:-2], *identity.shape))
        return Fit(np.zeros(shape), variance, y, sessions, spread)
    if not bool(regular(x).all()):
        words = ", ".join(names) or f"{parameters} regressors"
        if sessions <= parameters:
            raise SingularModelError(
                f"{sessions} sessions can't estimate {parameters} parameters ({words})."
            )
        raise SingularModelError(
            f"The regressors {words} are collinear or constant over the estimation window.",
            "Leave one out or choose another benchmark.",
        )
    scale = np.sqrt((x * x).sum(axis=-2))
    q, r = np.linalg.qr(x / scale[..., None, :])
    projected = _transposed(q) @ y
    residuals = y - q @ projected
    correction = _transposed(q) @ residuals
    residuals -= q @ correction
    coefficients = np.linalg.solve(r, projected + correction) / scale[..., :, None]
    df = sessions - parameters
    scaled: Floats = x_event / scale[..., None, :]
    whitened = np.linalg.solve(_transposed(r), _transposed(scaled))
    forecast = identity + _transposed(whitened) @ whitened
    variance = (residuals * residuals).sum(axis=-2) / df
    return Fit(coefficients, variance, residuals, df, forecast)


def regular(x: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return for each fit whether its regressors (M, K) carry information of their own."""
    sessions, parameters = x.shape[-2:]
    if parameters == 0:
        return np.ones(x.shape[:-2], bool)
    scale = np.sqrt((x * x).sum(axis=-2))
    alive = np.asarray((scale > 0).all(axis=-1) & (sessions > parameters))
    safe = np.where(scale > 0, scale, 1.0)
    singular = np.linalg.svd(np.linalg.qr(x / safe[..., None, :], mode="r"), compute_uv=False)
    return alive & np.asarray(singular[..., -1] >= SMALLEST_RATIO * singular[..., 0])


def _transposed(values: npt.NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(np.swapaxes(values, -1, -2), float)
