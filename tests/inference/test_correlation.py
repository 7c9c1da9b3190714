"""Mean correlation of residuals on the same calendar sessions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats as st

from marketshock.inference.sample import mean_correlation


def brute(aligned):
    """Mean Pearson correlation over pairs, on their common sessions, by loops."""
    values = []
    for x, y in combinations(aligned, 2):
        common = [(a, b) for a, b in zip(x, y, strict=True) if a == a and b == b]
        values.append(st.pearsonr(*zip(*common, strict=True))[0] if len(common) >= 3 else 0.0)
    return sum(values) / len(values)


@pytest.mark.parametrize("size", [2, 3, 13])
def test_complete_residuals(size):
    rng = np.random.default_rng(size)
    aligned = rng.normal(size=50) + rng.normal(size=(size, 50))
    assert mean_correlation(aligned) == pytest.approx(brute(aligned), rel=1e-12)


def test_residuals_with_gaps_use_the_common_sessions_of_each_pair(gappy_residuals):
    assert np.isnan(gappy_residuals).any()
    assert mean_correlation(gappy_residuals) == pytest.approx(brute(gappy_residuals), rel=1e-12)


def test_pairs_that_never_meet_count_as_uncorrelated():
    rng = np.random.default_rng(2)
    common = rng.normal(size=30)
    aligned = np.full((3, 60), np.nan)
    aligned[0, :30] = common + rng.normal(size=30)
    aligned[1, :30] = common + rng.normal(size=30)
    aligned[2, 30:] = rng.normal(size=30)
    pair = st.pearsonr(aligned[0, :30], aligned[1, :30])[0]
    assert mean_correlation(aligned) == pytest.approx(pair / 3, rel=1e-12)


@pytest.mark.parametrize(("common", "counts"), [(2, False), (3, True)])
def test_two_common_sessions_are_too_few(common, counts):
    aligned = np.full((2, 20), np.nan)
    aligned[0, : 10 + common] = np.arange(10.0 + common) ** 2
    aligned[1, 10:] = np.arange(10.0)
    assert (mean_correlation(aligned) > 0.9) is counts


def test_a_single_event_has_no_correlation():
    assert mean_correlation(np.ones((1, 10))) == 0.0


def test_least_value_is_what_a_mean_correlation_can_be():
    x = np.random.default_rng(3).normal(size=40)
    assert mean_correlation(np.array([x, -x])) == pytest.approx(-1.0, abs=1e-8)
    assert mean_correlation(np.array([x, -x])) > -1.0


@pytest.mark.parametrize("gap", [False, True])
def test_equal_residuals_count_as_uncorrelated(gap):
    aligned = np.random.default_rng(4).normal(size=(3, 30))
    aligned[2] = 0.01
    if gap:
        aligned[0, 3] = np.nan
    pair = brute(aligned[:2])
    assert mean_correlation(aligned) == pytest.approx(pair / 3, rel=1e-12)
