from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from marketshock.capex import CapexTrend, capex_trend, growth_trend
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.table import Table


@pytest.fixture(scope="module")
def years(periods_table: Table, no_published: Table) -> CapexTrend:
    return capex_trend(periods_table, no_published)


@pytest.fixture(scope="module")
def quarters(periods_table: Table, no_published: Table) -> CapexTrend:
    return capex_trend(periods_table, no_published, by="quarter")


def newey_west(y: np.ndarray, lags: int) -> tuple[float, float]:
    """Return slope and standard error from the sums of Newey and West, written out."""
    n = len(y)
    x = np.column_stack([np.ones(n), np.arange(n)])
    bread = np.linalg.inv(x.T @ x)
    slope = bread @ x.T @ y
    u = (y - x @ slope)[:, None] * x
    meat = u.T @ u
    for lag in range(1, lags + 1):
        cross = u[lag:].T @ u[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    covariance = bread @ meat @ bread * n / (n - 2)
    return float(slope[1]), math.sqrt(covariance[1, 1])


@pytest.mark.parametrize("by", ["year", "quarter"])
def test_against_the_sums_written_out(by: str, request: pytest.FixtureRequest) -> None:
    trend = request.getfixturevalue(f"{by}s")
    found = growth_trend(trend)
    used = [t for t in trend.rows["total_usd_bn"] if t is not None][-found.n :]
    slope, error = newey_west(np.log(used), found.lags)
    a_year = 4 if by == "quarter" else 1
    assert found.growth == pytest.approx(math.exp(a_year * slope) - 1)
    assert found.standard_error == pytest.approx(error)
    from scipy.stats import t as student

    half = student.ppf(0.975, found.n - 2) * error
    assert found.low == pytest.approx(math.exp(a_year * (slope - half)) - 1)
    assert found.high == pytest.approx(math.exp(a_year * (slope + half)) - 1)


def test_the_default_lags_are_those_of_the_rule(years: CapexTrend, quarters: CapexTrend) -> None:
    for trend in (years, quarters):
        found = growth_trend(trend)
        assert found.lags == int(4 * (found.n / 100) ** (2 / 9))


def test_without_lags_it_is_the_robust_interval_of_white(years: CapexTrend) -> None:
    found = growth_trend(years, 2014, 2023, lags=0)
    used = [years.total(year) for year in range(2014, 2024)]
    fit = sm.OLS(np.log(used), sm.add_constant(np.arange(10))).fit(cov_type="HC1")
    assert found.standard_error == pytest.approx(fit.bse[1])


def test_exact_growth_is_found(no_published: Table, make_row: Any) -> None:
    companies = ("Alphabet", "Amazon", "Meta", "Microsoft", "Oracle")
    ends = [
        f"{year}-{end}"
        for year in range(2018, 2021)
        for end in ("03-31", "06-30", "09-30", "12-31")
    ]
    rows = [
        make_row(company, end, 1000 * 1.05**step)
        for step, end in enumerate(ends)
        for company in companies
    ]
    trend = capex_trend(Table.from_rows("capex", rows), no_published, by="quarter")
    found = growth_trend(trend)
    assert found.n == 12
    assert found.growth == pytest.approx(1.05**4 - 1, rel=1e-6)
    assert found.high - found.low < 1e-6


def test_one_company(quarters: CapexTrend) -> None:
    assert growth_trend(quarters, company="Oracle").growth > 0.2
    with pytest.raises(UserInputError, match="No amounts of 'Apple'"):
        growth_trend(quarters, company="Apple")


def test_what_makes_no_sense_is_refused(
    years: CapexTrend, periods_table: Table, no_published: Table
) -> None:
    with pytest.raises(UserInputError, match="share quarters"):
        growth_trend(capex_trend(periods_table, no_published, by="ttm"))
    with pytest.raises(InsufficientDataError, match="4 periods"):
        growth_trend(years, 2020, 2023)
    with pytest.raises(InsufficientDataError, match="no amount"):
        growth_trend(years, 2012, 2023)
    with pytest.raises(UserInputError, match="No period '1999'"):
        growth_trend(years, 1999)
    with pytest.raises(UserInputError, match="confidence"):
        growth_trend(years, confidence=95)
