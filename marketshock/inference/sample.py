"""What the tests of one window need to know about a sample of abnormal returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "WindowSample", "batch_correlation", "mean_correlation"]

Floats = npt.NDArray[np.float64]
LEAST = 1e-9
"""How far a mean correlation stays above its lower bound."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowSample:
    """The cumulative abnormal returns of one window and their estimation period.

    A batch of samples of the same events has one leading axis more in every array.

    Parameters
    ----------
    car : ndarray of shape (n_events,)
        Cumulative abnormal returns in decimals.
    scar : ndarray of shape (n_events,)
        The same over their own forecast standard errors.
    residuals : ndarray of shape (n_events, n_sessions)
        Estimation residuals; NaN where a session is missing. Events of one date share
        the sessions of a column.
    degrees_of_freedom : ndarray of shape (n_events,)
        M - k of each event.
    parameters : int
        k, estimated parameters of the model.
    length : int
        L, sessions of the window.
    window_factor : float or ndarray of shape (n_samples,)
        L + 1'X*(X'X)^-1 X*'1 of the shared regressors: variance of the portfolio's
        forecast error in units of its residual variance.
    correlation : float or ndarray of shape (n_samples,)
        Mean correlation of estimation residuals on the same calendar sessions.
    shared_date : bool
        Whether all events have the same session 0.
    overlapping : bool
        Whether the windows of any two events share a session.
    """

    car: Floats
    scar: Floats
    residuals: Floats
    degrees_of_freedom: Floats
    parameters: int
    length: int
    window_factor: float | Floats
    correlation: float | Floats
    shared_date: bool
    overlapping: bool = False

    @property
    def size(self) -> int:
        """N, the number of events."""
        return int(self.car.shape[-1])

    @property
    def caar(self) -> Floats:
        """Mean cumulative abnormal return; one number a sample."""
        return np.asarray(self.car.mean(axis=-1))

    @property
    def estimation_aar(self) -> Floats:
        """Mean residual of each estimation session that has any, shape (n_sessions,).

        A batch must be complete: shape (n_samples, n_sessions).
        """
        if self.residuals.ndim > 2:
            whole: Floats = self.residuals.mean(axis=-2)
            return whole
        counts = np.isfinite(self.residuals).sum(axis=0)
        sums = np.nansum(self.residuals, axis=0)
        mean: Floats = sums[counts > 0] / counts[counts > 0]
        return mean

    @property
    def variance_inflation(self) -> Floats:
        """1 + (N-1) r: how much a test that ignores dependence understates the variance."""
        return np.asarray(1.0 + (self.size - 1) * self.correlation)


def mean_correlation(aligned: Floats) -> float:
    """Return the mean off-diagonal correlation of residuals on common sessions.

    Parameters
    ----------
    aligned : ndarray of shape (n_events, n_sessions)
        One column a calendar session; NaN where an event has no residual there.

    Returns
    -------
    float
        0 for a single event. Pairs with fewer than three common sessions, or with equal
        residuals on all of them, count as uncorrelated. Bounded below by -1/(N-1), the
        least a mean correlation can be.
    """
    n = len(aligned)
    if n < 2:
        return 0.0
    if np.isfinite(aligned).all() and (np.ptp(aligned, axis=1) > 0).all():
        matrix = np.corrcoef(aligned)
        total = float(matrix.sum() - n)
    else:
        total = _pairwise_total(aligned)
    return max(total / (n * (n - 1)), LEAST - 1.0 / (n - 1))


def batch_correlation(residuals: Floats) -> Floats:
    """Return the mean correlation of each sample of a complete batch.

    Parameters
    ----------
    residuals : ndarray of shape (n_samples, n_events, n_sessions)

    Returns
    -------
    ndarray of shape (n_samples,)
        The sum of all pairs is the variance of the sum of standardised residuals, so no
        loop over pairs is needed. Bounded as in :func:`mean_correlation`.
    """
    n = residuals.shape[1]
    if n < 2:
        return np.zeros(len(residuals))
    centred = residuals - residuals.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred * centred).sum(axis=-1, keepdims=True))
    total = (scaled.sum(axis=1) ** 2).sum(axis=-1)
    correlation: Floats = np.maximum((total - n) / (n * (n - 1)), LEAST - 1.0 / (n - 1))
    return correlation


def _pairwise_total(aligned: Floats) -> float:
    present = np.isfinite(aligned)
    total = 0.0
    for i in range(len(aligned)):
        for j in range(i):
            both = present[i] & present[j]
            if both.sum() < 3:
                continue
            x, y = aligned[i, both], aligned[j, both]
            if np.ptp(x) == 0 or np.ptp(y) == 0:
                continue
            total += 2.0 * float(np.corrcoef(x, y)[0, 1])
    return total
