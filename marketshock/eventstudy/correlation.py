"""The mean correlation between the cumulative abnormal returns of a window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from marketshock.inference.sample import mean_correlation
from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates

__all__ = ["window_correlation"]

LEAST = 1e-9
"""How far the mean stays above the least that a mean correlation can be."""

FEWEST = 3
"""Fewest common sessions of a pair of dates."""

Span = tuple[int, int]


def window_correlation(
    residuals: Floats,
    windows: Dates,
    window_of: np.ndarray[tuple[int], np.dtype[np.int64]],
    event: Dates,
) -> float:
    """Return r-bar of one window: mean over all pairs of events.

    Two events whose windows share no session have independent cumulative returns and count
    as zero. A pair that shares some of the L sessions counts with the correlation of its
    estimation residuals on common calendar sessions, times the share of common sessions:
    the covariance of two sums is that of the terms they have in common. On one date this
    is the mean correlation of Kolari and Pynnonen (2010).

    Parameters
    ----------
    residuals : ndarray of shape (n_events, M)
        Estimation residuals; NaN where a session was not usable.
    windows : ndarray of datetime64[D] of shape (n_dates, M)
        Estimation sessions of each date.
    window_of : ndarray of int of shape (n_events,)
        Which of them is the event's own.
    event : ndarray of datetime64[D] of shape (n_events, L)
    """
    events = len(residuals)
    if events < 2:
        return 0.0
    order = np.lexsort((event[:, -1], event[:, 0]))
    changes = (event[order][1:] != event[order][:-1]).any(axis=1)
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [events]])
    if len(edges) == 2:
        return mean_correlation(residuals)
    residuals, first = residuals[order], order[edges[:-1]]
    total = _within(residuals, edges)
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    for left, right, share in _neighbours(event[first]):
        at, to = _common(windows[window_of[first[left]]], windows[window_of[first[right]]])
        if len(at) >= FEWEST:
            one = _scaled(residuals[slice(*spans[left])][:, at])
            two = _scaled(residuals[slice(*spans[right])][:, to])
            total += 2.0 * share * float(one.sum(axis=0) @ two.sum(axis=0))
    return max(total / (events * (events - 1)), LEAST - 1.0 / (events - 1))


def _within(residuals: Floats, edges: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
    """Return the sum over ordered pairs of the correlations of events of one date.

    Without gaps no pair is formed: the sum of all correlations is the variance of the sum
    of standardised residuals.
    """
    sizes = np.diff(edges)
    gaps = np.logical_or.reduceat(np.isnan(residuals).any(axis=1), edges[:-1])
    sums = np.add.reduceat(_scaled(residuals), edges[:-1], axis=0)
    pairs = np.einsum("dm,dm->d", sums, sums) - sizes
    total = float(pairs[~gaps & (sizes > 1)].sum())
    for number in np.flatnonzero(gaps & (sizes > 1)):
        n = int(sizes[number])
        total += mean_correlation(residuals[edges[number] : edges[number + 1]]) * n * (n - 1)
    return total


def _neighbours(event: Dates) -> Iterator[tuple[int, int, float]]:
    """Yield pairs of dates whose windows share sessions, and the share of their length."""
    days = event.astype(np.int64)
    last = np.searchsorted(days[:, 0], days[:, -1], side="right")
    for left in range(len(days)):
        for right in range(left + 1, int(last[left])):
            common = len(np.intersect1d(days[left], days[right], assume_unique=True))
            if common:
                yield left, right, common / days.shape[1]


def _common(
    left: Dates, right: Dates
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return where the sessions that two windows share stand in each."""
    found = np.minimum(np.searchsorted(left, right), len(left) - 1)
    to = np.flatnonzero(left[found] == right)
    return found[to], to


def _scaled(residuals: Floats) -> Floats:
    """Return residuals of length one around their mean; 0 where missing or constant."""
    known = residuals
    present = np.isfinite(residuals)
    count: Floats | int = residuals.shape[1]
    if not present.all():
        known = np.where(present, residuals, 0.0)
        count = np.maximum(present.sum(axis=1, keepdims=True), 1)
    centred = known - known.sum(axis=1, keepdims=True) / count
    if known is not residuals:
        centred[~present] = 0.0
    length = np.sqrt(np.einsum("em,em->e", centred, centred))[:, None]
    scaled: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return scaled
