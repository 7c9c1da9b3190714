"""The JSON answer: its keys, its shape, and that it repeats the result's numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from marketshock import api
from marketshock.eventstudy.windows import EventWindow

STOCKS = [
    "NVDA",
    "AVGO",
    "MSFT",
    "GOOGL",
    "AMZN",
    "META",
    "ORCL",
    "AMD",
    "TSM",
    "ASML",
    "VRT",
    "CEG",
    "VST",
]
TOP = {
    "event",
    "model",
    "benchmark",
    "estimation",
    "vintage",
    "source",
    "stocks",
    "aggregate",
    "measured_size",
    "dropped",
    "findings",
    "sources",
}
INSIDE = {
    "event": {"id", "date", "first_session", "title", "moved"},
    "estimation": {"length", "gap", "first", "last"},
}
ROWS = {
    "stocks": {
        "symbol",
        "n",
        "alpha",
        "beta",
        "sigma",
        "df",
        "ar",
        "sar",
        "params",
        "windows",
        "quantile_rank",
    },
    "aggregate": {"window", "n", "caar", "r_bar", "tests"},
    "measured_size": {"name", "window", "nominal", "rejection_rate", "standard_error", "n_dates"},
    "dropped": {"symbol", "reason"},
    "findings": {"level", "code", "text"},
    "sources": {"name", "as_of"},
}
WINDOW = {
    "window",
    "car",
    "se",
    "t",
    "pvalue",
    "bhar",
    "bhar_expected",
    "loss_usd_bn",
    "abnormal_loss_usd_bn",
    "abnormal_loss_low_usd_bn",
    "abnormal_loss_high_usd_bn",
}
TEST = {"name", "statistic", "pvalue", "df", "distribution", "valid", "reason"}


def leaves(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_top_level_keys(answer):
    assert set(answer) >= TOP
    for name, keys in INSIDE.items():
        assert set(answer[name]) >= keys


@pytest.mark.parametrize("name", sorted(ROWS))
def test_keys_of_every_row(answer, name):
    for row in answer[name]:
        assert set(row) >= ROWS[name]


def test_keys_of_windows_tests_and_ranks(answer):
    for stock in answer["stocks"]:
        assert set(stock["quantile_rank"]) >= {"rank", "of", "pvalue", "tail"}
        for window in stock["windows"]:
            assert set(window) >= WINDOW
    for aggregate in answer["aggregate"]:
        for test in aggregate["tests"]:
            assert set(test) >= TEST


def test_json_round_trip_without_nan(answer):
    text = json.dumps(answer, allow_nan=False)
    assert json.loads(text) == answer
    assert {type(leaf) for leaf in leaves(answer)} <= {str, int, float, bool, type(None)}


def test_event_and_estimation(answer):
    assert answer["event"]["id"] == "deepseek_2025"
    assert answer["event"]["date"] == "2025-01-25"
    assert answer["event"]["first_session"] == "2025-01-27"
    assert answer["event"]["moved"] is True
    assert (answer["model"], answer["benchmark"], answer["source"]) == (
        "market",
        "^GSPC",
        "embedded",
    )
    assert answer["estimation"]["length"] == 250
    assert answer["estimation"]["gap"] == 10


def test_estimation_dates_are_the_sessions_minus_260_and_minus_11(answer, deepseek):
    days = deepseek[1].sessions.astype(str).tolist()
    zero = days.index("2025-01-27")
    assert answer["estimation"]["first"] == days[zero - 260]
    assert answer["estimation"]["last"] == days[zero - 11]


def test_every_symbol_of_the_catalogue_is_studied_or_dropped(answer):
    assert [stock["symbol"] for stock in answer["stocks"]] == STOCKS
    assert [lost["symbol"] for lost in answer["dropped"]] == ["^NDX", "^SOX"]
    for lost in answer["dropped"]:
        assert lost["reason"]["en"] != lost["reason"]["it"]


def test_ar_covers_the_union_of_windows(answer):
    for stock in answer["stocks"]:
        assert set(stock["ar"]) == {str(tau) for tau in range(-1, 6)}
        assert set(stock["sar"]) >= {"0"}


def test_windows_are_the_defaults_in_their_order(answer):
    expected = [[0, 0], [-1, 1], [0, 5]]
    assert [row["window"] for row in answer["aggregate"]] == expected
    for stock in answer["stocks"]:
        assert [row["window"] for row in stock["windows"]] == expected


def test_numbers_of_a_stock_agree_with_each_other(answer):
    for stock in answer["stocks"]:
        assert stock["n"] - stock["df"] == 2 == len(stock["params"])
        assert stock["params"] == {"alpha": stock["alpha"], "beta": stock["beta"]}
        first = stock["windows"][0]
        assert first["t"] == pytest.approx(stock["sar"]["0"], rel=1e-12)
        assert first["car"] == pytest.approx(stock["ar"]["0"], rel=1e-12)
        assert first["bhar_expected"] == pytest.approx(first["car"], abs=1e-12)
        for window in stock["windows"]:
            a, b = window["window"]
            total = sum(stock["ar"][str(tau)] for tau in range(a, b + 1))
            assert window["car"] == pytest.approx(total, abs=1e-14)
            assert window["t"] == pytest.approx(window["car"] / window["se"], rel=1e-12)
            assert 0 < window["pvalue"] <= 1


def test_aggregate_is_the_mean_of_the_stocks(answer):
    for number, row in enumerate(answer["aggregate"]):
        cars = [stock["windows"][number]["car"] for stock in answer["stocks"]]
        assert row["n"] == 13
        assert row["caar"] == pytest.approx(math.fsum(cars) / 13, rel=1e-12)
        assert row["r_bar"] == answer["aggregate"][0]["r_bar"]


def test_valid_tests_on_one_date(answer):
    always = ["portfolio_t", "kp_patell", "kp_bmp", "placebo_rank", "placebo_dates"]
    always.append("crude_dependence_t")
    for row in answer["aggregate"]:
        valid = [test["name"] for test in row["tests"] if test["valid"]]
        first, last = row["window"]
        ranks = ["corrado_rank", "corrado_zivney"] if last - first + 1 <= 5 else []
        assert valid == always + ranks


def test_every_test_is_a_number_or_a_reason(answer):
    for row in answer["aggregate"]:
        assert len(row["tests"]) == 22
        for test in row["tests"]:
            assert (test["statistic"] is None) is (test["pvalue"] is None)
            assert test["reason"]["en"]
            assert test["reason"]["it"]
        df = {test["name"]: test["df"] for test in row["tests"]}
        assert df["joint_f"] == [13, 248 - 13 + 1]
        assert df["equality_f"] == [12, 248 - 12 + 1]


def test_nvidia_fell_17_percent_and_lost_593_billion(answer, deepseek):
    nvidia = answer["stocks"][0]
    panel = deepseek[1]
    row = panel.sessions.astype(str).tolist().index("2025-01-27")
    realised = panel.column("NVDA")[row]
    expected = nvidia["alpha"] + nvidia["beta"] * panel.column("^GSPC")[row]
    assert realised == pytest.approx(-0.1697, abs=5e-5)
    assert nvidia["ar"]["0"] == pytest.approx(realised - expected, abs=1e-15)
    assert nvidia["windows"][0]["loss_usd_bn"] == pytest.approx(-592.7, abs=0.05)
    assert nvidia["quantile_rank"] == {"rank": 1, "of": 251, "pvalue": 1 / 251, "tail": "lower"}


def test_dollar_interval_is_the_prediction_interval_of_car(answer, desk):
    from scipy.stats import t

    nvidia = answer["stocks"][0]
    half = t(248).ppf(0.975)
    closes = desk.source.prices(["NVDA"])
    count = desk.values.shares.known_before("NVDA", _day("2025-01-24")).count
    for window in nvidia["windows"]:
        zero = closes.sessions.astype(str).tolist().index("2025-01-27")
        before = closes.column("NVDA")[zero + window["window"][0] - 1] * count / 1e9
        for key, value in {
            "abnormal_loss_usd_bn": window["car"],
            "abnormal_loss_low_usd_bn": window["car"] - half * window["se"],
            "abnormal_loss_high_usd_bn": window["car"] + half * window["se"],
        }.items():
            assert window[key] == pytest.approx(value * before, rel=1e-10)


def _day(text):
    import datetime as dt

    return dt.date.fromisoformat(text)


def test_a_stock_without_share_count_has_no_dollars(desk):
    without = [s for s in desk.universe.stocks() if s not in desk.values.shares]
    if not without:
        pytest.skip("every stock of this vintage has a share count")
    study = api.event_study(date="2025-01-27", symbols=without[:1], window=(0, 0))
    (window,) = study.as_dict()["stocks"][0]["windows"]
    assert window["loss_usd_bn"] is None
    assert window["abnormal_loss_usd_bn"] is None
    assert window["car"] is not None


@pytest.mark.parametrize("model", api.MODELS)
def test_every_model_answers(model):
    answer = api.event_study("deepseek", model=model).as_dict()
    parameters = {"raw": 0, "mean": 1, "market_adjusted": 0, "market": 2, "capm": 2}
    parameters |= {"ff3": 4, "carhart": 5, "ff5": 6, "scholes_williams": 2, "dimson": 4, "garch": 5}
    reported = {"dimson": 5, "garch": 6}
    k = parameters[model]
    assert answer["model"] == model
    assert len(answer["stocks"]) == 13
    for stock in answer["stocks"]:
        assert len(stock["params"]) == reported.get(model, k)
        assert stock["df"] == stock["n"] - k
        assert (stock["alpha"] is None) is (k == 0)
        assert (stock["beta"] is None) is (k < 2)
        assert stock["windows"][0]["bhar"] is not None
    json.dumps(answer, allow_nan=False)


def test_one_stock_gets_only_single_stock_answers():
    answer = api.event_study("deepseek", symbols=["NVDA"]).as_dict()
    assert len(answer["stocks"]) == 1
    for row in answer["aggregate"]:
        assert row["r_bar"] == 0.0
        assert not any(test["valid"] for test in row["tests"])
    json.dumps(answer, allow_nan=False)


def test_without_session_zero_there_is_no_quantile_rank():
    answer = api.event_study("deepseek", symbols=["NVDA", "AMD"], window=(1, 2)).as_dict()
    assert [stock["quantile_rank"] for stock in answer["stocks"]] == [None, None]
    assert set(answer["stocks"][0]["ar"]) == {"1", "2"}


def test_same_question_same_bytes(answer):
    assert json.dumps(api.event_study("deepseek").as_dict()) == json.dumps(answer)


def test_frames_hold_the_same_numbers(study, answer):
    result = study.result
    car = result.to_frame("car")
    assert len(car) == 13 * 3
    ar = result.to_frame("ar")
    assert len(ar) == 13 * 7
    assert np.allclose(ar["realised"] - ar["expected"], ar["ar"], rtol=0, atol=1e-16)
    row = car[(car["symbol"] == "ORCL") & (car["first"] == -1)].iloc[0]
    oracle = next(stock for stock in answer["stocks"] if stock["symbol"] == "ORCL")
    assert (row["car"], row["se"]) == (oracle["windows"][1]["car"], oracle["windows"][1]["se"])


def test_words_name_tests_verdicts_and_caveats(study):
    words = repr(study)
    for test in study.result.tests[EventWindow(0, 0)]:
        assert test.name in words
    assert "dropped ^NDX" in words
    assert "price index without dividends" in words
    shown = study._repr_html_()
    assert shown.count("<table>") == shown.count("</table>") == 1
    for test in study.result.tests[study.result.headline_window]:
        assert f"<td>{test.name}</td>" in shown
    assert "price index without dividends" in shown
    assert study.vintage in shown
