"""The measured size of each test: how often it rejects on the user's own ordinary sessions.

A test that is right in theory can be wrong for a sample. So the very statistic that is
printed is computed on every admissible session before the event, each with an
estimation window of its own, and the share of false alarms is printed beside the p-value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marketshock.eventstudy.ols import fit, regular
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import TESTS
from marketshock.inference.sample import WindowSample, batch_correlation
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["MeasuredSize", "measured_sizes"]

NOMINAL = 0.05
BATCH = 64
"""Sessions held in memory at once."""

Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class MeasuredSize:
    """Share of ordinary sessions on which a test rejects at the nominal level.

    ``standard_error`` is that of a binomial share over ``n_dates`` sessions.
    """

    name: str
    window: EventWindow
    nominal: float
    rejection_rate: float
    n_dates: int

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the rate."""
        return math.sqrt(self.rejection_rate * (1.0 - self.rejection_rate) / self.n_dates)

    def outside(self, low: float, high: float) -> bool:
        """Return whether the rate lies outside a range by more than two standard errors."""
        slack = 2.0 * self.standard_error
        return self.rejection_rate + slack < low or self.rejection_rate - slack > high


def measured_sizes(
    study: EventStudy, y: Floats, x: Floats, position: int
) -> tuple[MeasuredSize, ...]:
    """Measure every test on the sessions that end `gap` sessions before the event.

    Parameters
    ----------
    study : EventStudy
    y : ndarray of shape (n_sessions, n_stocks)
        Returns less the model's offset.
    x : ndarray of shape (n_sessions, n_parameters)
    position : int
        Row of session 0.

    Returns
    -------
    tuple of MeasuredSize
        By window and test; a test without any answer is left out.
    """
    last = position - study.estimation.gap
    sessions = np.arange(last - study.placebo_sessions + 1, last + 1)
    rejected: dict[tuple[str, EventWindow], list[int]] = {}
    for group, stocks in _groups(study, y, x, sessions):
        for start in range(0, len(group), BATCH):
            samples = _samples(study, y[:, stocks], x, group[start : start + BATCH])
            for window, sample in samples.items():
                for test in TESTS:
                    pvalues = test.pvalues(sample)
                    known = pvalues[np.isfinite(pvalues)]
                    tally = rejected.setdefault((test.name, window), [0, 0])
                    tally[0] += int((known < NOMINAL).sum())
                    tally[1] += len(known)
    return tuple(
        MeasuredSize(name, window, NOMINAL, count / of, of)
        for (name, window), (count, of) in rejected.items()
        if of
    )


def _groups(
    study: EventStudy, y: Floats, x: Floats, sessions: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Iterator[tuple[Sequence[int], Bools]]:
    """Yield sessions with the same complete stocks, and which stocks those are."""
    first, last = study.estimation.first, max(int(study.tau[-1]), study.estimation.last)
    inside = sessions[(sessions + first >= 0) & (sessions + last < len(y))]
    if not len(inside):
        return
    gaps = np.vstack([np.zeros((1, y.shape[1])), np.cumsum(~np.isfinite(y), axis=0)])
    holes = np.concatenate([[0], np.cumsum(~np.isfinite(x).all(axis=1))])
    whole = gaps[inside + last + 1] == gaps[inside + first]
    whole &= (holes[inside + last + 1] == holes[inside + first])[:, None]
    masks, where = np.unique(whole, axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        if mask.any():
            yield inside[where.ravel() == number].tolist(), mask


def _samples(
    study: EventStudy, y: Floats, x: Floats, sessions: Sequence[int]
) -> dict[EventWindow, WindowSample]:
    """Return one batch of samples a window."""
    days = np.array(sessions)
    rows = days[:, None] + np.arange(study.estimation.first, study.estimation.last + 1)
    sound = regular(x[rows])
    days, rows = days[sound], rows[sound]
    if not len(days):
        return {}
    event = days[:, None] + study.tau
    fitted = fit(y[rows], x[rows], x[event])
    residuals = np.ascontiguousarray(np.swapaxes(fitted.residuals, 1, 2))
    correlation = batch_correlation(residuals)
    ar = np.swapaxes(y[event] - x[event] @ fitted.coefficients, 1, 2)
    samples = {}
    for window in study.all_windows:
        inside = ((study.tau >= window.first) & (study.tau <= window.last)).astype(float)
        factor = np.einsum("l,dlm,m->d", inside, fitted.forecast, inside)
        car = ar @ inside
        samples[window] = WindowSample(
            car=car,
            scar=car / np.sqrt(fitted.variance * factor[:, None]),
            residuals=residuals,
            degrees_of_freedom=np.full(car.shape, float(fitted.df)),
            parameters=x.shape[1],
            length=window.length,
            window_factor=factor,
            correlation=correlation,
            shared_date=True,
        )
    return samples
