"""The desk: one vintage, read once, and how a study is set up from names that users type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.events import Shock, ShockCatalogue
from marketshock.eventstudy.models import (
    Capm,
    ExpectedReturnModel,
    FactorModel,
    MarketAdjusted,
    MarketModel,
    MeanAdjusted,
    Raw,
)
from marketshock.eventstudy.result import Dropped
from marketshock.locale import Text
from marketshock.market.panel import PricePanel, ReturnPanel, returns
from marketshock.market.shares import ShareCounts
from marketshock.market.splits import SplitTable
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.sources.bundle import EmbeddedSource

__all__ = ["BENCHMARK", "MODELS", "Desk", "named_model"]

BENCHMARK = "^GSPC"
MODELS = ("raw", "mean", "market_adjusted", "market", "capm", "ff3", "carhart", "ff5")
LATER_MODELS = ("scholes_williams", "dimson", "garch")
_FACTOR_COLUMNS = {
    "ff3": ("mkt_rf", "smb", "hml"),
    "carhart": ("mkt_rf", "smb", "hml", "mom"),
    "ff5": ("mkt_rf", "smb", "hml", "rmw", "cma"),
}


class Desk:
    """One vintage, read once: what all short functions of this module work with.

    Parameters
    ----------
    source : str
        Only ``embedded`` in this version.
    """

    def __init__(self, source: str = "embedded") -> None:
        if source != "embedded":
            raise UserInputError(f"No source {source!r} in this version.", "Use embedded.")
        self.source = EmbeddedSource()

    @cached_property
    def universe(self) -> Universe:
        """Instrument cards."""
        return Universe.from_table(self.source.table("instruments"))

    @cached_property
    def splits(self) -> SplitTable:
        """Splits and spin-offs of the price basis."""
        return SplitTable.from_table(self.source.table("splits"))

    @cached_property
    def catalogue(self) -> ShockCatalogue:
        """The catalogue of shocks."""
        return ShockCatalogue.from_table(self.source.table("shocks"))

    @cached_property
    def values(self) -> MarketValues:
        """Market values of all companies with share counts."""
        shares = ShareCounts.from_table(self.source.table("shares"))
        symbols = [symbol for symbol in self.universe.stocks() if symbol in shares]
        return self.values_of(shares, symbols)

    def values_of(self, shares: ShareCounts, symbols: Sequence[str]) -> MarketValues:
        """Return market values of some companies only."""
        filed = max(filings[-1].filed for filings in shares.filings.values())
        sources = (self.source.source("prices"), self.source.source("shares", filed))
        return MarketValues(self.source.prices(symbols), shares, self.splits, sources)

    def returns(self, symbols: Sequence[str], benchmark: str) -> ReturnPanel:
        """Return simple total returns of stocks and the benchmark's returns beside them."""
        panel = self.source.prices(symbols, "adj_close")
        if benchmark and benchmark not in symbols:
            market = self.source.prices([benchmark], "adj_close")
            panel = PricePanel(
                np.column_stack([panel.values, market.values]),
                panel.sessions.copy(),
                (*panel.symbols, benchmark),
                "splits_dividends",
                panel.sources,
            )
        return returns(panel)

    def factors(self, model: str) -> ReturnPanel | None:
        """Return the factor returns in decimals that belong to a model, or None."""
        if model not in ("capm", *_FACTOR_COLUMNS):
            return None
        table = self.source.table("factors5_daily" if model == "ff5" else "factors3_daily")
        columns = {name: table[name] for name in table.columns if name != "date"}
        if model == "carhart":
            momentum = self.source.table("factors5_daily")
            by_day = dict(zip(momentum["date"], momentum["mom"], strict=True))
            columns["mom"] = tuple(by_day.get(day) for day in table["date"])
        return ReturnPanel(
            np.array(list(columns.values()), float).T / 100.0,
            np.array(table["date"], "datetime64[D]"),
            tuple(columns),
            "index",
            (self.source.source("factors"),),
        )

    def covered(self, shock: Shock) -> tuple[list[str], list[Dropped]]:
        """Return the stocks of a shock that the source covers, and the others with reasons."""
        kept, dropped = [], []
        for symbol in shock.symbols:
            card = self.universe.instruments.get(symbol)
            if card is not None and card.kind == "stock":
                kept.append(symbol)
            elif card is not None:
                reason = Text(f"{card.kind}, not a stock", f"{card.kind}, non un'azione")
                dropped.append(Dropped(symbol, symbol, reason))
            else:
                reason = Text("not covered by the source", "non coperto dalla fonte")
                dropped.append(Dropped(symbol, symbol, reason))
        return kept, dropped


def named_model(name: str, benchmark: str) -> ExpectedReturnModel:
    """Return the model that a user names.

    Raises
    ------
    UserInputError
        For a model that is unknown or not in this version.
    """
    simple: dict[str, ExpectedReturnModel] = {
        "raw": Raw(),
        "mean": MeanAdjusted(),
        "market_adjusted": MarketAdjusted(benchmark),
        "market": MarketModel(benchmark),
        "capm": Capm(),
    }
    if name in simple:
        return simple[name]
    if name in _FACTOR_COLUMNS:
        return FactorModel(name, _FACTOR_COLUMNS[name])
    if name in LATER_MODELS:
        raise UserInputError(
            f"The model {name!r} is not in this version.", f"Use one of {', '.join(MODELS)}."
        )
    raise UserInputError(
        f"Unknown model {name!r}.", suggest(name, MODELS) or f"Use one of {', '.join(MODELS)}."
    )
