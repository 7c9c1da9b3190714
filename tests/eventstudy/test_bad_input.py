"""Data that are missing, short, degenerate or disordered, and what a result may depend on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from marketshock import api
from marketshock.errors import (
    InsufficientDataError,
    QualityError,
    SingularModelError,
    UserInputError,
)
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import (
    Capm,
    FactorModel,
    MarketAdjusted,
    MarketModel,
    MeanAdjusted,
    Raw,
)
from marketshock.eventstudy.windows import EventWindow
from marketshock.market.panel import ReturnPanel

MARKET = MarketModel("M")
AT = 75  # session 0; estimation at 10..69, the gap at 70..74, windows (-1, 1) and (0, 3)


@pytest.fixture
def frame(make_frame):
    return make_frame(3)


@pytest.fixture
def events(frame, events_at):
    return events_at(frame, AT)


def reasons(result):
    return {lost.symbol: lost.reason for lost in result.dropped}


@pytest.mark.parametrize("position", [74, 75, 78])
def test_gap_in_the_window_drops_the_event_and_names_the_day(frame, events, small_study, position):
    frame.iloc[position, 1] = np.nan
    result = small_study(MARKET).run(events, frame)
    day = str(frame.index[position].date())
    assert result.abnormal.symbols == ("S0", "S2")
    assert reasons(result)["S1"].en == f"no return on {day}"
    assert day in reasons(result)["S1"].it
    assert f"dropped S1: no return on {day}" in result.summary()


@pytest.mark.parametrize("position", [9, 70, 73, 79])
def test_gap_outside_all_windows_changes_nothing(frame, events, small_study, position):
    before = small_study(MARKET).run(events, frame)
    frame.iloc[position, :] = np.nan
    after = small_study(MARKET).run(events, frame)
    assert after.dropped == ()
    assert np.array_equal(after.abnormal.ar, before.abnormal.ar)


@pytest.mark.parametrize("position", [10, 40, 69])
def test_gap_in_the_estimation_is_left_out_counted_and_told(frame, events, small_study, position):
    frame.iloc[position, 1] = np.nan
    result = small_study(MARKET).run(events, frame)
    assert result.abnormal.df.tolist() == [58, 57, 58]
    assert np.isnan(result.abnormal.residuals[1, position - 10])
    assert [caveat.en for caveat in result.caveats] == [
        "S1: 59 of 60 estimation sessions usable",
    ]


def test_gap_of_the_market_counts_for_every_stock(frame, events, small_study):
    frame.iloc[20, 3] = np.nan
    result = small_study(MARKET).run(events, frame)
    assert result.abnormal.df.tolist() == [57, 57, 57]
    assert len(result.caveats) == 3


@pytest.mark.parametrize("model", [MARKET, MarketAdjusted("M")])
def test_market_missing_in_the_window_is_named_as_such(frame, events, small_study, model):
    frame.iloc[AT, 3] = np.nan
    with pytest.raises(InsufficientDataError, match="no benchmark or factor on 2024-04-15"):
        small_study(model).run(events, frame)


def test_factors_that_end_before_the_event_are_named_as_such(
    frame, events, small_study, factor_panel
):
    factors = factor_panel(frame.iloc[:AT])
    with pytest.raises(InsufficientDataError, match="no benchmark or factor on 2024-04-15"):
        small_study(Capm(), (0, 0)).run(events, frame, factors)


@pytest.mark.parametrize("model", [Capm(), FactorModel("own", ("mkt_rf", "smb", "hml"))])
def test_factors_are_joined_by_date(frame, events, small_study, factor_panel, model):
    """A session that the factor file lacks is missing; one that the prices lack is passed over."""
    whole = factor_panel(frame)
    blank = whole.values.copy()
    blank[30] = np.nan
    unknown = ReturnPanel(blank, whole.sessions.copy(), whole.symbols, "index")
    kept = np.delete(np.arange(90), 30)
    days = np.insert(whole.sessions[kept], 0, np.datetime64("2023-12-28"))
    days = np.append(days, np.datetime64("2024-04-14"))
    values = np.vstack([np.full(4, 9.0), whole.values[kept], np.full(4, -9.0)])
    order = np.argsort(days)
    shorter = ReturnPanel(values[order], days[order], whole.symbols, "index")
    expected = small_study(model).run(events, frame, unknown).abnormal
    ours = small_study(model).run(events, frame, shorter).abnormal
    assert expected.df.tolist() == [59 - expected.coefficients.shape[1]] * 3
    assert np.array_equal(ours.ar, expected.ar)
    assert np.array_equal(ours.df, expected.df)


def test_factor_model_without_factors_asks_for_them(frame, events, small_study):
    with pytest.raises(UserInputError, match="'ff3' needs factors"):
        small_study(FactorModel("ff3", ("mkt_rf", "smb", "hml"))).run(events, frame)


@pytest.mark.parametrize(("lost", "kept"), [(18, True), (19, False)])
def test_fewest_observations_of_a_listing_inside_the_estimation(
    frame, events, small_study, lost, kept
):
    """70 % of 60 is 42: with 18 sessions missing a stock stays, with 19 it goes."""
    frame.iloc[: 10 + lost, 1] = np.nan
    result = small_study(MARKET).run(events, frame)
    assert ("S1" in result.abnormal.symbols) is kept
    if not kept:
        assert reasons(result)["S1"].en.startswith("41 usable estimation sessions, 42 needed")
        assert "41" in reasons(result)["S1"].it


@pytest.mark.parametrize(("observed", "kept"), [(11, False), (12, True), (13, True)])
def test_own_minimum(frame, events, small_study, observed, kept):
    frame.iloc[: 70 - observed, 1] = np.nan
    result = small_study(MARKET, min_obs=12).run(events, frame)
    assert ("S1" in result.abnormal.symbols) is kept


@pytest.mark.parametrize("min_obs", [0, 1, 2, 3])
@pytest.mark.parametrize(("model", "parameters"), [(Raw(), 0), (MeanAdjusted(), 1), (MARKET, 2)])
@pytest.mark.parametrize("observed", [0, 1, 2, 3, 4])
def test_never_fewer_than_two_degrees_of_freedom(
    frame, events, small_study, model, parameters, observed, min_obs
):
    frame.iloc[: 70 - observed, 1] = np.nan
    result = small_study(model, min_obs=min_obs).run(events, frame)
    needed = max(min_obs, parameters + 2)
    assert ("S1" in result.abnormal.symbols) is (observed >= needed)
    if observed < needed:
        words = f"{observed} usable estimation sessions, {needed} needed"
        assert reasons(result)["S1"].en.startswith(words)


@pytest.mark.parametrize(
    "day", [dt.date(2023, 12, 29), dt.date(2024, 5, 6), dt.date(1999, 1, 1), dt.date(2031, 1, 1)]
)
def test_event_outside_the_data_is_refused_with_their_span(frame, small_study, day):
    with pytest.raises(UserInputError, match="2024-01-01 to 2024-05-03") as caught:
        small_study(MARKET).run(EventSet.on_date(["S0"], day), frame)
    assert str(day) in caught.value.message


def test_event_too_early_for_its_estimation_is_dropped(frame, small_study):
    events = EventSet(
        (Event("early", "S0", frame.index[60].date()), Event("late", "S0", frame.index[75].date()))
    )
    result = small_study(MARKET).run(events, frame)
    assert result.abnormal.event_ids == ("late",)
    assert result.dropped[0].event_id == "early"
    assert "60 sessions would start before" in result.dropped[0].reason.en
    assert "2024-01-01" in result.dropped[0].reason.it


@pytest.mark.parametrize(("position", "kept"), [(86, True), (87, False), (89, False)])
def test_window_that_ends_after_the_data_is_dropped(frame, events_at, small_study, position, kept):
    study = small_study(MARKET)
    events = events_at(frame, position)
    if kept:
        assert len(study.run(events, frame).abnormal) == 3
        return
    with pytest.raises(InsufficientDataError, match="ends after the last session, 2024-05-03"):
        study.run(events, frame)


def test_unknown_symbol_is_dropped_with_its_reason(frame, small_study):
    events = EventSet.on_date(["S0", "XX"], frame.index[AT].date())
    result = small_study(MARKET).run(events, frame)
    assert reasons(result)["XX"].en == "not covered by the source"


def test_unknown_symbol_of_the_short_function_is_refused_with_suggestions():
    with pytest.raises(UserInputError, match="Unknown symbol 'NVDAA'") as caught:
        api.event_study("deepseek", symbols=["NVDAA"])
    assert "NVDA" in caught.value.hint


def test_unknown_benchmark_is_refused(frame, events, small_study):
    with pytest.raises(UserInputError, match="No prices for 'Q'"):
        small_study(MarketModel("Q")).run(events, frame)


@pytest.mark.parametrize("value", [0.0, 0.001, -0.02])
def test_constant_benchmark_is_singular(frame, events, small_study, value):
    frame["M"] = value
    with pytest.raises(SingularModelError, match="alpha, beta"):
        small_study(MARKET).run(events, frame)


def test_constant_and_collinear_factors_are_singular(frame, events, small_study, factor_panel):
    factors = factor_panel(frame)
    model = FactorModel("own", ("mkt_rf", "smb", "hml"))
    for column in (np.full(90, 0.01), factors.values[:, 0] * 2 - 0.003):
        values = factors.values.copy()
        values[:, 1] = column
        broken = ReturnPanel(values, factors.sessions.copy(), factors.symbols, "index")
        with pytest.raises(SingularModelError, match="beta_smb"):
            small_study(model).run(events, frame, broken)


def test_factors_in_other_units_are_not_collinear(frame, events, small_study, factor_panel):
    factors = factor_panel(frame)
    values = factors.values.copy()
    values[:, 1] *= 1e-7
    model = FactorModel("own", ("mkt_rf", "smb", "hml"))
    scaled = ReturnPanel(values, factors.sessions.copy(), factors.symbols, "index")
    before = small_study(model).run(events, frame, factors).abnormal.ar
    after = small_study(model).run(events, frame, scaled).abnormal.ar
    assert after == pytest.approx(before, rel=1e-9, abs=1e-13)


def test_stock_that_is_the_benchmark_is_dropped(frame, events, small_study):
    frame["S1"] = frame["M"]
    for model in (MARKET, MarketAdjusted("M")):
        result = small_study(model).run(events, frame)
        assert "without variation of their own" in reasons(result)["S1"].en
        assert result.abnormal.symbols == ("S0", "S2")


def test_stock_that_is_a_multiple_of_the_benchmark_is_dropped(frame, events, small_study):
    frame["S1"] = 0.0003 + 1.7 * frame["M"]
    assert "S1" in reasons(small_study(MARKET).run(events, frame))


@pytest.mark.parametrize("model", [Raw(), MeanAdjusted(), MARKET])
def test_stock_that_never_moves_is_dropped(frame, events, small_study, model):
    frame["S1"] = 0.0
    result = small_study(model).run(events, frame)
    assert "S1" in reasons(result)


def test_all_dropped_names_every_reason(frame, small_study):
    frame.iloc[AT, 0] = np.nan
    frame.iloc[:40, 1] = np.nan
    frame["S2"] = frame["M"]
    events = EventSet.on_date(["S0", "S1", "S2", "XX"], frame.index[AT].date())
    with pytest.raises(InsufficientDataError) as caught:
        small_study(MARKET).run(events, frame)
    for words in (
        "S0: no return on 2024-04-15",
        "S1: 30 usable estimation sessions, 42 needed",
        "S2: returns without variation",
        "XX: not covered",
    ):
        assert words in caught.value.message
    assert caught.value.exit_code == 3


def test_duplicate_dates_are_refused(frame):
    twice = pd.concat([frame, frame.iloc[[AT]] + 0.01])
    with pytest.raises(QualityError, match="2024-04-15 stands twice"):
        ReturnPanel.from_frame(twice)


def test_unsorted_frame_equals_the_sorted_one(frame, events, small_study):
    shuffled = frame.sample(frac=1.0, random_state=1)
    assert not shuffled.index.is_monotonic_increasing
    before = small_study(MARKET).run(events, frame)
    after = small_study(MARKET).run(events, shuffled)
    assert after.to_frame("car").equals(before.to_frame("car"))
    assert after.to_frame("tests").equals(before.to_frame("tests"))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_frame_with_a_time_zone_keeps_its_days(frame, events, small_study, zone):
    aware = frame.set_axis(frame.index.tz_localize(zone))
    before = small_study(MARKET).run(events, frame)
    after = small_study(MARKET).run(events, aware)
    assert np.array_equal(after.abnormal.sessions, before.abnormal.sessions)
    assert np.array_equal(after.abnormal.ar, before.abnormal.ar)


def test_the_frame_given_is_not_changed(frame, events, small_study):
    copy = frame.copy()
    result = small_study(MARKET).run(events, frame)
    pd.testing.assert_frame_equal(frame, copy)
    frame.iloc[:, :] = 0.0
    assert result.abnormal.realised.any()


@pytest.mark.parametrize("rubbish", [np.nan, np.inf, -1.0, 1e300])
@pytest.mark.parametrize(
    "model", [Raw(), MeanAdjusted(), MarketAdjusted("M"), MARKET, Capm()], ids=lambda m: m.name
)
def test_a_number_depends_on_nothing_outside_its_windows(
    frame, events, small_study, factor_panel, model, rubbish
):
    """Everything before, between and after the two windows is destroyed: not a bit changes."""
    factors = factor_panel(frame)
    outside = np.r_[0:10, 70:74, 79:90]
    broken = frame.copy()
    broken.iloc[outside, :] = rubbish
    values = factors.values.copy()
    values[outside] = rubbish
    broken_factors = ReturnPanel(values, factors.sessions.copy(), factors.symbols, "index")
    before = small_study(model).run(events, frame, factors)
    after = small_study(model).run(events, broken, broken_factors)
    for view in ("car", "ar", "tests", "stocks"):
        pd.testing.assert_frame_equal(after.to_frame(view), before.to_frame(view), check_exact=True)
    assert after.correlation == before.correlation


def test_a_stock_depends_on_no_other_stock(frame, events, small_study):
    before = small_study(MARKET).run(events, frame).abnormal
    frame.iloc[:, 1:3] = 7.0 * frame.iloc[::-1, 1:3].to_numpy()
    after = small_study(MARKET).run(events, frame).abnormal
    assert after.ar[0].tobytes() == before.ar[0].tobytes()
    window = EventWindow(0, 3)
    assert after.car_error(window)[0] == before.car_error(window)[0]


def test_an_unknown_view_or_test_or_stock_is_refused(frame, events, small_study):
    result = small_study(MARKET).run(events, frame)
    for attempt in (
        lambda: result.table("cars"),
        lambda: result.test("bpm"),
        lambda: result.quantile_rank("S9"),
    ):
        with pytest.raises(UserInputError):
            attempt()


@pytest.mark.parametrize("positions", [(75, 75, 75, 75, 75, 80, 80, 80, 80, 80), (75,) * 9 + (76,)])
def test_events_that_overlap_are_not_independent(make_frame, small_study, positions):
    frame = make_frame(10)
    events = EventSet(
        tuple(
            Event(f"e{i}", f"S{i}", frame.index[position].date())
            for i, position in enumerate(positions)
        )
    )
    result = small_study(MARKET, (-1, 3)).run(events, frame)
    for name in ("cross_sectional_t", "patell", "bmp", "wilcoxon"):
        assert not result.test(name).valid


def test_two_rows_of_one_day_are_refused(frame):
    second = frame.iloc[[AT]].set_axis(frame.index[[AT]] + pd.Timedelta(hours=16))
    with pytest.raises(QualityError, match="time of day"):
        _ = ReturnPanel.from_frame(pd.concat([frame, second])).calendar


def test_first_row_of_a_frame_of_returns_is_used(frame, events_at, small_study):
    result = small_study(MARKET).run(events_at(frame, 65), frame)
    assert result.abnormal.df.tolist() == [58, 58, 58]
