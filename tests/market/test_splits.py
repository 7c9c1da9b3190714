from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.desk import Desk
from marketshock.market.panel import PricePanel
from marketshock.market.shares import ShareCounts, SharesOutstanding
from marketshock.market.splits import Split, SplitTable
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Status

SPLIT_DAY = dt.date(2022, 6, 6)
TABLE = SplitTable(
    (
        Split("AMZN", SPLIT_DAY, 20.0, "split"),
        Split("IBM", dt.date(2021, 11, 4), 1.046, "spin_off"),
        Split("NVDA", dt.date(2021, 7, 20), 4.0, "split"),
        Split("NVDA", dt.date(2024, 6, 10), 10.0, "split"),
    )
)


@pytest.mark.parametrize(
    ("symbol", "day", "factor"),
    [
        ("AMZN", "2022-06-03", 20.0),
        ("AMZN", "2022-06-06", 1.0),
        ("AMZN", "2026-01-02", 1.0),
        ("NVDA", "2021-07-19", 40.0),
        ("NVDA", "2021-07-20", 10.0),
        ("NVDA", "2024-06-10", 1.0),
        ("IBM", "2021-11-03", 1.046),
        ("AAPL", "2015-01-02", 1.0),
    ],
)
def test_factor_undoes_every_later_split_and_no_other(symbol: str, day: str, factor: float) -> None:
    assert TABLE.factor(symbol, dt.date.fromisoformat(day)) == pytest.approx(factor)


def test_market_value_needs_spin_offs_but_no_splits() -> None:
    days = np.array(["2021-11-03", "2021-11-04"], "datetime64[D]")
    assert TABLE.market_value_factors("IBM", days).tolist() == [1.046, 1.0]
    assert TABLE.market_value_factors("NVDA", days).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("symbol", "day", "as_traded"),
    [
        ("AMZN", "2022-04-29", 2485.63),
        ("NVDA", "2024-04-19", 762.00),
        ("NVDA", "2025-01-27", 118.42),
        ("META", "2022-02-03", 237.76),
    ],
)
def test_close_as_traded(desk: Desk, symbol: str, day: str, as_traded: float) -> None:
    closes = desk.source.prices([symbol])
    session = dt.date.fromisoformat(day)
    position = closes.calendar.position(session)
    close = closes.column(symbol)[position] * desk.splits.factor(symbol, session)
    assert close == pytest.approx(as_traded, abs=0.005)


def test_every_row_of_the_file_is_in_the_table(desk: Desk, data_folder: Path) -> None:
    with (data_folder / "splits.csv").open(encoding="utf-8") as file:
        rows = {
            (r["symbol"], r["date"], float(r["ratio"]), r["kind"]) for r in csv.DictReader(file)
        }
    assert rows == {(s.symbol, s.date.isoformat(), s.ratio, s.kind) for s in desk.splits.splits}


def split_again(values: MarketValues, symbol: str, ratio: float) -> MarketValues:
    """Return the same company after another split: prices / ratio, shares x ratio."""
    column = values.closes.symbols.index(symbol)
    prices = values.closes.values.copy()
    prices[:, column] /= ratio
    closes = values.closes
    filings = tuple(replace(c, count=c.count * ratio) for c in values.shares.filings[symbol])
    return MarketValues(
        PricePanel(prices, closes.sessions, closes.symbols, closes.basis, closes.sources),
        ShareCounts({**values.shares.filings, symbol: filings}),
        values.splits,
        values.sources,
    )


@given(
    symbol=st.sampled_from(["NVDA", "AMZN", "META", "GOOGL", "AVGO", "AAPL"]),
    ratio=st.sampled_from([2, 3, 4, 10, 20, 1 / 190]),
)
def test_another_split_leaves_market_values_where_they_are(
    desk: Desk, symbol: str, ratio: float
) -> None:
    before = MarketValues(
        desk.source.prices([symbol]), desk.values.shares, desk.splits, desk.values.sources
    )
    after = split_again(before, symbol, ratio)
    path = [values.closes.column(symbol) * values.counts(symbol) for values in (before, after)]
    assert np.isfinite(path[0]).sum() > 1000
    np.testing.assert_allclose(path[1], path[0], rtol=1e-12)
    np.testing.assert_allclose(after.changes(), before.changes(), rtol=1e-9, atol=1e-9)


@given(ratio=st.sampled_from([2, 3, 4, 10, 20]))
def test_prices_split_without_shares_do_move_market_values(desk: Desk, ratio: float) -> None:
    before = MarketValues(
        desk.source.prices(["NVDA"]), desk.values.shares, desk.splits, desk.values.sources
    )
    after = split_again(before, "NVDA", ratio)
    naive = after.closes.column("NVDA") * before.counts("NVDA")
    usual = before.closes.column("NVDA") * before.counts("NVDA")
    assert np.nanmax(np.abs(naive / usual - 1)) > 0.4


def test_before_a_spin_off_market_value_carries_its_ratio() -> None:
    days = np.array(["2021-11-03", "2021-11-04"], "datetime64[D]")
    closes = PricePanel(np.array([[100.0], [101.0]]), days, ("IBM",), "splits")
    count = SharesOutstanding(
        "IBM", dt.date(2021, 9, 30), dt.date(2021, 10, 25), 9e8, "cover", "10-Q", Status.VERIFIED2
    )
    values = MarketValues(closes, ShareCounts({"IBM": (count,)}), TABLE, ())
    assert values.counts("IBM") == pytest.approx([9e8 * 1.046, 9e8])
    assert values.value("IBM", 0, 0) == pytest.approx(100.0 * 0.9 * 1.046)
