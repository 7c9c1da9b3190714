"""What sets the stocks of a shock apart, recomputed from the raw tables."""

from __future__ import annotations

import csv
import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest

import marketshock as ms
from marketshock.api import event_study
from marketshock.desk import Desk
from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.study import EventStudy
from marketshock.shock.characteristics import Characteristics, capex_intensity
from marketshock.shock.characteristics import characteristics as known_before
from marketshock.shock.study import ShockStudy

SHOCK = dt.date(2025, 1, 27)


@pytest.fixture(scope="module")
def shock() -> ShockStudy:
    return event_study("deepseek", window=(0, 0))


@pytest.fixture(scope="module")
def found(shock: ShockStudy, desk: Desk) -> Characteristics:
    return ms.characteristics(shock, desk=desk)


def row(found: Characteristics, symbol: str) -> dict[str, object]:
    (only,) = found.table().where(symbol=symbol)
    return dict(only)


def test_one_row_a_stock_in_the_order_of_the_study(
    found: Characteristics, shock: ShockStudy
) -> None:
    assert found.session == SHOCK
    assert found.table()["symbol"] == shock.result.abnormal.symbols
    betas = shock.result.abnormal.coefficients[:, 1].tolist()
    assert found.to_frame()["beta"].tolist() == pytest.approx(betas)


def test_the_intensity_is_that_of_the_filings_before(found: Characteristics) -> None:
    """Microsoft, quarters to September 2024, straight from the file."""
    folder = Path(__file__).parents[2] / "data"
    spent, earned = {}, {}
    with (folder / "capex.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if (line["symbol"], line["scope"], line["frequency"]) == ("MSFT", "total", "Q"):
                spent[line["period_end"]] = float(line["capex_first_reported_musd"] or "nan")
    with (folder / "financials.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if (line["symbol"], line["frequency"]) == ("MSFT", "Q"):
                earned[line["period_end"]] = float(line["revenue_first_reported_musd"])
    ends = ["2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30"]
    expected = sum(spent[end] for end in ends) / sum(earned[end] for end in ends)
    assert row(found, "MSFT")["capex_intensity"] == pytest.approx(expected, rel=1e-12)


def test_a_report_filed_on_the_day_itself_is_not_known(desk: Desk) -> None:
    capex, financials = desk.source.table("capex"), desk.source.table("financials")
    filed = next(
        line["filed"]
        for line in financials.where(symbol="MSFT", scope="total", frequency="Q")
        if line["period_end"] == dt.date(2024, 12, 31)
    )
    on_the_day = capex_intensity("MSFT", capex, financials, filed)
    after = capex_intensity("MSFT", capex, financials, filed + dt.timedelta(days=1))
    assert on_the_day == capex_intensity("MSFT", capex, financials, SHOCK)
    assert on_the_day != after


def test_old_reports_do_not_count(desk: Desk) -> None:
    capex, financials = desk.source.table("capex"), desk.source.table("financials")
    assert capex_intensity("MSFT", capex, financials, dt.date(2027, 6, 1)) is None
    assert capex_intensity("MSFT", capex, financials, dt.date(2012, 6, 1)) is None


def test_value_and_return_are_those_of_the_close_before(found: Characteristics, desk: Desk) -> None:
    closes = desk.source.prices(["NVDA"])
    total = desk.source.prices(["NVDA"], "adj_close").column("NVDA")
    at = closes.calendar.position(SHOCK)
    assert at is not None
    known = desk.values.shares.known_before("NVDA", SHOCK)
    assert known is not None
    value = closes.column("NVDA")[at - 1] * known.count / 1e9
    nvidia = row(found, "NVDA")
    assert nvidia["log_market_value"] == pytest.approx(math.log(value), rel=1e-12)
    assert nvidia["prior_return"] == pytest.approx(total[at - 1] / total[at - 251] - 1, rel=1e-10)
    assert nvidia["sector"] == "Technology"


def test_what_is_missing_has_its_reason(found: Characteristics) -> None:
    assert row(found, "TSM")["log_market_value"] is None
    reasons = [lost.reason.en for lost in found.missing if lost.symbol == "TSM"]
    assert reasons[0] == "no share count filed before"
    cells = [row(found, symbol) for symbol in found.table()["symbol"]]
    assert len(found.missing) == sum(value is None for cell in cells for value in cell.values())
    assert all(lost.reason.it for lost in found.missing)


def test_it_feeds_a_slope_test(found: Characteristics, shock: ShockStudy) -> None:
    slope = ms.slope_test(shock.result, found.to_frame()[["log_market_value", "beta"]])
    assert slope.names == ("log_market_value", "beta")
    assert [lost.symbol for lost in slope.left_out] == ["TSM"]
    assert all(np.isfinite(slope.slopes))


def test_it_shows_itself(found: Characteristics) -> None:
    assert "before 2025-01-27" in repr(found)
    assert "TSM: no share count" in repr(found)
    assert "<table>" in found._repr_html_()


def test_several_dates_are_refused(desk: Desk) -> None:
    events = EventSet((Event("a", "NVDA", SHOCK), Event("b", "MSFT", dt.date(2024, 12, 2))))
    panel = desk.returns(["NVDA", "MSFT"], "^GSPC")
    result = EventStudy(placebo_sessions=0).run(events, panel)
    with pytest.raises(InsufficientDataError, match="several"):
        known_before(
            result,
            panel,
            desk.universe,
            desk.values,
            desk.source.table("capex"),
            desk.source.table("financials"),
        )
