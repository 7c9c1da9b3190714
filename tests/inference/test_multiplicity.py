"""Adjusted p-values against statsmodels and enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from marketshock.inference.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    max_statistic,
)

RULES = [(holm, "holm"), (benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")]


@pytest.mark.parametrize(("rule", "method"), RULES)
@pytest.mark.parametrize("size", [1, 2, 13, 100])
def test_adjusted_as_in_statsmodels(rule, method, size):
    p = np.random.default_rng(size).uniform(0, 1, size) ** 3
    p[: size // 4] = p[-1]
    assert rule(p) == pytest.approx(multipletests(p, method=method)[1], rel=1e-13)


@pytest.mark.parametrize(("rule", "method"), RULES)
def test_a_missing_p_value_counts_for_nothing(rule, method):
    p = np.array([0.01, np.nan, 0.2, 0.03, np.nan])
    known = np.isfinite(p)
    assert rule(p)[known] == pytest.approx(multipletests(p[known], method=method)[1], rel=1e-13)
    assert np.isnan(rule(p)[~known]).all()
    assert np.isnan(rule(np.full(3, np.nan))).all()
    assert rule(np.zeros(0)).shape == (0,)


def brute(statistics, placebo, *, step_down):
    adjusted = []
    for value in statistics:
        size = abs(value)
        rivals = [j for j, v in enumerate(statistics) if not step_down or abs(v) <= size]
        beyond = sum(max(abs(row[j]) for j in rivals) >= size for row in placebo)
        adjusted.append((1 + beyond) / (1 + len(placebo)))
    if not step_down:
        return adjusted
    return [
        max(p for p, v in zip(adjusted, statistics, strict=True) if abs(v) >= abs(value))
        for value in statistics
    ]


@pytest.mark.parametrize("step_down", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_largest_statistic_by_loops(step_down, seed):
    rng = np.random.default_rng(seed)
    placebo = rng.standard_t(4, (200, 6)) + rng.normal(size=(200, 1))
    statistics = rng.normal(0.0, 2.5, 6)
    ours = max_statistic(statistics, placebo, step_down=step_down)
    assert ours == pytest.approx(brute(statistics, placebo, step_down=step_down), rel=1e-14)


def test_stepping_down_never_raises_a_p_value():
    rng = np.random.default_rng(4)
    placebo, statistics = rng.normal(size=(500, 8)), rng.normal(0.0, 2.0, 8)
    single = max_statistic(statistics, placebo)
    stepped = max_statistic(statistics, placebo, step_down=True)
    assert (stepped <= single).all()
    assert (stepped < single).any()


def test_equal_tests_are_one_test():
    rng = np.random.default_rng(5)
    one = rng.normal(size=(300, 1))
    p = max_statistic(np.array([1.7]), one)[0]
    assert max_statistic(np.full(9, 1.7), np.repeat(one, 9, axis=1)) == pytest.approx(np.full(9, p))


def test_missing_statistics_and_dates():
    rng = np.random.default_rng(6)
    placebo = rng.normal(size=(50, 3))
    statistics = np.array([2.0, np.nan, 1.0])
    expected = max_statistic(statistics[[0, 2]], placebo[:, [0, 2]])
    gappy = np.vstack([placebo, np.full((7, 3), np.nan)])
    ours = max_statistic(statistics, gappy)
    assert ours[[0, 2]] == pytest.approx(expected)
    assert np.isnan(ours[1])
    partly = placebo.copy()
    partly[::2, 0] = np.nan
    assert max_statistic(statistics, partly)[2] <= ours[2]
    assert np.isnan(max_statistic(statistics, np.full((4, 3), np.nan))).all()
