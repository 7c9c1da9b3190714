"""Calendar-time and clustered tests against loops and statsmodels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats as st
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from marketshock.inference.calendar_time import calendar_time_t, clustered_t

near = lambda value: pytest.approx(value, rel=1e-12)  # noqa: E731
GAP, M = 5, 60


def staggered(make_sample, starts, length, *, gaps=False):
    """Return a sample whose events start on the given sessions; session numbers are days."""
    size = len(starts)
    sample = make_sample(size, M, shared_date=False, length=length)
    sessions = np.array(starts)[:, None] + np.arange(length)
    residuals = sample.residuals.copy()
    if gaps:
        residuals[np.random.default_rng(8).random(residuals.shape) < 0.1] = np.nan
    firms = np.arange(size) % max(2, size - 2)
    return replace(sample, sessions=sessions, residuals=residuals, firms=firms)


STARTS = [[0, 9, 20, 31], [0, 1, 2, 2, 7], [3, 3, 3, 3], [0, 0, 1, 30, 31, 31, 60]]


@pytest.mark.parametrize("starts", STARTS)
@pytest.mark.parametrize("length", [1, 3, 5])
@pytest.mark.parametrize("gaps", [False, True])
def test_calendar_time_t_by_loops(make_sample, starts, length, gaps):
    sample = staggered(make_sample, starts, length, gaps=gaps)
    z = []
    for day in sorted({int(d) for row in sample.sessions for d in row}):
        members = [i for i, row in enumerate(sample.sessions) if day in row]
        ar = np.mean([sample.ar[i, day - starts[i]] for i in members])
        by_session: dict[int, list[float]] = {}
        for i in members:
            for at, value in enumerate(sample.residuals[i]):
                if not math.isnan(value):
                    by_session.setdefault(starts[i] - GAP - M + at, []).append(value)
        history = [np.mean(values) for values in by_session.values()]
        z.append(ar / np.std(history, ddof=1))
    ours = calendar_time_t(sample)
    if len(z) == 1:
        assert "two calendar sessions" in ours.reason.en
        return
    oracle = st.ttest_1samp(z, 0.0)
    assert ours.statistic == pytest.approx(oracle.statistic, rel=1e-11)
    assert ours.pvalue == pytest.approx(oracle.pvalue, rel=1e-10)
    assert ours.df == len(z) - 1


def test_the_event_window_has_no_part_in_its_deviation(make_sample):
    sample = staggered(make_sample, [0, 9, 20, 31], 3)
    larger = replace(sample, ar=7.0 * sample.ar)
    assert calendar_time_t(larger).statistic == near(calendar_time_t(sample).statistic)


@pytest.mark.parametrize("starts", STARTS)
@pytest.mark.parametrize("length", [1, 3])
def test_clustered_t_is_the_two_way_error_of_statsmodels(make_sample, starts, length):
    sample = staggered(make_sample, starts, length)
    firm = np.repeat(sample.firms, length)
    day = sample.sessions.ravel()
    ours = clustered_t(sample)
    if len(set(day.tolist())) == 1:
        assert "two calendar sessions" in ours.reason.en
        return
    fitted = sm.OLS(sample.sar.ravel(), np.ones(sample.sar.size)).fit()
    both, by_day, by_firm = cov_cluster_2groups(fitted, day, firm, use_correction=False)
    white = np.sum(fitted.resid**2) / sample.sar.size**2
    variance = (by_day + by_firm).item() - white
    pairs = {(int(d), int(f)) for d, f in zip(day, firm, strict=True)}
    if len(pairs) == len(day):  # no firm twice on a session: intersections are single
        assert variance == near(both.item())
    if variance <= 0:
        assert "not positive" in ours.reason.en
        return
    t = fitted.params[0] / math.sqrt(variance)
    df = min(len(set(day.tolist())), len(set(sample.firms.tolist()))) - 1
    assert ours.statistic == near(t)
    assert ours.pvalue == near(2 * st.t(df).sf(abs(t)))
    assert ours.df == df


def test_single_events_apart_leave_the_white_error(make_sample):
    sample = replace(staggered(make_sample, [0, 9, 20, 31, 50], 1), firms=np.arange(5))
    u = sample.sar.ravel()
    error = np.std(u) / math.sqrt(5)
    assert clustered_t(sample).statistic == near(u.mean() / error)


def test_what_a_sample_lacks_is_told(make_sample):
    sample = staggered(make_sample, [0, 9, 20], 3)
    for test in (calendar_time_t, clustered_t):
        assert "not given" in test(replace(sample, sessions=None)).reason.en
        assert "two calendar sessions" in test(make_sample(6, length=1)).reason.en
    assert "firms" in clustered_t(replace(sample, firms=None)).reason.en
    assert "two firms" in clustered_t(replace(sample, firms=np.zeros(3, int))).reason.en
    flat = replace(sample, residuals=np.zeros((3, M)))
    assert calendar_time_t(flat).statistic is None
