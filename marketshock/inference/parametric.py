"""Parametric tests of a mean cumulative abnormal return, two-sided.

Every formula works along the last axis of a :class:`WindowSample`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from marketshock.inference.sample import Floats, WindowSample
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


def _portfolio(lost: Callable[[WindowSample], int]) -> Obstacle:
    """Return what stands against a test on the portfolio's history that loses `lost` df."""

    def obstacle(sample: WindowSample) -> Text | None:
        aar = sample.estimation_aar
        if aar.shape[-1] - lost(sample) < 1:
            return FEW_DF
        largest = float(np.nanmax(np.abs(sample.residuals)))
        return NO_VARIANCE if float(np.abs(aar).max()) <= ROUNDING * largest else None

    return obstacle


def _moments(sample: WindowSample) -> Text | None:
    return FEW_DF if float(sample.degrees_of_freedom.min()) <= 2 else None


def _dispersion(values: Floats) -> Text | None:
    if values.shape[-1] < 2:
        return ONE_EVENT
    spread = float(values.std(axis=-1, ddof=1))
    return NO_DISPERSION if spread <= ROUNDING * float(np.abs(values).max()) else None


def _inflation(sample: WindowSample) -> Text | None:
    return NO_VARIANCE if float(sample.variance_inflation) < SMALLEST_INFLATION else None


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Brown and Warner 1985; Salinger 1992",
    obstacle=_portfolio(lambda sample: sample.parameters),
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
    obstacle=_portfolio(lambda sample: 1),
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
    obstacle=lambda sample: _dispersion(sample.car),
    fewest=2,
)
def cross_sectional_t(sample: WindowSample) -> Answer:
    """Cross-sectional t: sqrt(N) CAAR / s(CAR), ddof 1; t(N - 1)."""
    return from_t(_mean_t(sample.car), sample.size - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Boehmer, Musumeci and Poulsen 1991",
    obstacle=lambda sample: _dispersion(sample.scar),
    fewest=2,
)
def bmp(sample: WindowSample) -> Answer:
    """Boehmer-Musumeci-Poulsen: sqrt(N) mean(SCAR) / s(SCAR), ddof 1; t(N - 1)."""
    return from_t(_mean_t(sample.scar), sample.size - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Kolari and Pynnonen 2010",
    obstacle=lambda sample: _inflation(sample) or _dispersion(sample.scar),
    fewest=2,
)
def kp_bmp(sample: WindowSample) -> Answer:
    """Kolari-Pynnonen adjusted BMP: bmp * sqrt((1 - r) / (1 + (N-1) r)); t(N - 1)."""
    scale = np.sqrt((1.0 - sample.correlation) / sample.variance_inflation)
    return from_t(_mean_t(sample.scar) * scale, sample.size - 1)


@significance_test(
    distribution="normal", null=NO_EFFECT, reference="Patell 1976", obstacle=_moments
)
def patell(sample: WindowSample) -> Answer:
    """Patell Z: sum SCAR / sqrt(sum (M-k)/(M-k-2)); N(0, 1)."""
    return from_normal(_patell_z(sample))


@significance_test(
    distribution="normal",
    null=NO_EFFECT,
    reference="Kolari and Pynnonen 2010, eq. 13",
    obstacle=lambda sample: _inflation(sample) or _moments(sample),
)
def kp_patell(sample: WindowSample) -> Answer:
    """Kolari-Pynnonen adjusted Patell: patell / sqrt(1 + (N-1) r); N(0, 1)."""
    return from_normal(_patell_z(sample) / np.sqrt(sample.variance_inflation))


def _mean_t(values: Floats) -> Floats:
    n = values.shape[-1]
    t: Floats = np.sqrt(n) * values.mean(axis=-1) / values.std(axis=-1, ddof=1)
    return t


def _patell_z(sample: WindowSample) -> Floats:
    df = sample.degrees_of_freedom
    variance = (df / (df - 2.0)).sum(axis=-1)
    z: Floats = sample.scar.sum(axis=-1) / np.sqrt(variance)
    return z
