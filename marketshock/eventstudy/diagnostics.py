"""Is the estimation window ordinary? Residual checks of every stock and of the portfolio.

The tests of a study take the estimation window for an ordinary time: one variance, one
beta, no other shock. What speaks against that is a finding; it stands under the exhibit
only where it touches the series that the printed tests are measured by.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy import ols
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.diagnostic_findings import estimation_findings
from marketshock.eventstudy.plan import Plan, StudyData, planned
from marketshock.eventstudy.residual_checks import (
    CoefficientError,
    autocorrelation,
    coefficient_errors,
    normality,
    stability,
    volatility_clustering,
)
from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.study import panels_of
from marketshock.inference.result import SignificanceResult
from marketshock.market.panel import Floats, ReturnPanel
from marketshock.market.sessions import Dates, to_day
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LARGE_SHOCK", "PORTFOLIO", "Diagnostics", "LargeShock", "SeriesDiagnostics", "diagnose"]

LARGE_SHOCK = 5.0
"""Standardised residual from which on a session counts as a shock of its own: under
normality one in 1.7 million."""

PORTFOLIO = "portfolio"
SAME = 1e-6
"""Largest distance of residuals from those of the study, in standard deviations."""

View = Literal["checks", "tests", "errors", "shocks"]


@dataclass(frozen=True, slots=True)
class LargeShock:
    """A session of the estimation window with a residual of more than `LARGE_SHOCK` sigma."""

    session: dt.date
    residual: float
    standardised: float


@dataclass(frozen=True, slots=True)
class SeriesDiagnostics:
    """The checks of one stock, or of the portfolio of all.

    Parameters
    ----------
    event_id, symbol : str
        Both ``portfolio`` for the equal-weighted mean of the residuals.
    n : int
        Estimation residuals.
    tests : tuple of SignificanceResult
        ``autocorrelation``, ``volatility_clustering``, ``normality``, ``stability``.
    excess_kurtosis, skewness : float
    zero_returns : float or None
        Share of estimation sessions with a return of exactly zero; None for the portfolio.
    shocks : tuple of LargeShock
    coefficients : tuple of CoefficientError
        Empty where nothing is estimated by least squares.
    """

    event_id: str
    symbol: str
    n: int
    tests: tuple[SignificanceResult, ...]
    excess_kurtosis: float
    skewness: float
    zero_returns: float | None
    shocks: tuple[LargeShock, ...]
    coefficients: tuple[CoefficientError, ...]

    def test(self, name: str) -> SignificanceResult:
        """Return one check by name."""
        answers = {test.name: test for test in self.tests}
        if name not in answers:
            raise UserInputError(f"Unknown check {name!r}.", suggest(name, answers))
        return answers[name]


@dataclass(frozen=True, slots=True, eq=False)
class Diagnostics:
    """The checks of an estimation window.

    Parameters
    ----------
    stocks : tuple of SeriesDiagnostics
        In the order of the study's events.
    portfolio : SeriesDiagnostics or None
        Of the mean residual; None for one event, and where events have different dates.
    """

    stocks: tuple[SeriesDiagnostics, ...]
    portfolio: SeriesDiagnostics | None

    @property
    def series(self) -> tuple[SeriesDiagnostics, ...]:
        """The portfolio, if there is one, and the stocks."""
        return ((self.portfolio,) if self.portfolio else ()) + self.stocks

    def findings(self) -> tuple[Finding, ...]:
        """Return at most one footnote, and what is kept with the result.

        The rule: a check of the series that the printed tests are measured by (the
        portfolio; the stock itself where it is the only one) is a footnote if its
        Holm-adjusted p-value is at most 5 %, and so is a large shock in that series, and thin
        trading of any stock. Departures of single stocks, Holm-adjusted across the stocks,
        are information, and so is non-normality: the rank tests need none. With different
        dates a departure of half of the stocks is a footnote.
        """
        return estimation_findings(self.stocks, self.portfolio)

    def table(self, view: View = "checks") -> Table:
        """Return one tidy view: ``checks``, ``tests``, ``errors`` or ``shocks``."""
        views = {
            "checks": (_check_row, ()),
            "tests": (_test_rows, _TEST_COLUMNS),
            "errors": (_error_rows, _ERROR_COLUMNS),
            "shocks": (_shock_rows, _SHOCK_COLUMNS),
        }
        if view not in views:
            raise UserInputError(f"Unknown view {view!r}.", suggest(view, views))
        rows, columns = views[view]
        found = [row for series in self.series for row in rows(series)]
        return Table.from_rows(f"diagnostics_{view}", found, columns)

    def to_frame(self, view: View = "checks") -> pd.DataFrame:
        """Return one tidy view as a pandas frame; see :meth:`table`."""
        return self.table(view).to_frame()

    def _head(self) -> str:
        return f"estimation window of {len(self.stocks)} events: p-values of residual checks"

    def __repr__(self) -> str:
        lines = self.table().to_text().splitlines()
        lines += [f"{item.level} {item.code}: {item.text.en}" for item in self.findings()]
        return "\n".join([self._head(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        remarks = "".join(
            f"<li>{escape(f'{item.level} {item.code}: {item.text.en}')}</li>"
            for item in self.findings()
        )
        return f"<p><b>{self._head()}</b></p>{self.table().to_html()}<ul>{remarks}</ul>"


def diagnose(
    result: StudyResult,
    returns: ReturnPanel | pd.DataFrame | Mapping[str, ReturnPanel | pd.DataFrame],
    factors: ReturnPanel | None = None,
    weights: ReturnPanel | None = None,
) -> Diagnostics:
    """Check the estimation window of a study.

    Ljung-Box, Engle's ARCH test, Jarque-Bera, a Chow-type test of both halves, zero returns,
    other large shocks, and Newey-West errors beside those of least squares; all through
    statsmodels, whose import takes a second or two.

    Parameters
    ----------
    result : StudyResult
    returns, factors, weights
        What the study was run on; a result holds no data.

    Raises
    ------
    UserInputError
        If these are not the returns of the study.
    """
    abnormal = result.abnormal
    data = StudyData(panels_of(returns), factors, weights)
    by_id = {event.id: event for event in result.events}
    used = [by_id[event_id] for event_id in abnormal.event_ids]
    plans, lost = planned(result.study, used, data)
    if lost:
        raise UserInputError(f"No returns of {used[min(lost)].symbol}.", _HINT)
    stocks: dict[int, _Series] = {}
    for plan in plans:
        for number, column in zip(plan.members.tolist(), plan.columns.tolist(), strict=True):
            stocks[number] = _stock(abnormal, number, plan, column)
    ordered = [stocks[number] for number in range(len(abnormal))]
    pooled = None
    if abnormal.shared_date and len(abnormal) > 1:
        pooled = _checked(_pooled(abnormal, ordered, shared=len(plans) == 1))
    return Diagnostics(tuple(_checked(series) for series in ordered), pooled)


_HINT = "Give the returns, factors and weights that the study was run on."


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """What the checks read: residuals on their sessions, and the regression behind them."""

    event_id: str
    symbol: str
    days: Dates
    residuals: Floats
    standardised: Floats
    y: Floats
    x: Floats | None
    names: tuple[str, ...]
    zero_returns: float | None


def _stock(abnormal: AbnormalReturns, number: int, plan: Plan, column: int) -> _Series:
    used = np.isfinite(abnormal.residuals[number])
    days, residuals = abnormal.estimation_sessions[number][used], abnormal.residuals[number][used]
    rows = np.searchsorted(plan.panel.sessions, days)
    rows = np.minimum(rows, len(plan.panel.sessions) - 1)
    sigma = abnormal.sigma[number]
    y = plan.panel.values[rows, column] - plan.design.offset[rows]
    x = plan.design.regressors[rows] if plan.design.estimator is ols.fit else None
    same = bool((plan.panel.sessions[rows] == days).all())
    if same and x is not None:
        distance = np.abs(y - x @ abnormal.coefficients[number] - residuals).max()
        same = bool(distance <= SAME * sigma)
    if not same:
        raise UserInputError(
            f"The returns of {abnormal.symbols[number]} are not those of the study.", _HINT
        )
    own = residuals / sigma
    if abnormal.standardised is not None:
        own = abnormal.standardised[number][used]
    zero = float((plan.panel.values[rows, column] == 0.0).mean())
    return _Series(
        abnormal.event_ids[number],
        abnormal.symbols[number],
        days,
        residuals,
        own,
        y,
        x,
        abnormal.parameters,
        zero,
    )


def _pooled(abnormal: AbnormalReturns, stocks: list[_Series], *, shared: bool) -> _Series:
    """Return the mean over stocks; its regression where all share regressors and sessions."""
    counts = np.isfinite(abnormal.residuals).sum(axis=0)
    some = counts > 0
    mean = np.nansum(abnormal.residuals[:, some], axis=0) / counts[some]
    days = abnormal.estimation_sessions[0][some]
    spread = np.sqrt((mean * mean).sum() / max(len(mean) - abnormal.estimated, 1))
    shared = shared and bool((counts[some] == len(stocks)).all())
    y = np.mean([series.y for series in stocks], axis=0) if shared else mean
    return _Series(
        PORTFOLIO,
        PORTFOLIO,
        days,
        mean,
        mean / (spread or 1.0),
        y,
        stocks[0].x if shared else None,
        abnormal.parameters,
        None,
    )


def _checked(series: _Series) -> SeriesDiagnostics:
    own = series.standardised
    centred = own - own.mean()
    moments = [float((centred**power).mean()) for power in (2, 3, 4)]
    variance = moments[0] or np.nan
    large = np.flatnonzero(np.abs(own) > LARGE_SHOCK)
    return SeriesDiagnostics(
        series.event_id,
        series.symbol,
        len(own),
        (
            autocorrelation(own),
            volatility_clustering(own),
            normality(own),
            stability(series.y, series.x),
        ),
        float(moments[2] / variance**2 - 3.0),
        float(moments[1] / variance**1.5),
        series.zero_returns,
        tuple(
            LargeShock(to_day(series.days[at]), float(series.residuals[at]), float(own[at]))
            for at in large
        ),
        coefficient_errors(series.y, series.x, series.names),
    )


_TEST_COLUMNS = ("event_id", "symbol", "test", "statistic", "df", "pvalue", "null", "reason")
_ERROR_COLUMNS = ("event_id", "symbol", "parameter", "estimate", "se_ols", "se_hac", "lag")
_SHOCK_COLUMNS = ("event_id", "symbol", "session", "residual", "standardised")


def _check_row(series: SeriesDiagnostics) -> Iterator[dict[str, Any]]:
    yield {
        "symbol": series.symbol,
        "n": series.n,
        **{test.name: test.pvalue for test in series.tests},
        "excess_kurtosis": series.excess_kurtosis,
        "zero_returns": series.zero_returns,
        "shocks": len(series.shocks),
    }


def _test_rows(series: SeriesDiagnostics) -> Iterator[dict[str, Any]]:
    for test in series.tests:
        values = (test.name, test.statistic, test.df, test.pvalue, test.null.en, test.reason.en)
        yield dict(zip(_TEST_COLUMNS, (series.event_id, series.symbol, *values), strict=True))


def _error_rows(series: SeriesDiagnostics) -> Iterator[dict[str, Any]]:
    for one in series.coefficients:
        values = (one.name, one.estimate, one.ols, one.hac, one.lag)
        yield dict(zip(_ERROR_COLUMNS, (series.event_id, series.symbol, *values), strict=True))


def _shock_rows(series: SeriesDiagnostics) -> Iterator[dict[str, Any]]:
    for one in series.shocks:
        values = (one.session, one.residual, one.standardised)
        yield dict(zip(_SHOCK_COLUMNS, (series.event_id, series.symbol, *values), strict=True))
