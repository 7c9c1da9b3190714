"""The GARCH market model against its own likelihood, weighted least squares, and recursions."""

from __future__ import annotations

import builtins
import sys

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from marketshock import api
from marketshock.errors import InsufficientDataError, SingularModelError, UserInputError
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.garch import GarchMarketModel, garch
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

MODEL = GarchMarketModel("M")
SESSIONS, POSITION, GAP = 600, 580, 10
SPAN = EventWindow(-2, 5)


def simulated(a, b, seed, sessions=SESSIONS, sigma=0.02):
    """A stock with a mean of 0.0005 + 1.2 m and GARCH errors of the given weights."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0003, 0.01, sessions)
    shocks, errors = rng.normal(size=sessions), np.zeros(sessions)
    h = sigma**2
    for t in range(sessions):
        errors[t] = np.sqrt(h) * shocks[t]
        h = sigma**2 * (1 - a - b) + a * errors[t] ** 2 + b * h
    frame = pd.DataFrame({"S0": 0.0005 + 1.2 * market + errors, "M": market})
    return frame.set_axis(pd.bdate_range("2022-01-03", periods=sessions, name="date"))


def run(frame, *stocks, length=500, sizes=0, span=SPAN):
    study = EventStudy(MODEL, span, EstimationWindow(length, GAP), placebo_sessions=sizes)
    day = frame.index[POSITION].date()
    return study.run(EventSet.on_date(stocks or ("S0",), day), frame)


def recursion(parameters, y, m, start):
    """Residuals and h of every session, in the units of `y`."""
    alpha, beta, omega, a, b = parameters
    e = y - alpha - beta * m
    h = np.empty(len(y))
    squared, before = start, start
    for t in range(len(y)):
        h[t] = omega + a * squared + b * before
        squared, before = e[t] ** 2, h[t]
    return e, h


def minus_likelihood(parameters, y, m, start):
    if min(parameters[2:]) < 0 or parameters[3] + parameters[4] >= 1:
        return 1e9
    e, h = recursion(parameters, y, m, start)
    return 0.5 * np.sum(np.log(2 * np.pi * h) + e * e / h)


@pytest.fixture(scope="module")
def frame():
    return simulated(0.12, 0.8, seed=4)


@pytest.fixture(scope="module")
def fitted(frame):
    return run(frame)


@pytest.fixture(scope="module")
def window(frame):
    """Returns of stock and market over the estimation window, in per cent."""
    inside = frame.iloc[POSITION - GAP - 500 : POSITION - GAP]
    return 100 * inside["S0"].to_numpy(), 100 * inside["M"].to_numpy()


def path(result, window):
    """Coefficients in per cent, and the recursion that they imply."""
    y, m = window
    alpha, beta, omega, a, b, _ = result.abnormal.coefficients[0]
    start = sm.OLS(y, sm.add_constant(m)).fit().resid
    parameters = [100 * alpha, beta, 1e4 * omega, a, b]
    return parameters, recursion(parameters, y, m, np.mean(start**2)), np.mean(start**2)


def test_no_other_parameters_are_more_likely(fitted, window):
    y, m = window
    parameters, _, start = path(fitted, window)
    best = minimize(
        minus_likelihood,
        [0.1, 1.0, 0.5, 0.1, 0.7],
        (y, m, start),
        method="Nelder-Mead",
        options={"maxiter": 6000, "maxfev": 6000, "xatol": 1e-8, "fatol": 1e-10},
    )
    assert minus_likelihood(parameters, y, m, start) <= best.fun + 1e-5
    assert parameters == pytest.approx(best.x, rel=2e-3, abs=1e-4)
    assert fitted.abnormal.parameters == ("alpha", "beta", "omega", "a", "b", "persistence")
    assert fitted.abnormal.coefficients[0, 5] == parameters[3] + parameters[4]
    assert fitted.abnormal.estimated == 5


def test_residuals_and_variance_follow_the_recursion(fitted, window):
    _, (e, h), _ = path(fitted, window)
    abnormal = fitted.abnormal
    assert abnormal.residuals[0] == pytest.approx(e / 100, rel=1e-10, abs=1e-15)
    assert abnormal.standardised[0] == pytest.approx(e / np.sqrt(h), rel=1e-8)
    assert abnormal.variance[0] == pytest.approx(e @ e / 1e4 / 495, rel=1e-10)
    assert abnormal.df[0] == 495


def test_each_session_has_the_variance_forecast_from_the_last_estimation_session(
    fitted, frame, window
):
    y, m = window
    (_, _, omega, a, b), (e, h), _ = path(fitted, window)
    ahead = [omega + a * e[-1] ** 2 + b * h[-1]]
    for _ in range(GAP + SPAN.last):
        ahead.append(omega + (a + b) * ahead[-1])
    ahead = np.array(ahead)[GAP + SPAN.first :]
    weighted = sm.WLS(y, sm.add_constant(m), weights=1 / h).fit()
    rows = frame["M"].to_numpy()[POSITION + SPAN.first : POSITION + SPAN.last + 1]
    x = np.column_stack([np.ones(len(rows)), 100 * rows])
    covariance = np.diag(ahead) + x @ weighted.normalized_cov_params @ x.T
    abnormal = fitted.abnormal
    assert abnormal.variance[0] * abnormal.forecast[0] * 1e4 == pytest.approx(covariance, rel=1e-8)
    ar = frame["S0"].iloc[POSITION] - abnormal.coefficients[0, :2] @ [1, rows[-SPAN.first]]
    zero = -SPAN.first
    assert abnormal.ar[0, zero] == pytest.approx(ar, rel=1e-12)
    assert abnormal.sar[0, zero] == pytest.approx(
        100 * ar / np.sqrt(covariance[zero, zero]), rel=1e-8
    )
    assert abnormal.car_error(SPAN)[0] == pytest.approx(np.sqrt(covariance.sum()) / 100, rel=1e-8)


def test_the_forecast_grows_back_to_the_mean(fitted, frame):
    inside = frame.iloc[POSITION - GAP - 500 : POSITION - GAP]
    x = np.column_stack([np.ones(500), inside["M"]])
    far = garch(inside[["S0"]].to_numpy(), x, np.zeros((3, 2)), np.array([1, 40, 4000]))
    omega, persistence = fitted.abnormal.coefficients[0, [2, 5]]
    h = far.variance[0] * np.diag(far.forecast[0]) / (omega / (1 - persistence))
    assert abs(h[2] - 1) < 1e-9 < abs(h[1] - 1) < abs(h[0] - 1)


@pytest.mark.parametrize("junk", [0.3, np.nan])
def test_neither_the_shock_nor_the_gap_moves_the_yardstick(fitted, frame, junk):
    other = frame.copy()
    other.iloc[POSITION, 0] = -0.4
    other.iloc[POSITION - GAP : POSITION + SPAN.first, :] = junk
    other.iloc[: POSITION - GAP - 500, :] = junk
    other.iloc[POSITION + SPAN.last + 1 :, :] = junk
    other.iloc[0, 1] = 0.0
    shocked = run(other).abnormal
    for name in ("coefficients", "variance", "forecast", "residuals", "standardised"):
        np.testing.assert_array_equal(getattr(shocked, name), getattr(fitted.abnormal, name))


def test_twice_the_same_bits(fitted, frame):
    again = run(frame).abnormal
    np.testing.assert_array_equal(again.sar, fitted.abnormal.sar)


def test_constant_variance_is_nearly_the_market_model():
    frame = simulated(0.0, 0.0, seed=11)
    varying = run(frame).abnormal
    study = EventStudy(MarketModel("M"), SPAN, EstimationWindow(500, GAP), placebo_sessions=0)
    plain = study.run(EventSet.on_date(["S0"], frame.index[POSITION].date()), frame).abnormal
    assert varying.ar == pytest.approx(plain.ar, abs=4e-4)
    assert varying.sar == pytest.approx(plain.sar, rel=0.15, abs=0.02)


def test_sessions_that_a_stock_lacks_close_up(frame):
    holes = frame.copy()
    rows = [POSITION - GAP - 500, POSITION - 200, POSITION - 199]
    holes.iloc[rows, 0] = np.nan
    result = run(holes)
    assert result.abnormal.observations.tolist() == [497]
    assert any("497 of 500" in caveat.en for caveat in result.caveats)
    without = frame.drop(frame.index[rows])
    study = EventStudy(MODEL, SPAN, EstimationWindow(497, GAP), placebo_sessions=0)
    day = frame.index[POSITION].date()
    closed = study.run(EventSet.on_date(["S0"], day), without).abnormal
    np.testing.assert_array_equal(result.abnormal.coefficients, closed.coefficients)
    np.testing.assert_array_equal(result.abnormal.sar, closed.sar)


def caveats(result):
    return [caveat.en for caveat in result.caveats]


def test_estimates_on_the_edge_are_said_with_the_stock():
    still = run(simulated(0.0, 0.0, seed=12))
    assert still.abnormal.coefficients[0, 3] < 1e-6
    assert any(line.startswith("S0: GARCH with a = 0") for line in caveats(still))
    growing = simulated(0.0, 0.0, seed=5)
    rng = np.random.default_rng(1)
    growing["S0"] += rng.normal(size=SESSIONS) * np.linspace(0.0, 0.2, SESSIONS)
    boundary = run(growing)
    assert boundary.abnormal.coefficients[0, 5] > 0.999
    assert any(line.startswith("S0: GARCH with a") for line in caveats(boundary))
    assert all(caveat.it for caveat in boundary.caveats)


def test_a_sound_estimate_needs_no_remark(fitted):
    assert not any("GARCH" in line for line in caveats(fitted))


def test_no_convergence_is_said(frame, monkeypatch):
    from arch import univariate

    monkeypatch.setattr(
        univariate.base.ARCHModelResult, "convergence_flag", property(lambda _: 9), raising=True
    )
    assert any("did not converge" in line for line in caveats(run(frame)))


def test_that_nothing_is_measured_on_earlier_sessions_is_said(frame):
    result = run(frame, sizes=50)
    assert result.sizes == ()
    assert any(line.startswith("false alarms not measured") for line in caveats(result))
    assert not any(line.startswith("false alarms") for line in caveats(run(frame)))


def test_a_stock_without_variation_is_dropped_and_the_other_stays(frame, fitted):
    both = frame.assign(S1=2.0 * frame["M"])
    result = run(both, "S0", "S1")
    assert [lost.symbol for lost in result.dropped] == ["S1"]
    assert "without variation" in result.dropped[0].reason.en
    np.testing.assert_array_equal(result.abnormal.sar, fitted.abnormal.sar)
    with pytest.raises(InsufficientDataError, match="without variation"):
        run(both, "S1")


def test_a_constant_market_is_refused_by_name(frame):
    with pytest.raises(SingularModelError, match="alpha, beta"):
        run(frame.assign(M=0.01))


def test_without_the_package_the_extra_is_named(frame, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name.split(".")[0] == "arch":
            raise ImportError(name)
        return real(name, *args, **more)

    for name in [key for key in sys.modules if key.split(".")[0] == "arch"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserInputError) as caught:
        run(frame)
    assert "arch" in caught.value.message
    assert "marketshock[garch]" in caught.value.hint


def test_the_published_function_knows_the_model():
    answer = api.event_study("deepseek", symbols=["NVDA", "MSFT"], model="garch").as_dict()
    for stock in answer["stocks"]:
        assert stock["df"] == stock["n"] - 5 == 245
        assert 0 <= stock["params"]["persistence"] <= 1
    words = [finding["text"]["it"] for finding in answer["findings"]]
    assert any(line.startswith("falsi allarmi non misurati") for line in words)
