"""Parametric tests of a mean cumulative abnormal return, two-sided.

Every formula works along the last axis of a :class:`WindowSample`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from marketshock.inference.sample import Bools, Floats, WindowSample
from marketshock.inference.significance import (
    Answer,
    Obstacle,
    from_normal,
    from_t,
    significance_test,
)
from marketshock.locale import Text

__all__ = [
    "bmp",
    "cross_sectional_t",
    "crude_dependence_t",
    "kp_bmp",
    "kp_patell",
    "patell",
    "portfolio_t",
    "skewness_adjusted",
    "skewness_t",
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
FEW_DF = Text("too few degrees of freedom", "gradi di libertà insufficienti")
NO_VARIANCE = Text(
    "the residuals cancel across events: no portfolio variance to measure against",
    "i residui si compensano tra gli eventi: nessuna varianza di portafoglio con cui confrontare",
)
ROUNDING = 1e-12
SMALLEST_INFLATION = 1e-6
"""Variance inflation below which the mean correlation stands at its lower bound."""


def _loses(lost: Callable[[WindowSample], int]) -> tuple[Obstacle, Obstacle]:
    """Return what stands against a test on the portfolio's history that loses `lost` df."""
    return (
        Obstacle(FEW_DF, lambda sample: sample.estimation_aar.shape[-1] - lost(sample) < 1),
        Obstacle(
            NO_VARIANCE,
            lambda sample: (
                np.abs(sample.estimation_aar).max(axis=-1) <= ROUNDING * sample.period.largest
            ),
        ),
    )


def _equal(values: Floats) -> Bools:
    return np.asarray(values.std(axis=-1, ddof=1) <= ROUNDING * np.abs(values).max(axis=-1))


FEW_EVENTS = Obstacle(ONE_EVENT, lambda sample: sample.size < 2)
EQUAL_CAR = (FEW_EVENTS, Obstacle(NO_DISPERSION, lambda sample: _equal(sample.car)))
EQUAL_SCAR = (FEW_EVENTS, Obstacle(NO_DISPERSION, lambda sample: _equal(sample.scar)))
MOMENTS = Obstacle(FEW_DF, lambda sample: sample.degrees_of_freedom.min(axis=-1) <= 2)
INFLATION = Obstacle(NO_VARIANCE, lambda sample: sample.variance_inflation < SMALLEST_INFLATION)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Brown and Warner 1985; Salinger 1992",
    obstacles=_loses(lambda sample: sample.parameters),
)
def portfolio_t(sample: WindowSample) -> Answer:
    """Portfolio t with forecast error: CAAR / sqrt(s2 (L + 1'X*(X'X)^-1 X*'1)).

    ``s2 = sum AAR^2 / (M - k)`` over the estimation sessions; t(M - k). The residual
    variance of the equal-weighted portfolio contains all cross-correlation, so the test
    survives a shared date (Brown and Warner 1980, 1985; forecast error as in Patell 1976
    and Salinger 1992).
    """
    aar = sample.estimation_aar
    df = aar.shape[-1] - sample.parameters
    variance = (aar * aar).sum(axis=-1) / df * sample.window_factor
    return from_t(sample.caar / np.sqrt(variance), df)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Brown and Warner 1980, p. 251",
    obstacles=_loses(lambda sample: 1),
)
def crude_dependence_t(sample: WindowSample) -> Answer:
    """Crude dependence adjustment: CAAR / (sqrt(L) s), s = sd of estimation AAR; t(M - 1)."""
    aar = sample.estimation_aar
    error = np.sqrt(sample.length) * aar.std(axis=-1, ddof=1)
    return from_t(sample.caar / error, aar.shape[-1] - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="MacKinlay 1997",
    obstacles=EQUAL_CAR,
)
def cross_sectional_t(sample: WindowSample) -> Answer:
    """Cross-sectional t: sqrt(N) CAAR / s(CAR), ddof 1; t(N - 1)."""
    return from_t(_mean_t(sample.car), sample.size - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Boehmer, Musumeci and Poulsen 1991",
    obstacles=EQUAL_SCAR,
)
def bmp(sample: WindowSample) -> Answer:
    """Boehmer-Musumeci-Poulsen: sqrt(N) mean(SCAR) / s(SCAR), ddof 1; t(N - 1)."""
    return from_t(_mean_t(sample.scar), sample.size - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Kolari and Pynnonen 2010",
    obstacles=(INFLATION, *EQUAL_SCAR),
)
def kp_bmp(sample: WindowSample) -> Answer:
    """Kolari-Pynnonen adjusted BMP: bmp * sqrt((1 - r) / (1 + (N-1) r)); t(N - 1)."""
    scale = np.sqrt((1.0 - sample.correlation) / sample.variance_inflation)
    return from_t(_mean_t(sample.scar) * scale, sample.size - 1)


@significance_test(
    distribution="normal", null=NO_EFFECT, reference="Patell 1976", obstacles=(MOMENTS,)
)
def patell(sample: WindowSample) -> Answer:
    """Patell Z: sum SCAR / sqrt(sum (M-k)/(M-k-2)); N(0, 1)."""
    return from_normal(_patell_z(sample))


@significance_test(
    distribution="normal",
    null=NO_EFFECT,
    reference="Kolari and Pynnonen 2010, eq. 13",
    obstacles=(INFLATION, MOMENTS),
)
def kp_patell(sample: WindowSample) -> Answer:
    """Kolari-Pynnonen adjusted Patell: patell / sqrt(1 + (N-1) r); N(0, 1)."""
    return from_normal(_patell_z(sample) / np.sqrt(sample.variance_inflation))


@significance_test(
    distribution="normal",
    null=MEAN_ZERO,
    reference="Johnson 1978; Lyon, Barber and Tsai 1999",
    obstacles=EQUAL_CAR,
)
def skewness_t(sample: WindowSample) -> Answer:
    """Skewness-adjusted t of CAR: sqrt(N) (S + g S^2/3 + g/(6N)); N(0, 1).

    S = mean / s with ddof 1, g = sum (CAR - mean)^3 / (N s^3).
    """
    return from_normal(skewness_adjusted(sample.car))


def skewness_adjusted(values: Floats, *, hall: bool = False) -> Floats:
    """Return the skewness-adjusted t of a mean along the last axis.

    Parameters
    ----------
    values : ndarray of shape (..., N)
    hall : bool
        Add g^2 S^3 / 27, which makes the transformation monotonic (Hall 1992).
    """
    n = values.shape[-1]
    mean, s = values.mean(axis=-1), values.std(axis=-1, ddof=1)
    ratio = mean / s
    skewness = ((values - mean[..., None]) ** 3).mean(axis=-1) / s**3
    adjusted = ratio + skewness * ratio**2 / 3.0 + skewness / (6.0 * n)
    if hall:
        adjusted = adjusted + skewness**2 * ratio**3 / 27.0
    t: Floats = np.sqrt(n) * adjusted
    return t


def _mean_t(values: Floats) -> Floats:
    n = values.shape[-1]
    t: Floats = np.sqrt(n) * values.mean(axis=-1) / values.std(axis=-1, ddof=1)
    return t


def _patell_z(sample: WindowSample) -> Floats:
    df = sample.degrees_of_freedom
    variance = (df / (df - 2.0)).sum(axis=-1)
    z: Floats = sample.scar.sum(axis=-1) / np.sqrt(variance)
    return z
