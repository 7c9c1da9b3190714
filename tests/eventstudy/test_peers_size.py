"""Without any event: how often a rival's window statistic rejects, beside ours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.peers_catalogue import PEERS
from marketshock.eventstudy.windows import EventWindow

DRAWS, STOCKS, M = 800, 4, 120
LENGTHS = (3, 5, 11, 21)


@pytest.fixture(scope="module")
def rates(small_study: Any) -> dict[tuple[str, int], float]:
    """Share of draws of independent normal returns in which each statistic passes 1.96."""
    rule = next(c for c in PEERS["eventstudy2"].conventions if c.test.name == "patell")
    windows = [EventWindow(0, length - 1) for length in LENGTHS]
    study = small_study(MarketModel("M"), *((w.first, w.last) for w in windows), length=M)
    names = [f"S{i}" for i in range(STOCKS)]
    index = pd.bdate_range("2024-01-01", periods=M + 26)
    events = EventSet.on_date(names, index[M + 5].date())
    rng = np.random.default_rng(20)
    passed = dict.fromkeys(((who, w.length) for who in ("ours", "theirs") for w in windows), 0)
    for _ in range(DRAWS):
        values = rng.normal(0.0, 0.02, (len(index), STOCKS + 1))
        result = study.run(events, pd.DataFrame(values, index, [*names, "M"]))
        for window in windows:
            theirs = rule.answer(result.abnormal, window, result.abnormal.sample(window, 0.0))
            passed["theirs", window.length] += theirs.pvalue < 0.05
            passed["ours", window.length] += result.test("patell", window).pvalue < 0.05
    return {key: count / DRAWS for key, count in passed.items()}


@pytest.mark.slow
@pytest.mark.parametrize("length", LENGTHS)
def test_eventstudy2_rejects_as_often_as_its_variance_says(
    rates: dict[tuple[str, int], float], length: int
) -> None:
    variance = sum(1 / s for s in range(1, length + 1))
    expected = 2 * stats.norm.sf(stats.norm.isf(0.025) / math.sqrt(variance))
    error = math.sqrt(expected * (1 - expected) / DRAWS)
    assert expected > 0.14
    assert abs(rates["theirs", length] - expected) < 3.5 * error


@pytest.mark.slow
@pytest.mark.parametrize("length", LENGTHS)
def test_ours_rejects_at_its_level(rates: dict[tuple[str, int], float], length: int) -> None:
    error = math.sqrt(0.05 * 0.95 / DRAWS)
    assert abs(rates["ours", length] - 0.05) < 3.5 * error
