"""Planted faults of the estimation window are found; an ordinary window is not accused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from marketshock import api
from marketshock.errors import UserInputError
from marketshock.eventstudy.diagnostic_findings import LEVEL, estimation_findings
from marketshock.eventstudy.diagnostics import LARGE_SHOCK, PORTFOLIO, diagnose
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketAdjusted, MarketModel
from marketshock.eventstudy.residual_checks import hac_lag, normality
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

DAY = EventWindow(0, 0)
LENGTH = 250
STOCKS = [f"S{number}" for number in range(6)]


def drawn(seed=1, stocks=6):
    """Return normal returns of 270 sessions: market, shared shock, own part."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0, 0.01, 270)
    shared, own = rng.normal(0.0, 0.008, (270, 1)), rng.normal(0.0, 0.012, (270, stocks))
    values = np.column_stack([market[:, None] + shared + own, market])
    index = pd.bdate_range("2023-01-02", periods=270)
    return pd.DataFrame(values, index, [*(f"S{n}" for n in range(stocks)), "M"])


def diagnosed(frame, model=None, stocks=None):
    names = stocks or [name for name in frame.columns if name != "M"]
    study = EventStudy(
        model or MarketModel("M"), DAY, EstimationWindow(LENGTH, 10), placebo_sessions=0
    )
    result = study.run(EventSet.on_date(names, frame.index[-1].date()), frame)
    return diagnose(result, frame)


def levels(found, code):
    return [finding.level for finding in found.findings() if finding.code == code]


def test_an_ordinary_window_is_not_accused():
    assert sum(len(diagnosed(drawn(seed)).findings()) > 0 for seed in range(20)) <= 8
    assert sum(bool(levels(diagnosed(drawn(seed)), "ESTIMATION")) for seed in range(20)) <= 4


def faulty(fault):
    frame = drawn(3)
    rng = np.random.default_rng(4)
    stocks = frame.columns[:-1]
    if fault == "volatility_clustering":
        shared = np.empty(270)
        last = 0.0
        for at in range(270):
            last = np.sqrt(0.2 + 0.8 * last**2) * rng.normal()
            shared[at] = last
        frame[stocks] = frame[stocks].add(0.02 * shared, axis=0)
    elif fault == "autocorrelation":
        walk = np.zeros(270)
        for at in range(1, 270):
            walk[at] = 0.6 * walk[at - 1] + rng.normal(0, 0.01)
        frame[stocks] = frame[stocks].add(walk, axis=0)
    elif fault == "stability":
        half = frame.index < frame.index[133]
        frame.loc[half, stocks] = frame.loc[half, stocks].add(1.5 * frame.loc[half, "M"], axis=0)
    elif fault == "shock":
        frame.iloc[100, :6] -= 0.15
    return frame


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("volatility_clustering", ("volatility clustering", "volatilità a grappoli")),
        ("autocorrelation", ("autocorrelation", "autocorrelazione")),
        ("stability", ("unstable parameters", "parametri instabili")),
        ("shock", ("standard deviations", "deviazioni standard")),
    ],
)
def test_a_fault_of_the_portfolio_is_one_footnote(fault, words):
    notes = [item for item in diagnosed(faulty(fault)).findings() if item.level == "FOOTNOTE"]
    assert len(notes) == 1
    assert words[0] in notes[0].text.en
    assert words[1] in notes[0].text.it


def test_a_shock_of_one_stock_is_information():
    frame = drawn(5)
    frame.iloc[100, 2] += 0.08
    found = diagnosed(frame)
    assert levels(found, "SHOCK") == ["INFO"]
    assert levels(found, "ESTIMATION") == []
    (shock,) = found.stocks[2].shocks
    assert shock.session == frame.index[100].date()
    assert shock.standardised > LARGE_SHOCK
    assert [len(series.shocks) for series in found.stocks] == [0, 0, 1, 0, 0, 0]


def test_thin_trading_is_a_footnote():
    frame = drawn(6)
    still = np.random.default_rng(7).random(270) < 0.3
    frame.loc[still, "S1"] = 0.0
    found = diagnosed(frame)
    share = (frame["S1"].iloc[9:259] == 0.0).mean()
    assert found.stocks[1].zero_returns == pytest.approx(share)
    assert levels(found, "ESTIMATION") == ["FOOTNOTE"]
    assert "thin trading of S1" in found.findings()[0].text.en


def test_one_stock_is_measured_by_itself():
    frame = drawn(8)
    frame.iloc[100, 0] += 0.2
    found = diagnosed(frame, stocks=["S0"])
    assert found.portfolio is None
    assert levels(found, "ESTIMATION") == ["FOOTNOTE"]
    assert levels(found, "NORMALITY") == ["INFO"]
    assert "portfolio" not in found.findings()[0].text.en


def test_with_different_dates_half_of_the_stocks_make_a_footnote():
    frame = faulty("autocorrelation")
    events = EventSet(tuple(Event(s, s, frame.index[-1 - n].date()) for n, s in enumerate(STOCKS)))
    study = EventStudy(MarketModel("M"), DAY, EstimationWindow(240, 10), placebo_sessions=0)
    found = diagnose(study.run(events, frame), frame)
    assert found.portfolio is None
    assert levels(found, "ESTIMATION") == ["FOOTNOTE"]
    assert "of 6 stocks" in found.findings()[0].text.en
    assert estimation_findings(found.stocks[:1], None)


def test_holm_is_taken_across_the_stocks():
    found = diagnosed(drawn(9))
    pvalues = sorted(series.test("normality").pvalue for series in found.stocks)
    named = [item for item in found.findings() if item.code == "NORMALITY"]
    steps = [p * (6 - at) <= LEVEL for at, p in enumerate(pvalues)]
    rejected = next((at for at, step in enumerate(steps) if not step), 6)
    assert sum(name in str(named) for name in STOCKS) == rejected


def test_gaps_and_models_without_parameters():
    frame = drawn(10)
    frame.iloc[30:60, 0] = np.nan
    found = diagnosed(frame)
    assert [series.n for series in found.series] == [250, 220, 250, 250, 250, 250, 250]
    assert found.stocks[0].coefficients[1].name == "beta"
    plain = diagnosed(frame, MarketAdjusted("M"))
    stable = plain.stocks[1].test("stability")
    assert stable.statistic is None
    assert "least squares" in stable.reason.en
    assert plain.stocks[1].coefficients == ()


def test_returns_that_are_not_those_of_the_study_are_refused():
    frame = drawn(11)
    study = EventStudy(MarketModel("M"), DAY, EstimationWindow(LENGTH, 10), placebo_sessions=0)
    result = study.run(EventSet.on_date(STOCKS, frame.index[-1].date()), frame)
    with pytest.raises(UserInputError, match="not those of the study"):
        diagnose(result, frame * 1.01 + 0.001)
    with pytest.raises(UserInputError, match="No returns of S5"):
        diagnose(result, frame.drop(columns="S5"))


@pytest.mark.parametrize(("observations", "lag"), [(100, 4), (250, 4), (60, 3), (1000, 6)])
def test_the_lag_rule(observations, lag):
    assert hac_lag(observations) == lag


def test_moments_are_those_of_scipy():
    found = diagnosed(drawn(12))
    frame = drawn(12)
    x = np.column_stack([np.ones(250), frame["M"].iloc[9:259]])
    y = frame["S3"].iloc[9:259].to_numpy()
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    assert found.stocks[3].excess_kurtosis == pytest.approx(stats.kurtosis(residuals), rel=1e-9)
    assert found.stocks[3].skewness == pytest.approx(stats.skew(residuals), rel=1e-9)
    reference = stats.jarque_bera(residuals)
    assert found.stocks[3].test("normality").statistic == pytest.approx(reference.statistic)


def test_no_pvalue_is_zero_and_few_residuals_have_a_reason():
    rng = np.random.default_rng(1)
    wild = rng.standard_cauchy(300)
    assert normality(wild).pvalue > 0.0
    few = normality(wild[:20])
    assert few.statistic is None
    assert "fewer than 30" in few.reason.en
    assert normality(np.zeros(50)).statistic is None


def test_it_shows_itself():
    found = diagnosed(faulty("shock"))
    assert "FOOTNOTE ESTIMATION" in repr(found)
    assert "<table>" in found._repr_html_()
    assert list(found.to_frame()["symbol"]) == [PORTFOLIO, *STOCKS]
    assert len(found.to_frame("tests")) == 28
    assert len(found.to_frame("errors")) == 14
    assert set(found.to_frame("shocks")["symbol"]) >= {PORTFOLIO}
    assert list(diagnosed(drawn(2)).to_frame("shocks").columns)[-1] == "standardised"
    with pytest.raises(UserInputError, match="Unknown view"):
        found.table("check")  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="Unknown check"):
        found.stocks[0].test("arch")


def test_the_shock_answers_with_diagnostics_only_when_asked():
    shock = api.event_study("deepseek", window=(0, 0))
    plain, asked = shock.as_dict(), shock.as_dict(diagnostics=True)
    found = [item.as_dict() for item in shock.diagnostics().findings()]
    assert all(item in asked["findings"] and item not in plain["findings"] for item in found)
    assert {item["code"] for item in found} == {"NORMALITY", "SHOCK"}
