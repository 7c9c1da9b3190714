"""The GARCH market model against numbers that R and fGarch computed; see README.md."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.garch import GarchMarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow

HERE = Path(__file__).parent
STOCKS = ["NVDA", "AVGO"]

with (HERE / "garch.csv").open(encoding="utf-8") as file:
    REFERENCE = {
        (row["symbol"], row["quantity"]): float(row["value"]) for row in csv.DictReader(file)
    }


@pytest.fixture(scope="module")
def ours():
    frame = pd.read_csv(HERE / "returns.csv", index_col="date", parse_dates=True)
    events = EventSet.on_date(STOCKS, dt.date(2025, 1, 27))
    study = EventStudy(GarchMarketModel("GSPC"), EventWindow(0, 0), placebo_sessions=0)
    return study.run(events, frame).abnormal


@pytest.mark.parametrize("quantity", ["alpha", "beta", "omega", "a", "b"])
@pytest.mark.parametrize("symbol", STOCKS)
def test_two_optimisers_of_two_programs_agree(ours, symbol, quantity):
    number = ours.symbols.index(symbol)
    value = ours.coefficients[number, ours.parameters.index(quantity)]
    assert value == pytest.approx(REFERENCE[symbol, quantity], rel=2e-5)


@pytest.mark.parametrize("symbol", STOCKS)
def test_the_forecast_of_session_zero_agrees(ours, symbol):
    """The forecast error without that of the mean, which is below two per cent of it."""
    number = ours.symbols.index(symbol)
    whole = ours.variance[number] * ours.forecast[number, 0, 0]
    share = REFERENCE[symbol, "h0"] / whole
    assert 0.98 < share < 1.0


@pytest.mark.parametrize(("quantity", "tolerance"), [("omega", 1e-4), ("a", 1e-4), ("b", 1e-4)])
def test_the_likelihood_of_the_script_finds_the_published_benchmark(quantity, tolerance):
    published = REFERENCE["dem2gbp published", quantity]
    assert REFERENCE["dem2gbp fGarch", quantity] == pytest.approx(published, rel=1e-5)
    found = REFERENCE["dem2gbp likelihood above", quantity]
    assert found == pytest.approx(published, rel=tolerance)


def test_its_mean_differs_by_the_start_of_the_recursion_only():
    """The published start moves with the mean; 0.003 standard errors of the mean."""
    published, error = REFERENCE["dem2gbp published", "mu"], 0.00846
    found = REFERENCE["dem2gbp likelihood above", "mu"]
    assert abs(found - published) < 0.003 * error
    ours, theirs = (
        REFERENCE[name, "log_likelihood"] for name in ("dem2gbp likelihood above", "dem2gbp fGarch")
    )
    assert ours == pytest.approx(theirs, rel=1e-8)
