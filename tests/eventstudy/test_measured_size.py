"""The measured size is what running the study on every ordinary session would give."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from marketshock.desk import Desk
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import ExpectedReturnModel, MarketAdjusted, MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.inference.battery import TESTS
from marketshock.market.panel import ReturnPanel

WINDOWS = (EventWindow(0, 0), EventWindow(-1, 1))
ESTIMATION = EstimationWindow(60, gap=5)
SESSIONS = 40


def drawn(seed: int, stocks: int = 6, sessions: int = 200, common: float = 0.01) -> ReturnPanel:
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0, 0.01, sessions)
    shared = rng.normal(0.0, common, sessions)
    own = rng.normal(0.0, 0.02, (sessions, stocks))
    returns = market[:, None] + shared[:, None] + own
    days = np.arange("2024-01-01", sessions, dtype="datetime64[D]")
    days = np.datetime64("2024-01-01", "D") + np.arange(sessions)
    names = (*(f"S{number}" for number in range(stocks)), "M")
    return ReturnPanel(np.column_stack([returns, market]), days, names, "splits")


def one_by_one(panel: ReturnPanel, model: ExpectedReturnModel, position: int) -> dict:
    """Run the whole study on each session in turn, and count the rejections."""
    study = EventStudy(model, WINDOWS, ESTIMATION, placebo_sessions=0)
    last = position - ESTIMATION.gap
    rejected: Counter = Counter()
    for session in range(last - SESSIONS + 1, last + 1):
        day = panel.calendar.day(session)
        result = study.run(EventSet.on_date(panel.symbols[:-1], day), panel)
        for window, tests in result.tests.items():
            for test in tests:
                if test.pvalue is not None:
                    rejected[test.name, window] += test.pvalue < 0.05
    return rejected


@pytest.mark.parametrize("model", [MarketModel("M"), MarketAdjusted("M")], ids=["ols", "none"])
def test_it_counts_what_the_study_itself_rejects(model: ExpectedReturnModel) -> None:
    panel, position = drawn(3), 170
    study = EventStudy(model, WINDOWS, ESTIMATION, placebo_sessions=SESSIONS)
    day = panel.calendar.day(position)
    result = study.run(EventSet.on_date(panel.symbols[:-1], day), panel)
    expected = one_by_one(panel, model, position)
    by_calendar = {"calendar_time_t", "clustered_t"}  # a single date has no calendar of its own
    assert {size.name for size in result.sizes} == {test.name for test in TESTS} - by_calendar
    assert len(result.sizes) == 2 * (len(TESTS) - 2)
    for size in result.sizes:
        if size.name == "placebo_dates":
            continue
        assert size.n_dates == SESSIONS
        count = expected[size.name, size.window]
        assert size.rejection_rate == pytest.approx(count / SESSIONS), size.name
        assert size.standard_error == pytest.approx(
            np.sqrt(count / SESSIONS * (1 - count / SESSIONS) / SESSIONS)
        )


def test_sessions_on_which_a_stock_is_missing_are_measured_on_the_others() -> None:
    panel, position = drawn(5), 170
    values = panel.values.copy()
    values[:120, 0] = np.nan  # listed late: complete only on the last placebo sessions
    short = ReturnPanel(values, panel.sessions.copy(), panel.symbols, "splits")
    study = EventStudy(MarketModel("M"), WINDOWS, EstimationWindow(60, 5, 30), SESSIONS)
    day = panel.calendar.day(position)
    result = study.run(EventSet.on_date(panel.symbols[:-1], day), short)
    assert len(result.abnormal) == 6
    size = result.size("portfolio_t")
    assert size is not None
    assert size.n_dates == SESSIONS


def test_nothing_after_the_gap_is_looked_at() -> None:
    panel, position = drawn(7), 170
    values = panel.values.copy()
    values[position - ESTIMATION.gap + 2 :] *= 40.0
    spoilt = ReturnPanel(values, panel.sessions.copy(), panel.symbols, "splits")
    study = EventStudy(MarketModel("M"), WINDOWS, ESTIMATION, placebo_sessions=SESSIONS)
    events = EventSet.on_date(panel.symbols[:-1], panel.calendar.day(position))
    assert study.run(events, panel).sizes == study.run(events, spoilt).sizes


def test_it_can_be_switched_off() -> None:
    panel = drawn(9)
    study = EventStudy(MarketModel("M"), WINDOWS, ESTIMATION, placebo_sessions=0)
    result = study.run(EventSet.on_date(panel.symbols[:-1], panel.calendar.day(170)), panel)
    assert result.sizes == ()
    assert result.size("portfolio_t") is None


def test_a_naive_test_that_rejects_too_often_says_so(desk: Desk) -> None:
    from marketshock.api import event_study

    found = event_study("deepseek", window=(0, 0)).result
    naive, valid = found.test("cross_sectional_t"), found.test("portfolio_t")
    rate = found.size("cross_sectional_t")
    assert rate is not None
    assert rate.rejection_rate > 0.15
    assert f"{100 * rate.rejection_rate:.1f}%" in naive.as_dict()["reason"]["en"]
    assert "ordinary sessions" not in valid.as_dict()["reason"]["en"]
