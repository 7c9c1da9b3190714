"""Tests of a number against its own earlier sessions, whatever its ordinary level is.

A cross-section slope, say: stocks that differ in a characteristic differ a little on every
session, so the slope of the event is set against the slopes of ordinary sessions and not
against zero. A sample holds the number as its only event: ``car`` of shape (1,), the
earlier sessions as ``residuals`` of shape (1, T).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from marketshock.inference.parametric import FEW_DF, ROUNDING
from marketshock.inference.sample import WindowSample
from marketshock.inference.significance import (
    NO_VARIATION,
    Answer,
    Obstacle,
    from_t,
    significance_test,
)
from marketshock.locale import Text

__all__ = ["slope_rank", "slope_t"]

ORDINARY_SLOPE = Text(
    "the slope is that of an ordinary session", "la pendenza è quella di una seduta ordinaria"
)
REFERENCE = "Sefcik and Thompson 1986; Cohn, Johnson, Liu and Wardlaw"


HISTORY = (
    Obstacle(FEW_DF, lambda sample: sample.estimation_aar.shape[-1] < max(2, sample.length)),
    Obstacle(
        NO_VARIATION,
        lambda sample: (
            np.ptp(sample.estimation_aar, axis=-1)
            <= ROUNDING * np.abs(sample.estimation_aar).max(axis=-1)
        ),
    ),
)


@significance_test(distribution="t", null=ORDINARY_SLOPE, reference=REFERENCE, obstacles=HISTORY)
def slope_t(sample: WindowSample) -> Answer:
    """Prediction t: (b - L m) / (s sqrt(L + L^2/T)), ddof 1; t(T - 1).

    m and s are mean and standard deviation of the T earlier sessions; the second term under
    the root is the error of m, common to the L sessions of the window.
    """
    history, length = sample.estimation_aar, sample.length
    sessions = history.shape[-1]
    error = history.std(axis=-1, ddof=1) * np.sqrt(length + length**2 / sessions)
    return from_t((sample.caar - length * history.mean(axis=-1)) / error, sessions - 1)


@significance_test(
    distribution="placebo", null=ORDINARY_SLOPE, reference=REFERENCE, obstacles=HISTORY
)
def slope_rank(sample: WindowSample) -> Answer:
    """Rank of |b - L m| among the same distance of all L-session sums of earlier sessions.

    p = (1 + number of sums at least as far) / (1 + n), n = T - L + 1; the smallest
    reachable p is 1/(n + 1). The statistic is the count of sums at least as far.
    """
    history, length = sample.estimation_aar, sample.length
    middle = length * history.mean(axis=-1)
    sums = sliding_window_view(history, length, axis=-1).sum(axis=-1)
    n = sums.shape[-1]
    far = np.abs(sums - middle[..., None]) >= np.abs(sample.caar - middle)[..., None]
    beyond = far.sum(axis=-1)
    return Answer(beyond.astype(float), (1 + beyond) / (1 + n), np.asarray(float(n)))
