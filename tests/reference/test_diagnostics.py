"""Residual checks, Newey-West errors and the SUR average against R; see README.md."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from marketshock.eventstudy.cross_section import average_effect_sur
from marketshock.eventstudy.diagnostics import diagnose
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow

HERE = Path(__file__).parent
STOCKS = ["NVDA", "AVGO", "ORCL", "MSFT"]

with (HERE / "diagnostics.csv").open(encoding="utf-8") as file:
    REFERENCE = {
        (row["symbol"], row["quantity"]): float(row["value"]) for row in csv.DictReader(file)
    }


@pytest.fixture(scope="module")
def ours():
    frame = pd.read_csv(HERE / "returns.csv", index_col="date", parse_dates=True)
    first = pd.DataFrame(index=[frame.index[0] - pd.Timedelta(days=1)], columns=frame.columns)
    frame = pd.concat([first.astype(float), frame])
    events = EventSet.on_date(STOCKS, dt.date(2025, 1, 27))
    study = EventStudy(MarketModel("GSPC"), EventWindow(-1, 1), placebo_sessions=0)
    result = study.run(events, frame)
    numbers = {
        ("all", "sur_effect"): result.abnormal.caar(EventWindow(-1, 1)),
        ("all", "sur_average"): average_effect_sur(result).statistic,
    }
    for series in diagnose(result, frame).series:
        for test in series.tests:
            numbers[series.symbol, test.name] = test.statistic
            numbers[series.symbol, f"{test.name}_p"] = test.pvalue
        for one in series.coefficients:
            numbers[series.symbol, f"{one.name}_hac"] = one.hac
            numbers[series.symbol, f"{one.name}_ols"] = one.ols
            assert one.lag == 4
    return numbers


@pytest.mark.parametrize(("symbol", "quantity"), sorted(REFERENCE))
def test_nine_digits_agree(ours, symbol, quantity):
    assert ours[symbol, quantity] == pytest.approx(REFERENCE[symbol, quantity], rel=1e-9, abs=0.0)
