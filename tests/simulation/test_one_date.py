"""Many stocks, one date: every test that the battery calls valid must keep its size."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st
from simulated import Case, Rate, listed, rejections

pytestmark = pytest.mark.slow

RUNS = 7_600
"""Two standard errors of a rate of 5 % are then half a percent."""

SHORT_RUNS = 3_000
POWER_RUNS = 1_000
EFFECT = -0.02
DRAWS = [(stocks, r) for stocks in (5, 20) for r in (0.0, 0.1, 0.3)]
NAIVE = ("cross_sectional_t", "patell", "bmp", "generalized_sign", "wilcoxon")


@pytest.mark.parametrize(("stocks", "correlation"), DRAWS)
def test_every_valid_test_keeps_its_size(stocks: int, correlation: float) -> None:
    rates = rejections(Case(stocks, correlation), RUNS)
    assert {"portfolio_t", "placebo_rank"} <= {rate.test for rate in rates if rate.valid}
    assert listed(rate for rate in rates if rate.valid and not rate.inside) == []


@pytest.mark.parametrize("stocks", [5, 20])
def test_a_short_estimation_window_is_no_excuse(stocks: int) -> None:
    rates = rejections(Case(stocks, 0.3, estimation=100), SHORT_RUNS)
    assert listed(rate for rate in rates if rate.valid and not rate.inside) == []


@pytest.mark.parametrize("name", NAIVE)
@pytest.mark.parametrize("length", [1, 5])
def test_what_ignores_dependence_rejects_far_too_often(name: str, length: int) -> None:
    (rate,) = _rates(Case(20, 0.3), RUNS, name, length)
    assert rate.share > 0.3
    assert not rate.valid
    (few,) = _rates(Case(20, 0.1), RUNS, name, length)
    assert few.share > 0.1
    assert not few.valid


def _rates(case: Case, runs: int, name: str, length: int) -> list[Rate]:
    return [rate for rate in rejections(case, runs) if (rate.test, rate.length) == (name, length)]


@pytest.mark.parametrize(("stocks", "correlation"), DRAWS)
@pytest.mark.parametrize("length", [1, 5])
def test_power_of_the_portfolio_is_that_of_the_noncentral_t(
    stocks: int, correlation: float, length: int
) -> None:
    """The forecast factor of two regressors is L + (L^2 + L)/M on average."""
    case = Case(stocks, correlation, effect=EFFECT)
    (rate,) = _rates(case, POWER_RUNS, "portfolio_t", length)
    df = case.estimation - 2
    factor = length + (length**2 + length) / case.estimation
    shift = abs(EFFECT) / (case.portfolio_sigma * np.sqrt(factor))
    critical = st.t.isf(0.025, df)
    power = st.nct.sf(critical, df, shift) + st.nct.cdf(-critical, df, shift)
    error = np.sqrt(power * (1 - power) / rate.of)
    assert rate.share == pytest.approx(power, abs=3.5 * error + 0.002)


@pytest.mark.parametrize("name", ["kp_patell", "placebo_rank", "crude_dependence_t", "kp_bmp"])
@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3])
def test_the_other_valid_tests_find_nearly_as_much(correlation: float, name: str) -> None:
    case = Case(20, correlation, effect=EFFECT)
    (best,) = _rates(case, POWER_RUNS, "portfolio_t", 1)
    (rate,) = _rates(case, POWER_RUNS, name, 1)
    assert rate.share > 0.75 * best.share
