"""r-bar of a window against a loop over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from marketshock.eventstudy.correlation import window_correlation

DAYS = np.arange(400).astype("datetime64[D]")
M = 100


def drawn(spread: int, gaps: float, length: int, seed: int):
    """Return residuals, estimation windows and event windows of 24 events."""
    rng = np.random.default_rng(seed)
    positions = rng.integers(150, 150 + spread, 24)
    panel = rng.normal(size=(24, 400)) + 0.7 * rng.normal(size=400)
    residuals = np.array([panel[i, p - 110 : p - 10] for i, p in enumerate(positions)])
    residuals[rng.random(residuals.shape) < gaps] = np.nan
    windows = np.array([DAYS[p - 110 : p - 10] for p in positions])
    return residuals, windows, np.array([DAYS[p : p + length] for p in positions])


def brute_force(residuals, windows, events) -> float:
    total, n = 0.0, len(residuals)
    for i in range(n):
        for j in range(n):
            share = len(np.intersect1d(events[i], events[j])) / events.shape[1]
            if i == j or not share:
                continue
            _, at, to = np.intersect1d(windows[i], windows[j], return_indices=True)
            x, y = residuals[i][at], residuals[j][to]
            both = np.isfinite(x) & np.isfinite(y)
            total += share * np.corrcoef(x[both], y[both])[0, 1]
    return total / (n * (n - 1))


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize(("spread", "length"), [(1, 1), (15, 1), (15, 4), (60, 6)])
@pytest.mark.parametrize("seed", [1, 2])
def test_pairs_count_by_the_sessions_their_windows_share(spread, length, gaps, seed):
    residuals, windows, events = drawn(spread, gaps, length, seed)
    found = window_correlation(residuals, windows, np.arange(len(residuals)), events)
    assert found == pytest.approx(brute_force(residuals, windows, events), rel=1e-10, abs=1e-13)


def test_one_event_correlates_with_nobody():
    residuals, windows, events = drawn(15, 0.0, 4, 3)
    assert window_correlation(residuals[:1], windows[:1], np.zeros(1, int), events[:1]) == 0.0


def test_constant_residuals_count_as_uncorrelated():
    residuals, windows, events = drawn(15, 0.0, 4, 4)
    residuals[0] = 0.0
    found = window_correlation(residuals, windows, np.arange(24), events)
    assert np.isfinite(found)
    others = residuals.copy()[1:], windows[1:], events[1:]
    rest = brute_force(*others) * 23 * 22 / (24 * 23)
    assert found == pytest.approx(rest, rel=1e-10)
