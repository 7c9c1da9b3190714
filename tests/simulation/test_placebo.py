"""Placebo dates: their size, their uniform p under no effect, and what they find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats as st
from placebos import PAST, called_valid, placebo_samples, placebo_sizes
from simulated import WINDOWS, Case, listed

from marketshock.inference.nonparametric import placebo_dates, placebo_rank
from marketshock.inference.parametric import portfolio_t

pytestmark = pytest.mark.slow

HISTORIES = 150
PVALUES = 1_000
DRAWS = [(stocks, r) for stocks in (5, 20) for r in (0.0, 0.1, 0.3)]
M = 120


@pytest.mark.parametrize(("stocks", "correlation"), DRAWS)
def test_placebo_dates_keep_their_size(stocks: int, correlation: float) -> None:
    rates = placebo_sizes(Case(stocks, correlation, estimation=M), HISTORIES)
    assert listed(rate for rate in rates if not rate.inside) == []


@pytest.fixture(scope="module")
def samples():
    return list(placebo_samples(Case(5, 0.3, estimation=M), PVALUES))


def test_the_battery_calls_them_valid(samples) -> None:
    assert all(called_valid(samples[0][window]) for window in WINDOWS)


@pytest.mark.parametrize("test", [placebo_dates, placebo_rank, portfolio_t], ids=lambda t: t.name)
def test_identity_14_p_is_uniform_without_an_effect(samples, test) -> None:
    """A rank p has steps; a uniform draw below each step makes it continuous."""
    rng = np.random.default_rng(7)
    found = np.array([test(sample[WINDOWS[0]]).pvalue for sample in samples])
    steps = {"placebo_dates": PAST, "placebo_rank": M}.get(test.name)
    if steps is not None:
        ranks = found * (steps + 1)
        assert ranks == pytest.approx(np.round(ranks))
        found = found - rng.uniform(size=len(found)) / (steps + 1)
    assert st.kstest(found, "uniform").pvalue > 0.001


def test_an_effect_makes_p_small(samples) -> None:
    moved = [replace(s[WINDOWS[0]], car=s[WINDOWS[0]].car - 0.03) for s in samples[:300]]
    found = np.array([placebo_dates(sample).pvalue for sample in moved])
    assert (found <= 0.05).mean() > 0.7
    assert found.min() == pytest.approx(1 / (PAST + 1))
