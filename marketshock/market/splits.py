"""Splits and spin-offs: from the one adjusted basis back to the price as traded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates
from marketshock.table import Table

__all__ = ["Split", "SplitTable"]


@dataclass(frozen=True, slots=True)
class Split:
    """One change of the share basis; prices before `date` were divided by `ratio`."""

    symbol: str
    date: dt.date
    ratio: float
    kind: str


@dataclass(frozen=True, slots=True)
class SplitTable:
    """All splits, spin-offs and stock dividends that the price basis contains."""

    splits: tuple[Split, ...]

    @classmethod
    def from_table(cls, table: Table) -> SplitTable:
        """Read a table with columns symbol, date, ratio, kind."""
        return cls(
            tuple(Split(row["symbol"], row["date"], row["ratio"], row["kind"]) for row in table)
        )

    def factor(self, symbol: str, day: dt.date) -> float:
        """Return the number by which the adjusted price of `day` becomes the price as traded."""
        return float(self._product(symbol, np.array([day], "datetime64[D]"), splits_too=True)[0])

    def market_value_factors(self, symbol: str, sessions: Dates) -> Floats:
        """Return the factors that market value needs besides price times split-adjusted shares.

        A spin-off divides earlier prices but not earlier share counts, so market
        values before it are short by its ratio.
        """
        return self._product(symbol, sessions, splits_too=False)

    def _product(self, symbol: str, sessions: Dates, *, splits_too: bool) -> Floats:
        factors = np.ones(len(sessions))
        for split in self.splits:
            if split.symbol == symbol and (splits_too or split.kind != "split"):
                factors[sessions < np.datetime64(split.date, "D")] *= split.ratio
        return factors
