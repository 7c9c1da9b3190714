"""Scholes-Williams and Dimson against regressions put together by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.sandbox.regression.gmm import IV2SLS

from marketshock import api
from marketshock.errors import InsufficientDataError, SingularModelError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.thin_trading import Dimson, ScholesWilliams, dimson, scholes_williams
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

MODELS = [ScholesWilliams("M"), Dimson("M")]
POSITION, LENGTH, GAP = 75, 60, 5
WINDOW = EventWindow(-1, 1)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-13)


def sessions_used(y, m, position=POSITION):
    """Trimmed estimation sessions on which the stock and three sessions of the market are."""
    first = position - GAP - LENGTH
    days = range(first + 1, position - GAP - 1)
    return [t for t in days if np.isfinite([y[t], m[t - 1], m[t], m[t + 1]]).all()]


def by_hand(model, y, m):
    """Coefficients, residuals, df, and forecast covariance of the window's sessions."""
    days = np.array(sessions_used(y, m))
    rows = POSITION + np.arange(WINDOW.first, WINDOW.last + 1)
    lags = [m[days], m[days - 1], m[days + 1]]
    if model.name == "dimson":
        fitted = sm.OLS(y[days], sm.add_constant(np.column_stack(lags))).fit()
        alpha, same, before, after = fitted.params
        beta = same + before + after
        ahead = np.column_stack([np.ones(len(rows)), m[rows], m[rows], m[rows]])
        spread = ahead @ fitted.normalized_cov_params @ ahead.T
        names, df = [alpha, beta, before, same, after], len(days) - 4
    else:
        slopes = [sm.OLS(y[days], sm.add_constant(lag)).fit().params[1] for lag in lags]
        rho = np.corrcoef(m[days], m[days - 1])[0, 1]
        beta = sum(slopes) / (1 + 2 * rho)
        alpha = y[days].mean() - beta * m[days].mean()
        instrument = sm.add_constant(sum(lags))
        twosls = IV2SLS(y[days], sm.add_constant(m[days]), instrument).fit()
        ahead = sm.add_constant(m[rows], has_constant="add")
        spread = ahead @ twosls.normalized_cov_params @ ahead.T
        names, df = [alpha, beta], len(days) - 2
    residuals = y[days] - alpha - beta * m[days]
    ar = y[rows] - alpha - beta * m[rows]
    return names, days, residuals, df, np.eye(len(rows)) + spread, ar


def events_of(frame, position=POSITION):
    stocks = [name for name in frame.columns if name.startswith("S")]
    return EventSet.on_date(stocks, frame.index[position].date())


@pytest.fixture
def gappy(make_frame):
    frame = make_frame(3, seed=5)
    frame.iloc[[10, 30, 31, 69], 0] = np.nan  # first and last estimation session, and inside
    frame.iloc[50, 3] = np.nan  # the market: three sessions go
    frame.iloc[POSITION - 3, 3] = np.nan  # in the gap
    return frame


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_equals_regressions_by_hand(model, holes, make_frame, gappy, small_study):
    frame = gappy if holes else make_frame(3, seed=5)
    abnormal = small_study(model, (-1, 1)).run(events_of(frame), frame).abnormal
    m = frame["M"].to_numpy()
    for number, symbol in enumerate(abnormal.symbols):
        names, days, residuals, df, forecast, ar = by_hand(model, frame[symbol].to_numpy(), m)
        assert abnormal.coefficients[number] == near(names)
        assert abnormal.df[number] == df
        assert abnormal.observations[number] == len(days)
        sigma = np.sqrt(residuals @ residuals / df)
        assert abnormal.sigma[number] == near(sigma)
        assert abnormal.forecast[number] == near(forecast)
        assert abnormal.ar[number] == near(ar)
        kept = np.full(LENGTH, np.nan)
        kept[days - (POSITION - GAP - LENGTH)] = residuals
        np.testing.assert_allclose(abnormal.residuals[number], kept, rtol=1e-9, atol=1e-13)
        assert abnormal.car_error(WINDOW)[number] == near(sigma * np.sqrt(forecast.sum()))
    whole = len(sessions_used(frame["S1"].to_numpy(), m))
    assert whole == (LENGTH - 5 if holes else LENGTH - 2)


@pytest.mark.parametrize("junk", [np.nan, 9.0])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_session_outside_the_windows_changes_a_bit(model, junk, make_frame, small_study):
    frame = make_frame(2, seed=3)
    other = frame.copy()
    inside = set(range(POSITION - GAP - LENGTH, POSITION - GAP)) | {74, 75, 76}
    other.iloc[[row for row in range(1, len(frame)) if row not in inside]] = junk
    study = small_study(model, (-1, 1))
    one, two = (study.run(events_of(f), f).abnormal for f in (frame, other))
    for name in ("ar", "coefficients", "variance", "forecast", "residuals", "df"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_edges_of_the_data_are_enough(model, make_frame, small_study):
    """Session 0 is the last session, and the estimation window starts with the first."""
    frame = make_frame(2, seed=4)
    study = small_study(model, (-1, 0))
    cut = frame.iloc[POSITION - GAP - LENGTH : POSITION + 1]
    whole, edge = (
        study.run(EventSet.on_date(["S0", "S1"], cut.index[-1].date()), f).abnormal
        for f in (frame, cut)
    )
    np.testing.assert_array_equal(whole.ar, edge.ar)
    np.testing.assert_array_equal(whole.forecast, edge.forecast)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_one_event_and_what_is_said_of_it(model, make_frame, small_study):
    frame = make_frame(1)
    result = small_study(model, (0, 0)).run(events_of(frame), frame)
    assert len(result.abnormal) == 1
    assert result.abnormal.observations.tolist() == [LENGTH - 2]
    assert result.abnormal.estimated == (4 if model.name == "dimson" else 2)
    assert not any("usable" in caveat.en for caveat in result.caveats)


def test_too_few_sessions_are_a_reason(make_frame):
    frame = make_frame(1)
    study = EventStudy(Dimson("M"), (EventWindow(0, 0),), EstimationWindow(7, 5, min_obs=3))
    with pytest.raises(InsufficientDataError, match="5 usable estimation sessions, 6 needed"):
        study.run(events_of(frame), frame)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("market", [np.zeros(90), np.full(90, 0.01)])
def test_a_constant_market_is_refused_by_name(model, market, make_frame, small_study):
    frame = make_frame(2).assign(M=market)
    with pytest.raises(SingularModelError, match="benchmark"):
        small_study(model, (0, 0)).run(events_of(frame), frame)


def test_a_market_whose_neighbours_are_equal_is_collinear_for_dimson(make_frame, small_study):
    frame = make_frame(2).assign(M=np.tile([0.01, -0.01], 45))
    with pytest.raises(SingularModelError):
        small_study(Dimson("M"), (0, 0)).run(events_of(frame), frame)


def test_a_market_that_cancels_itself_is_refused(make_frame, small_study):
    """Three returns that add up to nothing: 1 + 2 rho = 0, up to the edges of the window."""
    frame = make_frame(2).assign(M=np.tile([0.02, -0.01, -0.01], 30))
    with pytest.raises(SingularModelError):
        small_study(ScholesWilliams("M"), (0, 0), length=62).run(events_of(frame, 80), frame)


def test_stale_prices_hide_half_of_beta_from_least_squares_only():
    rng = np.random.default_rng(8)
    m = rng.normal(0.0, 0.01, 20_002)
    y = 0.6 * m[1:-1] + 0.6 * m[:-2] + rng.normal(0.0, 0.01, 20_000)
    x = np.column_stack([np.ones(20_000), m[1:-1], m[:-2], m[2:]])
    plain = sm.OLS(y, x[:, :2]).fit().params[1]
    assert plain == pytest.approx(0.6, abs=0.03)
    for estimator in (scholes_williams, dimson):
        fitted = estimator(y[:, None], x, x[:1, :2], np.array([1]))
        assert fitted.coefficients[1, 0] == pytest.approx(1.2, abs=0.04)


def test_scholes_williams_is_least_squares_where_nothing_is_stale():
    rng = np.random.default_rng(9)
    m = rng.normal(0.0, 0.01, 20_002)
    y = 1.3 * m[1:-1] + rng.normal(0.0, 0.01, 20_000)
    x = np.column_stack([np.ones(20_000), m[1:-1], m[:-2], m[2:]])
    fitted = scholes_williams(y[:, None], x, x[:1, :2], np.array([1]))
    plain = sm.OLS(y, x[:, :2]).fit()
    assert fitted.coefficients[:, 0] == pytest.approx(plain.params, abs=0.04)
    assert fitted.variance[0] == pytest.approx(plain.scale, rel=1e-3)


@given(st.integers(0, 50), st.floats(-3, 3))
def test_dimson_beta_takes_up_every_share_of_the_market(seed, share):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
    y = rng.normal(size=(40, 2))
    ahead = np.array([1, 2])
    one = dimson(y, x, x[:2, :2], ahead)
    two = dimson(y + share * x[:, 1:2], x, x[:2, :2], ahead)
    assert two.coefficients[1] == pytest.approx(one.coefficients[1] + share, abs=1e-9)
    assert two.residuals == pytest.approx(one.residuals, abs=1e-9)


@pytest.mark.parametrize("estimator", [scholes_williams, dimson])
def test_leading_axes_are_independent_fits(estimator):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(4, 30, 4))
    x[..., 0] = 1.0
    y, ahead = rng.normal(size=(4, 30, 3)), np.arange(1, 3)
    x_event = x[:, :2, :2]
    together = estimator(y, x, x_event, ahead)
    for at in range(4):
        alone = estimator(y[at], x[at], x_event[at], ahead)
        for name in ("coefficients", "predicted", "variance", "residuals", "forecast"):
            assert getattr(together, name)[at] == near(getattr(alone, name))
        assert together.df == alone.df


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_earlier_sessions_repeat_the_very_study(model, make_frame):
    frame = make_frame(3, sessions=120, seed=6)
    span = EventWindow(0, 1)
    study = EventStudy(model, (span,), EstimationWindow(30, 5))
    result = study.run(events_of(frame, 110), frame)
    last = 110 - study.estimation.gap
    earlier = [frame.index[at].date() for at in range(36, last + 1)]
    again = [
        EventStudy(model, (span,), EstimationWindow(30, 5), placebo_sessions=0)
        .run(EventSet.on_date(["S0", "S1", "S2"], day), frame)
        .test("portfolio_t")
        .statistic
        for day in earlier
    ]
    assert result.placebo.portfolio[span][-len(again) :] == pytest.approx(again, rel=1e-8)


@pytest.mark.parametrize("name", ["scholes_williams", "dimson"])
def test_own_benchmark_of_an_event(name, make_frame, small_study):
    frame = make_frame(2, seed=1)
    frame["N"] = frame["M"].to_numpy()[::-1]
    day = frame.index[POSITION].date()
    model = {one.name: one for one in MODELS}[name]
    mixed = EventSet((Event("a", "S0", day), Event("b", "S1", day, benchmark="N")))
    both = small_study(model, (0, 0)).run(mixed, frame).abnormal
    alone = small_study(type(model)("N"), (0, 0)).run(EventSet.on_date(["S1"], day), frame).abnormal
    np.testing.assert_array_equal(both.ar[1], alone.ar[0])


@pytest.mark.parametrize("model", ["scholes_williams", "dimson"])
def test_the_published_function_and_its_page_know_the_model(model):
    shock = api.event_study("deepseek", model=model, window=(0, 0))
    answer = shock.as_dict()
    assert {stock["n"] for stock in answer["stocks"]} == {248}
    assert len(answer["measured_size"]) >= 10
    assert isinstance(shock.to_frame("stocks"), pd.DataFrame)
