"""The real panel, synthetic panels, and a few words for windows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from marketshock import api
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.result import StudyResult, View
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import ReturnPanel
from marketshock.shock.study import ShockStudy
from marketshock.table import Row

MakePanel = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def desk() -> api.Desk:
    """The embedded vintage."""
    return api.Desk()


@pytest.fixture(scope="session")
def deepseek(desk: api.Desk) -> tuple[EventSet, ReturnPanel]:
    """The 13 stocks of the DeepSeek shock, and their returns beside the index."""
    shock = desk.catalogue.find("deepseek")
    stocks, _ = desk.covered(shock)
    events = EventSet.on_date(stocks, shock.date, shock.first_session)
    return events, desk.returns(stocks, "^GSPC")


@pytest.fixture(scope="session")
def study() -> ShockStudy:
    """The DeepSeek shock, defaults everywhere."""
    return api.event_study("deepseek")


@pytest.fixture(scope="session")
def answer(study: ShockStudy) -> dict[str, Any]:
    """Its JSON answer."""
    return study.as_dict()


@pytest.fixture(scope="session")
def make_frame() -> MakePanel:
    """Return a builder of simple returns: stocks S0, S1, ... and a market M."""

    def make(
        stocks: int = 4, sessions: int = 90, seed: int = 1, correlation: float = 0.3
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        market = rng.normal(0.0005, 0.01, sessions)
        common = np.sqrt(correlation) * rng.normal(size=(sessions, 1))
        own = np.sqrt(1 - correlation) * rng.normal(size=(sessions, stocks))
        scale = rng.uniform(0.01, 0.03, stocks)
        values = rng.uniform(0.5, 2.0, stocks) * market[:, None] + scale * (common + own)
        frame = pd.DataFrame(values, columns=[f"S{i}" for i in range(stocks)])
        frame["M"] = market
        frame.index = pd.bdate_range("2024-01-01", periods=sessions, name="date")
        return frame

    return make


@pytest.fixture(scope="session")
def events_at() -> Callable[..., EventSet]:
    """Return a builder of events of all stocks of a frame on the session at a position."""

    def build(frame: pd.DataFrame, position: int) -> EventSet:
        stocks = [name for name in frame.columns if name.startswith("S")]
        return EventSet.on_date(stocks, frame.index[position].date())

    return build


@pytest.fixture(scope="session")
def small_study() -> Callable[..., EventStudy]:
    """Return a builder of studies: 60 estimation sessions, a gap of 5, no measured size."""

    def build(model: Any, *windows: tuple[int, int], length: int = 60, **more: Any) -> EventStudy:
        spans = [EventWindow(*window) for window in windows or ((0, 0), (-1, 1), (0, 3))]
        return EventStudy(model, spans, EstimationWindow(length, 5, **more), placebo_sessions=0)

    return build


@pytest.fixture(scope="session")
def factor_panel() -> Callable[[pd.DataFrame], ReturnPanel]:
    """Return a builder of three factors and a risk-free return for a frame's sessions."""

    def build(frame: pd.DataFrame) -> ReturnPanel:
        rng = np.random.default_rng(99)
        values = rng.normal(0.0, 0.006, (len(frame), 4))
        values[:, 0] += frame["M"]
        values[:, 3] = np.abs(values[:, 3]) / 50
        factors = pd.DataFrame(values, frame.index, ["mkt_rf", "smb", "hml", "rf"])
        return ReturnPanel.from_frame(factors, "index")

    return build


@pytest.fixture(scope="session")
def friday() -> dt.date:
    """A Friday before a Monday that is in every synthetic frame of 90 sessions."""
    return dt.date(2024, 4, 12)


@pytest.fixture(scope="session")
def assert_sound() -> Callable[[StudyResult], None]:
    """Return a check: no infinity, no NaN, no p-value of zero; what lacks has a reason."""

    def check_row(row: Row, comparable: bool) -> None:
        for key, value in row.items():
            if isinstance(value, float) and (comparable or key != "bhar"):
                assert math.isfinite(value), (key, row)
        assert row.get("pvalue") is None or 0.0 < row["pvalue"] <= 1.0, row

    def check(result: StudyResult) -> None:
        views: tuple[View, ...] = ("car", "ar", "tests", "stocks")
        for row in (row for view in views for row in result.table(view)):
            check_row(row, bool(result.study.compared_with))
        for test in (test for tests in result.tests.values() for test in tests):
            if test.statistic is None:
                assert test.pvalue is None
                assert not test.valid
                assert test.reason.en
                assert test.reason.it
        assert all(lost.reason.en and lost.reason.it for lost in result.dropped)

    return check
