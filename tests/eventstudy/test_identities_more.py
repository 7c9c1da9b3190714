"""Identities that need a second computation: systems of equations, ranks, uniform p-values."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as hs

from marketshock.eventstudy.models import MarketModel, Raw
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import TESTS
from marketshock.inference.nonparametric import placebo_rank
from marketshock.inference.ranks import _mean_ranks

MARKET = MarketModel("M")
few = settings(max_examples=15, deadline=None, derandomize=True)
seeds = hs.integers(0, 10**6)
BY_NAME = {test.name: test for test in TESTS}


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.fixture(scope="session")
def run(make_frame, events_at, small_study):
    """Return a function: frame to result; all stocks on the session at 75, M = 60."""

    def study(frame, *windows, model=MARKET):
        return small_study(model, *windows or ((0, 0), (-1, 3))).run(events_at(frame, 75), frame)

    return study


@few
@given(seeds, hs.integers(2, 8))
def test_identity_05_mean_of_sur_dummies_is_the_portfolio_t(make_frame, run, seed, stocks):
    frame = make_frame(stocks, seed=seed)
    result = run(frame, (0, 0))
    rows = [*range(10, 70), 75]
    x = np.column_stack([np.ones(61), frame["M"].iloc[rows], np.arange(61) == 60]).astype(float)
    y = frame.iloc[rows, :stocks].to_numpy()
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    errors = y - x @ coefficients
    covariance = errors.T @ errors / (61 - 3) * np.linalg.inv(x.T @ x)[2, 2]
    t = coefficients[2].mean() / (np.sqrt(covariance.sum()) / stocks)
    found = result.test("portfolio_t", EventWindow(0, 0))
    assert found.statistic == near(t)
    assert found.pvalue == near(2 * st.t.sf(abs(t), 61 - 3))


@few
@given(seeds, hs.integers(1, 9), hs.integers(0, 3))
def test_identity_09_mean_ranks_sum_to_zero(make_frame, run, seed, stocks, last):
    window = EventWindow(0, last)
    sample = run(make_frame(stocks, seed=seed), (0, last)).abnormal.sample(window)
    kbar, _, event = _mean_ranks(sample.period.ranking, sample.ar)
    ranks = st.rankdata(np.hstack([sample.residuals, sample.ar]), axis=1)
    expected = (ranks / (61 + window.length) - 0.5).mean(axis=0)
    assert np.concatenate([kbar, event]) == near(expected)
    assert kbar.sum() + event.sum() == near(0.0)
    z = np.sqrt(window.length) * expected[60:].mean() / np.sqrt((expected**2).mean())
    assert BY_NAME["corrado_rank"](sample).statistic == near(z)


@few
@given(seeds, hs.integers(2, 12), hs.floats(-0.5, 0.5))
def test_identity_11_square_of_grank_z_is_bounded(make_frame, run, seed, stocks, effect):
    frame = make_frame(stocks, seed=seed)
    frame.iloc[75, :stocks] += effect
    window = EventWindow(-1, 3)
    sample = run(frame, (-1, 3)).abnormal.sample(window)
    own = sample.residuals / np.sqrt((sample.residuals**2).sum(axis=1, keepdims=True) / 58)
    point = sample.scar / sample.scar.std(ddof=1)
    ranks = st.rankdata(np.hstack([own, point[:, None]]), axis=1)
    mean = (ranks / 62 - 0.5).mean(axis=0)
    sessions = 61
    square = mean[-1] ** 2 / (mean**2).mean()
    assert square <= sessions - 1 + 1e-9
    t = np.sqrt(square * (sessions - 2) / (sessions - 1 - square)) * np.sign(mean[-1])
    assert BY_NAME["grank_t"](sample).statistic == near(t)


@pytest.mark.parametrize("length", [1, 3])
def test_identity_14_placebo_p_is_uniform(make_frame, run, length):
    """Kolmogorov and Smirnov; a uniform draw below each step makes the rank continuous."""
    rng = np.random.default_rng(20250127 + length)
    window = EventWindow(0, length - 1)
    template = run(make_frame(4), (0, length - 1), model=Raw()).abnormal.sample(window)
    pvalues = []
    for _ in range(500):
        draws = rng.standard_t(4, size=(4, 240 + length)) + rng.normal(size=240 + length)
        sample = dataclasses.replace(
            template, residuals=draws[:, :240], car=draws[:, 240:].sum(axis=1)
        )
        pvalues.append(placebo_rank(sample).pvalue)
    steps = 242 - length
    continuous = np.array(pvalues) - rng.uniform(size=500) / steps
    assert st.kstest(continuous, "uniform").pvalue > 0.001
