"""Tests that count or rank instead of assuming a distribution."""

from __future__ import annotations

import math

import numpy as np

from marketshock.inference.parametric import MEAN_ZERO, NO_DISPERSION, ONE_EVENT
from marketshock.inference.result import SignificanceResult, normal_test, unavailable
from marketshock.inference.sample import Floats, WindowSample
from marketshock.locale import Text

__all__ = ["generalized_sign", "placebo_rank", "quantile_rank", "sign", "wilcoxon"]

ORDINARY_SIGNS = Text(
    "as many cumulative abnormal returns are positive as in the estimation period",
    "i rendimenti anomali cumulati positivi sono tanti quanti nel periodo di stima",
)
MEDIAN_ZERO = Text(
    "the median cumulative abnormal return is zero",
    "la mediana dei rendimenti anomali cumulati è nulla",
)


def placebo_rank(sample: WindowSample) -> SignificanceResult:
    """Rank of |CAAR| among all L-session sums of estimation AAR.

    p = (1 + number of sums at least as large) / (1 + n), n = M - L + 1; the smallest
    reachable p is 1/(n + 1). The statistic is the count of sums at least as large. No model
    of correlation or tails, but the event day must be an ordinary draw under the null.
    """
    aar = sample.estimation_aar
    n = len(aar) - sample.length + 1
    reference = "exact rank among placebo windows"
    if n < 1:
        reason = Text("window longer than estimation", "finestra più lunga della stima")
        return unavailable("placebo_rank", "placebo", MEAN_ZERO, reference, reason)
    sums = np.convolve(aar, np.ones(sample.length), mode="valid")
    beyond = int((np.abs(sums) >= abs(sample.caar)).sum())
    pvalue = (1 + beyond) / (1 + n)
    return SignificanceResult(
        "placebo_rank", float(beyond), pvalue, "placebo", float(n), MEAN_ZERO, reference
    )


def sign(sample: WindowSample) -> SignificanceResult:
    """Sign test: the number of positive CAR, exact binomial with probability one half."""
    from scipy.stats import binomtest

    positive = int((sample.car > 0).sum())
    pvalue = float(binomtest(positive, sample.size, 0.5).pvalue)
    return SignificanceResult(
        "sign",
        float(positive),
        pvalue,
        "binomial",
        float(sample.size),
        MEDIAN_ZERO,
        "exact binomial",
    )


def generalized_sign(sample: WindowSample) -> SignificanceResult:
    """Generalised sign test against the share of positive residuals in estimation; N(0, 1)."""
    present = np.isfinite(sample.residuals)
    positive = (sample.residuals > 0) & present
    share = float((positive.sum(axis=1) / present.sum(axis=1)).mean())
    spread = math.sqrt(sample.size * share * (1.0 - share))
    if spread == 0.0:
        reason = Text("all residuals have one sign", "residui tutti dello stesso segno")
        return unavailable("generalized_sign", "normal", ORDINARY_SIGNS, "Cowan 1992", reason)
    z = (float((sample.car > 0).sum()) - sample.size * share) / spread
    return normal_test("generalized_sign", z, ORDINARY_SIGNS, "Cowan 1992")


def wilcoxon(sample: WindowSample) -> SignificanceResult:
    """Wilcoxon signed-rank test; exact up to N = 25, else normal with tie correction."""
    from scipy.stats import wilcoxon as signed_rank

    if sample.size < 2 or not np.any(sample.car):
        reason = ONE_EVENT if sample.size < 2 else NO_DISPERSION
        return unavailable("wilcoxon", "signed rank", MEDIAN_ZERO, "Wilcoxon 1945", reason)
    method = "exact" if sample.size <= 25 else "asymptotic"
    answer = signed_rank(sample.car, method=method)
    return SignificanceResult(
        "wilcoxon",
        float(answer.statistic),
        float(answer.pvalue),
        "signed rank",
        float(sample.size),
        MEDIAN_ZERO,
        "Wilcoxon 1945",
    )


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
