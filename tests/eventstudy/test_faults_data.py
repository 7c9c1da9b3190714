"""Faults of data as the engine meets them, by their id."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from marketshock.errors import (
    InsufficientDataError,
    MarketShockWarning,
    QualityError,
    UserInputError,
)
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketAdjusted, MarketModel, MeanAdjusted, Raw
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import PricePanel, ReturnPanel, returns
from marketshock.market.splits import SplitTable
from marketshock.quality.gate import gate
from marketshock.quality.prices import PriceSpan

MARKET = MarketModel("M")
MODELS = [Raw(), MeanAdjusted(), MarketAdjusted("M"), MARKET]
AT = 75  # estimation at 10..69, the gap at 70..74, windows (0, 0), (-1, 1) and (0, 3)


@pytest.fixture
def frame(make_frame):
    return make_frame(3)


@pytest.fixture
def run(events_at, small_study, assert_sound):
    """Return a function: frame and model to a result that was checked as a whole."""

    def study(frame, model=MARKET, *windows, position=AT):
        result = small_study(model, *windows).run(events_at(frame, position), frame)
        assert_sound(result)
        return result

    return study


def reason(result, symbol):
    return {lost.symbol: lost.reason.en for lost in result.dropped}[symbol]


def as_prices(frame):
    table = 50.0 * (1.0 + frame).cumprod()
    days = table.index.to_numpy().astype("datetime64[D]")
    return PricePanel(table.to_numpy(copy=True), days, tuple(table.columns), "splits")


def with_price(panel, row, column, value):
    values = panel.values.copy()
    values[row, column] = value
    return PricePanel(values, panel.sessions.copy(), panel.symbols, panel.basis)


@pytest.mark.parametrize("row", [AT - 1, AT, AT + 1])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_d1_a_missing_close_never_moves_the_shock(frame, small_study, events_at, model, row):
    """A fall of 23 % with one close missing is no return of any other session."""
    frame.iloc[AT, 1] = -0.23
    panel = returns(with_price(as_prices(frame), row, 1, np.nan))
    assert np.isnan(panel.values[[row, row + 1], 1]).all()
    result = small_study(model).run(events_at(frame, AT), panel)
    assert result.abnormal.symbols == ("S0", "S2")
    assert reason(result, "S1").startswith("no return on ")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("row", [12, 40, 69])
def test_d1_a_gap_before_the_event_is_left_out_and_counted(frame, run, model, row):
    frame.iloc[row, 1] = np.nan
    result = run(frame, model)
    assert result.abnormal.observations.tolist() == [60, 59, 60]
    assert "S1: 59 of 60 estimation sessions usable" in [c.en for c in result.caveats]


@pytest.mark.parametrize("row", [AT + 4, AT + 8])
def test_d1_a_gap_after_the_window_changes_nothing(frame, run, row):
    before = run(frame)
    frame.iloc[row, 1] = np.nan
    assert np.array_equal(run(frame).abnormal.ar, before.abnormal.ar)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("row", [30, AT])
def test_d2_an_infinite_return_is_no_number(frame, run, value, row):
    frame.iloc[row, 1] = value
    result = run(frame)
    if row == AT:
        assert reason(result, "S1").startswith("no return on ")
    else:
        assert result.abnormal.observations.tolist() == [60, 59, 60]


def test_d3_a_date_with_two_different_rows_is_refused_and_named(frame):
    twice = pd.concat([frame, frame.iloc[[AT]] + 0.01])
    with pytest.raises(QualityError, match=str(frame.index[AT].date())):
        ReturnPanel.from_frame(twice)


def test_d3_a_row_that_stands_twice_counts_once_and_is_told(frame):
    twice = pd.concat([frame, frame.iloc[[AT]]])
    with pytest.warns(MarketShockWarning, match="1 rows"):
        panel = ReturnPanel.from_frame(twice)
    assert panel.values.tolist() == ReturnPanel.from_frame(frame).values.tolist()


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_d4_the_order_of_rows_does_not_matter(frame, run, order):
    mixed = frame.iloc[::-1] if order == "reversed" else frame.sample(frac=1.0, random_state=3)
    events = EventSet.on_date(["S0", "S1", "S2"], frame.index[AT].date())
    study = EventStudy(MARKET, EventWindow(0, 3), EstimationWindow(60, 5), placebo_sessions=0)
    for view in ("car", "ar", "tests", "stocks"):
        before, after = study.run(events, frame), study.run(events, mixed)
        assert after.to_frame(view).equals(before.to_frame(view))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Rome", "Asia/Tokyo"])
def test_d5_a_frame_in_the_zone_of_its_exchange_keeps_its_days(frame, run, zone):
    aware = frame.set_axis(frame.index.tz_localize(zone))
    assert ReturnPanel.from_frame(aware).sessions.tolist() == frame.index.date.tolist()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_d5_midnight_of_another_zone_is_refused_rather_than_moved(frame, zone):
    aware = frame.set_axis(frame.index.tz_localize(zone).tz_convert("UTC"))
    with pytest.raises(QualityError, match="time of day"):
        ReturnPanel.from_frame(aware)


def test_d5_a_time_of_day_without_a_zone_is_refused(frame):
    with pytest.raises(QualityError):
        ReturnPanel.from_frame(frame.set_axis(frame.index + pd.Timedelta(hours=21)))


def test_d5_two_rows_that_fall_on_one_day_are_refused(frame):
    second = frame.iloc[[AT]].set_axis(frame.index[[AT]] + pd.Timedelta(hours=16))
    with pytest.raises(QualityError, match="time of day"):
        ReturnPanel.from_frame(pd.concat([frame, second]))


@pytest.mark.parametrize("fewest", [20, 42, 59])
@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_d7_a_listing_inside_the_estimation_needs_the_minimum(
    frame, events_at, assert_sound, model, fewest, more
):
    first = 70 - (fewest + more)
    frame.iloc[:first, 1] = np.nan
    study = EventStudy(
        model, EventWindow(0, 0), EstimationWindow(60, 5, min_obs=fewest), placebo_sessions=0
    )
    result = study.run(events_at(frame, AT), frame)
    assert_sound(result)
    assert ("S1" in result.abnormal.symbols) is (more >= 0)
    if more < 0:
        assert f"{fewest - 1} usable estimation sessions, {fewest} needed" in reason(result, "S1")


def test_d7_a_late_listing_names_its_first_session(frame, run):
    frame.iloc[:40, 1] = np.nan
    assert str(frame.index[40].date()) in reason(run(frame), "S1")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("last", [AT - 2, AT - 1, AT, AT + 2])
def test_d8_a_delisting_in_the_window_is_never_a_return_of_zero(frame, run, model, last):
    frame.iloc[last + 1 :, 1] = np.nan
    result = run(frame, model)
    assert "S1" not in result.abnormal.symbols
    day = frame.index[max(last + 1, AT - 1)].date()
    assert reason(result, "S1") == f"no return on {day}"
    assert len(result.abnormal) == 2


def test_d8_a_shorter_window_keeps_the_stock(frame, run):
    frame.iloc[AT + 1 :, 1] = np.nan
    assert "S1" in run(frame, MARKET, (0, 0)).abnormal.symbols


def test_d8_a_delisting_before_the_event_leaves_too_little_or_nothing(frame, run):
    frame.iloc[50:, 1] = np.nan
    assert reason(run(frame), "S1").startswith("no return on ")


@pytest.mark.parametrize("days", [0, 1])
def test_d9_a_weekend_moves_to_monday_and_is_told(frame, small_study, days):
    saturday = dt.date(2024, 4, 13) + dt.timedelta(days)
    result = small_study(MARKET).run(EventSet.on_date(["S0", "S1", "S2"], saturday), frame)
    assert str(result.abnormal.sessions[0, 1]) == "2024-04-15"
    assert any(f"{saturday} is no session: session 0 is 2024-04-15" == c.en for c in result.caveats)


@pytest.mark.parametrize("day", [dt.date(2023, 12, 29), dt.date(2030, 1, 2)])
def test_d9_a_day_outside_the_data_is_refused_with_their_span(frame, small_study, day):
    with pytest.raises(UserInputError, match=r"2024-01-01 to 2024-05-03"):
        small_study(MARKET).run(EventSet.on_date(["S0"], day), frame)


@pytest.mark.parametrize("ratio", [2, 3, 4, 10, 20, 1 / 190])
def test_d12_a_split_on_the_event_date_leaves_no_trace_once_applied(frame, run, ratio):
    """Prices before the split divided by its ratio give the returns of a stock without one."""
    panel = as_prices(frame)
    values = panel.values.copy()
    values[AT:, 1] /= ratio
    raw = PricePanel(values.copy(), panel.sessions.copy(), panel.symbols, "as_traded")
    values[:AT, 1] /= ratio
    applied = PricePanel(values, panel.sessions.copy(), panel.symbols, "splits")
    expected, events = returns(panel), EventSet.on_date(["S0", "S1"], frame.index[AT].date())
    study = EventStudy(MARKET, EventWindow(0, 0), EstimationWindow(60, 5), placebo_sessions=0)
    assert returns(applied).values[1:] == pytest.approx(expected.values[1:], abs=1e-12)
    before, after = study.run(events, expected), study.run(events, returns(applied))
    assert after.abnormal.scar(EventWindow(0, 0)) == pytest.approx(
        before.abnormal.scar(EventWindow(0, 0)), rel=1e-9
    )
    flat = with_price(raw, AT, 1, raw.values[AT - 1, 1] / ratio)
    found = gate(PriceSpan(flat, SplitTable(()), 10, 80, (AT, AT)))
    levels = {finding.level for finding in found if "S1" in finding.text.en}
    assert levels == {"FOOTNOTE" if ratio in (2, 3) else "BLOCK"}


@pytest.mark.parametrize("model", [MarketAdjusted("M"), MARKET], ids=lambda model: model.name)
def test_d22_a_holiday_of_the_benchmark_is_left_out_of_every_stock(frame, run, model):
    frame.loc[frame.index[[15, 33]], "M"] = np.nan
    result = run(frame, model)
    assert result.abnormal.observations.tolist() == [58, 58, 58]
    assert sum("58 of 60 estimation sessions usable" in c.en for c in result.caveats) == 3


def test_d22_a_holiday_of_the_benchmark_in_the_window_is_named_as_such(frame, run):
    frame.loc[frame.index[AT], "M"] = np.nan
    with pytest.raises(InsufficientDataError, match="no benchmark or factor on 2024-04-15"):
        run(frame)


def test_d22_events_of_two_calendars_keep_their_own_sessions(frame, small_study, assert_sound):
    other = frame.drop(frame.index[40]).rename(columns={"S1": "T1"})
    day = frame.index[AT].date()
    events = EventSet(
        (Event("a", "S0", day, calendar="one"), Event("b", "T1", day, calendar="two"))
    )
    result = small_study(MARKET).run(events, {"one": frame, "two": other})
    assert_sound(result)
    days = [set(map(str, row)) for row in result.abnormal.estimation_sessions]
    assert str(frame.index[40].date()) in days[0]
    assert str(frame.index[40].date()) not in days[1]


def test_d23_a_stock_that_is_its_own_benchmark_is_dropped(frame, run):
    frame["S1"] = frame["M"]
    for model in (MARKET, MarketAdjusted("M")):
        assert "without variation of their own" in reason(run(frame, model), "S1")


def test_d23_a_benchmark_without_the_stock_itself(frame, events_at):
    """M holds S1 with a share of 30 %: measured against the rest, the whole shock comes back."""
    rest = frame["M"].copy()
    frame.iloc[AT, 1] -= 0.2
    frame["M"] = 0.3 * frame["S1"] + 0.7 * rest
    share = pd.DataFrame(0.3, index=frame.index, columns=["S1"])
    weights = ReturnPanel.from_frame(share)
    window, estimation = EventWindow(0, 0), EstimationWindow(60, 5)
    study = EventStudy(MARKET, window, estimation, placebo_sessions=0, exclude_self=True)
    events = EventSet.on_date(["S1"], frame.index[AT].date())
    found = study.run(events, frame, weights=weights).abnormal
    clean = EventStudy(MARKET, window, estimation, placebo_sessions=0)
    expected = clean.run(events, frame.assign(M=rest)).abnormal
    hidden = clean.run(events, frame).abnormal
    assert found.ar == pytest.approx(expected.ar, abs=1e-12)
    assert abs(hidden.ar[0, 0]) < abs(found.ar[0, 0])
