from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy import stats

from marketshock.desk import Desk
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import PricePanel
from marketshock.market.shares import ShareCounts
from marketshock.marketcap.history import MarketValues
from marketshock.shock.dollar_loss import dollar_losses

SHOCK = dt.date(2025, 1, 27)
DAY, AROUND, AFTER = EventWindow(0, 0), EventWindow(-1, 1), EventWindow(0, 5)
STOCKS = ("NVDA", "AVGO", "TSM", "MSFT")  # no share count of TSM is embedded


@pytest.fixture(scope="module")
def result(desk: Desk) -> StudyResult:
    study = EventStudy(MarketModel("^GSPC"), (DAY, AROUND, AFTER), EstimationWindow(250, gap=10))
    return study.run(EventSet.on_date(STOCKS, SHOCK, SHOCK), desk.returns(STOCKS, "^GSPC"))


@pytest.fixture(scope="module")
def at(desk: Desk) -> int:
    position = desk.values.closes.calendar.position(SHOCK)
    assert position is not None
    return position


def cap(desk: Desk, symbol: str, position: int, known_at: int) -> float:
    """Return close times the count known before, USD billions, without MarketValues.value."""
    day = desk.values.closes.calendar.day(known_at)
    count = desk.values.shares.known_before(symbol, day)
    assert count is not None
    return float(desk.values.closes.column(symbol)[position]) * count.count / 1e9


@pytest.mark.parametrize(
    ("window", "before", "last"), [(DAY, -1, 0), (AROUND, -2, 1), (AFTER, -1, 5)]
)
@pytest.mark.parametrize("symbol", ["NVDA", "AVGO", "MSFT"])
def test_raw_loss_has_one_count_on_both_sides(
    desk: Desk,
    result: StudyResult,
    at: int,
    symbol: str,
    window: EventWindow,
    before: int,
    last: int,
) -> None:
    loss = dollar_losses(result, window, desk.values)[STOCKS.index(symbol)]
    first = at + before + 1
    expected = cap(desk, symbol, at + last, first) - cap(desk, symbol, at + before, first)
    assert loss.symbol == symbol
    assert loss.loss_usd_bn == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("window", [DAY, AROUND, AFTER])
@pytest.mark.parametrize("symbol", ["NVDA", "AVGO", "MSFT"])
def test_abnormal_loss_is_car_times_the_value_before_with_its_interval(
    desk: Desk, result: StudyResult, at: int, symbol: str, window: EventWindow
) -> None:
    row = STOCKS.index(symbol)
    loss = dollar_losses(result, window, desk.values)[row]
    base = cap(desk, symbol, at + window.first - 1, at + window.first)
    abnormal = result.abnormal
    car = abnormal.ar[row][abnormal.inside(window)].sum()
    half = stats.t.ppf(0.975, abnormal.df[row]) * abnormal.car_error(window)[row]
    assert loss.abnormal_usd_bn == pytest.approx(car * base, rel=1e-10)
    assert loss.low_usd_bn == pytest.approx((car - half) * base, rel=1e-10)
    assert loss.high_usd_bn == pytest.approx((car + half) * base, rel=1e-10)
    assert loss.low_usd_bn < loss.abnormal_usd_bn < loss.high_usd_bn  # type: ignore[operator]


def test_nvidia_lost_what_the_press_printed(desk: Desk, result: StudyResult) -> None:
    loss = dollar_losses(result, DAY, desk.values)[0]
    assert loss.loss_usd_bn == pytest.approx(-592.66, abs=0.05)
    assert loss.high_usd_bn is not None
    assert loss.high_usd_bn < -200.0


def test_the_abnormal_part_is_smaller_where_the_market_fell_too(
    desk: Desk, result: StudyResult
) -> None:
    loss = dollar_losses(result, DAY, desk.values)[0]
    assert loss.loss_usd_bn < loss.abnormal_usd_bn < 0  # type: ignore[operator]


def test_without_a_share_count_there_is_no_dollar(desk: Desk, result: StudyResult) -> None:
    assert "TSM" not in desk.values.shares
    without = dollar_losses(result, DAY, desk.values)[STOCKS.index("TSM")]
    assert without.symbol == "TSM"
    figures = (
        without.loss_usd_bn,
        without.abnormal_usd_bn,
        without.low_usd_bn,
        without.high_usd_bn,
    )
    assert figures == (None,) * 4


def test_a_count_filed_only_on_the_first_session_is_not_used(
    desk: Desk, result: StudyResult
) -> None:
    late = tuple(c for c in desk.values.shares.filings["NVDA"] if c.filed >= SHOCK)
    values = MarketValues(
        desk.source.prices(["NVDA", "AVGO"]),
        ShareCounts({**desk.values.shares.filings, "NVDA": late}),
        desk.splits,
        desk.values.sources,
    )
    found = {loss.symbol: loss for loss in dollar_losses(result, DAY, values)}
    assert found["NVDA"].loss_usd_bn is None
    assert found["AVGO"].loss_usd_bn == pytest.approx(-199.54, abs=0.01)


def test_a_missing_close_gives_no_dollar(desk: Desk, result: StudyResult, at: int) -> None:
    closes = desk.source.prices(["NVDA", "AVGO"])
    prices = closes.values.copy()
    prices[at - 1, 0] = np.nan
    panel = PricePanel(prices, closes.sessions, closes.symbols, closes.basis, closes.sources)
    values = MarketValues(panel, desk.values.shares, desk.splits, desk.values.sources)
    found = dollar_losses(result, DAY, values)
    assert found[0].abnormal_usd_bn is None
    assert found[1].abnormal_usd_bn is not None


def test_order_is_that_of_the_study(desk: Desk, result: StudyResult) -> None:
    assert tuple(loss.symbol for loss in dollar_losses(result, AFTER, desk.values)) == STOCKS
