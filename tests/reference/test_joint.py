"""Dummy regressions of several stocks against systemfit and base R; see README.md."""

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
WINDOWS = (EventWindow(0, 0), EventWindow(-1, 1))
DIGITS = 9

with (HERE / "joint.csv").open(encoding="utf-8") as file:
    SYSTEM = {
        (int(row["first"]), row["symbol"], row["quantity"]): float(row["value"])
        for row in csv.DictReader(file)
    }


@pytest.fixture(scope="module")
def frame():
    given = pd.read_csv(HERE / "returns.csv", index_col="date", parse_dates=True)
    first = pd.DataFrame(index=[given.index[0] - pd.Timedelta(days=1)], columns=given.columns)
    return pd.concat([first.astype(float), given])


@pytest.fixture(scope="module")
def ours(frame):
    events = EventSet.on_date(STOCKS, dt.date(2025, 1, 27))
    result = EventStudy(MarketModel("GSPC"), WINDOWS, placebo_sessions=0).run(events, frame)
    numbers = {}
    for window in WINDOWS:
        cars, errors = result.abnormal.car(window), result.abnormal.car_error(window)
        for symbol, car, error in zip(STOCKS, cars, errors, strict=True):
            numbers[window.first, symbol, "car"] = car
            numbers[window.first, symbol, "car_error"] = error
        for name in ("portfolio_t", "joint_f", "equality_f"):
            test = result.test(name, window)
            numbers[window.first, "all", name] = test.statistic
            numbers[window.first, "all", f"{name}_p"] = test.pvalue
            if isinstance(test.df, tuple):
                numbers[window.first, "all", f"{name}_df1"] = test.df[0]
                numbers[window.first, "all", f"{name}_df2"] = test.df[1]
        f, n = result.test("joint_f", window), len(STOCKS)
        # T2 from its F: M - k = 248, F = T2 (M - k - N + 1) / ((M - k) N)
        numbers[window.first, "all", "sur_t2"] = f.statistic * 248 * n / (248 - n + 1)
    return numbers


def test_both_programs_answer_the_same_questions(ours):
    assert set(ours) == set(SYSTEM)


@pytest.mark.parametrize(("first", "symbol", "quantity"), sorted(SYSTEM))
def test_a_system_of_equations_agrees(ours, first, symbol, quantity):
    expected = SYSTEM[first, symbol, quantity]
    assert ours[first, symbol, quantity] == pytest.approx(expected, rel=10.0**-DIGITS, abs=0.0)
