"""Abnormal volume against statsmodels, brute force and planted spikes."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import marketshock as ms
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.activity import EQUAL_WEIGHTED, beside_equal_weighted
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel, MeanAdjusted
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.volume import abnormal_volume, log_turnover, log_volume
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import PricePanel

SYMBOLS = ("S0", "S1", "O0", "O1", "O2", "O3")
SESSIONS, AT = 240, 220
WINDOWS = (EventWindow(0, 0), EventWindow(-1, 2))
EVENTS = ("S0", "S1")


def study(model=None, *, placebos=0):
    chosen = model or MarketModel(EQUAL_WEIGHTED)
    return EventStudy(chosen, WINDOWS, EstimationWindow(60, 5), placebo_sessions=placebos)


def panel(values):
    days = np.busday_offset("2024-01-01", np.arange(len(values)), roll="forward")
    return PricePanel(values.copy(), days.astype("datetime64[D]"), SYMBOLS, "splits")


@pytest.fixture
def values():
    """Shares traded: a common wave, own noise, and six different sizes of company."""
    rng = np.random.default_rng(5)
    common = 0.3 * rng.normal(size=(SESSIONS, 1))
    return np.exp(np.linspace(12, 18, 6) + common + 0.25 * rng.normal(size=(SESSIONS, 6)))


def events(volumes):
    return EventSet.on_date(EVENTS, volumes.calendar.day(AT))


def run(values, chosen=None, **more):
    volumes = panel(values)
    return abnormal_volume(events(volumes), volumes, chosen or study(), **more)


def rows(activity, window):
    return list(activity.table().where(first=window.first, last=window.last))


def regressed(y, x, window):
    """Sum of forecast errors and its standard error, by one dummy for each event session."""
    inside = np.r_[AT - 65 : AT - 5, AT + window.first : AT + window.last + 1]
    dummies = np.vstack([np.zeros((60, window.length)), np.eye(window.length)])
    columns = [np.ones((len(inside), 1)), dummies]
    if x is not None:
        columns.insert(1, x[inside, None])
    fitted = sm.OLS(y[inside], np.hstack(columns)).fit()
    pick = np.r_[np.zeros(int(fitted.df_model) + 1 - window.length), np.ones(window.length)]
    return fitted.t_test(pick)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("model", ["market", "mean"])
def test_sum_error_and_p_are_those_of_a_regression_with_dummies(values, window, model):
    logs = np.log(values)
    index = logs[:, 2:].mean(axis=1) if model == "market" else None
    found = rows(run(values, study(None if model == "market" else MeanAdjusted())), window)
    for number, row in enumerate(found):
        expected = regressed(logs[:, number], index, window)
        assert row["abnormal"] == pytest.approx(float(expected.effect[0]), rel=1e-9)
        assert row["se"] == pytest.approx(float(expected.sd[0, 0]), rel=1e-9)
        assert row["t"] == pytest.approx(float(expected.tvalue[0, 0]), rel=1e-9)
        assert row["pvalue"] == pytest.approx(float(expected.pvalue), rel=1e-8)
        mean = math.exp(float(expected.effect[0]) / window.length)
        assert row["times_normal"] == pytest.approx(mean, rel=1e-9)


def test_mean_adjusted_by_hand(values):
    logs = np.log(values[:, 0])
    before, event = logs[AT - 65 : AT - 5], logs[AT]
    row = rows(run(values, study(MeanAdjusted())), WINDOWS[0])[0]
    error = before.std(ddof=1) * math.sqrt(1 + 1 / 60)
    assert row["abnormal"] == pytest.approx(event - before.mean(), rel=1e-12)
    assert row["se"] == pytest.approx(error, rel=1e-12)
    assert row["pvalue"] == pytest.approx(
        2 * stats.t.sf(abs(event - before.mean()) / error, 59), rel=1e-9
    )


def test_units_of_volume_do_not_matter(values):
    scale = np.array([1000.0, 1.0, 1e-3, 7.0, 2.0, 50.0])
    for model in (None, MeanAdjusted()):
        before = run(values, study(model)).table().to_frame()
        after = run(values * scale, study(model)).table().to_frame()
        assert after["t"].to_numpy() == pytest.approx(before["t"].to_numpy(), rel=1e-9)
        assert after["times_normal"].to_numpy() == pytest.approx(
            before["times_normal"].to_numpy(), rel=1e-9
        )


@pytest.mark.parametrize("times", [4.0, 0.2])
def test_planted_multiple_is_found(values, times):
    quiet = rows(run(values, study(placebos=80)), WINDOWS[0])
    values[AT, 0] *= times
    loud = rows(run(values, study(placebos=80)), WINDOWS[0])
    ratio = loud[0]["times_normal"] / quiet[0]["times_normal"]
    assert ratio == pytest.approx(times, rel=1e-9)
    assert loud[0]["pvalue"] < 1e-3
    assert loud[0]["placebo_pvalue"] == pytest.approx(1 / (1 + loud[0]["n_dates"]))
    assert loud[0]["n_dates"] > 50
    assert loud[1] == quiet[1]


def test_rank_among_placebo_sessions_by_brute_force(values):
    logs = np.log(values)
    index = logs[:, 2:].mean(axis=1)
    row = rows(run(values, study(placebos=40)), WINDOWS[1])[1]

    def scar(at):
        before, inside = np.arange(at - 65, at - 5), np.arange(at - 1, at + 3)
        x = np.column_stack([np.ones(60), index[before]])
        b, *_ = np.linalg.lstsq(x, logs[before, 1], rcond=None)
        e = logs[before, 1] - x @ b
        ahead = np.column_stack([np.ones(4), index[inside]])
        total = ahead.sum(axis=0)
        factor = 4 + total @ np.linalg.inv(x.T @ x) @ total
        return (logs[inside, 1] - ahead @ b).sum() / math.sqrt(e @ e / 58 * factor)

    days = np.arange(AT - 5 - 40 + 1, AT - 5 + 1)
    beyond = sum(abs(scar(day)) >= abs(row["t"]) for day in days)
    assert scar(AT) == pytest.approx(row["t"], rel=1e-9)
    assert row["n_dates"] == 40
    assert row["placebo_pvalue"] == pytest.approx((1 + beyond) / 41, rel=1e-12)


def test_the_index_leaves_out_shocked_and_incomplete_stocks(values):
    values[AT - 20, 3] = np.nan
    volumes = panel(values)
    activity = run(values)
    assert activity.members == ("O0", "O2", "O3")
    beside, members = beside_equal_weighted(log_volume(volumes), events(volumes), study())
    expected = np.log(values[:, [2, 4, 5]]).mean(axis=1)
    assert members == activity.members
    assert beside.column(EQUAL_WEIGHTED) == pytest.approx(expected, rel=1e-12)


def test_a_stock_missing_before_the_sessions_read_stays_in_the_index(values):
    values[: AT - 66, 3] = np.nan
    assert "O1" in run(values).members
    assert "O1" not in run(values, study(placebos=20)).members


def test_without_other_stocks_there_is_no_index_but_a_mean(values):
    values[AT - 10, 2:] = np.nan
    with pytest.raises(InsufficientDataError, match="no equal-weighted index"):
        run(values)
    assert run(values, study(MeanAdjusted())).members == ()


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_no_volume_in_the_window_is_a_reason_not_a_number(values, value):
    values[AT + 1, 0] = value
    activity = run(values)
    assert activity.result.abnormal.symbols == ("S1",)
    (lost,) = activity.dropped
    day = panel(values).calendar.day(AT + 1)
    assert lost.reason.en == f"no log volume on {day}"
    assert lost.reason.it == f"manca il volume logaritmico il {day}"
    assert f"dropped S0: no log volume on {day}" in repr(activity)


def test_all_events_without_volume_name_their_reasons(values):
    values[AT, :2] = np.nan
    with pytest.raises(InsufficientDataError, match=r"S0: no log volume .*S1: no log volume"):
        run(values)


def test_zero_volume_before_the_event_is_a_finding_and_never_a_zero(values):
    values[AT - 30, 1] = 0.0
    activity = run(values)
    day = panel(values).calendar.day(AT - 30)
    words = [finding.en for finding in activity.caveats]
    assert words[0] == f"S1: no trade on 1 sessions, first on {day}: left out"
    assert activity.result.abnormal.observations.tolist() == [60, 59]
    values[AT - 30, 1] = np.nan
    assert run(values).table().to_frame().equals(activity.table().to_frame())


def test_turnover_keeps_a_session_without_trade_by_a_stated_constant(values):
    values[AT - 30, 1] = 0.0
    shares = panel(np.full_like(values, 1e9))
    logs = log_turnover(panel(values), shares)
    assert logs.values[AT, 0] == pytest.approx(math.log(100 * values[AT, 0] / 1e9 + 0.000255))
    assert logs.values[AT - 30, 1] == pytest.approx(math.log(0.000255), rel=1e-12)
    activity = run(values, shares=shares)
    assert activity.result.abnormal.observations.tolist() == [60, 60]
    assert activity.caveats[0].en.endswith(": kept")


def test_turnover_without_shares_is_missing(values):
    shares = np.full_like(values, 1e9)
    shares[AT, 0], shares[AT - 12, 1] = 0.0, np.nan
    activity = run(values, shares=panel(shares))
    assert activity.dropped[0].reason.en.startswith("no log turnover on")
    assert activity.result.abnormal.observations.tolist() == [59]


def test_shares_of_other_symbols_are_refused(values):
    other = PricePanel(values.copy(), panel(values).sessions.copy(), tuple("ABCDEF"), "splits")
    with pytest.raises(UserInputError, match="other sessions or symbols"):
        run(values, shares=other)


def test_unknown_view_is_refused(values):
    with pytest.raises(UserInputError, match="Unknown view 'stock'"):
        run(values).table("stock")


def test_neighbouring_sessions_of_real_volume_are_not_independent_and_it_is_said(desk):
    activity = ms.abnormal_volume("deepseek", window=(0, 0))
    assert any("neighbouring sessions correlate 0.6" in f.en for f in activity.caveats)


def test_volume_of_the_vintage_is_on_one_split_basis(desk):
    """Around no split of two or more does the level of volume move by half of its logarithm."""
    stocks, splits = desk.universe.stocks(), desk.splits.splits
    logs = log_volume(desk.source.prices(stocks, "volume"))
    checked = 0
    for split in splits:
        if split.kind != "split" or split.ratio < 2 or split.symbol not in stocks:
            continue
        at = logs.calendar.position(split.date)
        column = logs.column(split.symbol)
        change = np.nanmedian(column[at : at + 20]) - np.nanmedian(column[at - 20 : at])
        assert abs(change) < math.log(split.ratio) / 2, split
        checked += 1
    assert checked > 25


def test_short_function_on_the_deepseek_shock(desk):
    activity = ms.abnormal_volume("deepseek", window=(0, 0))
    table = activity.table()
    assert set(table["symbol"]) >= {"NVDA", "VST", "VRT", "CEG"}
    assert len(activity.members) > 80
    assert activity.sources[0].as_of == dt.date(2025, 1, 27)
    vistra = next(iter(table.where(symbol="VST")))
    assert vistra["times_normal"] > 2.5
    assert vistra["placebo_pvalue"] < 0.05
    assert vistra["placebo_pvalue"] > 0
    mean = ms.abnormal_volume("deepseek", window=(0, 0), model="mean")
    assert mean.members == ()
    assert "times the normal level" in repr(mean)
    assert "<table>" in mean._repr_html_()


def test_short_function_with_turnover_names_stocks_without_counts(desk):
    activity = ms.abnormal_volume("deepseek", window=(0, 0), measure="turnover")
    without = {lost.symbol for lost in activity.dropped}
    assert without - {"^NDX", "^SOX"} == {
        symbol
        for symbol in ms.abnormal_volume("deepseek", window=(0, 0)).result.abnormal.symbols
        if symbol not in desk.values.symbols
    }
    assert len(activity.sources) == 2


@pytest.mark.parametrize("wrong", [{"model": "garch"}, {"measure": "trades"}])
def test_short_function_refuses_what_it_does_not_know(wrong):
    with pytest.raises(UserInputError):
        ms.abnormal_volume("deepseek", **wrong)
