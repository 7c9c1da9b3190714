"""What the tests read from an estimation period; each is computed once."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from marketshock.inference.ranking import Ranking

__all__ = ["EstimationPeriod"]

Floats = npt.NDArray[np.float64]
COLLINEAR = 1e-10
"""Share of a stock's residual variance that is its own, below which it counts as none."""


class EstimationPeriod:
    """Estimation residuals and what follows from them alone.

    The windows of one study share their residuals, so they share this too.

    Parameters
    ----------
    residuals : ndarray of shape (n_events, n_sessions)
        NaN where a session is missing. A batch has one leading axis more and no gaps.
    """

    def __init__(self, residuals: Floats) -> None:
        self.residuals = residuals

    @cached_property
    def complete(self) -> bool:
        """Whether no residual is missing."""
        return self.residuals.ndim > 2 or bool(np.isfinite(self.residuals).all())

    @cached_property
    def aar(self) -> Floats:
        """Mean residual of each session that has any, shape (n_sessions,)."""
        if self.complete:
            whole: Floats = self.residuals.mean(axis=-2)
            return whole
        counts = np.isfinite(self.residuals).sum(axis=0)
        sums = np.nansum(self.residuals, axis=0)
        mean: Floats = sums[counts > 0] / counts[counts > 0]
        return mean

    @cached_property
    def largest(self) -> Floats:
        """Largest absolute residual of a sample."""
        both = (-2, -1)
        if self.complete:
            lowest, highest = self.residuals.min(axis=both), self.residuals.max(axis=both)
            return np.asarray(np.maximum(highest, -lowest))
        return np.asarray(np.nanmax(np.abs(self.residuals)))

    @cached_property
    def positive_share(self) -> Floats:
        """Mean over events of the share of positive residuals."""
        known = np.isfinite(self.residuals).sum(axis=-1)
        share: Floats = ((self.residuals > 0).sum(axis=-1) / known).mean(axis=-1)
        return share

    @cached_property
    def squares(self) -> Floats:
        """Sum of squares of each event, shape (n_events,)."""
        known = self.residuals if self.complete else np.nan_to_num(self.residuals)
        return np.asarray(np.einsum("...t,...t->...", known, known))

    @cached_property
    def ranking(self) -> Ranking:
        """The residuals of each event in order."""
        return Ranking.of(self.residuals)

    @cached_property
    def common(self) -> Floats:
        """Residuals of the sessions on which no event lacks one."""
        if self.complete:
            return self.residuals
        return self.residuals[:, np.isfinite(self.residuals).all(axis=0)]

    @cached_property
    def precision(self) -> tuple[Floats, Floats]:
        """Lengths of the common residuals, and the inverse of their cosines.

        Shapes (n_events,) and (n_events, n_events). The inverse of E'E is the second over
        the lengths, on both sides. NaN where the residuals of an event follow from those of
        the others.
        """
        lengths = np.sqrt(np.einsum("...t,...t->...", self.common, self.common))
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = self.common / lengths[..., None]
        cosines = scaled @ np.swapaxes(scaled, -1, -2)
        return lengths, _inverse(cosines)

    @cached_property
    def excess_kurtosis(self) -> Floats:
        """Mean over events of m4 / m2^2 - 3."""
        centred = self.residuals - np.nanmean(self.residuals, axis=-1, keepdims=True)
        squares = centred * centred
        second = np.nanmean(squares, axis=-1)
        fourth = np.nanmean(squares * squares, axis=-1)
        mean: Floats = (fourth / second**2 - 3.0).mean(axis=-1)
        return mean


def _inverse(cosines: Floats) -> Floats:
    """Return the inverse of each matrix; NaN where it has none."""
    try:
        root = np.linalg.cholesky(cosines)
    except np.linalg.LinAlgError:
        if cosines.ndim == 2:
            return np.full_like(cosines, np.nan)
        return np.stack([_inverse(matrix) for matrix in cosines])
    half = np.linalg.inv(root)
    own = np.diagonal(root, axis1=-2, axis2=-1).min(axis=-1) ** 2
    inverse = np.swapaxes(half, -1, -2) @ half
    return np.where(own[..., None, None] > COLLINEAR, inverse, np.nan)
