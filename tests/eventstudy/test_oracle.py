"""Statsmodels as oracle: fits, forecasts, and windows as dummy-variable regressions."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from marketshock.eventstudy.models import (
    Capm,
    FactorModel,
    MarketAdjusted,
    MarketModel,
    MeanAdjusted,
    Raw,
)
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow

TOLERANCE = 1e-10
FF3 = FactorModel("ff3", ("mkt_rf", "smb", "hml"))
FITTED = {
    "mean": MeanAdjusted(),
    "market": MarketModel("M"),
    "capm": Capm(),
    "ff3": FF3,
}


def near(expected, scale=0.0):
    return pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * scale)


def matched(factors, sessions, name):
    """Factor values by dictionary look-up; NaN where the file has no such session."""
    known = dict(zip(factors.sessions.tolist(), factors.column(name).tolist(), strict=True))
    return np.array([known.get(day, np.nan) for day in sessions.tolist()])


def regression(name, market, panel, factors):
    """Offset and regressors of a model, put together without the package."""
    ones = np.ones(len(panel.sessions))
    if name == "mean":
        return 0 * ones, ones[:, None]
    if name == "market":
        return 0 * ones, np.column_stack([ones, panel.column(market)])
    columns = ["mkt_rf"] if name == "capm" else ["mkt_rf", "smb", "hml"]
    x = [matched(factors, panel.sessions, column) for column in columns]
    return matched(factors, panel.sessions, "rf"), np.column_stack([ones, *x])


def assert_equals_oracle(result, number, y, offset, x, position):
    """Compare one event with OLS on its estimation sessions and with dummy regressions."""
    abnormal, study = result.abnormal, result.study
    estimation = position + np.arange(study.estimation.first, study.estimation.last + 1)
    days = estimation[np.isfinite(y[estimation] - offset[estimation] + x[estimation].sum(axis=1))]
    rows = position + abnormal.tau
    oracle = sm.OLS(y[days] - offset[days], x[days]).fit()
    sigma = np.sqrt(oracle.scale)
    assert abnormal.coefficients[number] == near(oracle.params, 1e-3)
    assert abnormal.sigma[number] == near(sigma)
    assert abnormal.df[number] == oracle.df_resid == len(days) - x.shape[1]
    forecast = oracle.get_prediction(x[rows])
    ar = y[rows] - offset[rows] - forecast.predicted_mean
    assert abnormal.ar[number] == near(ar, sigma)
    assert abnormal.sar[number] == near(ar / forecast.se_obs, 1.0)
    one_session = [abnormal.car_error(EventWindow(t, t))[number] for t in abnormal.tau.tolist()]
    assert one_session == near(forecast.se_obs)
    residuals = abnormal.residuals[number][np.isin(estimation, days)]
    assert residuals == near(oracle.resid, sigma)
    assert_equals_dummies(result, number, y - offset, x, days, rows)


def assert_equals_dummies(result, number, y, x, days, rows):
    """Event sessions in the regression, a dummy each: coefficient AR, sum CAR, exact s.e."""
    abnormal = result.abnormal
    together = np.r_[days, rows]
    dummies = np.vstack([np.zeros((len(days), len(rows))), np.eye(len(rows))])
    oracle = sm.OLS(y[together], np.hstack([x[together], dummies])).fit()
    k = x.shape[1]
    sigma = np.sqrt(oracle.scale)
    assert oracle.params[k:] == near(abnormal.ar[number], sigma)
    assert oracle.bse[k:] == near(abnormal.ar[number] / abnormal.sar[number])
    for window in result.study.all_windows:
        inside = (abnormal.tau >= window.first) & (abnormal.tau <= window.last)
        total = oracle.t_test(np.r_[np.zeros(k), inside])
        (row,) = result.table("car").where(
            event_id=abnormal.event_ids[number], first=window.first, last=window.last
        )
        assert row["car"] == near(total.effect.item(), sigma)
        assert row["se"] == near(total.sd.item())
        assert row["t"] == near(total.tvalue.item(), 1.0)
        assert row["pvalue"] == pytest.approx(float(total.pvalue), rel=1e-9)


@pytest.mark.parametrize("name", ["mean", "market", "capm", "ff3"])
def test_real_stocks(desk, deepseek, name):
    events, panel = deepseek
    factors = desk.factors(name)
    model = {**FITTED, "market": MarketModel("^GSPC")}[name]
    result = EventStudy(model, placebo_sessions=0).run(events, panel, factors)
    offset, x = regression(name, "^GSPC", panel, factors)
    position = panel.sessions.tolist().index(events.events[0].first_session)
    assert len(result.abnormal) == 13
    for number, symbol in enumerate(result.abnormal.symbols):
        assert_equals_oracle(result, number, panel.column(symbol), offset, x, position)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["mean", "market", "capm", "ff3"])
def test_synthetic_stocks_with_gaps(make_frame, events_at, small_study, factor_panel, name, seed):
    frame = make_frame(3, seed=seed)
    rng = np.random.default_rng(seed)
    holes = rng.random((60, 4)) < 0.08
    frame.iloc[10:70] = frame.iloc[10:70].mask(holes)
    factors = factor_panel(frame)
    study = small_study(FITTED[name], (0, 0), (-2, 4), (1, 3))
    result = study.run(events_at(frame, 75), frame, factors)
    panel = type(factors).from_frame(frame)
    offset, x = regression(name, "M", panel, factors)
    assert len(result.abnormal) == 3
    assert (result.abnormal.df + x.shape[1] < 60).any()
    for number, symbol in enumerate(result.abnormal.symbols):
        assert_equals_oracle(result, number, panel.column(symbol), offset, x, 75)


@pytest.mark.parametrize("model", [Raw(), MarketAdjusted("^GSPC")])
def test_models_without_parameters_by_their_formula(deepseek, model):
    events, panel = deepseek
    result = EventStudy(model, placebo_sessions=0).run(events, panel)
    abnormal = result.abnormal
    position = panel.sessions.tolist().index(events.events[0].first_session)
    market = panel.column("^GSPC") if model.benchmark else 0.0
    for number, symbol in enumerate(abnormal.symbols):
        excess = panel.column(symbol) - market
        sigma = np.sqrt(np.mean(excess[position - 260 : position - 10] ** 2))
        assert abnormal.sigma[number] == near(sigma)
        assert abnormal.df[number] == 250
        assert abnormal.ar[number] == near(excess[position - 1 : position + 6])
        for window in result.study.all_windows:
            assert abnormal.car_error(window)[number] == near(sigma * np.sqrt(window.length))


@pytest.mark.parametrize("span", [(0, 0), (-1, 1), (0, 5)])
def test_portfolio_t_of_real_stocks_is_one_regression_of_their_mean(deepseek, span):
    events, panel = deepseek
    window = EventWindow(*span)
    ours = EventStudy(windows=window, placebo_sessions=0).run(events, panel).test("portfolio_t")
    position = panel.sessions.tolist().index(events.events[0].first_session)
    rows = np.arange(position + span[0], position + span[1] + 1)
    together = np.r_[np.arange(position - 260, position - 10), rows]
    y = np.mean([panel.column(event.symbol)[together] for event in events], axis=0)
    dummies = np.vstack([np.zeros((250, len(rows))), np.eye(len(rows))])
    x = np.column_stack([np.ones(len(together)), panel.column("^GSPC")[together], dummies])
    oracle = sm.OLS(y, x).fit().t_test(np.r_[0.0, 0.0, np.ones(len(rows))])
    assert ours.statistic == pytest.approx(oracle.tvalue.item(), rel=TOLERANCE)
    assert ours.pvalue == pytest.approx(float(oracle.pvalue), rel=1e-8)


def test_buy_and_hold_compounds(deepseek):
    events, panel = deepseek
    window = EventWindow(0, 5)
    abnormal = EventStudy(windows=window, placebo_sessions=0).run(events, panel).abnormal
    position = panel.sessions.tolist().index(events.events[0].first_session)
    rows = slice(position, position + 6)
    for number, symbol in enumerate(abnormal.symbols):
        own, market, expected = 1.0, 1.0, 1.0
        alpha, beta = abnormal.coefficients[number]
        for r, m in zip(panel.column(symbol)[rows], panel.column("^GSPC")[rows], strict=True):
            own, market, expected = (
                own * (1 + r),
                market * (1 + m),
                expected * (1 + alpha + beta * m),
            )
        assert abnormal.bhar(window)[number] == near(own - market, 1e-2)
        assert abnormal.bhar_expected(window)[number] == near(own - expected, 1e-2)


def test_no_benchmark_no_buy_and_hold_against_it(deepseek):
    events, panel = deepseek
    abnormal = EventStudy(MeanAdjusted(), placebo_sessions=0).run(events, panel).abnormal
    assert np.isnan(abnormal.bhar(EventWindow(0, 5))).all()
    assert np.isfinite(abnormal.bhar_expected(EventWindow(0, 5))).all()


def test_correlation_is_taken_on_calendar_sessions(make_frame, small_study):
    """Events five sessions apart: residuals meet on their dates, not on relative sessions.

    Two windows of eight sessions have three in common, so the pair counts three eighths.
    """
    from marketshock.eventstudy.events import Event, EventSet

    frame = make_frame(2, seed=5, correlation=0.8)
    days = [frame.index[75].date(), frame.index[80].date()]
    events = EventSet((Event("a", "S0", days[0]), Event("b", "S1", days[1])))
    result = small_study(MarketModel("M"), (0, 7), (0, 4)).run(events, frame)
    fits = []
    for symbol, position in (("S0", 75), ("S1", 80)):
        part = frame.iloc[position - 65 : position - 5]
        fits.append(sm.OLS(part[symbol], sm.add_constant(part[["M"]])).fit().resid)
    common = fits[0].index.intersection(fits[1].index)
    assert len(common) == 55
    expected = np.corrcoef(fits[0][common], fits[1][common])[0, 1]
    relative = np.corrcoef(fits[0], fits[1])[0, 1]
    assert result.correlation == pytest.approx(expected * 3 / 8, rel=TOLERANCE)
    assert abs(expected - relative) > 0.3
    assert result.correlations[EventWindow(0, 4)] == 0.0
