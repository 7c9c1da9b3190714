"""Abnormal volatility against a predictive F test, Parkinson's formula and planted swings."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import marketshock as ms
from marketshock.errors import QualityError, UserInputError
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel, MeanAdjusted
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.volatility import (
    AbnormalVolatility,
    abnormal_range,
    log_range_variance,
    squared_returns,
)
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import PricePanel, ReturnPanel

AT = 170
WINDOWS = (EventWindow(0, 0), EventWindow(-1, 2))


def study(placebos=0, model=None):
    chosen = model or MarketModel("M")
    return EventStudy(chosen, WINDOWS, EstimationWindow(60, 5), placebo_sessions=placebos)


@pytest.fixture
def frame(make_frame):
    return make_frame(3, 200)


def squares(frame, events_at, **more):
    return squared_returns(events_at(frame, AT), ReturnPanel.from_frame(frame), study(**more))


def rows(squared, window, view="stocks"):
    return list(squared.table(view).where(first=window.first, last=window.last))


@pytest.mark.parametrize("window", WINDOWS)
def test_predictive_f_is_that_of_two_regressions(frame, events_at, window):
    before = np.arange(AT - 65, AT - 5)
    both = np.r_[before, AT + window.first : AT + window.last + 1]
    for number, row in enumerate(rows(squares(frame, events_at), window)):
        y, x = frame.iloc[:, number].to_numpy(), sm.add_constant(frame["M"].to_numpy())
        short, long = sm.OLS(y[before], x[before]).fit(), sm.OLS(y[both], x[both]).fit()
        f = (long.ssr - short.ssr) / window.length / short.mse_resid
        assert row["f"] == pytest.approx(f, rel=1e-8)
        assert row["pvalue"] == pytest.approx(stats.f.sf(f, window.length, 58), rel=1e-7)


def test_ratio_is_the_mean_of_squared_standardised_errors(frame, events_at):
    squared = squares(frame, events_at)
    for number in range(3):
        y, x = frame.iloc[:, number].to_numpy(), sm.add_constant(frame["M"].to_numpy())
        fitted = sm.OLS(y[AT - 65 : AT - 5], x[AT - 65 : AT - 5]).fit()
        days = slice(AT - 1, AT + 3)
        predicted = fitted.get_prediction(x[days])
        sar = (y[days] - predicted.predicted_mean) / predicted.se_obs
        assert squared.ratio(WINDOWS[1])[number] == pytest.approx((sar**2).mean(), rel=1e-9)
        assert squared.ratio(WINDOWS[0])[number] == pytest.approx(sar[1] ** 2, rel=1e-9)


def test_on_one_session_ratio_and_f_are_the_square_of_t(frame, events_at):
    squared = squares(frame, events_at)
    t = squared.result.table("car").where(first=0, last=0)
    for row, t_value, pvalue in zip(
        rows(squared, WINDOWS[0]), t["t"][:3], t["pvalue"][:3], strict=True
    ):
        assert row["ratio"] == pytest.approx(t_value**2, rel=1e-10)
        assert row["f"] == pytest.approx(t_value**2, rel=1e-10)
        assert row["pvalue"] == pytest.approx(pvalue, rel=1e-8)
        assert row["log_ratio"] == pytest.approx(math.log(t_value**2), rel=1e-8)


def test_rank_among_placebo_sessions_by_brute_force(frame, events_at):
    squared = squares(frame, events_at, placebos=30)

    def ratio(at, number):
        y, x = frame.iloc[:, number].to_numpy(), sm.add_constant(frame["M"].to_numpy())
        fitted = sm.OLS(y[at - 65 : at - 5], x[at - 65 : at - 5]).fit()
        predicted = fitted.get_prediction(x[at - 1 : at + 3])
        return (((y[at - 1 : at + 3] - predicted.predicted_mean) / predicted.se_obs) ** 2).mean()

    days = range(AT - 5 - 30 + 1, AT - 5 + 1)
    history = np.array([[ratio(day, number) for number in range(3)] for day in days])
    now = np.array([ratio(AT, number) for number in range(3)])
    assert np.sort(squared.placebo_ratio(WINDOWS[1]), axis=0) == pytest.approx(
        np.sort(history, axis=0), rel=1e-8
    )
    for number, row in enumerate(rows(squared, WINDOWS[1])):
        beyond = (history[:, number] >= now[number]).sum()
        assert row["placebo_pvalue"] == pytest.approx((1 + beyond) / 31)
    (whole,) = rows(squared, WINDOWS[1], "aggregate")
    beyond = (history.mean(axis=1) >= now.mean()).sum()
    assert whole["placebo_pvalue"] == pytest.approx((1 + beyond) / 31)
    assert whole["ordinary_ratio"] == pytest.approx(history.mean(), rel=1e-8)


def test_swings_up_and_down_are_found_where_the_mean_is_quiet(frame, events_at):
    before = rows(squares(frame, events_at, placebos=60), WINDOWS[0])
    frame.iloc[AT, :2] += [0.25, -0.25]
    after = rows(squares(frame, events_at, placebos=60), WINDOWS[0])
    assert after[2] == before[2]
    for row in after[:2]:
        assert row["ratio"] > 30
        assert row["pvalue"] < 1e-6
        assert row["placebo_pvalue"] == pytest.approx(1 / (1 + row["n_dates"]))


def test_scale_of_returns_does_not_matter(frame, events_at):
    before = squares(frame, events_at).table().to_frame()
    after = squares(frame * 7.0, events_at).table().to_frame()
    assert after["ratio"].to_numpy() == pytest.approx(before["ratio"].to_numpy(), rel=1e-9)


def test_without_placebo_sessions_there_is_no_rank(frame, events_at):
    for view in ("stocks", "aggregate"):
        for row in squares(frame, events_at).table(view):
            assert row["placebo_pvalue"] is None
            assert row["n_dates"] == 0


def test_unknown_view_is_refused(frame, events_at):
    with pytest.raises(UserInputError, match="Unknown view"):
        squares(frame, events_at).table("all")


def prices(values, symbols):
    days = np.busday_offset("2024-01-01", np.arange(len(values)), roll="forward")
    return PricePanel(values.copy(), days.astype("datetime64[D]"), symbols, "splits")


@pytest.fixture
def span():
    """Lows and highs of two stocks with an event and three others."""
    rng = np.random.default_rng(3)
    low = np.exp(rng.normal(4.0, 0.2, (200, 5)))
    return low, low * np.exp(0.01 * np.exp(0.4 * rng.normal(size=(200, 5))))


def ranged(low, high, model=None):
    symbols = ("S0", "S1", "O0", "O1", "O2")
    chosen = EventStudy(
        model or MeanAdjusted(), WINDOWS, EstimationWindow(60, 5), placebo_sessions=30
    )
    lows, highs = prices(low, symbols), prices(high, symbols)
    events = EventSet.on_date(("S0", "S1"), lows.calendar.day(AT))
    return abnormal_range(events, highs, lows, chosen)


def test_parkinson_by_hand(span):
    low, high = span
    logs = np.log(np.log(high / low) ** 2 / (4 * math.log(2)))
    before, now = logs[AT - 65 : AT - 5, 0], logs[AT, 0]
    row = next(iter(ranged(low, high).table()))
    assert row["abnormal"] == pytest.approx(now - before.mean(), rel=1e-10)
    assert row["se"] == pytest.approx(before.std(ddof=1) * math.sqrt(1 + 1 / 60), rel=1e-10)
    assert row["times_normal"] == pytest.approx(math.exp(now - before.mean()), rel=1e-10)


def test_parkinson_is_the_variance_of_a_walk_without_drift():
    rng = np.random.default_rng(11)
    steps = 4000
    walks = np.cumsum(rng.normal(0.0, 0.02 / math.sqrt(steps), (1500, steps)), axis=1)
    high, low = np.maximum(walks.max(axis=1), 0.0), np.minimum(walks.min(axis=1), 0.0)
    panels = [prices(np.exp(side)[:, None], ("S0",)) for side in (high, low)]
    found = np.exp(log_range_variance(*panels).values).mean()
    assert found == pytest.approx(0.02**2, rel=0.06)


def test_range_does_not_depend_on_the_price_level(span):
    low, high = span
    scale = np.array([10.0, 1 / 7, 3.0, 1.0, 2.0])
    before, after = ranged(low, high).table(), ranged(low * scale, high * scale).table()
    assert list(after["t"]) == pytest.approx(list(before["t"]), rel=1e-7)


def test_planted_range_is_found(span):
    low, high = span
    quiet = ranged(low, high)
    high[AT, 0] = low[AT, 0] * (high[AT, 0] / low[AT, 0]) ** 6
    row = next(iter(ranged(low, high).table()))
    assert row["times_normal"] == pytest.approx(
        36 * next(iter(quiet.table()))["times_normal"], rel=1e-9
    )
    assert row["placebo_pvalue"] == pytest.approx(1 / 31)


def test_session_without_range_is_missing_not_zero(span):
    low, high = span
    high[AT, 0] = low[AT, 0]
    high[AT - 20, 1] = low[AT - 20, 1]
    activity = ranged(low, high)
    assert [lost.symbol for lost in activity.dropped] == ["S0"]
    assert activity.dropped[0].reason.en.startswith("no log range variance on")
    assert activity.result.abnormal.observations.tolist() == [59]
    assert any("1 estimation sessions" in finding.en for finding in activity.caveats)


def test_high_below_low_is_refused(span):
    low, high = span
    high[40, 3] = 0.9 * low[40, 3]
    with pytest.raises(QualityError, match="O1: the high lies below the low"):
        ranged(low, high)


def test_short_function_on_the_deepseek_shock(desk):
    found = ms.abnormal_volatility("deepseek", window=(0, 0))
    (whole,) = found.table("aggregate")
    assert whole["ratio"] > 10
    assert 0 < whole["placebo_pvalue"] < 0.01
    assert found.range is not None
    assert len(found.range.members) > 80
    assert "range variance" in repr(found)
    assert "<table>" in found._repr_html_()
    assert len(found.sources) == 1
    assert {lost.symbol for lost in found.dropped} == {"^NDX", "^SOX"}
    nvidia = next(iter(found.table().where(symbol="NVDA")))
    study = ms.event_study("deepseek", window=(0, 0))
    t = study.result.table("car").where(symbol="NVDA")["t"][0]
    assert nvidia["ratio"] == pytest.approx(t**2, rel=1e-9)


def test_short_function_without_a_range_says_why(desk):
    """The last months of Verizon have closes only."""
    found = ms.abnormal_volatility(date="2026-06-15", symbols=["VZ"], window=(0, 0))
    assert isinstance(found, AbnormalVolatility)
    assert found.range is None
    assert "VZ: no log range variance" in found.range_reason
    assert "no range" in repr(found)


@pytest.mark.parametrize("field", ["open", "high", "low"])
def test_ranges_of_the_vintage_stand_on_the_sessions_of_the_closes(desk, field):
    closes, panel = desk.source.prices(["NVDA"]), desk.source.prices(["NVDA"], field)
    assert np.array_equal(closes.sessions, panel.sessions)
    both = np.isfinite(closes.values) & np.isfinite(panel.values)
    ratio = panel.values[both] / closes.values[both]
    assert both.sum() > 2000
    assert (abs(ratio - 1) < 0.25).all()
    if field == "high":
        assert (ratio >= 1 - 1e-6).all()
    if field == "low":
        assert (ratio <= 1 + 1e-6).all()
