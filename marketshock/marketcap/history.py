"""Market values from closes and the share counts known before each session."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from marketshock.market.panel import Floats, PricePanel
from marketshock.market.sessions import to_day
from marketshock.market.shares import ShareCounts, SharesOutstanding
from marketshock.market.splits import SplitTable
from marketshock.provenance import Source

__all__ = ["MarketValues"]

BILLION = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class MarketValues:
    """Closes, share counts and splits of the same companies on one split basis.

    Parameters
    ----------
    closes : PricePanel
        Split-adjusted, not dividend-adjusted.
    shares : ShareCounts
        On the split basis of `closes`.
    splits : SplitTable
    sources : tuple of Source
        Of closes and share counts.
    """

    closes: PricePanel
    shares: ShareCounts
    splits: SplitTable
    sources: tuple[Source, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols with at least one usable share count, in panel order."""
        return tuple(symbol for symbol in self.closes.symbols if symbol in self.shares)

    def sources_at(self, day: dt.date) -> tuple[Source, ...]:
        """Return the sources with the last day that can have been used on `day`."""
        return tuple(source.at(min(source.as_of or day, day)) for source in self.sources)

    def counts(self, symbol: str, *, on_the_day: bool = False) -> Floats:
        """Return the count known before each session, shape (n_sessions,); NaN before the first.

        Spin-off factors are included, so count times close is the market value. With
        `on_the_day` a filing of the session itself counts too.
        """
        filings = self.shares.filings[symbol]
        filed = np.array([count.filed for count in filings], "datetime64[D]")
        side: Literal["left", "right"] = "right" if on_the_day else "left"
        latest = np.searchsorted(filed, self.closes.sessions, side=side) - 1
        known = np.array([count.count for count in filings])[np.maximum(latest, 0)]
        factors = self.splits.market_value_factors(symbol, self.closes.sessions)
        counts: Floats = np.where(latest >= 0, known * factors, np.nan)
        return counts

    def changes(self) -> Floats:
        """Return (close - previous close) x shares known before, USD billions, (T, n_symbols)."""
        changes = np.full((len(self.closes.sessions), len(self.symbols)), np.nan)
        for number, symbol in enumerate(self.symbols):
            moves = np.diff(self.closes.column(symbol))
            changes[1:, number] = moves * self.counts(symbol)[1:] / BILLION
        return changes

    def price_returns(self) -> Floats:
        """Return close / previous close - 1, shape (T, n_symbols)."""
        closes = self.closes.select(self.symbols).values
        moves = np.full(closes.shape, np.nan)
        moves[1:] = closes[1:] / closes[:-1] - 1.0
        return moves

    def known_before(self, symbol: str, position: int) -> SharesOutstanding | None:
        """Return the share count used for the session at `position`."""
        return self.shares.known_before(symbol, self.day(position))

    def day(self, position: int) -> dt.date:
        """Return the date of the session at `position`."""
        return to_day(self.closes.sessions[position])

    def value(self, symbol: str, position: int, known_at: int) -> float | None:
        """Return close at `position` times the count known before `known_at`, USD billions.

        None without a count or a close.
        """
        if symbol not in self.shares or symbol not in self.closes.symbols:
            return None
        value = self.closes.column(symbol)[position] * self.counts(symbol)[known_at] / BILLION
        return float(value) if np.isfinite(value) else None
