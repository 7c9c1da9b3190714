"""A permutation test: the signs of the events drawn anew."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from marketshock.inference.parametric import FEW_EVENTS, NO_DISPERSION
from marketshock.inference.sample import Floats, WindowSample
from marketshock.inference.significance import Answer, Obstacle, significance_test
from marketshock.locale import Text

Patterns = npt.NDArray[np.uint8]
__all__ = ["FLIPS", "SEED", "sign_flip", "sign_flip_pvalue"]

SYMMETRIC = Text(
    "cumulative abnormal returns are symmetric around zero",
    "i rendimenti anomali cumulati sono simmetrici rispetto a zero",
)
FLIPS = 9_999
"""B, the sign patterns drawn."""

SEED = 1935
TOGETHER = 8
"""Events whose sign patterns are listed in one table."""

CELLS = 1 << 16
"""Sums held in memory at once."""

ROUNDING = 1e-12


@significance_test(
    distribution="permutation",
    null=SYMMETRIC,
    reference="Fisher 1935; B = 9,999",
    obstacles=(FEW_EVENTS, Obstacle(NO_DISPERSION, lambda sample: ~sample.scar.any(axis=-1))),
)
def sign_flip(sample: WindowSample) -> Answer:
    """Sign-flip permutation of SCAR: p = (1 + exceed)/(1 + B), B = 9,999 from a fixed seed.

    The statistic is the mean SCAR; `df` is B. All 2^N - 1 other sign patterns are listed
    instead of drawn where they are no more than B. The sum of squares is the same for every
    pattern, so ranking means is ranking t statistics. Events must be independent.
    """
    pvalue, patterns = sign_flip_pvalue(sample.scar)
    return Answer(sample.scar.mean(axis=-1), pvalue, np.asarray(float(patterns)))


def sign_flip_pvalue(values: Floats, flips: int = FLIPS, seed: int = SEED) -> tuple[Floats, int]:
    """Return the two-sided p-value of a mean under random signs, and the patterns compared.

    Parameters
    ----------
    values : ndarray of shape (..., N)
    flips : int
        B; all patterns are listed instead if there are at most B others.
    seed : int
        Of the drawn patterns, which depend on nothing else.

    Returns
    -------
    ndarray of shape (...,)
        (1 + exceed)/(1 + B); a pattern whose mean equals the observed one counts.
    int
        B, or 2^N - 1.
    """
    n = values.shape[-1]
    rows = values.reshape(-1, n).T
    limit = np.abs(rows.sum(axis=0)) - ROUNDING * np.abs(rows).sum(axis=0)
    groups = -(-n // TOGETHER)
    padded = np.zeros((groups, TOGETHER, rows.shape[1]))
    padded.reshape(-1, rows.shape[1])[:n] = rows
    sums = np.asarray(SIGNS @ padded, float)
    shape = values.shape[:-1]
    if 2**n <= flips + 1:
        half = _exceeding(sums, _listed(n), limit)
        return np.reshape(half / 2 ** (n - 1), shape), 2**n - 1
    exceed = _exceeding(sums, _drawn(groups, flips, seed), limit)
    return np.reshape((1.0 + exceed) / (1.0 + flips), shape), flips


SIGNS = 1.0 - 2.0 * (np.arange(2**TOGETHER)[:, None] >> np.arange(TOGETHER) & 1)
"""All sign patterns of one group of events, shape (256, 8)."""


def _exceeding(sums: Floats, chosen: Patterns, limit: Floats) -> npt.NDArray[np.int64]:
    """Return how many of the chosen patterns have a sum as large as each sample's limit.

    Parameters
    ----------
    sums : ndarray of shape (n_groups, 256, n_samples)
        Of every group under each of its patterns.
    chosen : ndarray of shape (n_groups, n_patterns)
        The pattern of each group.
    limit : ndarray of shape (n_samples,)
    """
    exceed = np.zeros(len(limit), np.int64)
    step = max(1, CELLS // len(limit))
    for start in range(0, chosen.shape[1], step):
        block = chosen[:, start : start + step]
        total = sums[0].take(block[0], axis=0)
        for own, numbers in zip(sums[1:], block[1:], strict=True):
            total += own.take(numbers, axis=0)
        exceed += np.count_nonzero(np.abs(total, out=total) >= limit, axis=0)
    return exceed


def _listed(n: int) -> Patterns:
    """Return every pattern of n events in which the last keeps its sign: half of all.

    The other half has the same sums with the opposite sign.
    """
    numbers = np.arange(2 ** (n - 1))
    groups = np.arange(0, n, TOGETHER)
    listed: Patterns = (numbers >> groups[:, None] & (2**TOGETHER - 1)).astype(np.uint8)
    return listed


@lru_cache(maxsize=1)
def _drawn(groups: int, flips: int, seed: int) -> Patterns:
    """Return the number of a random pattern of each group of events, shape (groups, flips)."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**TOGETHER, size=(groups, flips), dtype=np.uint8)
