"""Faults of statistics, by their id: a reason or an error instead of a number from nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hs
from statsmodels.stats.multitest import multipletests

from marketshock import api
from marketshock.errors import InsufficientDataError, SingularModelError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.influence import influence
from marketshock.eventstudy.models import (
    Capm,
    FactorModel,
    MarketAdjusted,
    MarketModel,
    MeanAdjusted,
    Raw,
)
from marketshock.eventstudy.multiplicity import adjusted_pvalues
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import PricePanel, ReturnPanel, returns

MARKET = MarketModel("M")
ZERO = EventWindow(0, 0)
AT = 75
MODELS = [Raw(), MeanAdjusted(), MarketAdjusted("M"), MARKET]


@pytest.fixture
def frame(make_frame):
    return make_frame(6)


@pytest.fixture
def run(events_at, small_study, assert_sound):
    """Return a function: frame and model to a result that was checked as a whole."""

    def study(frame, model=MARKET, *windows, position=AT):
        result = small_study(model, *windows).run(events_at(frame, position), frame)
        assert_sound(result)
        return result

    return study


def dropped(result):
    return {lost.symbol: lost.reason.en for lost in result.dropped}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_s1_stock_without_variance_is_dropped_with_its_reason(frame, run, model):
    frame["S1"] = frame["M"] if model.name == "market_adjusted" else 0.0
    assert "without variation" in dropped(run(frame, model))["S1"]


@pytest.mark.parametrize("model", [MeanAdjusted(), MARKET], ids=lambda model: model.name)
@pytest.mark.parametrize("value", [0.001, 0.1])
def test_s1_what_rounding_leaves_is_no_variance(frame, run, model, value):
    frame["S1"] = value + (frame["M"] if model.name == "market" else 0.0)
    assert "without variation" in dropped(run(frame, model))["S1"]


def test_s1_what_rounding_leaves_beside_the_benchmark_is_no_variance(frame, run):
    frame["S1"] = (frame["M"] + 0.1) - 0.1
    assert "S1" in dropped(run(frame, MarketAdjusted("M")))


@pytest.mark.parametrize("value", [0.0, 0.001])
def test_s1_market_without_variance_is_an_error_that_names_the_regressors(frame, run, value):
    frame["M"] = value
    with pytest.raises(SingularModelError, match="alpha, beta"):
        run(frame)


def test_s1_market_constant_in_the_estimation_only_is_an_error(frame, run):
    frame.iloc[10:70, frame.columns.get_loc("M")] = 0.0004
    with pytest.raises(SingularModelError, match="alpha, beta"):
        run(frame)


def test_s1_equal_abnormal_returns_have_no_dispersion(frame, run):
    """Six copies of one stock: every cross-sectional deviation is zero."""
    for name in frame.columns[1:6]:
        frame[name] = frame["S0"]
    result = run(frame)
    for name in ("cross_sectional_t", "bmp", "kp_bmp"):
        test = result.test(name, ZERO)
        assert test.statistic is None
        assert "equal" in test.reason.en
    assert 0 < result.test("portfolio_t", ZERO).pvalue <= 1


def test_s1_event_session_without_any_move_is_no_effect(frame, run):
    frame.iloc[AT, :] = 0.0
    result = run(frame, Raw(), (0, 0))
    for name in ("portfolio_t", "patell", "kp_patell", "placebo_rank", "placebo_dates"):
        assert result.test(name).pvalue in (1.0, None)
    assert result.test("portfolio_t").statistic == 0.0


@pytest.mark.parametrize("broken", ["copy", "sum", "constant", "zero", "nearly"])
def test_s2_collinear_factors_are_named(frame, events_at, small_study, factor_panel, broken):
    factors = factor_panel(frame)
    values = factors.values.copy()
    mkt, hml = values[:, 0], values[:, 2]
    noise = 1e-12 * np.random.default_rng(1).normal(size=len(values))
    values[:, 1] = {
        "copy": mkt,
        "sum": mkt - 2 * hml,
        "constant": 0.01 + 0 * mkt,
        "zero": 0 * mkt,
        "nearly": mkt + noise,
    }[broken]
    panel = ReturnPanel(values, factors.sessions.copy(), factors.symbols, "index")
    model = FactorModel("own", ("mkt_rf", "smb", "hml"))
    with pytest.raises(SingularModelError, match="beta_smb"):
        small_study(model).run(events_at(frame, AT), frame, panel)


def test_s2_the_intercept_is_always_there(frame, run):
    """A factor that is nearly constant never takes the intercept's place."""
    result = run(frame)
    shifted = run(frame.assign(M=frame["M"] + 5.0))
    assert result.abnormal.parameters == ("alpha", "beta")
    assert shifted.abnormal.parameters == ("alpha", "beta")
    assert shifted.abnormal.ar == pytest.approx(result.abnormal.ar, abs=1e-12)


@pytest.mark.parametrize("usable", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_s3_fewer_sessions_than_parameters_and_two_are_too_few(frame, events_at, model, usable):
    frame.iloc[10 : 70 - usable, :6] = np.nan
    study = EventStudy(model, ZERO, EstimationWindow(60, 5, min_obs=1), placebo_sessions=0)
    parameters = {"mean": 1, "market": 2}.get(model.name, 0)
    if usable >= parameters + 2:
        assert study.run(events_at(frame, AT), frame).abnormal.df.min() >= 2
        return
    with pytest.raises(
        InsufficientDataError,
        match=f"{usable} usable estimation sessions, {parameters + 2} needed",
    ):
        study.run(events_at(frame, AT), frame)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_s4_one_event_has_its_own_t_and_no_test_across_events(make_frame, run, model):
    result = run(make_frame(1), model)
    for name in ("cross_sectional_t", "bmp", "kp_bmp", "wilcoxon"):
        assert result.test(name).statistic is None
        assert not result.test(name).valid
    row = next(iter(result.table("car")))
    assert 0 < row["pvalue"] <= 1
    assert result.test("portfolio_t").statistic == pytest.approx(row["t"], rel=1e-9)


def test_s4_one_stock_of_the_short_function_is_told_to_be_one():
    answer = api.event_study(date="2025-01-27", symbols=["NVDA"]).as_dict()
    tests = {test["name"]: test for test in answer["aggregate"][0]["tests"]}
    assert tests["cross_sectional_t"]["statistic"] is None
    assert "two events" in tests["cross_sectional_t"]["reason"]["en"]
    assert answer["stocks"][0]["windows"][0]["pvalue"] > 0


def test_s5_one_date_refuses_the_plain_t_and_offers_what_holds(run, frame):
    result = run(frame)
    plain = result.test("cross_sectional_t")
    assert not plain.valid
    assert "dependence" in plain.reason.en
    assert result.tests[result.headline_window][0].name == "portfolio_t"
    assert {"portfolio_t", "kp_patell", "kp_bmp"} <= {
        test.name for test in result.tests[result.headline_window] if test.valid
    }


@pytest.mark.slow
def test_s5_plain_t_over_rejects_and_ours_holds(make_frame, events_at, small_study):
    """2 000 samples of twelve stocks with correlation 0.3: three binomial errors are 1.5 %."""
    study, rejected = small_study(MARKET, (0, 0)), {"cross_sectional_t": 0, "portfolio_t": 0}
    for seed in range(2000):
        data = make_frame(12, 82, seed=10_000 + seed)
        result = study.run(events_at(data, AT), data)
        for name in rejected:
            rejected[name] += result.test(name).pvalue < 0.05
    assert rejected["cross_sectional_t"] / 2000 > 0.10
    assert abs(rejected["portfolio_t"] / 2000 - 0.05) <= 0.015


def test_s6_mean_and_median_stand_side_by_side_with_and_without_each(run, frame):
    frame.iloc[AT, 2] -= 0.8
    result = run(frame)
    found = influence(result, ZERO)
    car = result.abnormal.car(ZERO)
    for number, row in enumerate(sorted(found.table(), key=lambda row: row["symbol"])):
        rest = [car[other] for other in range(6) if other != number]
        assert row["mean_without"] == pytest.approx(sum(rest) / 5, rel=1e-12)
        assert row["median_without"] == pytest.approx(sorted(rest)[2], rel=1e-12)
        assert row["mean"] == pytest.approx(sum(car) / 6, rel=1e-12)
        assert row["median"] == pytest.approx(sum(sorted(car)[2:4]) / 2, rel=1e-12)
    assert found.table()["symbol"][0] == "S2"
    assert "; without S2: mean " in found.sentence().en
    assert "; senza S2: media " in found.sentence().it
    assert {"wilcoxon", "sign", "generalized_sign"} <= {test.name for test in result.tests[ZERO]}


def test_s6_one_event_has_no_others(run, make_frame):
    found = influence(run(make_frame(1)))
    assert len(found.table()) == 0
    assert found.sentence().en.startswith("one event only: mean ")
    assert found.sentence().it.startswith("un solo evento: media ")


@pytest.fixture
def listed(make_frame, events_at):
    """Six stocks, two windows, and placebo sessions before the event."""
    data = make_frame(6, 200, seed=8)
    study = EventStudy(
        MARKET, (ZERO, EventWindow(-1, 2)), EstimationWindow(60, 5), placebo_sessions=80
    )
    return study.run(events_at(data, 180), data)


def test_s7_the_number_of_tests_is_stated_and_p_values_allow_for_it(listed):
    table = adjusted_pvalues(listed)
    alone = np.array(table["pvalue"])
    assert set(table["n_tests"]) == {12}
    holm = multipletests(alone, method="holm")[1]
    yekutieli = multipletests(alone, method="fdr_by")[1]
    assert list(table["holm"]) == pytest.approx(list(holm), rel=1e-12)
    assert list(table["benjamini_yekutieli"]) == pytest.approx(list(yekutieli), rel=1e-12)


def test_s7_largest_t_over_placebo_sessions_by_brute_force(listed):
    table = adjusted_pvalues(listed)
    largest = np.maximum(*(abs(scar).max(axis=1) for scar in listed.placebo.scar.values()))
    assert set(table["n_dates"]) == {len(largest)} == {80}
    for t, p in zip(table["t"], table["max_t"], strict=True):
        assert p == pytest.approx((1 + (largest >= abs(t)).sum()) / 81, rel=1e-12)
    assert min(table["max_t"]) >= 1 / 81


def test_s7_without_placebo_sessions_there_is_no_largest_t(run, frame):
    table = adjusted_pvalues(run(frame))
    assert set(table["max_t"]) == {None}
    assert set(table["n_dates"]) == {0}


def test_s7_the_largest_t_of_real_stocks_gives_less_away_than_holm_at_its_floor():
    result = api.event_study("deepseek", window=(0, 0)).result
    table = adjusted_pvalues(result)
    vertiv = next(iter(table.where(symbol="VRT")))
    assert table["n_tests"][0] == 13
    assert vertiv["pvalue"] < vertiv["holm"] < vertiv["benjamini_yekutieli"] < 1e-12
    assert vertiv["max_t"] >= 1 / (1 + vertiv["n_dates"])


def test_s7_placebo_columns_stand_in_the_order_of_the_events(make_frame):
    data = make_frame(3, 200, seed=8)
    data["N"] = data["M"].to_numpy()[::-1]
    day = data.index[180].date()
    own = {"S1": "N"}
    events = EventSet(tuple(Event(s, s, day, benchmark=own.get(s, "")) for s in ("S0", "S1", "S2")))
    study = EventStudy(MARKET, ZERO, EstimationWindow(60, 5), placebo_sessions=80)
    whole = study.run(events, data).placebo.scar[ZERO]
    alone = study.run(EventSet((Event("S1", "S1", day, benchmark="N"),)), data)
    assert whole[:, 1] == pytest.approx(alone.placebo.scar[ZERO][:, 0], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_s8_a_planted_fall_is_found_and_no_fall_is_not(make_frame, events_at, small_study, model):
    """Power and size in small; the simulation suite does both at length."""
    study, hits, alarms = small_study(model, (0, 0)), 0, 0
    for seed in range(60):
        data = make_frame(6, 82, seed=seed)
        alarms += study.run(events_at(data, AT), data).test("portfolio_t").pvalue < 0.05
        data.iloc[AT, :6] -= 0.1
        hits += study.run(events_at(data, AT), data).test("portfolio_t").pvalue < 0.05
    assert hits >= 55
    assert alarms <= 10


@settings(max_examples=15, deadline=None, derandomize=True)
@given(hs.floats(-0.5, 0.5).filter(lambda x: abs(x) > 1e-3), hs.integers(0, 5))
def test_s9_a_noise_free_effect_comes_back(make_frame, events_at, small_study, effect, stock):
    data = make_frame(6)
    study = small_study(MARKET, (0, 0))
    before = study.run(events_at(data, AT), data).abnormal.ar[:, 0]
    data.iloc[AT, stock] += effect
    after = study.run(events_at(data, AT), data).abnormal.ar[:, 0]
    assert after[stock] - before[stock] == pytest.approx(effect, abs=1e-12)
    assert np.delete(after, stock) == pytest.approx(np.delete(before, stock), abs=1e-15)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(hs.permutations(range(7)), hs.floats(1e-3, 1e6))
def test_s9_order_and_price_scale_do_not_matter(make_frame, events_at, small_study, order, scale):
    data = make_frame(6)
    prices = 20.0 * (1.0 + data).cumprod()
    study, events = small_study(MARKET), events_at(data, AT)

    def scar(table):
        days = table.index.to_numpy().astype("datetime64[D]")
        panel = PricePanel(table.to_numpy(copy=True), days, tuple(table.columns), "splits")
        return study.run(events, returns(panel)).abnormal.scar(ZERO)

    moved = prices.iloc[:, list(order)] * scale
    assert scar(moved) == pytest.approx(scar(prices), rel=1e-9, abs=1e-12)


def test_s9_log_and_simple_returns_are_one_transformation_apart(make_frame):
    prices = 20.0 * (1.0 + make_frame(6)).cumprod()
    days = prices.index.to_numpy().astype("datetime64[D]")
    panel = PricePanel(prices.to_numpy(copy=True), days, tuple(prices.columns), "splits")
    simple, log = returns(panel).values[1:], returns(panel, "log").values[1:]
    assert np.expm1(log) == pytest.approx(simple, abs=1e-12)


THREADS = """
import json
from marketshock import api
study = api.event_study("deepseek")
def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return f"{value:.12g}" if isinstance(value, float) and abs(value) > 1e-12 else value
print(json.dumps(rounded(study.as_dict()), sort_keys=True))
print(study.to_frame("tests").shape)
"""


@pytest.mark.slow
def test_s11_one_thread_and_eight_print_the_same():
    answers = []
    for threads in ("1", "8"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", THREADS],
            env={**os.environ, **dict.fromkeys(names, threads)},
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert len(json.loads(answers[0].splitlines()[0])["stocks"]) > 10


def test_s12_a_study_has_no_chance_in_it(frame, run):
    """Equal input gives equal bits, whatever the state of the global generator."""
    before = run(frame)
    np.random.seed(1)  # noqa: NPY002
    after = run(frame)
    for view in ("car", "ar", "tests", "stocks"):
        pd.testing.assert_frame_equal(after.to_frame(view), before.to_frame(view), check_exact=True)


def test_one_event_among_many_dates_is_dropped_alone(frame, run, small_study, assert_sound):
    events = EventSet(
        tuple(
            Event(f"e{number}", f"S{number}", frame.index[position].date())
            for number, position in enumerate((72, 74, 76, 78, 80, 20))
        )
    )
    result = small_study(MARKET).run(events, frame)
    assert_sound(result)
    assert [lost.event_id for lost in result.dropped] == ["e5"]
    assert "would start before the data" in result.dropped[0].reason.en


def test_capm_needs_its_factors_to_vary(frame, events_at, small_study, factor_panel):
    factors = factor_panel(frame)
    values = factors.values.copy()
    values[:, 0] = 0.0
    panel = ReturnPanel(values, factors.sessions.copy(), factors.symbols, "index")
    with pytest.raises(SingularModelError, match="alpha, beta"):
        small_study(Capm()).run(events_at(frame, AT), frame, panel)
