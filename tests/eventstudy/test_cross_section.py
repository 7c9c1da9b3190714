"""Slopes, contrasts and the SUR average against statsmodels, brute force and simulation."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from marketshock.errors import InsufficientDataError, SingularModelError, UserInputError
from marketshock.eventstudy.cross_section import average_effect_sur, contrast, slope_test
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.regression_table import regression_table
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

DAY, AROUND = EventWindow(0, 0), EventWindow(-1, 1)
POSITION = 75


@pytest.fixture(scope="module")
def result(make_frame, events_at, small_study):
    frame = make_frame(8, seed=11, correlation=0.4)
    return small_study(MarketModel("M"), (0, 0), (-1, 1)).run(events_at(frame, POSITION), frame)


@pytest.fixture(scope="module")
def size(result):
    return np.random.default_rng(5).normal(size=(len(result.abnormal), 2))


def daily_slopes(result, x, rows):
    """Cross-section regressions session by session, through statsmodels."""
    design = sm.add_constant(np.asarray(x))
    residuals = result.abnormal.residuals[rows]
    whole = residuals[:, np.isfinite(residuals).all(axis=0)]
    return np.array([sm.OLS(day, design).fit().params[1:] for day in whole.T])


@pytest.mark.parametrize("window", [DAY, AROUND])
def test_slopes_and_their_tests_by_brute_force(result, size, window):
    found = slope_test(result, size, window=window, names=("a", "b"))
    history = daily_slopes(result, size, slice(None))
    car = result.abnormal.car(window)
    slopes = sm.OLS(car, sm.add_constant(size)).fit().params[1:]
    assert found.slopes == pytest.approx(slopes, rel=1e-10)
    assert found.history == pytest.approx(history.T, rel=1e-8, abs=1e-14)
    length, sessions = window.length, len(history)
    for number, name in enumerate(("a", "b")):
        own = history[:, number]
        error = own.std(ddof=1) * np.sqrt(length + length**2 / sessions)
        t = (slopes[number] - length * own.mean()) / error
        parametric, rank = found.tests[name]
        assert parametric.statistic == pytest.approx(t, rel=1e-9)
        assert parametric.pvalue == pytest.approx(2 * stats.t.sf(abs(t), sessions - 1), rel=1e-8)
        assert found.errors[number] == pytest.approx(error, rel=1e-9)
        middle = length * own.mean()
        sums = [own[at : at + length].sum() for at in range(sessions - length + 1)]
        beyond = sum(abs(one - middle) >= abs(slopes[number] - middle) for one in sums)
        assert rank.pvalue == pytest.approx((1 + beyond) / (1 + len(sums)))
        assert name in parametric.null.en
        assert parametric.valid


def test_generalised_least_squares_of_statsmodels(result, size):
    found = slope_test(result, size[:, :1], method="gls", components=2, names=("a",))
    residuals = result.abnormal.residuals
    spread = np.sqrt((residuals**2).mean(axis=1))
    scaled = residuals / spread[:, None]
    u, s, _ = np.linalg.svd(scaled / np.sqrt(residuals.shape[1]))
    common = (u[:, :2] * s[:2]) @ (u[:, :2] * s[:2]).T
    np.fill_diagonal(common, 1.0)
    sigma = common * np.outer(spread, spread)
    oracle = sm.GLS(result.abnormal.car(DAY), sm.add_constant(size[:, :1]), sigma=sigma).fit()
    assert found.slopes == pytest.approx(oracle.params[1:], rel=1e-8)
    assert found.weights.sum() == pytest.approx(0.0, abs=1e-10)


def test_earlier_slopes_do_not_know_their_own_sessions(result, size):
    """A session changed beyond measure changes no weights of its own tenth."""
    found = slope_test(result, size[:, :1], method="gls")
    residuals = result.abnormal.residuals
    others = np.delete(residuals, np.arange(6), axis=1)
    spread = np.sqrt((others**2).mean(axis=1))
    values, vectors = np.linalg.eigh(others @ others.T / np.outer(spread, spread) / 54)
    common = values[-1] * np.outer(vectors[:, -1], vectors[:, -1])
    np.fill_diagonal(common, 1.0)
    sigma = common * np.outer(spread, spread)
    design = sm.add_constant(size[:, :1])
    oracle = [sm.GLS(day, design, sigma=sigma).fit().params[1] for day in residuals[:, :6].T]
    assert found.history[0, :6] == pytest.approx(oracle, rel=1e-8)


def test_without_components_only_the_variances_weigh(result, size):
    found = slope_test(result, size[:, :1], method="gls", components=0)
    weights = 1.0 / (result.abnormal.residuals**2).mean(axis=1)
    oracle = sm.WLS(result.abnormal.car(DAY), sm.add_constant(size[:, :1]), weights).fit()
    assert found.slopes == pytest.approx(oracle.params[1:], rel=1e-9)


def test_a_contrast_is_the_regression_of_its_portfolio(make_frame, events_at, small_study):
    frame = make_frame(6, seed=3)
    found = small_study(MarketModel("M"), (-1, 1)).run(events_at(frame, POSITION), frame)
    ours = contrast(found, (["S0", "S1"], ["S2", "S3", "S4", "S5"]))
    rows = np.r_[np.arange(POSITION - 65, POSITION - 5), np.arange(POSITION - 1, POSITION + 2)]
    y = frame[["S0", "S1"]].mean(axis=1) - frame[["S2", "S3", "S4", "S5"]].mean(axis=1)
    dummies = np.vstack([np.zeros((60, 3)), np.eye(3)])
    x = np.column_stack([np.ones(63), frame["M"].to_numpy()[rows], dummies])
    oracle = sm.OLS(y.to_numpy()[rows], x).fit().t_test(np.r_[0.0, 0.0, np.ones(3)])
    assert ours.estimate == pytest.approx(oracle.effect.item(), rel=1e-9)
    assert ours.standard_error == pytest.approx(oracle.sd.item(), rel=1e-9)
    assert ours.tests[0].statistic == pytest.approx(oracle.tvalue.item(), rel=1e-9)
    assert ours.tests[0].pvalue == pytest.approx(float(oracle.pvalue), rel=1e-8)
    assert ours.tests[0].df == 58


def test_a_slope_on_an_indicator_is_the_contrast_of_the_groups(result):
    group = np.array([1.0, 1.0, 1.0, 0, 0, 0, 0, 0])
    slope = slope_test(result, group)
    symbols = result.abnormal.symbols
    groups = contrast(result, (symbols[:3], symbols[3:]))
    assert slope.slopes[0] == pytest.approx(groups.estimate, rel=1e-10)
    assert slope.weights[0] == pytest.approx(groups.weights, abs=1e-12)
    assert contrast(result, groups.weights).tests[0].statistic == pytest.approx(
        groups.tests[0].statistic
    )
    named = dict(zip(symbols, groups.weights, strict=True))
    assert contrast(result, named).estimate == pytest.approx(groups.estimate)


@pytest.mark.parametrize("window", [DAY, AROUND])
def test_the_mean_of_the_dummies_is_the_portfolio_dummy(result, window):
    ours, portfolio = average_effect_sur(result, window=window), result.test("portfolio_t", window)
    assert ours.statistic == pytest.approx(portfolio.statistic, rel=1e-12)
    assert ours.pvalue == pytest.approx(portfolio.pvalue, rel=1e-10)
    assert ours.df == portfolio.df


def test_events_on_different_dates_have_no_common_history(make_frame, small_study):
    frame = make_frame(6, seed=4)
    events = EventSet(
        tuple(Event(f"e{i}", f"S{i}", frame.index[70 + 3 * i].date()) for i in range(6))
    )
    found = small_study(MarketModel("M"), (0, 0)).run(events, frame)
    slope = slope_test(found, np.arange(6.0))
    answers = [*slope.tests["x1"], *contrast(found, (["S0"], ["S1"])).tests]
    for answer in [*answers, average_effect_sur(found)]:
        assert answer.statistic is None
        assert not answer.valid
        assert "different dates" in answer.reason.en
    line = regression_table(found, np.arange(6.0))
    assert not line.tests["x1"][0].valid
    assert "needs 10" in {t.name: t for t in line.tests["x1"]}["hc3"].reason.en


def test_the_table_says_what_holds_on_one_date(result, size):
    found = regression_table(result, size, names=("a", "b"))
    oracle = sm.OLS(result.abnormal.car(DAY), sm.add_constant(size))
    fits = {"classical": oracle.fit(), "hc3": oracle.fit(cov_type="HC3", use_t=True)}
    assert found.coefficients == pytest.approx(fits["classical"].params, rel=1e-10)
    assert found.r_squared == pytest.approx(fits["classical"].rsquared)
    for name, fitted in fits.items():
        assert found.errors[name] == pytest.approx(fitted.bse, rel=1e-10)
        own = {test.name: test for test in found.tests["b"]}[name]
        assert own.pvalue == pytest.approx(fitted.pvalues[2], rel=1e-9)
        assert not own.valid
        assert "8 of 8 events share a date" in own.reason.en
    slope = slope_test(result, size, names=("a", "b"))
    assert [test.name for test in found.tests["a"][:2]] == ["slope_t", "slope_rank"]
    assert found.tests["a"][:2] == slope.tests["a"]
    clustered = {test.name: test for test in found.tests["a"]}["clustered"]
    assert clustered.statistic is None
    frame = found.to_frame()
    assert len(frame) == 3 + 2 * 5
    assert set(frame.loc[frame.verdict == "valid", "test"]) == {"slope_t", "slope_rank"}
    assert "not valid" in repr(found)
    assert "<table>" in found._repr_html_()


def test_clustered_errors_are_those_of_statsmodels(make_frame, small_study):
    frame = make_frame(12, sessions=200, seed=6)
    events = [
        Event(f"{s}-{p}", f"S{s}", frame.index[p].date())
        for p in range(70, 190, 2)
        for s in np.random.default_rng(p).choice(12, 2, replace=False)
    ]
    found = small_study(MarketModel("M"), (0, 0)).run(EventSet(tuple(events)), frame)
    x = np.random.default_rng(8).normal(size=len(events))
    table = regression_table(found, x)
    codes = pd.factorize(found.abnormal.sessions[:, 0])[0]
    oracle = sm.OLS(found.abnormal.car(DAY), sm.add_constant(x)).fit(
        cov_type="cluster", cov_kwds={"groups": codes}, use_t=True
    )
    own = {test.name: test for test in table.tests["x1"]}
    assert table.errors["clustered"] == pytest.approx(oracle.bse, rel=1e-10)
    assert own["clustered"].pvalue == pytest.approx(oracle.pvalues[1], rel=1e-9)
    assert own["clustered"].valid
    assert own["clustered"].df == len(set(codes.tolist())) - 1
    assert not own["hc3"].valid


def test_words_become_indicators_and_gaps_leave_stocks_out(result):
    symbols = result.abnormal.symbols
    frame = pd.DataFrame(
        {
            "symbol": symbols[:7],
            "sector": ["b", "a", "a", "b", None, "a", "b"],
            "growth": [True, False, True, True, False, True, False],
        }
    )
    found = slope_test(result, frame)
    assert found.names == ("sector: b", "growth")
    lost = {one.symbol: one.reason.en for one in found.left_out}
    assert lost == {"S4": "no sector", "S7": "no row of characteristics"}
    by_id = frame.rename(columns={"symbol": "event_id"})
    by_id["event_id"] = result.abnormal.event_ids[:7]
    assert slope_test(result, by_id).slopes == pytest.approx(found.slopes)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (np.ones(8), SingularModelError, "constant"),
        (np.column_stack([np.arange(8.0), 2 * np.arange(8.0)]), SingularModelError, "collinear"),
        (np.arange(7.0), UserInputError, "for 8 events"),
        (np.r_[np.inf, np.arange(7.0)], UserInputError, "infinite"),
        (np.r_[np.full(6, np.nan), 1.0, 2.0], InsufficientDataError, "2 of 8 events"),
        (pd.DataFrame({"x": [1.0]}, ["ELSE"]), UserInputError, "symbols, for example S0"),
        (pd.DataFrame({"x": [1.0, 2.0]}, ["S0", "S0"]), UserInputError, "twice"),
    ],
)
def test_bad_characteristics(result, given, error, words):
    with pytest.raises(error, match=words):
        slope_test(result, given)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ((["S0"], ["S0", "S1"]), "two groups"),
        (([], ["S1"]), "two groups"),
        ((["S0"], ["ELSE"]), "No result for 'ELSE'"),
        (np.zeros(8), "not all zero"),
        (np.ones(3), "8 events"),
    ],
)
def test_bad_groups(result, groups, words):
    with pytest.raises(UserInputError, match=words):
        contrast(result, groups)


@pytest.mark.parametrize("options", [{"method": "wls"}, {"method": "gls", "components": 8}])
def test_bad_options(result, size, options):
    with pytest.raises(UserInputError):
        slope_test(result, size, **options)


def test_answers_show_themselves(result, size):
    slope, groups = slope_test(result, size), contrast(result, (["S0"], ["S1"]))
    assert "60 earlier sessions" in repr(slope)
    assert "S0 less S1" in repr(groups)
    assert list(slope.to_frame()["characteristic"]) == ["x1", "x1", "x2", "x2"]
    assert len(groups.to_frame()) == 2
    assert "<table>" in slope._repr_html_() + groups._repr_html_()


def shocked(seed, effect=0.0, stocks=20, sessions=270):
    """One result: a market, and a shock whose loading grows with the characteristic; mean r 0.3."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-1.0, 1.0, stocks)
    loading = 1.0 + x
    own = np.sqrt((1 - 0.3) / 0.3 * np.mean(loading) ** 2)
    noise = rng.normal(size=(sessions, 1)) * loading + own * rng.normal(size=(sessions, stocks))
    market = rng.normal(0, 0.01, sessions)
    values = market[:, None] + 0.01 * noise
    values[-1] += effect * x
    names = [f"S{i}" for i in range(stocks)]
    index = pd.bdate_range("2024-01-01", periods=sessions)
    frame = pd.DataFrame(np.column_stack([values, market]), index, [*names, "M"])
    study = EventStudy(MarketModel("M"), DAY, EstimationWindow(250, 10), placebo_sessions=0)
    return study.run(EventSet.on_date(names, index[-1].date()), frame), x


def test_a_planted_slope_is_found():
    result, x = shocked(1, effect=-0.06)
    for method in ("ols", "gls"):
        found = slope_test(result, x, method=method)
        assert found.slopes[0] == pytest.approx(-0.06, abs=3 * found.errors[0])
        assert found.tests["x1"][0].pvalue < 0.001
        assert found.tests["x1"][1].pvalue == pytest.approx(1 / 251)


@pytest.mark.slow
def test_size_of_the_slope_tests_under_a_common_shock():
    """400 draws: the standard error of a rate of 5 % is 1.1 points."""
    rejected = dict.fromkeys(("hc3", "ols_t", "ols_rank", "gls_t", "gls_rank"), 0)
    draws = 400
    for seed in range(draws):
        result, x = shocked(seed)
        oracle = sm.OLS(result.abnormal.car(DAY), sm.add_constant(x))
        rejected["hc3"] += oracle.fit(cov_type="HC3", use_t=True).pvalues[1] < 0.05
        for method in ("ols", "gls"):
            t, rank = slope_test(result, x, method=method).tests["x1"]
            rejected[f"{method}_t"] += t.pvalue < 0.05
            rejected[f"{method}_rank"] += rank.pvalue < 0.05
    rates = {name: count / draws for name, count in rejected.items()}
    assert rates.pop("hc3") > 0.2
    assert all(0.03 <= rate <= 0.08 for rate in rates.values()), rates


def test_the_deepseek_losers_fell_more(desk):
    shock = desk.catalogue.find("deepseek")
    stocks, _ = desk.covered(shock)
    events = EventSet.on_date(stocks, dt.date(2025, 1, 27))
    result = EventStudy(placebo_sessions=0).run(events, desk.returns(stocks, "^GSPC"))
    found = contrast(result, (["NVDA", "AVGO", "AMD"], ["MSFT", "META"]))
    assert found.estimate < -0.08
    assert found.tests[1].pvalue == pytest.approx(1 / 251)
