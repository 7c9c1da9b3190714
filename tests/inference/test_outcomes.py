"""Clusters, their intervals and waiting times, against brute force and other packages."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from marketshock.inference.outcomes import (
    Interval,
    cluster_interval,
    effective_clusters,
    overlapping,
    share_interval,
    survival,
)

ROWS = st.lists(st.integers(0, 200), min_size=1, max_size=25)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@given(ROWS, st.integers(1, 60))
def test_clusters_are_windows_joined_by_shared_sessions(rows: list[int], length: int) -> None:
    windows = [set(range(row + 1, row + length + 1)) for row in rows]
    joined = list(range(len(rows)))
    for _ in rows:
        for one, other in itertools.combinations(range(len(rows)), 2):
            if windows[one] & windows[other]:
                joined[one] = joined[other] = min(joined[one], joined[other])
    clusters = overlapping(np.array(rows, np.int64), length)
    for one, other in itertools.combinations(range(len(rows)), 2):
        assert (clusters[one] == clusters[other]) == (joined[one] == joined[other])


def test_effective_clusters_are_all_of_them_only_if_they_weigh_the_same() -> None:
    assert effective_clusters(np.repeat(np.arange(6), 4)) == pytest.approx(6.0)
    assert effective_clusters(np.zeros(9, np.int64)) == pytest.approx(1.0)
    uneven = effective_clusters(np.array([0] * 8 + [1, 2], np.int64))
    assert uneven == pytest.approx(100 / 66)
    assert effective_clusters(np.zeros(0, np.int64)) == 0.0


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (12, 12), (7, 12), (1, 40)])
def test_the_interval_of_a_share_is_clopper_pearson(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(method="exact")
    found = share_interval(hits, n, float(n))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(1, 30), st.integers(0, 30), st.floats(1.5, 30.0))
def test_fewer_independent_events_give_a_wider_share(n: int, hits: int, effective: float) -> None:
    hits = min(hits, n)
    narrow, wide = share_interval(hits, n, float(n)), share_interval(hits, n, effective)
    assert 0.0 <= wide.low <= narrow.low + 1e-12
    assert narrow.high - 1e-12 <= wide.high <= 1.0
    assert wide.holds(hits / n)


def exact_interval(values: np.ndarray, tail: float, statistic: object) -> Interval:
    """Every resample of clusters, listed."""
    groups = len(values)
    drawn = [values[list(chosen)] for chosen in itertools.product(range(groups), repeat=groups)]
    found = [statistic(np.concatenate(one)) for one in drawn]  # type: ignore[operator]
    low, high = np.quantile(found, [tail, 1 - tail])
    return Interval(float(low), float(high))


@pytest.mark.parametrize("median", [False, True])
def test_the_interval_is_that_of_all_resamples_of_clusters(median: bool) -> None:
    values = np.round(rng().normal(size=(5, 3)), 2)
    clusters = np.repeat(np.arange(5), 3)
    widened = stats.norm.cdf(math.sqrt(5 / 4) * stats.t.ppf(0.025, 4))
    expected = exact_interval(values, widened, np.median if median else np.mean)
    found = cluster_interval(
        values.ravel(), clusters, median=median, resamples=200_000, rng=np.random.default_rng(1)
    )
    assert found is not None
    assert found.low == pytest.approx(expected.low, abs=0.03)
    assert found.high == pytest.approx(expected.high, abs=0.03)


def test_with_independent_normal_events_it_is_the_t_interval() -> None:
    values = rng().normal(size=60)
    found = cluster_interval(values, np.arange(60), resamples=40_000, rng=rng())
    expected = stats.t.interval(0.95, 59, values.mean(), stats.sem(values))
    assert found is not None
    assert (found.low, found.high) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_four_groups_or_fewer_have_no_interval(groups: int) -> None:
    clusters = np.repeat(np.arange(groups), 20)
    assert cluster_interval(rng().normal(size=20 * groups), clusters, rng=rng()) is None


def test_five_equal_groups_have_one_and_a_dominant_group_has_none() -> None:
    values = rng().normal(size=40)
    assert cluster_interval(values, np.repeat(np.arange(5), 8), rng=rng()) is not None
    dominated = np.array([0] * 35 + [1, 2, 3, 4, 5])
    assert cluster_interval(values, dominated, rng=rng()) is None


def test_the_interval_moves_and_scales_with_the_outcomes() -> None:
    values, clusters = rng().normal(size=30), np.repeat(np.arange(10), 3)
    one = cluster_interval(values, clusters, rng=rng())
    other = cluster_interval(3.0 * values + 1.0, clusters, rng=rng())
    assert one is not None
    assert other is not None
    assert (other.low, other.high) == pytest.approx((3 * one.low + 1, 3 * one.high + 1))


@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=2, max_size=25),
)
def test_waiting_times_are_those_of_kaplan_and_meier(cases: list[tuple[int, bool]]) -> None:
    waits = np.array([wait for wait, _ in cases])
    happened = np.array([end for _, end in cases])
    found = survival(waits, happened)
    assert (found.n, found.happened) == (len(cases), int(happened.sum()))
    curve = SurvfuncRight(waits.astype(float), happened.astype(int))
    for share, own in ((0.25, found.quartile), (0.5, found.median), (0.75, found.last_quartile)):
        reached = curve.surv_times[curve.surv_prob <= 1 - share + 1e-9]
        assert own == (int(reached[0]) if len(reached) else None)


def test_nothing_has_happened_yet() -> None:
    found = survival(np.array([5, 9]), np.array([False, False]))
    assert (found.median, found.waiting) == (None, 2)


# Simulation.

STRUCTURES = {
    "independent": (np.arange(30) * 40, 20),
    "pairs": (np.sort(np.r_[np.arange(12) * 150, np.arange(12) * 150 + 9]), 20),
    "one large cluster": (np.r_[np.arange(10) * 6, 300 + np.arange(9) * 130], 60),
    "few": (np.r_[np.arange(6) * 400, np.arange(6) * 400 + 30], 120),
}
STUDIES = 400
BAND = (0.92, 0.99)


def outcomes(rows: np.ndarray, length: int, random: np.random.Generator) -> np.ndarray:
    """Sums of fat-tailed returns that share a common part, of a stock for each event."""
    sessions = rows.max() + length + 2
    common, own = random.standard_t(4, (sessions, 1)), random.standard_t(4, (sessions, len(rows)))
    path = np.cumsum(math.sqrt(0.3) * common + math.sqrt(0.7) * own, axis=0)
    each = np.arange(len(rows))
    return np.asarray(path[rows + length, each] - path[rows, each])


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("median", [False, True])
def test_intervals_cover_the_truth_as_often_as_they_say(name: str, median: bool) -> None:
    rows, length = STRUCTURES[name]
    clusters = overlapping(rows, length)
    random = np.random.default_rng(len(name))
    held = 0
    for _ in range(STUDIES):
        values = outcomes(rows, length, random)
        found = cluster_interval(values, clusters, median=median, resamples=1_999, rng=random)
        assert found is not None
        held += found.holds(0.0)
    rate = held / STUDIES
    error = math.sqrt(0.95 * 0.05 / STUDIES)
    assert BAND[0] - 2 * error <= rate <= min(1.0, BAND[1] + 2 * error), (rate, error)


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURES)
def test_shares_cover_at_least_as_often_as_they_say(name: str) -> None:
    rows, length = STRUCTURES[name]
    effective = effective_clusters(overlapping(rows, length))
    random = np.random.default_rng(5)
    held = 0
    for _ in range(STUDIES):
        values = outcomes(rows, length, random)
        held += share_interval(int((values > 0).sum()), len(values), effective).holds(0.5)
    assert held / STUDIES >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / STUDIES)


@pytest.mark.slow
def test_the_plain_percentile_interval_would_be_too_short_with_few_groups() -> None:
    """Why the tails are widened: without it five groups cover about four times in five."""
    random = np.random.default_rng(2)
    plain = widened = 0
    for _ in range(STUDIES):
        values = random.normal(size=5)
        drawn = values[random.integers(0, 5, (1_999, 5))].mean(axis=1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        plain += low <= 0.0 <= high
        found = cluster_interval(values, np.arange(5), resamples=1_999, rng=random)
        assert found is not None
        widened += found.holds(0.0)
    assert plain / STUDIES < 0.88
    assert widened / STUDIES > BAND[0] - 2 * math.sqrt(0.95 * 0.05 / STUDIES)
