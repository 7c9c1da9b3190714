"""Rank tests against loops over their formulas, with scipy's ranks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats as st

from marketshock.inference.ranking import Ranking
from marketshock.inference.ranks import corrado_rank, corrado_zivney, grank_t, grank_z

near = lambda value: pytest.approx(value, rel=1e-12, abs=1e-13)  # noqa: E731


def mean_ranks(estimation, event):
    """Return by session the K of the stocks that have one: estimation first, then the window."""
    columns = [[] for _ in range(estimation.shape[1] + event.shape[1])]
    for own, happened in zip(estimation, event, strict=True):
        there = [at for at, value in enumerate(own) if not math.isnan(value)]
        ranks = st.rankdata([*own[there], *happened])
        where = [*there, *range(len(own), len(own) + len(happened))]
        for at, rank in zip(where, ranks, strict=True):
            columns[at].append(rank / (len(ranks) + 1) - 0.5)
    return [column for column in columns if column]


def corrado(estimation, event, weighted):
    columns = mean_ranks(estimation, event)
    n = [len(column) if weighted else 1 for column in columns]
    kbar = [sum(column) / len(column) for column in columns]
    s2 = sum(w * k**2 for w, k in zip(n, kbar, strict=True)) / len(kbar)
    length = event.shape[1]
    window = [math.sqrt(w) * k for w, k in zip(n[-length:], kbar[-length:], strict=True)]
    return math.sqrt(length) * sum(window) / length / math.sqrt(s2)


def sigmas(sample):
    pairs = zip(sample.residuals, sample.degrees_of_freedom, strict=True)
    return np.array([math.sqrt(np.nansum(own**2) / df) for own, df in pairs])


def kinds(make_sample, gappy, length):
    """Return samples without gaps, with gaps, with a session nobody has, and with ties."""
    empty = gappy.copy()
    empty[:, 4] = np.nan
    df = np.isfinite(gappy).sum(axis=1) - 2.0
    yield make_sample(7, length=length)
    yield make_sample(5, length=length, residuals=gappy / 50, degrees_of_freedom=df)
    yield make_sample(5, length=length, residuals=empty / 50, degrees_of_freedom=df)
    yield make_sample(5, length=length, residuals=np.round(gappy, 1), degrees_of_freedom=df)


@pytest.mark.parametrize("length", [1, 3, 6, 70])
def test_corrado_by_loops(make_sample, gappy_residuals, length):
    for sample in kinds(make_sample, gappy_residuals, length):
        ours = corrado_rank(sample)
        expected = corrado(sample.residuals, sample.ar, weighted=False)
        assert ours.statistic == near(expected)
        assert ours.pvalue == near(2 * st.norm.sf(abs(expected)))
        assert (ours.distribution, ours.df) == ("normal", None)


@pytest.mark.parametrize("length", [1, 3, 6])
def test_corrado_zivney_by_loops(make_sample, gappy_residuals, length):
    for sample in kinds(make_sample, gappy_residuals, length):
        estimation = sample.residuals / sigmas(sample)[:, None]
        event = sample.sar / np.std(sample.sar, axis=0, ddof=1)
        expected = corrado(estimation, event, weighted=True)
        ours = corrado_zivney(sample)
        assert ours.statistic == near(expected)
        assert ours.pvalue == near(2 * st.norm.sf(abs(expected)))


def generalised(sample):
    estimation = sample.residuals / sigmas(sample)[:, None]
    event = sample.scar / np.std(sample.scar, ddof=1)
    return mean_ranks(estimation, event[:, None])


def test_grank_t_by_loops(make_sample, gappy_residuals):
    for sample in kinds(make_sample, gappy_residuals, 3):
        columns = generalised(sample)
        t, n = len(columns), sample.size
        ubar = [sum(column) / len(column) for column in columns]
        s2 = sum(len(c) / n * u**2 for c, u in zip(columns, ubar, strict=True)) / t
        z = ubar[-1] / math.sqrt(s2)
        assert z**2 <= t - 1
        expected = z * math.sqrt((t - 2) / (t - 1 - z**2))
        ours = grank_t(sample)
        assert ours.statistic == near(expected)
        assert ours.pvalue == near(2 * st.t(t - 2).sf(abs(expected)))
        assert (ours.distribution, ours.df) == ("t", t - 2)


def test_grank_z_by_loops(make_sample, gappy_residuals):
    for sample in kinds(make_sample, gappy_residuals, 3):
        own = generalised(sample)[-1]
        counts = np.isfinite(sample.residuals).sum(axis=1)
        variance = sum(m / (12 * (m + 2)) for m in counts) / sample.size**2
        expected = sum(own) / len(own) / math.sqrt(variance)
        ours = grank_z(sample)
        assert ours.statistic == near(expected)
        assert ours.pvalue == near(2 * st.norm.sf(abs(expected)))


def test_a_session_deviation_of_its_own_is_used(make_sample):
    plain = make_sample(6)
    scale = np.random.default_rng(5).uniform(0.5, 2.0, plain.residuals.shape)
    standardised = plain.residuals / sigmas(plain)[:, None] / scale
    sample = make_sample(6, standardised=standardised)
    event = sample.sar / np.std(sample.sar, axis=0, ddof=1)
    expected = corrado(standardised, event, weighted=True)
    assert corrado_zivney(sample).statistic == near(expected)
    own = mean_ranks(standardised, (sample.scar / np.std(sample.scar, ddof=1))[:, None])[-1]
    variance = 60 / (12 * 62) / 6
    assert grank_z(sample).statistic == near(sum(own) / 6 / math.sqrt(variance))


@pytest.mark.parametrize("length", [1, 4])
def test_mean_ranks_sum_to_zero_over_all_sessions(make_sample, length):
    sample = make_sample(9, length=length)
    inner, outer = sample.period.ranking.joined(sample.ar)
    total = inner.sum(axis=-1) + outer.sum(axis=-1)
    t = 60 + length
    assert total.tolist() == [t * (t + 1)] * 9  # twice 1 + ... + T: mean K is zero


def test_grank_reaches_its_bound_only_without_an_answer(make_sample):
    residuals = np.tile(np.linspace(-0.01, 0.01, 60), (2, 1))
    residuals[1] = residuals[0][::-1]  # mean ranks cancel on every estimation session
    sample = make_sample(2, residuals=residuals, scar=np.array([40.0, 42.0]))
    assert grank_t(sample).statistic is None
    assert grank_t(sample).reason.en


@pytest.mark.parametrize("test", [corrado_rank, corrado_zivney, grank_t, grank_z])
def test_order_of_events_and_of_estimation_sessions_does_not_matter(make_sample, test):
    sample = make_sample(8)
    rng = np.random.default_rng(4)
    events, sessions = rng.permutation(8), rng.permutation(60)
    fields = {name: getattr(sample, name)[events] for name in ("car", "scar", "ar", "sar")}
    other = make_sample(8, residuals=sample.residuals[events][:, sessions], **fields)
    assert test(other).statistic == near(test(sample).statistic)


@pytest.mark.parametrize("kind", ["plain", "ties", "gaps", "zeros", "close", "negative nan"])
def test_ranks_are_those_of_scipy(kind):
    rng = np.random.default_rng(2)
    values = rng.normal(size=(20, 37))
    if kind == "ties":
        values = np.round(values, 1)
    elif kind == "gaps":
        values[rng.random(values.shape) < 0.2] = np.nan
    elif kind == "zeros":
        values[:, ::3], values[:, 1::3] = 0.0, -0.0
    elif kind == "close":
        values[:, 5] = np.nextafter(values[:, 4], np.where(np.arange(20) % 2, 9.0, -9.0))
    elif kind == "negative nan":
        values[3, 4] = -np.abs(np.nan)
    expected = st.rankdata(values, axis=1, nan_policy="omit")
    ours = Ranking.of(values)
    assert np.array_equal(ours.doubled, np.nan_to_num(2 * expected))
    assert np.array_equal(ours.ordered, np.sort(values, axis=1), equal_nan=True)
    assert np.array_equal(ours.counts, np.isfinite(values).sum(axis=1))


def test_flat_residuals_have_no_ranks(make_sample):
    residuals = make_sample(6).residuals.copy()
    residuals[2] = 0.004
    for test in (corrado_rank, corrado_zivney, grank_t, grank_z):
        answer = test(make_sample(6, residuals=residuals))
        assert answer.statistic is None
        assert "variation" in answer.reason.en


def test_what_a_sample_lacks_is_told(make_sample):
    assert "single sessions" in corrado_rank(make_sample(6, ar=None)).reason.en
    assert "single sessions" in corrado_zivney(make_sample(6, sar=None)).reason.en
    for test in (corrado_zivney, grank_t, grank_z):
        assert "two events" in test(make_sample(1)).reason.en
    equal = make_sample(6, sar=np.tile([1.0, 2.0, 3.0], (6, 1)), scar=np.full(6, 2.0))
    for test in (corrado_zivney, grank_t, grank_z):
        assert "equal" in test(equal).reason.en
