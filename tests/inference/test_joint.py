"""Joint and equality F against statsmodels' multivariate regression and explicit contrasts."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st
import statsmodels.api as sm
from statsmodels.multivariate.multivariate_ols import _MultivariateOLS

from marketshock.inference.joint import equality_f, joint_f

near = lambda value: pytest.approx(value, rel=1e-10)  # noqa: E731
M = 80


def study(make_sample, stocks, length, seed=1):
    """Return a sample from separate regressions, and returns and regressors with dummies.

    Each session of the window has a dummy; their coefficients sum to the CAR.
    """
    rng = np.random.default_rng(seed)
    x = sm.add_constant(rng.normal(0.0, 0.01, M + length))
    y = rng.normal(0.0, 0.02, (M + length, stocks)) + x[:, 1:] + rng.normal(size=(M + length, 1))
    estimation, window = x[:M], x[M:]
    beta = np.linalg.lstsq(estimation, y[:M], rcond=None)[0]
    total = window.sum(axis=0)
    factor = length + total @ np.linalg.inv(estimation.T @ estimation) @ total
    sample = make_sample(
        stocks,
        M,
        car=(y[M:] - window @ beta).sum(axis=0),
        residuals=(y[:M] - estimation @ beta).T,
        length=length,
        window_factor=factor,
    )
    dummies = np.vstack([np.zeros((M, length)), np.eye(length)])
    return sample, y, np.hstack([x, dummies])


@pytest.mark.parametrize("stocks", [2, 3, 6])
@pytest.mark.parametrize("length", [1, 4])
def test_they_are_the_wald_tests_of_a_multivariate_regression(make_sample, stocks, length):
    sample, y, x = study(make_sample, stocks, length)
    fitted = _MultivariateOLS(y, x).fit()
    left = np.r_[0.0, 0.0, np.ones(length)][None, :]
    across = {"joint": np.eye(stocks), "equality": np.eye(stocks)[:, 1:] - np.eye(stocks)[:, :1]}
    tests = [(name, left, contrast) for name, contrast in across.items()]
    found = fitted.mv_test(hypotheses=tests).results
    for name, ours in (("joint", joint_f(sample)), ("equality", equality_f(sample))):
        theirs = found[name]["stat"].loc["Hotelling-Lawley trace"]
        assert ours.statistic == near(float(theirs["F Value"]))
        assert ours.df == near((float(theirs["Num DF"]), float(theirs["Den DF"])))
        assert ours.pvalue == near(float(theirs["Pr > F"]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hotelling_by_an_explicit_inverse(make_sample, seed):
    sample, _, _ = study(make_sample, 5, 3, seed)
    e, g, df = sample.residuals.T, sample.car, M - 2
    s = e.T @ e / df
    t2 = g @ np.linalg.inv(s) @ g / sample.window_factor
    f = t2 * (df - 5 + 1) / (df * 5)
    ours = joint_f(sample)
    assert ours.statistic == pytest.approx(f, rel=1e-12)
    assert ours.pvalue == pytest.approx(st.f(5, df - 4).sf(f), rel=1e-11)
    c = np.array([[1, -1, 0, 0, 0], [0, 1, -1, 0, 0], [0, 0, 1, -1, 0], [0, 0, 0, 1, -1.0]])
    t2 = c @ g @ np.linalg.inv(c @ s @ c.T) @ (c @ g) / sample.window_factor
    f = t2 * (df - 4 + 1) / (df * 4)
    ours = equality_f(sample)
    assert ours.statistic == pytest.approx(f, rel=1e-12)
    assert (ours.df, ours.distribution) == ((4.0, df - 3.0), "F")


def test_of_one_stock_it_is_the_square_of_t(make_sample):
    sample, _, _ = study(make_sample, 1, 2)
    s2 = np.sum(sample.residuals**2) / (M - 2)
    t = sample.car[0] / np.sqrt(s2 * sample.window_factor)
    assert joint_f(sample).statistic == near(t**2)
    assert joint_f(sample).pvalue == near(2 * st.t(M - 2).sf(abs(t)))


def test_gaps_leave_the_sessions_that_all_stocks_have(make_sample, gappy_residuals):
    whole = gappy_residuals[:, np.isfinite(gappy_residuals).all(axis=0)]
    assert 10 < whole.shape[1] < 40
    gappy = make_sample(5, residuals=gappy_residuals)
    complete = make_sample(5, residuals=whole)
    for test in (joint_f, equality_f):
        assert test(gappy).statistic == near(test(complete).statistic)
        assert test(gappy).df == test(complete).df


@pytest.mark.parametrize("kind", ["copy", "sum", "zero"])
def test_residuals_that_follow_from_others_are_told(make_sample, kind):
    residuals = make_sample(6).residuals.copy()
    residuals[3] = {"copy": 2 * residuals[0], "sum": residuals[:3].sum(axis=0), "zero": 0.0}[kind]
    for test in (joint_f, equality_f):
        answer = test(make_sample(6, residuals=residuals))
        assert answer.statistic is None
        assert "follow from" in answer.reason.en


def test_too_few_sessions_or_different_dates_are_told(make_sample):
    assert joint_f(make_sample(58)).statistic is not None
    assert "degrees of freedom" in joint_f(make_sample(59)).reason.en
    assert "two events" in equality_f(make_sample(1)).reason.en
    assert "different dates" in joint_f(make_sample(5, shared_date=False)).reason.en
