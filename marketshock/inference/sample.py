"""What the tests of one window need to know about a sample of abnormal returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marketshock.inference.period import EstimationPeriod

__all__ = ["Bools", "Floats", "WindowSample", "batch_correlation", "mean_correlation", "pair_total"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FEWEST_COMMON = 3
ROUNDING = 1e-14
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
    ar : ndarray of shape (n_events, L), optional
        Abnormal returns of each session of the window.
    sar : ndarray of shape (n_events, L), optional
        The same over their forecast standard errors.
    standardised : ndarray of shape (n_events, n_sessions), optional
        Residuals over their standard deviation; default one deviation a stock.
    sessions : ndarray of int of shape (n_events, L), optional
        Day number of each session of the window; events that share a day share a number.
    placebo : ndarray of shape (n_dates,), optional
        portfolio_t of the same stocks on every admissible earlier session.
    firms : ndarray of int of shape (n_events,), optional
        Number of the firm of each event; events of one firm share a number.
    period : EstimationPeriod, optional
        What follows from the residuals alone; windows of one study may share it.
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
    ar: Floats | None = None
    sar: Floats | None = None
    standardised: Floats | None = None
    sessions: npt.NDArray[np.int64] | None = None
    placebo: Floats | None = None
    firms: npt.NDArray[np.int64] | None = None
    period: EstimationPeriod = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        given: EstimationPeriod | None = self.period
        if given is None or given.residuals is not self.residuals:
            object.__setattr__(self, "period", EstimationPeriod(self.residuals))

    @property
    def size(self) -> int:
        """N, the number of events."""
        return int(self.car.shape[-1])

    @property
    def n_sessions(self) -> int:
        """Calendar sessions in any of the windows; 0 where they are not given."""
        return 0 if self.sessions is None else len(np.unique(self.sessions))

    @property
    def n_firms(self) -> int:
        """Firms among the events; 0 where they are not given."""
        return 0 if self.firms is None else len(np.unique(self.firms))

    @property
    def caar(self) -> Floats:
        """Mean cumulative abnormal return; one number a sample."""
        return np.asarray(self.car.mean(axis=-1))

    @property
    def estimation_aar(self) -> Floats:
        """Mean residual of each estimation session that has any, shape (n_sessions,).

        A batch must be complete: shape (n_samples, n_sessions).
        """
        return self.period.aar

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
        total = pair_total(aligned)
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


def pair_total(aligned: Floats) -> float:
    """Return the sum of all ordered pairs' correlations, each on its common sessions."""
    present = np.isfinite(aligned)
    counted = present.astype(float)
    mean = np.where(present, aligned, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1.0)
    x = np.where(present, aligned - mean[:, None], 0.0)
    count = counted @ counted.T
    safe = np.maximum(count, 1.0)
    sums, squares = x @ counted.T, (x * x) @ counted.T
    spread = squares - sums * sums / safe
    covariance = x @ x.T - sums * sums.T / safe
    usable = (count >= FEWEST_COMMON) & (spread > ROUNDING * squares)
    usable &= usable.T
    np.fill_diagonal(usable, val=False)
    scale = np.sqrt(np.where(usable, spread * spread.T, 1.0))
    return float((np.where(usable, covariance, 0.0) / scale).sum())
