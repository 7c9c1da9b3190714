"""Market models for stocks that trade less often than their benchmark.

Prices of seldom traded stocks are stale at the close, so a part of their reaction to the
benchmark falls on the session before or after. Both models read the benchmark's return of
the neighbouring sessions. The first and the last estimation session serve only as
neighbours: no number depends on a session outside the windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marketshock.errors import SingularModelError
from marketshock.eventstudy import ols
from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import Fit, Whole
from marketshock.market.panel import Floats, ReturnPanel

__all__ = ["Dimson", "ScholesWilliams"]

NEIGHBOURS = ("the benchmark", "its return a session before", "and a session after")
SAME, BEFORE, AFTER = 1, 2, 3
"""Columns of the regressors."""


@dataclass(frozen=True, slots=True)
class ScholesWilliams:
    """Expected return = alpha + beta times the benchmark's, beta free of stale prices.

    ``beta = (b- + b0 + b+) / (1 + 2 rho)``, each ``b`` the slope of a separate regression on
    the benchmark of the session before, the same and the session after, and ``rho`` the
    correlation of the benchmark with itself a session before; ``alpha = mean(R) - beta
    mean(m)``. The forecast error is that of the instrumental-variable form of the estimator,
    whose instrument is the sum of the three returns.

    Scholes and Williams (1977), "Estimating betas from nonsynchronous data", Journal of
    Financial Economics 5, 309-327.
    """

    benchmark: str = "^GSPC"
    name: str = "scholes_williams"
    trimmed: int = 2

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Two parameters."""
        return _design(returns, self.benchmark, ("alpha", "beta"), scholes_williams)


@dataclass(frozen=True, slots=True)
class Dimson:
    """Expected return = alpha + beta times the benchmark's, beta summed over three sessions.

    One regression on the benchmark of the session before, the same and the session after;
    ``beta`` is the sum of the three slopes, ``alpha`` its intercept.

    Dimson (1979), "Risk measurement when shares are subject to infrequent trading", Journal
    of Financial Economics 7, 197-226.
    """

    benchmark: str = "^GSPC"
    name: str = "dimson"
    trimmed: int = 2

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Four parameters."""
        names = ("alpha", "beta", "beta_lag", "beta_same", "beta_lead")
        return _design(returns, self.benchmark, names, dimson)


def _design(
    returns: ReturnPanel, benchmark: str, names: tuple[str, ...], estimator: ols.Estimator
) -> Design:
    """Return regressors [1, m_t, m_{t-1}, m_{t+1}]; a forecast reads [1, m_t] alone."""
    market = returns.column(benchmark)
    ones = np.ones(len(market))
    before, after = np.full_like(market, np.nan), np.full_like(market, np.nan)
    before[1:], after[:-1] = market[:-1], market[1:]
    regressors = np.column_stack([ones, market, before, after])
    return Design(
        0.0 * ones, regressors, names, estimator, forecast=regressors[:, : SAME + 1], trimmed=1
    )


def scholes_williams(
    y: Floats, x: Floats, x_event: Floats, ahead: Whole, names: Sequence[str] = ()
) -> Fit:
    """Estimate by :class:`ScholesWilliams`; `x` as :func:`ols.fit`, columns as in this module.

    Raises
    ------
    SingularModelError
        If the benchmark is constant, or its neighbours cancel it: 1 + 2 rho = 0.
    """
    if x.shape[-2] <= SAME + 1:
        raise _without_information()
    market, middle = _centred(x[..., 1:])
    returns, mean = _centred(y)
    squares = (market * market).sum(axis=-2)
    if not (squares > ols.ROUNDING * (x[..., 1:] ** 2).sum(axis=-2)).all():
        raise _without_information()
    products = _turned(market) @ market
    same, before = products[..., 0, 0], products[..., 0, 1]
    inflation = 1.0 + 2.0 * before / np.sqrt(squares[..., 0] * squares[..., 1])
    instrument = market.sum(axis=-1)
    reach = np.einsum("...m,...m->...", instrument, market[..., 0])
    if not (np.minimum(np.abs(inflation), np.abs(reach) / same) > ols.SMALLEST_RATIO).all():
        raise _without_information()
    slopes = (_turned(market) @ returns) / squares[..., None]
    beta = slopes.sum(axis=-2) / inflation[..., None]
    alpha = mean[..., 0, :] - beta * middle[..., 0, :1]
    residuals = returns - market[..., :1] * beta[..., None, :]
    df = x.shape[-2] - 2
    coefficients = np.stack([alpha, beta], axis=-2)
    away = x_event[..., SAME] - middle[..., 0, :1]
    spread = (instrument * instrument).sum(axis=-1) / reach**2
    shared = spread[..., None, None] * away[..., :, None] * away[..., None, :]
    return Fit(
        coefficients,
        x_event @ coefficients,
        np.einsum("...mn,...mn->...n", residuals, residuals) / df,
        residuals,
        df,
        np.eye(x_event.shape[-2]) + 1.0 / x.shape[-2] + shared,
    )


def dimson(y: Floats, x: Floats, x_event: Floats, ahead: Whole, names: Sequence[str] = ()) -> Fit:
    """Estimate by :class:`Dimson`; `x` as :func:`ols.fit`, columns as in this module.

    Residuals and their variance are those of the aggregated coefficients, as the abnormal
    returns are; M - 4 degrees of freedom.

    Raises
    ------
    SingularModelError
        If the three returns of the benchmark are collinear.
    """
    together = [0, SAME, SAME, SAME]
    fitted = ols.fit(y, x, x_event[..., together], ahead, NEIGHBOURS)
    residuals = y - x[..., together] @ fitted.coefficients
    alpha, same, before, after = np.moveaxis(fitted.coefficients, -2, 0)
    beta = same + before + after
    return Fit(
        np.stack([alpha, beta, before, same, after], axis=-2),
        fitted.predicted,
        np.einsum("...mn,...mn->...n", residuals, residuals) / fitted.df,
        residuals,
        fitted.df,
        fitted.forecast,
    )


def _centred(values: Floats) -> tuple[Floats, Floats]:
    """Return columns less their means, and the means, shape (..., 1, n_columns)."""
    mean = values.mean(axis=-2, keepdims=True)
    return values - mean, mean


def _turned(values: Floats) -> Floats:
    return np.swapaxes(values, -1, -2)


def _without_information() -> SingularModelError:
    return SingularModelError(
        f"The regressors {', '.join(NEIGHBOURS)}, are constant or cancel each other over the "
        "estimation window.",
        "Choose another benchmark or a longer estimation window.",
    )
