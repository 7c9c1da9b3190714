"""How much of an index each company is, from its market value and the index's own."""

from __future__ import annotations

import datetime as dt

import numpy as np

from marketshock.errors import InsufficientDataError
from marketshock.locale import Text
from marketshock.market.panel import Floats, PricePanel, ReturnPanel
from marketshock.marketcap.history import BILLION, MarketValues
from marketshock.provenance import Source
from marketshock.table import Table

__all__ = ["index_weights"]

BILLIONS_IN_A_TRILLION = 1000.0
TOTAL = "total"
INDEX_VALUE = Text(
    "market value of the S&P 500 as published", "capitalizzazione pubblicata dell'S&P 500"
)


def index_weights(values: MarketValues, published: Table, index: PricePanel) -> ReturnPanel:
    """Return the share of each company in an index at the close before each session.

    The company's market value (all shares) over the index's total market value, both at the
    close before. Between the days on which the total was published it moves with the index:
    the last known total times the index's change since. NaN before the first.

    Parameters
    ----------
    values : MarketValues
    published : Table
        Columns ``date``, ``basis`` (only rows with the basis ``total`` count) and
        ``market_value_usd_tn``.
    index : PricePanel
        One column, the closes of the index on the sessions of `values`.

    Returns
    -------
    ReturnPanel
        Weights in decimals, shape (n_sessions, n_companies).

    Raises
    ------
    InsufficientDataError
        If no total is known on any session.
    """
    sessions = values.closes.sessions
    total, last = _carried(published, index)
    weights = np.full((len(sessions), len(values.symbols)), np.nan)
    for number, symbol in enumerate(values.symbols):
        worth = values.closes.column(symbol)[:-1] * values.counts(symbol)[1:] / BILLION
        weights[1:, number] = worth / total[:-1]
    source = Source(INDEX_VALUE, last)
    return ReturnPanel(weights, sessions, values.symbols, "splits", (source,))


def _carried(published: Table, index: PricePanel) -> tuple[Floats, dt.date]:
    """Return the index's total on every session, USD billions, and the last day published."""
    closes, calendar = index.values[:, 0], index.calendar
    total = np.full(len(closes), np.nan)
    known = sorted(published.where(basis=TOTAL), key=lambda row: row["date"])
    inside = [row for row in known if calendar.covers(row["date"])]
    for row in inside:
        at = int(np.searchsorted(index.sessions, np.datetime64(row["date"]), side="right")) - 1
        amount = row["market_value_usd_tn"] * BILLIONS_IN_A_TRILLION
        total[at:] = amount * closes[at:] / closes[at]
    if not inside:
        raise InsufficientDataError(
            "The market value of the index is not known on any session.", "Leave exclude_self out."
        )
    return total, inside[-1]["date"]
