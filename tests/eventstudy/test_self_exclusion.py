"""A benchmark without the stock itself, log returns, and weights from the tables."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from marketshock import api
from marketshock.cli import main
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel, Raw
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import ReturnPanel
from marketshock.marketcap.index_weights import index_weights

DAY = dt.date(2025, 1, 27)


@pytest.fixture
def excluded():
    def build(frame, weights, **options):
        study = EventStudy(
            MarketModel("M"), EventWindow(-1, 1), EstimationWindow(60, 5),
            placebo_sessions=0, exclude_self=True, **options,
        )  # fmt: skip
        events = EventSet.on_date(["S0", "S1"], frame.index[75].date())
        given = ReturnPanel.from_frame(pd.DataFrame(weights, frame.index))
        return study.run(events, frame, weights=given)

    return build


def plain(frame, symbol="S0"):
    study = EventStudy(
        MarketModel("M"), EventWindow(-1, 1), EstimationWindow(60, 5), placebo_sessions=0
    )
    return study.run(EventSet.on_date([symbol], frame.index[75].date()), frame).abnormal


def test_weight_zero_is_the_plain_study(make_frame, excluded):
    frame = make_frame(2)
    result = excluded(frame, {"S0": 0.0}).abnormal
    for number, symbol in enumerate(["S0", "S1"]):
        alone = plain(frame, symbol)
        for name in ("ar", "coefficients", "forecast", "benchmark"):
            assert getattr(result, name)[number] == pytest.approx(
                getattr(alone, name)[0], rel=1e-12, abs=1e-16
            )


def test_the_rest_of_the_benchmark_is_found_again(make_frame, excluded):
    """An index put together from a stock and the rest gives the study against the rest."""
    frame = make_frame(2, seed=7)
    weight = np.linspace(0.1, 0.4, len(frame))
    mixed = frame.assign(M=weight * frame["S0"] + (1 - weight) * frame["M"])
    result = excluded(mixed, {"S0": weight}).abnormal
    alone = plain(frame)
    assert result.ar[0] == pytest.approx(alone.ar[0], rel=1e-9)
    assert result.car_error(EventWindow(-1, 1))[0] == pytest.approx(
        alone.car_error(EventWindow(-1, 1))[0], rel=1e-9
    )
    np.testing.assert_array_equal(result.ar[1], plain(mixed, "S1").ar[0])


def test_each_stock_has_a_benchmark_of_its_own(make_frame, excluded):
    result = excluded(make_frame(2), {"S0": 0.2, "S1": 0.3}).abnormal
    assert (result.benchmark[0] != result.benchmark[1]).all()


def test_without_weights_or_with_log_returns_it_is_an_error(make_frame):
    frame = make_frame(2)
    study = EventStudy(MarketModel("M"), EventWindow(0, 0), EstimationWindow(60, 5),
                       exclude_self=True)  # fmt: skip
    events = EventSet.on_date(["S0"], frame.index[75].date())
    with pytest.raises(UserInputError, match="weights"):
        study.run(events, frame)
    logs = ReturnPanel.from_frame(frame, kind="log")
    with pytest.raises(UserInputError, match="simple returns"):
        study.run(events, logs, weights=ReturnPanel.from_frame(frame[["S0"]]))


@pytest.fixture(scope="module")
def weights(desk):
    return desk.weights(MarketModel("^GSPC"), DAY)


def test_weight_is_value_over_the_total_at_the_close_before(desk, weights):
    """By hand: closes of 24 January 2025, total published for 31 December 2024."""
    closes = desk.source.prices(["NVDA", "^GSPC"]).to_frame()
    shares = desk.values.shares.known_before("NVDA", DAY).count
    grown = closes["^GSPC"]["2025-01-24"] / closes["^GSPC"]["2024-12-31"]
    expected = closes["NVDA"]["2025-01-24"] * shares / (51.86e12 * grown)
    at = weights.calendar.position(DAY)
    assert weights.column("NVDA")[at] == pytest.approx(expected, rel=1e-12)
    assert 0.05 < expected < 0.08
    assert np.nansum(weights.values[at]) < 1.0


def test_a_total_serves_only_sessions_after_its_day(desk, weights):
    table = desk.source.table("sp500_market_value")
    index = desk.source.prices(["^GSPC"])
    days = {dt.date(2024, 3, 28), dt.date(2024, 9, 30)}
    rows = [row for row in table if row["date"] in days]
    without = index_weights(desk.values, type(table).from_rows("t", rows), index)
    last = weights.calendar.position(dt.date(2024, 12, 31))
    first = weights.calendar.first_on_or_after(dt.date(2024, 4, 1))
    np.testing.assert_array_equal(
        without.values[first : last + 1], weights.values[first : last + 1]
    )
    assert (without.column("NVDA")[last + 1 :] != weights.column("NVDA")[last + 1 :]).all()
    assert np.isnan(without.values[:first]).all()


def test_no_total_inside_the_data_is_an_error(desk):
    table = desk.source.table("sp500_market_value").where(basis="none")
    with pytest.raises(InsufficientDataError, match="market value of the index"):
        index_weights(desk.values, table, desk.source.prices(["^GSPC"]))


def test_nvidia_hides_part_of_its_own_shock(desk, weights):
    own = api.event_study("deepseek", symbols=["NVDA", "TSM"], window=(0, 0), exclude_self=True)
    whole = api.event_study("deepseek", symbols=["NVDA", "TSM"], window=(0, 0))
    assert own.result.abnormal.ar[0, 0] < whole.result.abnormal.ar[0, 0]
    np.testing.assert_array_equal(own.result.abnormal.ar[1], whole.result.abnormal.ar[1])
    panel = desk.returns(["NVDA"], "^GSPC")
    at = panel.calendar.position(DAY)
    w, r, m = (c[at] for c in (weights.column("NVDA"), panel.column("NVDA"), panel.column("^GSPC")))
    assert own.result.abnormal.benchmark[0, 0] == pytest.approx((m - w * r) / (1 - w), rel=1e-12)
    said = " ".join(caveat.en for caveat in own.result.caveats)
    assert "index without itself" in said
    assert "2024-12-31" in said
    assert "whole index: TSM" in said
    assert any("S&P 500 as published" in source.name.en for source in own.result.sources)
    assert len(own.result.sizes) == len(whole.result.sizes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "ff3"}, "no index"),
        ({"model": "mean"}, "no index"),
        ({"benchmark": "QQQ"}, "other than"),
        ({"returns": "log"}, "simple returns"),
    ],
)
def test_where_the_stock_can_not_be_left_out(options, words):
    with pytest.raises(UserInputError) as caught:
        api.event_study("deepseek", exclude_self=True, **options)
    assert words in caught.value.message


def test_before_the_first_total_nothing_is_guessed():
    with pytest.raises(InsufficientDataError, match="known from 2022-01-03"):
        api.event_study(date="2020-03-16", symbols=["NVDA"], exclude_self=True)


def test_log_returns_add_up_to_the_compounded_return(desk):
    for window in (EventWindow(0, 0), EventWindow(-1, 5)):
        pair = (window.first, window.last)
        simple, log = (
            api.event_study("deepseek", model="raw", window=pair, returns=kind).result
            for kind in ("simple", "log")
        )
        grown = np.prod(1 + simple.abnormal.realised, axis=1) - 1
        assert np.expm1(log.abnormal.car(window)) == pytest.approx(grown, rel=1e-10)
        assert log.abnormal.bhar(window) == pytest.approx(simple.abnormal.bhar(window), rel=1e-9)
        assert any(caveat.en.startswith("log returns") for caveat in log.caveats)
    assert isinstance(log.study.model, Raw)


def test_another_kind_of_return_is_refused():
    with pytest.raises(UserInputError, match="'compound'"):
        api.event_study("deepseek", returns="compound")


@pytest.mark.parametrize(
    ("flags", "key", "value"),
    [(["--exclude-self"], "exclude_self", True), (["--returns", "log"], "returns", "log")],
)
def test_the_command_line_has_both(flags, key, value):
    line = ["study", "--event", "deepseek", "--symbols", "NVDA", "--format", "json"]
    with_flag, without = (
        json.loads(CliRunner().invoke(main, [*line, *more]).stdout) for more in (flags, [])
    )
    assert with_flag[key] == value
    assert without[key] != value
    assert with_flag["stocks"][0]["ar"] != without["stocks"][0]["ar"]
