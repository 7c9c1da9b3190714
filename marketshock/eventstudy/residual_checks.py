"""Checks of one series of estimation residuals, and HAC errors, through statsmodels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from marketshock.eventstudy.ols import regular
from marketshock.inference.result import SignificanceResult
from marketshock.locale import Text
from marketshock.market.panel import Floats

__all__ = [
    "CHECKS",
    "CoefficientError",
    "autocorrelation",
    "coefficient_errors",
    "hac_lag",
    "normality",
    "stability",
    "volatility_clustering",
]

CHECKS = ("autocorrelation", "volatility_clustering", "normality", "stability")
LJUNG_BOX_LAGS = 10
ARCH_LAGS = 5
"""One week of sessions."""

FEWEST = 30
"""Fewest residuals for checks whose distributions hold in large samples only."""

SMALLEST_P = float(np.finfo(float).tiny)
"""Stands for a p-value that underflows: no statistic makes it zero."""

TOO_FEW = Text(f"fewer than {FEWEST} residuals", f"meno di {FEWEST} residui")
CONSTANT = Text("the residuals are constant", "residui costanti")
NOT_LINEAR = Text(
    "no parameters estimated by least squares", "nessun parametro stimato con minimi quadrati"
)
HALVES = Text(
    "the regressors are collinear in one half of the window",
    "i regressori sono collineari in metà della finestra",
)
NULLS = {
    "autocorrelation": Text(
        "the residuals are not autocorrelated", "i residui non sono autocorrelati"
    ),
    "volatility_clustering": Text(
        "the residuals' variance does not depend on the sessions before",
        "la varianza dei residui non dipende dalle sedute precedenti",
    ),
    "normality": Text("the residuals are normal", "i residui sono normali"),
    "stability": Text(
        "the parameters are the same in both halves of the window",
        "i parametri sono gli stessi nelle due metà della finestra",
    ),
}
REFERENCES = {
    "autocorrelation": "Ljung and Box 1978",
    "volatility_clustering": "Engle 1982",
    "normality": "Jarque and Bera 1980",
    "stability": "Chow 1960; HC3 of MacKinnon and White 1985",
}
DISTRIBUTIONS = {"stability": "F"}


@dataclass(frozen=True, slots=True)
class CoefficientError:
    """An estimate with its least-squares and its Newey-West standard error."""

    name: str
    estimate: float
    ols: float
    hac: float
    lag: int


def autocorrelation(residuals: Floats) -> SignificanceResult:
    """Ljung-Box Q of min(10, M/5) lags; chi-squared with as many degrees of freedom.

    Ten lags or a fifth of the sample: Hyndman and Athanasopoulos (2021, sec. 5.4).
    """
    problem = _unusable(residuals)
    if problem is not None:
        return _missing("autocorrelation", problem)
    from statsmodels.stats.diagnostic import acorr_ljungbox

    lags = min(LJUNG_BOX_LAGS, len(residuals) // 5)
    found = acorr_ljungbox(residuals, lags=[lags]).iloc[0]
    return _answer("autocorrelation", found["lb_stat"], found["lb_pvalue"], float(lags))


def volatility_clustering(residuals: Floats) -> SignificanceResult:
    """Engle's LM test for ARCH of five lags: M R^2 of squared residuals on their lags."""
    problem = _unusable(residuals)
    if problem is not None:
        return _missing("volatility_clustering", problem)
    from statsmodels.stats.diagnostic import het_arch

    statistic, pvalue = het_arch(residuals, nlags=ARCH_LAGS, result_object=False)[:2]
    return _answer("volatility_clustering", statistic, pvalue, float(ARCH_LAGS))


def normality(residuals: Floats) -> SignificanceResult:
    """Jarque-Bera: M/6 (skewness^2 + excess kurtosis^2 / 4); chi-squared(2)."""
    problem = _unusable(residuals)
    if problem is not None:
        return _missing("normality", problem)
    from statsmodels.stats.stattools import jarque_bera

    statistic, pvalue = jarque_bera(residuals)[:2]
    return _answer("normality", statistic, pvalue, 2.0)


def stability(y: Floats, x: Floats | None) -> SignificanceResult:
    """Chow-type test at the middle session: Wald F with HC3 errors; F(k, M - 2k).

    The regressors are repeated for the second half; the F tests that the second set is
    zero. HC3 errors let the two halves differ in variance, which Chow's own F mistakes for
    a break. A CUSUM of least-squares residuals would miss a shift of beta, because the
    benchmark's mean return is near zero.

    Parameters
    ----------
    y : ndarray of shape (M,)
    x : ndarray of shape (M, k) or None
        None where nothing is estimated by least squares.
    """
    if x is None or not x.shape[1]:
        return _missing("stability", NOT_LINEAR)
    if len(y) < FEWEST:
        return _missing("stability", TOO_FEW)
    half, k = len(y) // 2, x.shape[1]
    if not (regular(x[:half]) and regular(x[half:])):
        return _missing("stability", HALVES)
    import statsmodels.api as sm

    second = (np.arange(len(y)) >= half)[:, None]
    fitted = sm.OLS(y, np.hstack([x, x * second])).fit(cov_type="HC3", use_t=True)
    found = fitted.f_test(np.hstack([np.zeros((k, k)), np.eye(k)]))
    return _answer("stability", found.fvalue, found.pvalue, (float(k), float(len(y) - 2 * k)))


def hac_lag(observations: int) -> int:
    """Return the lag of Newey-West errors: floor(4 (M/100)^(2/9)) (Newey and West 1994)."""
    return int(4.0 * math.pow(observations / 100.0, 2.0 / 9.0))


def coefficient_errors(
    y: Floats, x: Floats | None, names: tuple[str, ...]
) -> tuple[CoefficientError, ...]:
    """Return each coefficient with its least-squares and its Newey-West standard error.

    Bartlett weights, lag of :func:`hac_lag`, small-sample factor M/(M - k).
    """
    if x is None or not x.shape[1]:
        return ()
    import statsmodels.api as sm

    lag = hac_lag(len(y))
    model = sm.OLS(y, x)
    plain = model.fit()
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True})
    return tuple(
        CoefficientError(name, float(estimate), float(ols), float(hac), lag)
        for name, estimate, ols, hac in zip(names, plain.params, plain.bse, robust.bse, strict=True)
    )


def _unusable(residuals: Floats) -> Text | None:
    if len(residuals) < FEWEST:
        return TOO_FEW
    return CONSTANT if float(np.ptp(residuals)) == 0.0 else None


def _missing(name: str, reason: Text) -> SignificanceResult:
    return SignificanceResult(
        name,
        None,
        None,
        DISTRIBUTIONS.get(name, "chi-squared"),
        None,
        NULLS[name],
        REFERENCES[name],
        False,
        reason,
    )


def _answer(
    name: str, statistic: Any, pvalue: Any, df: float | tuple[float, float]
) -> SignificanceResult:
    return SignificanceResult(
        name,
        float(np.squeeze(statistic)),
        max(float(np.squeeze(pvalue)), SMALLEST_P),
        DISTRIBUTIONS.get(name, "chi-squared"),
        df,
        NULLS[name],
        REFERENCES[name],
    )
