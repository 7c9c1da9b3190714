"""The mean correlation between the cumulative abnormal returns of a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from marketshock.inference.sample import mean_correlation, pair_total
from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates

__all__ = ["window_correlation"]

LEAST = 1e-9
"""How far the mean stays above the least that a mean correlation can be."""

FEWEST = 3
"""Fewest common sessions of a pair of dates."""

Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

ROUNDING = 1e-14
"""Share of the whole window's squares below which nothing varies on the common sessions."""


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
    groups = [_Group.of(residuals[order[a:b]]) for a, b in pairwise(edges.tolist())]
    total = sum(group.within() for group in groups)
    first = order[edges[:-1]]
    for left, right, share in _neighbours(event[first]):
        at, to = _common(windows[window_of[first[left]]], windows[window_of[first[right]]])
        if len(at) >= FEWEST:
            total += share * groups[left].across(at, groups[right], to)
    return max(total / (events * (events - 1)), LEAST - 1.0 / (events - 1))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Residuals of the events of one date, of mean 0 and length 1 if none is missing.

    Then no pair is formed: the sum of all correlations is the square of the sum of the
    scaled residuals.
    """

    residuals: Floats
    complete: bool

    @classmethod
    def of(cls, residuals: Floats) -> _Group:
        """Return a group; an event whose residuals don't vary is correlated with none."""
        centred = residuals - residuals.mean(axis=1, keepdims=True)
        squares = np.einsum("em,em->e", centred, centred)
        if not np.isfinite(squares).all():
            return cls(residuals, False)
        alive = squares > 0.0
        centred *= np.where(alive, 1.0 / np.sqrt(np.where(alive, squares, 1.0)), 0.0)[:, None]
        return cls(centred, True)

    def within(self) -> float:
        """Return the sum over ordered pairs of different events."""
        if not self.complete:
            return pair_total(self.residuals)
        total = self.residuals.sum(axis=0)
        return float(total @ total - np.einsum("em,em->", self.residuals, self.residuals))

    def across(self, at: Rows, other: _Group, to: Rows) -> float:
        """Return the sum over ordered pairs with the events of another date."""
        if self.complete and other.complete:
            return 2.0 * float(self._sum_on(at) @ other._sum_on(to))
        one, two = self.residuals[:, at], other.residuals[:, to]
        return pair_total(np.concatenate([one, two])) - pair_total(one) - pair_total(two)

    def _sum_on(self, chosen: Rows) -> Floats:
        """Return the sum over events of residuals scaled on some sessions.

        Mean and length follow from the few sessions left out, so that none is copied.
        """
        left_out = np.ones(self.residuals.shape[1], bool)
        left_out[chosen] = False
        rest = self.residuals[:, np.flatnonzero(left_out)]
        mean = rest.sum(axis=1) / -len(chosen)
        squares = 1.0 - np.einsum("em,em->e", rest, rest) - len(chosen) * mean * mean
        alive = squares > ROUNDING
        weights = np.where(alive, 1.0 / np.sqrt(np.where(alive, squares, 1.0)), 0.0)
        total: Floats = (weights @ self.residuals)[chosen] - weights @ mean
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


def _common(left: Dates, right: Dates) -> tuple[Rows, Rows]:
    """Return where the sessions that two windows share stand in each."""
    found = np.minimum(np.searchsorted(left, right), len(left) - 1)
    to = np.flatnonzero(left[found] == right)
    return found[to], to
