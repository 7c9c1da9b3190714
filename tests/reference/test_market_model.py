"""Market model and its tests against numbers that base R computed; see README.md."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow

HERE = Path(__file__).parent
STOCKS = ["NVDA", "AVGO", "ORCL", "MSFT"]
DAY, SPAN = EventWindow(0, 0), EventWindow(-1, 1)
DIGITS = 10

with (HERE / "market_model.csv").open(encoding="utf-8") as file:
    REFERENCE = {
        (row["symbol"], row["quantity"]): float(row["value"]) for row in csv.DictReader(file)
    }


@pytest.fixture(scope="module")
def ours():
    frame = pd.read_csv(HERE / "returns.csv", index_col="date", parse_dates=True)
    events = EventSet.on_date(STOCKS, dt.date(2025, 1, 27))
    # one session before the first of the estimation window: a return needs it
    first = pd.DataFrame(index=[frame.index[0] - pd.Timedelta(days=1)], columns=frame.columns)
    frame = pd.concat([first.astype(float), frame])
    result = EventStudy(MarketModel("GSPC"), [SPAN, DAY]).run(events, frame)
    abnormal = result.abnormal
    numbers = {}
    for i, symbol in enumerate(abnormal.symbols):
        numbers |= {
            (symbol, "alpha"): abnormal.coefficients[i, 0],
            (symbol, "beta"): abnormal.coefficients[i, 1],
            (symbol, "sigma"): abnormal.sigma[i],
            (symbol, "df"): abnormal.df[i],
            (symbol, "ar0"): abnormal.ar[i, 1],
            (symbol, "ar0_error"): abnormal.car_error(DAY)[i],
            (symbol, "sar0"): abnormal.sar[i, 1],
            (symbol, "car"): abnormal.car(SPAN)[i],
            (symbol, "car_error"): abnormal.car_error(SPAN)[i],
            (symbol, "pvalue"): next(iter(result.table("car").where(symbol=symbol, first=-1)))[
                "pvalue"
            ],
        }
    numbers |= {("all", "caar"): abnormal.caar(SPAN), ("all", "r_bar"): result.correlation}
    for test in result.tests[SPAN]:
        if test.name == "placebo_dates":  # the file has no earlier sessions
            continue
        numbers |= {("all", test.name): test.statistic, ("all", f"{test.name}_p"): test.pvalue}
    return numbers


def test_both_programs_answer_the_same_questions(ours):
    assert set(ours) == set(REFERENCE)


@pytest.mark.parametrize(("symbol", "quantity"), sorted(REFERENCE))
def test_ten_digits_agree(ours, symbol, quantity):
    expected = REFERENCE[symbol, quantity]
    assert ours[symbol, quantity] == pytest.approx(expected, rel=10.0**-DIGITS, abs=0.0)
