"""Tests that count or rank instead of assuming a distribution.

Every formula works along the last axis of a :class:`WindowSample`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from marketshock.inference.parametric import FEW_EVENTS, MEAN_ZERO, NO_DISPERSION, portfolio_t
from marketshock.inference.sample import Floats, WindowSample
from marketshock.inference.significance import Answer, Obstacle, from_normal, significance_test
from marketshock.locale import Text

__all__ = ["generalized_sign", "placebo_dates", "placebo_rank", "quantile_rank", "sign", "wilcoxon"]

ORDINARY_SIGNS = Text(
    "as many cumulative abnormal returns are positive as in the estimation period",
    "i rendimenti anomali cumulati positivi sono tanti quanti nel periodo di stima",
)
MEDIAN_ZERO = Text(
    "the median cumulative abnormal return is zero",
    "la mediana dei rendimenti anomali cumulati è nulla",
)
ONE_SIGN = Text("all residuals have one sign", "residui tutti dello stesso segno")
LONG_WINDOW = Text("window longer than estimation", "finestra più lunga della stima")
NO_PLACEBOS = Text(
    "no earlier session on which the study could be repeated",
    "nessuna seduta precedente su cui ripetere lo studio",
)
LARGEST_EXACT = 25
"""Largest number of events for the exact distribution of the signed-rank sum."""


@significance_test(
    distribution="placebo",
    null=MEAN_ZERO,
    reference="exact rank among placebo windows",
    obstacles=(
        Obstacle(LONG_WINDOW, lambda sample: sample.estimation_aar.shape[-1] < sample.length),
    ),
)
def placebo_rank(sample: WindowSample) -> Answer:
    """Rank of |CAAR| among all L-session sums of estimation AAR.

    p = (1 + number of sums at least as large) / (1 + n), n = M - L + 1; the smallest
    reachable p is 1/(n + 1). The statistic is the count of sums at least as large. No model
    of correlation or tails, but the event day must be an ordinary draw under the null.
    """
    sums = sliding_window_view(sample.estimation_aar, sample.length, axis=-1).sum(axis=-1)
    n = sums.shape[-1]
    beyond = (np.abs(sums) >= np.abs(sample.caar)[..., None]).sum(axis=-1)
    return Answer(beyond.astype(float), (1 + beyond) / (1 + n), np.asarray(float(n)))


@significance_test(
    distribution="placebo",
    null=MEAN_ZERO,
    reference="exact rank among placebo dates",
    obstacles=(
        Obstacle(NO_PLACEBOS, lambda sample: sample.placebo is None or not len(sample.placebo)),
        *portfolio_t.obstacles,
    ),
)
def placebo_dates(sample: WindowSample) -> Answer:
    """Rank of |portfolio_t| among its values on every admissible earlier session.

    p = (1 + number of sessions at least as large) / (1 + n); the smallest reachable p is
    1/(n + 1). Each session has an estimation window of its own. The statistic is the count
    of sessions at least as large.
    """
    assert sample.placebo is not None
    n = len(sample.placebo)
    own = np.abs(portfolio_t.formula(sample).statistic)
    beyond = np.asarray((np.abs(sample.placebo) >= own[..., None]).sum(axis=-1), float)
    return Answer(beyond, (1.0 + beyond) / (1.0 + n), np.asarray(float(n)))


@significance_test(
    distribution="binomial",
    null=MEDIAN_ZERO,
    reference="exact binomial",
)
def sign(sample: WindowSample) -> Answer:
    """Sign test: the number of positive CAR, exact binomial with probability one half."""
    from scipy.special import bdtr

    n = sample.size
    positive = (sample.car > 0).sum(axis=-1)
    tail = bdtr(np.minimum(positive, n - positive).astype(float), n, 0.5)
    return Answer(positive.astype(float), np.minimum(1.0, 2.0 * tail), np.asarray(float(n)))


@significance_test(
    distribution="normal",
    null=ORDINARY_SIGNS,
    reference="Cowan 1992",
    obstacles=(Obstacle(ONE_SIGN, lambda sample: np.isin(sample.period.positive_share, (0, 1))),),
)
def generalized_sign(sample: WindowSample) -> Answer:
    """Generalised sign test against the share of positive residuals in estimation; N(0, 1)."""
    share = sample.period.positive_share
    spread = np.sqrt(sample.size * share * (1.0 - share))
    return from_normal(((sample.car > 0).sum(axis=-1) - sample.size * share) / spread)


@significance_test(
    distribution="signed rank",
    null=MEDIAN_ZERO,
    reference="Wilcoxon 1945",
    obstacles=(
        FEW_EVENTS,
        Obstacle(NO_DISPERSION, lambda sample: ~sample.car.any(axis=-1)),
    ),
)
def wilcoxon(sample: WindowSample) -> Answer:
    """Wilcoxon signed-rank test; exact up to N = 25, else normal with tie correction.

    The statistic is the smaller of the two rank sums. A zero gives half its rank to each
    side, so the test prefers no direction.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    n = sample.size
    ranks = rankdata(np.abs(sample.car), axis=-1)
    signs = np.sign(sample.car)
    positive = (ranks * (1.0 + signs) / 2.0).sum(axis=-1)
    smaller = np.minimum(positive, n * (n + 1) / 2 - positive)
    if n <= LARGEST_EXACT:
        tail = _signed_rank_cdf(n)[np.ceil(smaller).astype(int)]
    else:
        variance = (ranks * ranks).sum(axis=-1) / 4.0
        tail = ndtr((smaller - n * (n + 1) / 4) / np.sqrt(variance))
    return Answer(smaller, np.minimum(1.0, 2.0 * tail), np.asarray(float(n)))


@lru_cache(maxsize=LARGEST_EXACT)
def _signed_rank_cdf(n: int) -> Floats:
    """Return P(W <= w) for w = 0 .. n(n+1)/2: every subset of the ranks is equally likely."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(counts) + rank)
        longer[: len(counts)] += counts
        longer[rank:] += counts
        counts = longer
    cdf: Floats = np.cumsum(counts) / 2.0**n
    return cdf


def quantile_rank(abnormal: float, residuals: Floats) -> dict[str, int | float | str]:
    """Rank one abnormal return among its own estimation residuals and itself.

    Lower tail for a loss, upper tail for a gain; p = rank / (M + 1), so the smallest
    reachable p is 1/(M + 1) (Gelbach, Helland and Klick 2013).
    """
    own = residuals[np.isfinite(residuals)]
    lower = abnormal < 0
    beyond = int((own <= abnormal).sum() if lower else (own >= abnormal).sum())
    of = len(own) + 1
    return {
        "rank": beyond + 1,
        "of": of,
        "pvalue": (beyond + 1) / of,
        "tail": "lower" if lower else "upper",
    }
