"""Expected-return models: which part of a return was to be expected.

Every model here is linear: ``E[R] = offset + x'b`` with ``b`` estimated by ordinary least
squares over the estimation window, or nothing estimated at all. A model says what `offset`
and `x` are and how `b` is estimated; so each owns its parameter count and degrees of freedom.
Models for thin trading and for varying variance have modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from marketshock.errors import UserInputError
from marketshock.eventstudy import ols
from marketshock.eventstudy.ols import Estimator
from marketshock.market.panel import Floats, ReturnPanel

__all__ = [
    "Capm",
    "Design",
    "ExpectedReturnModel",
    "FactorModel",
    "MarketAdjusted",
    "MarketModel",
    "MeanAdjusted",
    "Raw",
]


MARKET = "mkt_rf"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What a model needs on each session.

    Parameters
    ----------
    offset : ndarray of shape (n_sessions,)
        Part of the expected return that is known without estimation.
    regressors : ndarray of shape (n_sessions, n_columns)
        What the estimation reads; intercept included, if there is one.
    names : tuple of str
        Names of the parameters that the estimation reports.
    estimator : Estimator
        How the parameters are estimated; default ordinary least squares.
    forecast : ndarray of shape (n_sessions, n_forecast_columns), optional
        What the prediction of an event session reads; default the regressors.
    batched : bool
        Whether the estimator works along leading axes, so that hundreds of placebo
        sessions cost little.
    trimmed : int
        Sessions at each end of the estimation window that are read as neighbours only.
    """

    offset: Floats
    regressors: Floats
    names: tuple[str, ...]
    estimator: Estimator = ols.fit
    forecast: Floats | None = None
    batched: bool = True
    trimmed: int = 0

    @property
    def event_regressors(self) -> Floats:
        """What the prediction of an event session reads."""
        return self.regressors if self.forecast is None else self.forecast


class ExpectedReturnModel(Protocol):
    """A model of the expected return; ``benchmark`` is empty where it has none."""

    @property
    def name(self) -> str:
        """Name in the command line and in results."""
        ...

    @property
    def benchmark(self) -> str:
        """Symbol of the benchmark, or an empty string."""
        ...

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Return offset and regressors on the sessions of `returns`."""
        ...


def _constant(returns: ReturnPanel) -> Floats:
    return np.ones(len(returns.sessions))


def _nothing(returns: ReturnPanel) -> Floats:
    return np.zeros((len(returns.sessions), 0))


@dataclass(frozen=True, slots=True)
class Raw:
    """Expected return zero; sigma about zero."""

    name: str = "raw"
    benchmark: str = ""

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Nothing is estimated."""
        return Design(0.0 * _constant(returns), _nothing(returns), ())


@dataclass(frozen=True, slots=True)
class MeanAdjusted:
    """Expected return = the stock's mean over the estimation window."""

    name: str = "mean"
    benchmark: str = ""

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """One parameter, the mean."""
        ones = _constant(returns)
        return Design(0.0 * ones, ones[:, None], ("alpha",))


@dataclass(frozen=True, slots=True)
class MarketAdjusted:
    """Expected return = the benchmark's return; nothing estimated, sigma about zero over M."""

    benchmark: str = "^GSPC"
    name: str = "market_adjusted"

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """No parameter."""
        return Design(returns.column(self.benchmark), _nothing(returns), ())


@dataclass(frozen=True, slots=True)
class MarketModel:
    """Expected return = alpha + beta times the benchmark's return."""

    benchmark: str = "^GSPC"
    name: str = "market"

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Two parameters."""
        ones = _constant(returns)
        market = returns.column(self.benchmark)
        return Design(0.0 * ones, np.column_stack([ones, market]), ("alpha", "beta"))


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Excess return on factors: R - RF = alpha + sum of beta times factor.

    Parameters
    ----------
    name : str
        ``ff3``, ``carhart``, ``ff5`` or the user's own.
    columns : tuple of str
        Factor columns, in decimals; the coefficient of ``mkt_rf`` is called beta.
    risk_free : str
        Column of the risk-free return; empty for factors that explain the return itself.
    """

    name: str
    columns: tuple[str, ...]
    risk_free: str = "rf"
    benchmark: str = ""

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """One parameter more than factors."""
        if factors is None:
            raise UserInputError(f"The model {self.name!r} needs factors.", "Give factors=...")
        columns = [_aligned(factors, name, returns) for name in self.columns]
        regressors = np.column_stack([_constant(returns), *columns])
        betas = ("beta" if name == MARKET else f"beta_{name}" for name in self.columns)
        offset = 0.0 * _constant(returns)
        if self.risk_free:
            offset = _aligned(factors, self.risk_free, returns)
        return Design(offset, regressors, ("alpha", *betas))


def Capm() -> FactorModel:  # noqa: N802  (a model, written as the others are)
    """Return the CAPM: excess return on Mkt-RF."""
    return FactorModel("capm", (MARKET,))


def _aligned(factors: ReturnPanel, name: str, returns: ReturnPanel) -> Floats:
    """Return a factor on the sessions of `returns`; NaN where the factor file has none.

    Factors are simple returns; beside log returns they become log returns too.
    """
    values = np.full(len(returns.sessions), np.nan)
    column = factors.column(name)
    found = np.searchsorted(factors.sessions, returns.sessions)
    inside = found < len(factors.sessions)
    same = inside.copy()
    same[inside] = factors.sessions[found[inside]] == returns.sessions[inside]
    values[same] = column[found[same]]
    return np.log1p(values) if returns.kind == "log" else values
