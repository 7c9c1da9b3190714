"""Average ranks along the last axis, and what a few more values do to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Ranking"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.signedinteger[Any]]
FULL = np.iinfo(np.int64).max
SHORT = np.iinfo(np.int16).max // 4
"""Longest row whose doubled ranks fit sixteen bits, with room for as many more values."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Rows of values and their ranks; ties share the average rank.

    Parameters
    ----------
    ordered : ndarray of shape (..., M)
        The values of each row, ascending; NaN last.
    doubled : ndarray of int of shape (..., M)
        Twice the rank of each value in its row, so that halves are whole; 0 where missing.
    counts : ndarray of int of shape (...,)
        Values of each row that are not missing.
    """

    ordered: Floats
    doubled: Whole
    counts: Whole

    @classmethod
    def of(cls, values: Floats) -> Ranking:
        """Rank each row.

        A float's bits, read as a whole number, keep its order; with the column in the
        lowest of them one plain sort gives the order. Rows in which these bits decide, or
        with a gap, are ranked one by one.
        """
        length = values.shape[-1]
        rows = np.ascontiguousarray(values, float).reshape(-1, length) + 0.0
        column = (1 << (length - 1).bit_length()) - 1
        bits = rows.view(np.int64)
        keys = bits ^ ((bits >> 63) & FULL)
        keys &= ~column
        keys |= np.arange(length)
        keys.sort(axis=1)
        unsure = ((keys[:, 1:] ^ keys[:, :-1]).view(np.uint64) <= column).any(axis=1)
        keys &= column
        keys += length * np.arange(len(rows))[:, None]
        ordered = np.sort(rows, axis=1)
        doubled = np.empty(rows.shape, np.int16 if length < SHORT else np.int64)
        doubled.reshape(-1)[keys] = np.arange(2, 2 * length + 2, 2, dtype=doubled.dtype)
        unsure |= ~np.isfinite(ordered[:, 0] + ordered[:, -1])
        for row in np.flatnonzero(unsure):
            ordered[row], doubled[row] = _one_by_one(rows[row])
        shape = values.shape
        counts = (doubled > 0).sum(axis=1)
        return cls(ordered.reshape(shape), doubled.reshape(shape), counts.reshape(shape[:-1]))

    @property
    def flat(self) -> npt.NDArray[np.bool_]:
        """Whether a row has nothing but equal values, shape (...,)."""
        last = np.take_along_axis(self.ordered, np.maximum(self.counts - 1, 0)[..., None], axis=-1)
        return np.asarray(~(self.ordered[..., 0] < last[..., 0]))

    def beyond(self, points: Floats) -> tuple[Whole, Whole]:
        """Return how many values of a row lie below each of its points, and how many not above.

        Parameters
        ----------
        points : ndarray of shape (..., L)
        """
        return self._search(points, equal=False), self._search(points, equal=True)

    def joined(self, points: Floats) -> tuple[Whole, Whole]:
        """Rank the values of each row together with its points.

        Parameters
        ----------
        points : ndarray of shape (..., L)

        Returns
        -------
        ndarray of int of shape (..., M), ndarray of int of shape (..., L)
            Twice the ranks among all M + L; 0 where a value is missing.
        """
        below, up_to = self.beyond(points)
        inner = self.doubled + self._above(below)
        inner += self._above(up_to)
        smaller = points[..., None, :] < points[..., None]
        not_larger = points[..., None, :] <= points[..., None]
        among = smaller.sum(axis=-1) + not_larger.sum(axis=-1)
        return inner, below + up_to + among + 1

    def _above(self, counts: Whole) -> Whole:
        """Return by value how many points it exceeds that have `counts` values below them."""
        short = 2 * counts.shape[-1] <= np.iinfo(np.int8).max
        total = np.zeros(self.doubled.shape, np.int8 if short else self.doubled.dtype)
        limits = (2 * counts).astype(self.doubled.dtype)
        for at in range(counts.shape[-1]):
            total += (self.doubled > limits[..., at, None]).view(np.int8)
        return total

    def _search(self, points: Floats, *, equal: bool) -> Whole:
        length = self.ordered.shape[-1]
        flat = self.ordered.reshape(-1)
        start = np.arange(self.counts.size).reshape(self.counts.shape)[..., None] * length
        low = np.zeros(points.shape, np.int64)
        high = np.broadcast_to(self.counts[..., None], points.shape).copy()
        for _ in range(length.bit_length()):
            middle = (low + high) // 2
            value = flat[start + np.minimum(middle, length - 1)]
            up = ((value <= points) if equal else (value < points)) & (low < high)
            low = np.where(up, middle + 1, low)
            high = np.where(up, high, middle)
        return low


def _one_by_one(row: Floats) -> tuple[Floats, Whole]:
    """Return one row in order, and twice its average ranks."""
    known = ~np.isnan(row)
    ordered = np.sort(row[known])
    doubled = np.zeros(len(row), np.int64)
    doubled[known] = np.searchsorted(ordered, row[known]) + 1
    doubled[known] += np.searchsorted(ordered, row[known], side="right")
    return np.r_[ordered, row[~known]], doubled
