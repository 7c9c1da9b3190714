"""Rejection rates on one shared date: which tests may be believed, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import ReturnPanel

RUNS, STOCKS, ESTIMATION, GAP, CORRELATION, SIGMA = 400, 20, 100, 5, 0.3, 0.01
SESSIONS = 1 + ESTIMATION + GAP + 1
LEVEL = 0.05

pytestmark = pytest.mark.slow


def simulate(effect, runs, seed):
    """Return the share of rejections by test, over samples with a common factor."""
    rng = np.random.default_rng(seed)
    sessions = np.datetime64("2024-01-01") + np.arange(SESSIONS)
    symbols = (*(f"S{i}" for i in range(STOCKS)), "M")
    study = EventStudy(MarketModel("M"), EventWindow(0, 0), EstimationWindow(ESTIMATION, GAP), 0)
    events = EventSet.on_date(symbols[:-1], sessions[-1].astype(object))
    rejected: dict[str, int] = {}
    for _ in range(runs):
        market = rng.normal(0.0, 0.01, SESSIONS)
        common = np.sqrt(CORRELATION) * rng.normal(size=(SESSIONS, 1))
        own = np.sqrt(1 - CORRELATION) * rng.normal(size=(SESSIONS, STOCKS))
        values = market[:, None] + SIGMA * (common + own)
        values[-1] += effect
        panel = ReturnPanel(
            np.column_stack([values, market]), sessions.copy(), symbols, "splits_dividends"
        )
        for test in study.run(events, panel).tests[EventWindow(0, 0)]:
            rejected[test.name] = rejected.get(test.name, 0) + (test.pvalue <= LEVEL)
    return {name: count / runs for name, count in rejected.items()}


@pytest.fixture(scope="module")
def size():
    return simulate(0.0, RUNS, seed=20250127)


@pytest.fixture(scope="module")
def power():
    return simulate(-0.02, 40, seed=20220203)


@pytest.mark.parametrize("name", ["cross_sectional_t", "patell", "bmp", "generalized_sign"])
def test_tests_that_assume_independence_reject_far_too_often(size, name):
    assert size[name] > 0.20


@pytest.mark.parametrize(
    "name", ["portfolio_t", "crude_dependence_t", "kp_patell", "kp_bmp", "placebo_rank"]
)
def test_tests_that_allow_dependence_keep_their_size(size, name):
    assert 0.02 <= size[name] <= 0.09


@pytest.mark.parametrize(
    "name", ["portfolio_t", "crude_dependence_t", "kp_patell", "kp_bmp", "placebo_rank"]
)
def test_a_fall_of_two_percent_is_found(power, name):
    assert power[name] > 0.80
