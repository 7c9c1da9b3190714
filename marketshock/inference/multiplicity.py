"""P-values of many tests at once: many stocks, many windows.

A NaN is a test that was not made: it stays NaN and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from marketshock.inference.sample import Bools, Floats

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "holm", "max_statistic"]


def holm(pvalues: Floats) -> Floats:
    """Return p-values adjusted by Holm's step-down method.

    The i-th smallest of m is multiplied by m - i + 1, made non-decreasing, at most 1. The
    chance of any false rejection is at most the level, whatever the dependence (Holm 1979).

    Parameters
    ----------
    pvalues : ndarray of shape (n,)
    """
    return _adjusted(pvalues, lambda p: np.maximum.accumulate(p * np.arange(len(p), 0, -1)))


def benjamini_hochberg(pvalues: Floats) -> Floats:
    """Return p-values adjusted for the false discovery rate.

    The i-th smallest of m is multiplied by m / i, made non-decreasing from above. Holds for
    independent or positively dependent tests (Benjamini and Hochberg 1995).

    Parameters
    ----------
    pvalues : ndarray of shape (n,)
    """
    return _adjusted(pvalues, _discoveries)


def benjamini_yekutieli(pvalues: Floats) -> Floats:
    """Return p-values adjusted for the false discovery rate under any dependence.

    Those of :func:`benjamini_hochberg` times 1 + 1/2 + ... + 1/m (Benjamini and Yekutieli
    2001).

    Parameters
    ----------
    pvalues : ndarray of shape (n,)
    """
    return _adjusted(pvalues, lambda p: _discoveries(p) * (1.0 / np.arange(1, len(p) + 1)).sum())


def max_statistic(statistics: Floats, placebo: Floats, *, step_down: bool = False) -> Floats:
    """Return p-values adjusted by the largest statistic of each placebo date.

    p_i = (1 + number of dates whose largest |statistic| is at least |t_i|)/(1 + n). The
    dates carry the dependence among the tests with them, so nothing is given away where
    stocks move together (Westfall and Young 1993). The smallest reachable p is 1/(n + 1).

    Parameters
    ----------
    statistics : ndarray of shape (n,)
        Of the event; all on one scale, t for example.
    placebo : ndarray of shape (n_dates, n)
        The same statistics on each placebo date. NaN where a date has none; dates without
        any are left out.
    step_down : bool
        Compare the i-th largest with the maxima over itself and smaller ones only, made
        non-decreasing.
    """
    size = np.abs(statistics)
    adjusted = np.full(size.shape, np.nan)
    known = np.flatnonzero(np.isfinite(size))
    order = known[np.argsort(-size[known], kind="stable")]
    draws = np.abs(placebo[:, order])
    draws = draws[np.isfinite(draws).any(axis=1)]
    if not draws.size:
        return adjusted
    largest = np.fmax.accumulate(draws[:, ::-1], axis=1)[:, ::-1]
    largest = largest if step_down else largest[:, :1]
    p = (1.0 + (largest >= size[order]).sum(axis=0)) / (1.0 + len(draws))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def _discoveries(ordered: Floats) -> Floats:
    m = len(ordered)
    scaled = ordered * m / np.arange(1, m + 1)
    smallest: Floats = np.minimum.accumulate(scaled[::-1])[::-1]
    return smallest


def _adjusted(pvalues: Floats, rule: Callable[[Floats], Floats]) -> Floats:
    """Apply a rule for ascending p-values to those that are known."""
    given = np.asarray(pvalues, float)
    known: Bools = np.isfinite(given)
    order = np.argsort(given[known], kind="stable")
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(rule(given[known][order]), 1.0)
    answer = np.full(given.shape, np.nan)
    answer[known] = adjusted
    return answer
