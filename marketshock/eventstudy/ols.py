"""Ordinary least squares for many stocks on the same sessions, with exact forecast variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from marketshock.errors import SingularModelError
from marketshock.locale import Text
from marketshock.market.panel import Floats

__all__ = ["Bools", "Estimator", "Fit", "Whole", "fit", "fit_groups", "regular"]

SMALLEST_RATIO = 1e-8
"""Least singular value over the largest, of columns scaled to length one."""

ROUNDING = 1e-14
"""Residual over total sum of squares below which nothing is left to estimate."""

Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Whole = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A model of N stocks estimated on the same M sessions; leading axes are independent fits.

    Parameters
    ----------
    coefficients : ndarray of shape (n_parameters, n_stocks)
        In the order of the names of the design.
    predicted : ndarray of shape (n_event_sessions, n_stocks)
        Expected return of each event session, without the offset of the design.
    variance : ndarray of shape (n_stocks,)
        e'e / (M - k).
    residuals : ndarray of shape (n_kept, n_stocks)
    df : int or ndarray of shape (n_stocks,)
        M - k.
    forecast : ndarray of shape (n_event_sessions, n_event_sessions), or one for each stock
        Covariance of forecast errors in units of the variance; for least squares
        I + X*(X'X)^-1 X*'. The estimation error is common to all sessions, so it is not
        diagonal.
    standardised : ndarray of shape (n_kept, n_stocks), optional
        Residuals over the standard deviation of their own session, where that varies.
    remarks : tuple of Text or None of length n_stocks, optional
        What a reader must know about the estimate of each stock.
    """

    coefficients: Floats
    predicted: Floats
    variance: Floats
    residuals: Floats
    df: int | Floats
    forecast: Floats
    standardised: Floats | None = None
    remarks: tuple[Text | None, ...] = ()


class Estimator(Protocol):
    """How a model is estimated: arrays of one group of stocks in, a :class:`Fit` out."""

    def __call__(
        self, y: Floats, x: Floats, x_event: Floats, ahead: Whole, names: Sequence[str] = ()
    ) -> Fit:
        """Fit `y` (M, N) on `x` (M, K) and predict at `x_event` (L, K*).

        `ahead` (L,) counts the sessions from the last estimation session to each event
        session; `names` are those of the regressors, for messages.
        """
        ...


class _Decomposed(NamedTuple):
    """Columns scaled to length one, and their orthonormal basis."""

    scale: Floats
    q: Floats
    r: Floats


def fit(
    y: Floats, x: Floats, x_event: Floats, ahead: Whole | None = None, names: Sequence[str] = ()
) -> Fit:
    """Fit `y` (M, N) on `x` (M, K) by least squares and prepare forecasts at `x_event` (L, K).

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
        return _nothing_estimated(y, identity)
    parts = _decomposed(x, names)
    projected = _transposed(parts.q) @ y
    residuals = y - parts.q @ projected
    correction = _transposed(parts.q) @ residuals
    residuals -= parts.q @ correction
    coefficients = np.linalg.solve(parts.r, projected + correction) / parts.scale[..., :, None]
    whitened = _whitened(x_event, parts)
    df = sessions - parameters
    variance = np.einsum("...mn,...mn->...n", residuals, residuals) / df
    forecast = identity + whitened @ _transposed(whitened)
    return Fit(coefficients, x_event @ coefficients, variance, residuals, df, forecast)


def fit_groups(
    y: Floats, usable: Bools | None, edges: Whole, x: Floats, x_event: Floats
) -> tuple[Fit, Bools, Bools]:
    """Fit the events of many dates; those of one date share their regressors.

    Events with all sessions take the QR solution of their date. For the others the normal
    equations are written in the orthonormal basis of the whole window, where every Gram
    matrix is near the identity, and solved as a stack. One step of refinement takes out
    what rounding left.

    Parameters
    ----------
    y : ndarray of shape (n_events, M)
        Sorted by date; 0 where a session does not count.
    usable : ndarray of bool of shape (n_events, M), optional
        Which sessions count; default all.
    edges : ndarray of int of shape (n_dates + 1,)
        Where the events of each date start and end.
    x : ndarray of shape (n_dates, M, K)
        A row of zeros where a session counts for no event of the date.
    x_event : ndarray of shape (n_dates, L, K)

    Returns
    -------
    Fit
        One stock a row: coefficients (n_events, K), predicted (n_events, L), residuals
        (n_events, M), 0 where a session does not count.
    ndarray of bool of shape (n_events,)
        Whether the event's own sessions identify the parameters.
    ndarray of bool of shape (n_dates,)
        Whether the date's regressors carry information of their own.
    """
    dates, sessions, parameters = x.shape
    of = np.repeat(np.arange(dates), np.diff(edges))
    count = np.full(len(y), float(sessions)) if usable is None else usable.sum(axis=1).astype(float)
    identity = np.eye(x_event.shape[1])
    if parameters == 0:
        variance = np.einsum("em,em->e", y, y) / np.maximum(count, 1.0)
        forecast = np.broadcast_to(identity, (len(y), *identity.shape))
        nothing = np.zeros((len(y), 0)), np.zeros((len(y), len(identity)))
        return Fit(*nothing, variance, y, count, forecast), count > 0, np.ones(dates, bool)
    scale = np.sqrt(np.einsum("dmk,dmk->dk", x, x))
    filled = (scale > 0).all(axis=1)
    scale[~filled] = 1.0
    q, r = (np.asarray(part) for part in np.linalg.qr(x / scale[:, None, :]))
    singular = np.linalg.svd(r, compute_uv=False)
    sound = filled & (singular[:, -1] >= SMALLEST_RATIO * singular[:, 0])
    r[~sound] = np.eye(parameters)
    partial = _partial(x, usable, of)
    gram, enough = _gram(q, usable, of, partial)
    residuals, weights = y.copy(), np.zeros((len(y), parameters))
    for _ in range(2):
        step = _project_out(residuals, q, edges, partial, gram)
        if usable is not None:
            residuals *= usable
        weights += step
    enough &= sound[of]
    df = count - parameters
    variance = np.einsum("em,em->e", residuals, residuals) / np.where(df > 0, df, np.nan)
    coefficients = _back_substituted(r[of], weights) / scale[of]
    whitened = np.swapaxes(
        np.linalg.solve(np.swapaxes(r, 1, 2), np.swapaxes(x_event / scale[:, None, :], 1, 2)), 1, 2
    )
    forecast = (identity + whitened @ np.swapaxes(whitened, 1, 2))[of]
    if len(partial):
        own = whitened[of[partial]]
        solved = np.linalg.solve(gram, np.swapaxes(own, 1, 2))
        forecast[partial] = identity + own @ solved
    predicted = np.einsum("elk,ek->el", x_event[of], coefficients)
    fitted = Fit(coefficients, predicted, variance, residuals, df, forecast)
    return fitted, enough & (df > 0), np.asarray(sound)


def _partial(x: Floats, usable: Bools | None, of: Whole) -> Whole:
    """Return the events that lack a session which counts for others of their date."""
    if usable is None:
        return np.zeros(0, np.int64)
    present = np.asarray((x != 0.0).any(axis=2))
    return np.flatnonzero((present[of] & ~usable).any(axis=1))


def _gram(q: Floats, usable: Bools | None, of: Whole, partial: Whole) -> tuple[Floats, Bools]:
    """Return the Gram matrices of the partial events, and which events are identified."""
    parameters = q.shape[2]
    gram = np.empty((len(partial), parameters, parameters))
    enough = np.ones(len(of), bool)
    if usable is not None and len(partial):
        for date, rows in _by_date(of, partial):
            products = (q[date][:, :, None] * q[date][:, None, :]).reshape(q.shape[1], -1)
            counted = usable[partial[rows]].astype(float)
            gram[rows] = (counted @ products).reshape(-1, parameters, parameters)
        bad = np.linalg.eigvalsh(gram)[:, 0] < SMALLEST_RATIO
        gram[bad] = np.eye(parameters)
        enough[partial[bad]] = False
    return gram, enough


def _project_out(
    residuals: Floats, q: Floats, edges: Whole, partial: Whole, gram: Floats
) -> Floats:
    """Take the regressors out of the residuals, in place; return their weights."""
    weights = np.empty((len(residuals), q.shape[2]))
    spans = list(zip(q, edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    for basis, first, last in spans:
        np.matmul(residuals[first:last], basis, out=weights[first:last])
    if len(partial):
        weights[partial] = np.linalg.solve(gram, weights[partial][:, :, None])[:, :, 0]
    for basis, first, last in spans:
        residuals[first:last] -= weights[first:last] @ basis.T
    return weights


def _by_date(of: Whole, chosen: Whole) -> Iterator[tuple[int, slice]]:
    """Yield each date among the chosen events, sorted by date, and where they stand."""
    dates = of[chosen]
    edges = np.flatnonzero(np.diff(dates, prepend=-1, append=dates[-1] + 1))
    for first, last in pairwise(edges.tolist()):
        yield int(dates[first]), slice(first, last)


def _back_substituted(r: Floats, weights: Floats) -> Floats:
    """Solve the upper triangular systems r b = w of all events."""
    solution = np.empty_like(weights)
    for row in range(weights.shape[1] - 1, -1, -1):
        known = np.einsum("ej,ej->e", r[:, row, row + 1 :], solution[:, row + 1 :])
        solution[:, row] = (weights[:, row] - known) / r[:, row, row]
    return solution


def _nothing_estimated(y: Floats, identity: Floats) -> Fit:
    sessions, length = y.shape[-2], len(identity)
    lead = y.shape[:-2]
    return Fit(
        np.zeros((*lead, 0, y.shape[-1])),
        np.zeros((*lead, length, y.shape[-1])),
        np.einsum("...mn,...mn->...n", y, y) / sessions,
        y,
        sessions,
        np.broadcast_to(identity, (*lead, length, length)),
    )


def _decomposed(x: Floats, names: Sequence[str]) -> _Decomposed:
    """Return the scaled QR decomposition of regressors, or raise with their names."""
    sessions, parameters = x.shape[-2:]
    words = ", ".join(names) or f"{parameters} regressors"
    if sessions <= parameters:
        raise SingularModelError(
            f"{sessions} sessions can't estimate {parameters} parameters ({words})."
        )
    scale = np.sqrt(np.einsum("...mk,...mk->...k", x, x))
    if bool((scale > 0).all()):
        q, r = np.linalg.qr(x / scale[..., None, :])
        singular = np.linalg.svd(r, compute_uv=False)
        if bool((singular[..., -1] >= SMALLEST_RATIO * singular[..., 0]).all()):
            return _Decomposed(scale, np.asarray(q), np.asarray(r))
    raise SingularModelError(
        f"The regressors {words} are collinear or constant over the estimation window.",
        "Leave one out or choose another benchmark.",
    )


def _whitened(x_event: Floats, parts: _Decomposed) -> Floats:
    """Return X* R^-1, shape (n_event_sessions, n_parameters)."""
    scaled = _transposed(x_event / parts.scale[..., None, :])
    return _transposed(np.linalg.solve(_transposed(parts.r), scaled))


def regular(x: Floats) -> Bools:
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
