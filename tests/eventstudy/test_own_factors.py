"""Models with the user's own factors, from the file to the notes of a page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from click.testing import CliRunner

from marketshock import api
from marketshock.cli import main
from marketshock.errors import UserInputError
from marketshock.exhibits.colophon import closing
from marketshock.exhibits.study_words import study_notes

STOCKS = ["NVDA", "MSFT"]


@pytest.fixture(scope="module")
def french(desk):
    """Three factors and the risk-free return as a frame."""
    return desk.factors("ff3").to_frame()[["mkt_rf", "smb", "hml", "rf"]]


@pytest.fixture(scope="module")
def rest_of_page():
    return api.losses(10), api.capex_trend()


@pytest.fixture
def write(tmp_path):
    def make(frame):
        path = tmp_path / "my_factors.csv"
        frame.to_csv(path, float_format="%.17g")
        return path

    return make


def study(**options):
    return api.event_study("deepseek", symbols=STOCKS, window=(-1, 1), **options)


def test_the_published_factors_as_own_ones_are_the_published_model(french, write):
    plain = study(model="ff3").result
    for given in (french, write(french), str(write(french))):
        own = study(model=given).result
        np.testing.assert_array_equal(own.abnormal.ar, plain.abnormal.ar)
        np.testing.assert_array_equal(own.abnormal.forecast, plain.abnormal.forecast)
        assert own.study.model.name == "own"
        assert own.abnormal.parameters == ("alpha", "beta", "beta_smb", "beta_hml")
        assert own.sizes[0].rejection_rate == plain.sizes[0].rejection_rate


def test_without_a_risk_free_return_the_return_itself_is_explained(desk, french):
    sector = french[["smb", "hml"]].rename(columns={"smb": "oil", "hml": "dollar"})
    abnormal = study(model=sector).result.abnormal
    assert abnormal.parameters == ("alpha", "beta_oil", "beta_dollar")
    y = desk.returns(STOCKS, "^GSPC").to_frame()["NVDA"]
    position = y.index.get_loc("2025-01-27")
    days = y.index[position - 260 : position - 10]
    oracle = sm.OLS(y[days], sm.add_constant(sector.loc[days])).fit()
    assert abnormal.coefficients[0] == pytest.approx(oracle.params.to_numpy(), rel=1e-9)
    ahead = oracle.get_prediction([1.0, *sector.loc["2025-01-27"]])
    ar = y.iloc[position] - ahead.predicted_mean[0]
    assert abnormal.sar[0, 1] == pytest.approx(ar / ahead.se_obs[0], rel=1e-9)


def test_sessions_without_a_factor_drop_and_it_is_said(french):
    holes = french.copy()
    holes.iloc[[holes.index.get_loc(day) for day in ("2024-06-03", "2024-07-01")], 1] = np.nan
    gone = holes.drop(pd.Timestamp("2024-08-05"))
    result = study(model=gone).result
    assert result.abnormal.observations.tolist() == [247, 247]
    said = [caveat.en for caveat in result.caveats]
    assert "NVDA: 247 of 250 estimation sessions usable" in said


def test_an_event_session_without_a_factor_is_a_reason(french):
    with pytest.raises(Exception, match="no benchmark or factor on 2025-01-28"):
        study(model=french.drop(pd.Timestamp("2025-01-28")))


def test_page_and_sources_name_the_factors(french, write):
    shock = study(model=write(french))
    (method, *_) = study_notes(shock)
    assert "model with own factors (mkt_rf, smb, hml)" in method.en.lower()
    assert "modello a fattori propri (mkt_rf, smb, hml)" in method.it.lower()
    assert any("my_factors.csv" in source.name.en for source in shock.result.sources)


def test_the_command_line_takes_a_file(french, write):
    path = write(french[["smb"]])
    line = ["study", "--event", "deepseek", "--symbols", "NVDA", "--model", str(path)]
    ran = CliRunner().invoke(main, [*line, "--format", "json"])
    assert ran.exit_code == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["model"] == "own"
    assert set(answer["stocks"][0]["params"]) == {"alpha", "beta_smb"}
    path.write_text("date,smb\n2025-01-27,one\n", encoding="utf-8")
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 2
    assert "line 2" in ran.stderr


def test_collinear_factors_are_named(french):
    twice = french[["smb"]].assign(again=2.0 * french["smb"])
    with pytest.raises(Exception, match="beta_smb, beta_again"):
        study(model=twice)


def test_own_is_no_name():
    with pytest.raises(UserInputError) as caught:
        study(model="own")
    assert "CSV file" in caught.value.hint


def test_log_returns_turn_factors_into_log_returns(desk, french):
    abnormal = study(model=french[["smb"]], returns="log").result.abnormal
    y = np.log1p(desk.returns(STOCKS, "^GSPC").to_frame()["NVDA"])
    position = y.index.get_loc("2025-01-27")
    days = y.index[position - 260 : position - 10]
    oracle = sm.OLS(y[days], sm.add_constant(np.log1p(french.loc[days, "smb"]))).fit()
    assert abnormal.coefficients[0] == pytest.approx(oracle.params.to_numpy(), rel=1e-9)


@pytest.mark.parametrize(
    ("model", "en", "it"),
    [
        ("scholes_williams", "Scholes-Williams", "stimato da tre regressioni"),
        ("dimson", "Dimson market model", "stimato con minimi quadrati"),
        ("garch", "estimated by maximum likelihood", "massima verosimiglianza"),
        ("own", "own factors (smb), estimated by least squares", "fattori propri (smb)"),
    ],
)
def test_the_page_says_how_a_model_is_estimated(french, rest_of_page, model, en, it):
    shock = study(model=french[["smb"]] if model == "own" else model)
    method, *_ = closing(shock, *rest_of_page).method
    assert en in method.en
    assert it in method.it
