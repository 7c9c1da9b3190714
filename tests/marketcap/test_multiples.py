from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marketshock.desk import Desk
from marketshock.errors import UserInputError
from marketshock.marketcap.multiples import NO_EARNINGS, NO_QUARTERS
from marketshock.marketcap.multiples import multiples as multiples_of
from marketshock.note_study import multiples, value_growth
from marketshock.table import Table


@pytest.fixture(scope="module")
def quarters(data_folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(data_folder / "financials.csv", parse_dates=["filed", "period_end"])
    return frame[(frame.scope == "total") & (frame.frequency == "Q")].sort_values("period_end")


def by_hand(desk: Desk, quarters: pd.DataFrame, symbol: str, column: str) -> pd.Series:
    """Return price over four quarters for every session, by a loop over sessions."""
    own = quarters[quarters.symbol == symbol]
    filed, ends = own.filed.to_numpy(), own.period_end.to_numpy()
    amounts, sessions = own[column].to_numpy(), desk.values.closes.sessions
    closes, counts = desk.values.closes.column(symbol), desk.values.counts(symbol)
    found = {}
    for row, session in enumerate(sessions):
        last = np.flatnonzero(filed < session)[-4:]
        total = amounts[last].sum() / 1000
        fresh = len(last) == 4 and session - ends[last[-1]] <= np.timedelta64(200, "D")
        if fresh and total > 0:
            found[pd.Timestamp(session)] = closes[row] * counts[row] / 1e9 / total
    return pd.Series(found)


@pytest.mark.parametrize("symbol", ["NVDA", "AAPL", "ORCL"])
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("price_earnings", "net_income_first_reported_musd"),
        ("price_sales", "revenue_first_reported_musd"),
    ],
)
def test_against_a_loop_over_sessions(
    desk: Desk, quarters: pd.DataFrame, symbol: str, name: str, column: str
) -> None:
    found = multiples(symbol, "2025-01-24", desk=desk)[name]
    history = by_hand(desk, quarters, symbol, column)[:"2025-01-24"].dropna()
    assert found.value == pytest.approx(history.iloc[-1], rel=1e-12)
    assert found.sessions == len(history)
    assert found.percentile == pytest.approx((history <= history.iloc[-1]).mean(), rel=1e-12)


def test_nvidia_before_the_shock_from_its_four_filings(desk: Desk) -> None:
    found = multiples("NVDA", "2025-01-24", desk=desk)
    assert found.revenue_usd_bn == pytest.approx(22.103 + 26.044 + 30.040 + 35.082, abs=1e-9)
    assert found["price_sales"].value == pytest.approx(142.62 * 24.49 / 113.269, rel=1e-9)
    assert found.to_records()[0]["reason"] is None


def test_a_loss_has_no_price_earnings_and_says_so(desk: Desk) -> None:
    found = multiples("TSLA", "2019-06-03", desk=desk)
    assert found["price_earnings"].value is None
    assert found["price_earnings"].percentile is None
    assert found["price_earnings"].reason is NO_EARNINGS
    assert found["price_sales"].value > 0


def test_nothing_is_known_before_four_filings(desk: Desk) -> None:
    found = multiples("AVGO", "2018-01-02", desk=desk)
    assert found["price_sales"].value is None
    assert found.multiples[0].reason is not None
    assert {one.reason for one in found.multiples} <= {NO_QUARTERS, NO_EARNINGS} | {
        found.multiples[0].reason
    }


def test_a_later_filing_does_not_reach_back(desk: Desk) -> None:
    table = desk.source.table("financials")
    late = [
        {**row, "revenue_first_reported_musd": 1.0} if row["filed"] > dt.date(2025, 1, 24) else row
        for row in table
    ]
    changed = Table.from_rows("financials", late)
    day = dt.date(2025, 1, 24)
    first, second = (multiples_of(desk.values, t, "NVDA", day) for t in (table, changed))
    assert first["price_sales"] == second["price_sales"]


@pytest.mark.parametrize(
    ("day", "first", "times"),
    [
        ("2025-01-24", "2023-01-24", 7.40),
        ("2025-01-27", "2023-01-27", 5.81),
        ("2025-02-02", "2023-01-31", 6.15),
    ],
)
def test_nvidia_over_two_years(desk: Desk, day: str, first: str, times: float) -> None:
    found = value_growth("NVDA", day, desk=desk)
    assert str(found.first) == first
    assert found.price_multiple == pytest.approx(times, abs=0.01)
    counts = desk.values.counts("NVDA")
    calendar = desk.values.closes.calendar
    ratio = counts[calendar.position(found.last)] / counts[calendar.position(found.first)]
    assert found.value_multiple == pytest.approx(found.price_multiple * ratio)
    assert np.isfinite(found.value_multiple)


def test_a_company_without_filings_is_refused(desk: Desk) -> None:
    with pytest.raises(UserInputError, match="No multiples of JPM"):
        multiples("JPM", "2025-01-24", desk=desk)
    with pytest.raises(UserInputError, match="outside the data"):
        value_growth("NVDA", "2015-06-01", desk=desk)
