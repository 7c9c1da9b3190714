"""Counting and ranking tests against scipy and enumeration."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import scipy.stats as st

from marketshock.inference.nonparametric import (
    generalized_sign,
    placebo_rank,
    quantile_rank,
    sign,
    wilcoxon,
)


@pytest.mark.parametrize("length", [1, 2, 5, 40])
@pytest.mark.parametrize("level", [0.0, 0.005, 0.02, 9.0])
def test_placebo_rank_counts_the_sums_at_least_as_large(
    make_sample, gappy_residuals, length, level
):
    residuals = gappy_residuals / 100
    sample = make_sample(5, car=np.full(5, -level), residuals=residuals, length=length)
    aar = np.nanmean(residuals, axis=0)
    sums = [sum(aar[first : first + length]) for first in range(40 - length + 1)]
    beyond = sum(abs(total) >= level for total in sums)
    ours = placebo_rank(sample)
    assert ours.statistic == beyond
    assert ours.df == len(sums) == 41 - length
    assert ours.pvalue == pytest.approx((1 + beyond) / (1 + len(sums)), rel=1e-15)


def test_placebo_rank_counts_a_tie_against_the_event(make_sample):
    residuals = np.array([[0.01, -0.02, 0.02, 0.0, -0.01]])
    sample = make_sample(1, car=np.array([-0.02]), residuals=residuals, length=1)
    assert placebo_rank(sample).pvalue == 3 / 6


@pytest.mark.parametrize("positive", range(14))
def test_sign_is_the_exact_binomial(make_sample, positive):
    car = np.where(np.arange(13) < positive, 0.01, -0.02)
    ours = sign(make_sample(13, car=car))
    weights = [math.comb(13, k) for k in range(14)]
    expected = sum(w for w in weights if w <= weights[positive]) / 2**13
    assert ours.statistic == positive
    assert ours.pvalue == pytest.approx(expected, rel=1e-12)


def test_sign_counts_a_zero_as_not_positive(make_sample):
    assert sign(make_sample(4, car=np.array([0.0, 0.01, -0.01, 0.02]))).statistic == 2


def test_generalized_sign_by_loops_over_the_formula(make_sample, gappy_residuals):
    sample = make_sample(5, residuals=gappy_residuals)
    shares = []
    for row in gappy_residuals:
        there = [value for value in row if not math.isnan(value)]
        shares.append(sum(value > 0 for value in there) / len(there))
    p = math.fsum(shares) / 5
    w = sum(value > 0 for value in sample.car)
    z = (w - 5 * p) / math.sqrt(5 * p * (1 - p))
    ours = generalized_sign(sample)
    assert ours.statistic == pytest.approx(z, rel=1e-12)
    assert ours.pvalue == pytest.approx(2 * st.norm.sf(abs(z)), rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_wilcoxon_is_exact_for_small_samples(make_sample, seed):
    car = make_sample(9, seed=seed).car
    ranks = st.rankdata(np.abs(car))
    observed = min(ranks[car > 0].sum(), ranks[car < 0].sum())
    sums = [
        sum(r for r, up in zip(ranks, ups, strict=True) if up) for ups in product((0, 1), repeat=9)
    ]
    expected = min(1.0, 2 * sum(total <= observed for total in sums) / 2**9)
    ours = wilcoxon(make_sample(9, seed=seed))
    assert ours.statistic == observed
    assert ours.pvalue == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("size", "method"), [(2, "exact"), (13, "exact"), (25, "exact"), (26, "asymptotic")]
)
def test_wilcoxon_turns_normal_above_25_events(make_sample, size, method):
    car = make_sample(size).car + 0.008
    ours, theirs = wilcoxon(make_sample(size, car=car)), st.wilcoxon(car, method=method)
    assert ours.statistic == theirs.statistic
    assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-10)
    other = st.wilcoxon(car, method="asymptotic" if method == "exact" else "exact")
    assert abs(ours.pvalue - other.pvalue) > 1e-4


def test_wilcoxon_corrects_for_ties(make_sample):
    car = np.round(make_sample(40).car, 2) + 0.004
    assert len(set(np.abs(car))) < 40
    ours, theirs = wilcoxon(make_sample(40, car=car)), st.wilcoxon(car, method="asymptotic")
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs.statistic, theirs.pvalue))


@pytest.mark.parametrize(
    ("abnormal", "rank", "tail"),
    [
        (-0.03, 1, "lower"),
        (-0.02, 2, "lower"),
        (-0.015, 2, "lower"),
        (-0.001, 4, "lower"),
        (0.0, 4, "upper"),
        (0.005, 3, "upper"),
        (0.5, 1, "upper"),
    ],
)
def test_quantile_rank_counts_residuals_at_least_as_extreme(abnormal, rank, tail):
    residuals = np.array([0.02, -0.02, np.nan, -0.01, 0.01, -0.005, 0.0])
    answer = quantile_rank(abnormal, residuals)
    own = residuals[np.isfinite(residuals)]
    brute = 1 + sum(own <= abnormal if tail == "lower" else own >= abnormal)
    assert answer["rank"] == brute == rank
    assert answer["tail"] == tail
    assert answer["of"] == len(own) + 1
    assert answer["pvalue"] == pytest.approx(rank / (len(own) + 1), rel=1e-15)


@pytest.mark.parametrize(
    "car",
    [
        [0.01, 0.02, 0.03, -0.015, 0.04],
        [0.01, 0.01, 0.02, -0.01, 0.03, 0.03],
        [0.0, 0.01, 0.02, 0.03, 0.04],
    ],
)
def test_wilcoxon_prefers_no_direction(make_sample, car):
    up = wilcoxon(make_sample(len(car), car=np.array(car)))
    down = wilcoxon(make_sample(len(car), car=-np.array(car)))
    assert up.pvalue == down.pvalue
