"""Each statistic against scipy, statsmodels, or loops over its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats as st
import statsmodels.api as sm
from statsmodels.stats.weightstats import DescrStatsW

from marketshock.inference.parametric import (
    bmp,
    cross_sectional_t,
    crude_dependence_t,
    kp_bmp,
    kp_patell,
    patell,
    portfolio_t,
    skewness_adjusted,
    skewness_t,
)

SEEDS = (1, 2, 3, 11)
near = lambda value: pytest.approx(value, rel=1e-12, abs=1e-14)  # noqa: E731


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [2, 6, 30])
def test_cross_sectional_t_is_the_one_sample_t_of_car(make_sample, seed, size):
    sample = make_sample(size, seed=seed)
    ours, theirs = cross_sectional_t(sample), st.ttest_1samp(sample.car, 0.0)
    assert (ours.statistic, ours.pvalue) == near((theirs.statistic, theirs.pvalue))
    assert (ours.distribution, ours.df) == ("t", size - 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [2, 6, 30])
def test_bmp_is_the_one_sample_t_of_scar(make_sample, seed, size):
    sample = make_sample(size, seed=seed)
    ours = bmp(sample)
    statistic, pvalue, df = DescrStatsW(sample.scar).ttest_mean(0.0)
    assert (ours.statistic, ours.pvalue, ours.df) == near((statistic, pvalue, df))


@pytest.mark.parametrize("seed", SEEDS)
def test_patell_sums_scar_over_the_variances_of_t(make_sample, seed):
    df = np.array([9.0, 30.0, 58.0, 100.0, 3.0, 248.0])
    sample = make_sample(6, seed=seed, degrees_of_freedom=df)
    expected = sum(sample.scar) / math.sqrt(sum(st.t(d).var() for d in df))
    ours = patell(sample)
    assert ours.statistic == near(expected)
    assert ours.pvalue == near(2 * st.norm.sf(abs(expected)))
    assert (ours.distribution, ours.df) == ("normal", None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("r", [-0.1, 0.0, 0.3, 0.9])
def test_kolari_pynnonen_shrink_for_the_mean_correlation(make_sample, seed, r):
    sample = make_sample(6, seed=seed, correlation=r)
    z = sum(sample.scar) / math.sqrt(6 * st.t(58).var()) / math.sqrt(1 + 5 * r)
    t = st.ttest_1samp(sample.scar, 0.0).statistic * math.sqrt((1 - r) / (1 + 5 * r))
    assert kp_patell(sample).statistic == near(z)
    assert kp_patell(sample).pvalue == near(2 * st.norm.sf(abs(z)))
    assert kp_bmp(sample).statistic == near(t)
    assert kp_bmp(sample).pvalue == near(2 * st.t(5).sf(abs(t)))


def test_kolari_pynnonen_equal_the_plain_tests_without_correlation(make_sample):
    sample = make_sample(correlation=0.0)
    assert kp_bmp(sample).statistic == bmp(sample).statistic
    assert kp_patell(sample).statistic == patell(sample).statistic


def _aar(residuals):
    """Mean over the events that have a residual, session by session, by loops."""
    aar = []
    for day in residuals.T:
        there = [value for value in day if not math.isnan(value)]
        if there:
            aar.append(math.fsum(there) / len(there))
    return aar


def test_portfolio_t_by_loops_over_the_formula(make_sample, gappy_residuals):
    residuals = gappy_residuals.copy()
    residuals[:, 4] = np.nan  # a session on which nobody traded counts for nothing
    sample = make_sample(5, residuals=residuals, window_factor=3.4)
    aar = _aar(residuals)
    assert len(aar) == 39
    s2 = math.fsum(value**2 for value in aar) / (len(aar) - 2)
    expected = np.mean(sample.car) / math.sqrt(s2 * 3.4)
    ours = portfolio_t(sample)
    assert ours.statistic == near(expected)
    assert ours.pvalue == near(2 * st.t(37).sf(abs(expected)))
    assert ours.df == 37


@pytest.mark.parametrize("length", [1, 3, 10])
def test_portfolio_t_is_the_window_dummy_t_of_the_portfolio_regression(make_sample, length):
    rng = np.random.default_rng(length)
    x = sm.add_constant(rng.normal(0.0, 0.01, 80 + length))
    y = rng.normal(0.0, 0.02, (4, 80 + length)) + 1.3 * x[:, 1]
    estimation, window = x[:80], x[80:]
    residuals = np.array([row[:80] - sm.OLS(row[:80], estimation).fit().fittedvalues for row in y])
    car = [sum(row[80:] - window @ sm.OLS(row[:80], estimation).fit().params) for row in y]
    total = window.sum(axis=0)
    factor = length + total @ np.linalg.inv(estimation.T @ estimation) @ total
    sample = make_sample(
        4, car=np.array(car), residuals=residuals, length=length, window_factor=factor
    )
    dummies = np.vstack([np.zeros((80, length)), np.eye(length)])
    oracle = sm.OLS(y.mean(axis=0), np.hstack([x, dummies])).fit()
    contrast = oracle.t_test(np.r_[0.0, 0.0, np.ones(length)])
    ours = portfolio_t(sample)
    assert ours.statistic == pytest.approx(contrast.tvalue.item(), rel=1e-11)
    assert ours.pvalue == pytest.approx(float(contrast.pvalue), rel=1e-10)
    assert ours.df == contrast.df_denom


@pytest.mark.parametrize("length", [1, 3, 10])
def test_crude_dependence_t_divides_by_the_spread_of_estimation_aar(
    make_sample, gappy_residuals, length
):
    sample = make_sample(5, residuals=gappy_residuals, length=length)
    spread = DescrStatsW(_aar(gappy_residuals), ddof=1).std
    expected = np.mean(sample.car) / (math.sqrt(length) * spread)
    ours = crude_dependence_t(sample)
    assert ours.statistic == near(expected)
    assert (ours.pvalue, ours.df) == near((2 * st.t(39).sf(abs(expected)), 39))


def test_pvalues_of_the_far_tail_are_not_rounded_to_zero(make_sample):
    sample = make_sample(30, correlation=0.0, scar=np.linspace(-7.1, -6.9, 30))
    assert 0.0 < patell(sample).pvalue < 1e-200
    assert 0.0 < bmp(sample).pvalue < 1e-40


@pytest.mark.parametrize("seed", SEEDS)
def test_skewness_adjusted_t_by_loops_over_the_formula(make_sample, seed):
    car = make_sample(60, seed=seed).car ** 3 * 1e4
    n, mean = 60, math.fsum(car) / 60
    s = math.sqrt(math.fsum((c - mean) ** 2 for c in car) / (n - 1))
    ratio, g = mean / s, math.fsum((c - mean) ** 3 for c in car) / n / s**3
    johnson = math.sqrt(n) * (ratio + g * ratio**2 / 3 + g / (6 * n))
    ours = skewness_t(make_sample(60, car=car))
    assert ours.statistic == near(johnson)
    assert ours.pvalue == near(2 * st.norm.sf(abs(johnson)))
    hall = johnson + math.sqrt(n) * g**2 * ratio**3 / 27
    assert skewness_adjusted(car, hall=True) == near(hall)


def test_without_skewness_it_is_the_cross_sectional_t(make_sample):
    car = np.array([-0.04, -0.03, -0.02, -0.01, 0.0])
    plain = cross_sectional_t(make_sample(5, car=car)).statistic
    assert skewness_t(make_sample(5, car=car)).statistic == near(plain)


def test_skewness_moves_a_small_sample_far(make_sample):
    """With 16 skewed events the correction is a third or more: not for small samples."""
    rng = np.random.default_rng(1)
    draws = rng.exponential(1.0, (400, 16)) + 0.35
    plain = np.array([st.ttest_1samp(row, 0.0).statistic for row in draws])
    assert np.median(skewness_adjusted(draws) / plain) > 1.3
