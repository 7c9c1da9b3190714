"""Small companies with prices and filings that a test writes down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from marketshock.market.panel import PricePanel
from marketshock.market.shares import ShareCounts, SharesOutstanding
from marketshock.market.splits import SplitTable
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Status

Build = Callable[..., MarketValues]


@pytest.fixture(scope="session")
def build() -> Build:
    """Return a builder: closes by symbol on ten days, filings as (symbol, filed, count)."""

    def make(
        closes: dict[str, Sequence[float]],
        filings: Sequence[tuple[str, str, float]],
        splits: SplitTable | None = None,
        status: Status = Status.VERIFIED2,
    ) -> MarketValues:
        length = len(next(iter(closes.values())))
        days = np.datetime64("2025-01-01") + np.arange(length)
        values = np.column_stack([np.array(column, float) for column in closes.values()])
        panel = PricePanel(values, days, tuple(closes), "splits")
        counts: dict[str, tuple[SharesOutstanding, ...]] = {}
        for symbol, filed, count in filings:
            day = dt.date.fromisoformat(filed)
            one = SharesOutstanding(symbol, day, day, count, "cover", "10-Q", status)
            counts[symbol] = (*counts.get(symbol, ()), one)
        return MarketValues(panel, ShareCounts(counts), splits or SplitTable(()), ())

    return make
