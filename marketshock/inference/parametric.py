"""Parametric tests of a mean cumulative abnormal return.

Each statistic is a function of one :class:`WindowSample`. Two-sided p-values.
"""

from __future__ import annotations

import math

import numpy as np

from marketshock.inference.result import SignificanceResult, normal_test, t_test, unavailable
from marketshock.inference.sample import WindowSample
from marketshock.locale import Text

__all__ = [
    "bmp",
    "cross_sectional_t",
    "crude_dependence_t",
    "kp_bmp",
    "kp_patell",
    "patell",
    "portfolio_t",
]

MEAN_ZERO = Text(
    "the mean cumulative abnormal return is zero",
    "il rendimento anomalo cumulato medio è nullo",
)
NO_EFFECT = Text(
    "no cumulative abnormal return differs from zero",
    "nessun rendimento anomalo cumulato è diverso da zero",
)
ONE_EVENT = Text(
    "needs at least two events: with one there is no dispersion across events",
    "servono almeno due eventi: con uno solo non c'è dispersione tra eventi",
)
NO_DISPERSION = Text(
    "all events are equal: no dispersion", "eventi tutti uguali: nessuna dispersione"
)
NO_VARIANCE = Text(
    "the residuals cancel across events: no portfolio variance to measure against",
    "i residui si compensano tra gli eventi: nessuna varianza di portafoglio con cui confrontare",
)
FEW_DF = Text("too few degrees of freedom", "gradi di libertà insufficienti")

SMALLEST_INFLATION = 1e-6
"""Variance inflation below which the mean correlation stands at its lower bound."""


def portfolio_t(sample: WindowSample) -> SignificanceResult:
    """Portfolio t with forecast error: CAAR / sqrt(s2 (L + 1'X*(X'X)^-1 X*'1)).

    ``s2 = sum AAR^2 / (M - k)`` over the estimation sessions; t(M - k). The residual
    variance of the equal-weighted portfolio contains all cross-correlation, so the test
    survives a shared date (Brown and Warner 1980, 1985; forecast error as in Patell 1976
    and Salinger 1992).
    """
    aar = sample.estimation_aar
    df = len(aar) - sample.parameters
    name, reference = "portfolio_t", "Brown and Warner 1985; Salinger 1992"
    if df < 1:
        return unavailable(name, "t", MEAN_ZERO, reference, FEW_DF)
    if _cancels(sample):
        return unavailable(name, "t", MEAN_ZERO, reference, NO_VARIANCE)
    variance = float(aar @ aar) / df * sample.window_factor
    return t_test(name, sample.caar / math.sqrt(variance), df, MEAN_ZERO, reference)


def crude_dependence_t(sample: WindowSample) -> SignificanceResult:
    """Crude dependence adjustment: CAAR / (sqrt(L) s), s = sd of estimation AAR; t(M - 1)."""
    aar = sample.estimation_aar
    name, reference = "crude_dependence_t", "Brown and Warner 1980, p. 251"
    if len(aar) < 2:
        return unavailable(name, "t", MEAN_ZERO, reference, FEW_DF)
    if _cancels(sample):
        return unavailable(name, "t", MEAN_ZERO, reference, NO_VARIANCE)
    error = math.sqrt(sample.length) * float(aar.std(ddof=1))
    return t_test(name, sample.caar / error, len(aar) - 1, MEAN_ZERO, reference)


def cross_sectional_t(sample: WindowSample) -> SignificanceResult:
    """Cross-sectional t: sqrt(N) CAAR / s(CAR), ddof 1; t(N - 1)."""
    return _mean_t("cross_sectional_t", sample.car, 1.0, "MacKinlay 1997")


def bmp(sample: WindowSample) -> SignificanceResult:
    """Boehmer-Musumeci-Poulsen: sqrt(N) mean(SCAR) / s(SCAR), ddof 1; t(N - 1)."""
    reference = "Boehmer, Musumeci and Poulsen 1991"
    return _mean_t("bmp", sample.scar, 1.0, reference)


def kp_bmp(sample: WindowSample) -> SignificanceResult:
    """Kolari-Pynnonen adjusted BMP: bmp * sqrt((1 - r) / (1 + (N-1) r)); t(N - 1)."""
    name, reference = "kp_bmp", "Kolari and Pynnonen 2010"
    if sample.variance_inflation < SMALLEST_INFLATION:
        return unavailable(name, "t", MEAN_ZERO, reference, NO_VARIANCE)
    scale = math.sqrt((1.0 - sample.correlation) / sample.variance_inflation)
    return _mean_t(name, sample.scar, scale, reference)


def patell(sample: WindowSample) -> SignificanceResult:
    """Patell Z: sum SCAR / sqrt(sum (M-k)/(M-k-2)); N(0, 1)."""
    return _patell("patell", sample, 1.0, "Patell 1976")


def kp_patell(sample: WindowSample) -> SignificanceResult:
    """Kolari-Pynnonen adjusted Patell: patell / sqrt(1 + (N-1) r); N(0, 1)."""
    name, reference = "kp_patell", "Kolari and Pynnonen 2010, eq. 13"
    if sample.variance_inflation < SMALLEST_INFLATION:
        return unavailable(name, "normal", NO_EFFECT, reference, NO_VARIANCE)
    return _patell(name, sample, 1.0 / math.sqrt(sample.variance_inflation), reference)


def _cancels(sample: WindowSample) -> bool:
    largest = float(np.nanmax(np.abs(sample.residuals)))
    return float(np.abs(sample.estimation_aar).max()) <= 1e-12 * largest


def _mean_t(
    name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]], scale: float, reference: str
) -> SignificanceResult:
    if len(values) < 2:
        return unavailable(name, "t", MEAN_ZERO, reference, ONE_EVENT)
    spread = float(values.std(ddof=1))
    if spread <= 1e-12 * max(1e-300, float(np.abs(values).max())):
        return unavailable(name, "t", MEAN_ZERO, reference, NO_DISPERSION)
    statistic = math.sqrt(len(values)) * float(values.mean()) / spread * scale
    return t_test(name, statistic, len(values) - 1, MEAN_ZERO, reference)


def _patell(name: str, sample: WindowSample, scale: float, reference: str) -> SignificanceResult:
    df = sample.degrees_of_freedom
    if float(df.min()) <= 2:
        return unavailable(name, "normal", NO_EFFECT, reference, FEW_DF)
    variance = float((df / (df - 2.0)).sum())
    statistic = float(sample.scar.sum()) / math.sqrt(variance) * scale
    return normal_test(name, statistic, NO_EFFECT, reference)
