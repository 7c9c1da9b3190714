"""The desk: one vintage, read once, and how a study is set up from names that users type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError, suggest
from marketshock.locale import Text
from marketshock.market.panel import PricePanel, ReturnKind, ReturnPanel, returns
from marketshock.market.sessions import SessionCalendar, to_day
from marketshock.market.shares import ShareCounts
from marketshock.market.splits import SplitTable
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.exchange_sessions import exchange_sessions
from marketshock.sources.opening import open_source
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.events import Shock, ShockCatalogue
    from marketshock.eventstudy.models import ExpectedReturnModel
    from marketshock.eventstudy.result import Dropped
    from marketshock.shock.characteristics import Characteristics
    from marketshock.shock.study import ShockStudy

__all__ = ["BENCHMARK", "MODELS", "Desk", "characteristics", "named_model"]

BENCHMARK = "^GSPC"
MODELS = (
    *("raw", "mean", "market_adjusted", "market", "capm", "ff3", "carhart", "ff5"),
    *("scholes_williams", "dimson", "garch"),
)
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
        ``embedded``, or a source whose last vintage was fetched or imported: ``yahoo``,
        ``files``; ``yahoo+sec`` takes share counts and capital expenditure of a second vintage.
        Instrument cards and the catalogue of shocks are those that travel with the package;
        every market figure is of the source, and what it lacks is never filled from another.
    """

    def __init__(self, source: str = "embedded") -> None:
        self.source = open_source(source)
        own = self.source.name == "embedded"
        self.reference = self.source if own else EmbeddedSource()

    @cached_property
    def universe(self) -> Universe:
        """Instrument cards."""
        former = "former_symbols"
        known = Universe.from_table(
            self.reference.table("instruments"),
            self.reference.table(former) if self.reference.has(former) else None,
        )
        return replace(known, instruments={**self.source.cards(), **known.instruments})

    @cached_property
    def without_card(self) -> tuple[str, ...]:
        """Symbols of which nothing is known but what the source declares, sorted."""
        own = self.source.cards()
        listed = self.reference.table("instruments")["symbol"] if own else ()
        return tuple(sorted(own.keys() - set(listed)))

    @cached_property
    def splits(self) -> SplitTable:
        """Splits and spin-offs of the price basis."""
        return SplitTable.from_table(self.source.table("splits"))

    @cached_property
    def exchange(self) -> SessionCalendar:
        """The sessions that the exchange of the prices held."""
        own = self.source.prices(())
        return exchange_sessions(self.source.exchange, own.calendar.day(0), own.calendar.day(-1))

    @cached_property
    def catalogue(self) -> ShockCatalogue:
        """The catalogue of shocks."""
        from marketshock.eventstudy.events import ShockCatalogue

        return ShockCatalogue.from_table(self.reference.table("shocks"))

    @cached_property
    def share_table(self) -> Table:
        """All share counts, with the rows that serve for checks only."""
        return self.source.table("shares")

    @cached_property
    def values(self) -> MarketValues:
        """Market values of all companies with share counts; of none without the table."""
        if not self.source.has("shares"):
            return self.values_of(ShareCounts({}), ())
        shares = ShareCounts.from_table(self.share_table)
        priced = set(self.source.symbols)
        symbols = [one for one in self.universe.stocks() if one in shares and one in priced]
        return self.values_of(shares, symbols)

    def values_of(self, shares: ShareCounts, symbols: Sequence[str]) -> MarketValues:
        """Return market values of some companies only."""
        sources = [self.source.source("prices")]
        if shares.filings:
            filed = max(filings[-1].filed for filings in shares.filings.values())
            sources.append(self.source.source("shares", filed))
        return MarketValues(self.source.prices(symbols), shares, self.splits, tuple(sources))

    def returns(
        self, symbols: Sequence[str], benchmark: str, kind: ReturnKind = "simple"
    ) -> ReturnPanel:
        """Return total returns of stocks and the benchmark's returns beside them."""
        if kind not in ("simple", "log"):
            raise UserInputError(f"No returns of the kind {kind!r}.", "Use simple or log.")
        panel = self.source.prices(symbols, "adj_close")
        if benchmark and benchmark not in symbols:
            market = self.source.prices([benchmark], "adj_close")
            panel = PricePanel(
                np.column_stack([panel.values, market.values]),
                panel.sessions.copy(),
                (*panel.symbols, benchmark),
                market.basis if panel.basis == "index" else panel.basis,
                panel.sources,
            )
        return returns(panel, kind)

    def weights(self, model: ExpectedReturnModel, session: dt.date) -> ReturnPanel:
        """Return the weight of each company in a model's index at the close before each session.

        Raises
        ------
        UserInputError
            For any model without an index whose market value is in the tables.
        InsufficientDataError
            If no weight is known on `session`.
        """
        from marketshock.marketcap.index_weights import index_weights

        if model.benchmark != BENCHMARK:
            index = f"an index other than {BENCHMARK}" if model.benchmark else "no index"
            raise UserInputError(
                f"The model {model.name!r} has {index}: no weights to leave a stock out by.",
                f"Use the market model with {BENCHMARK}, or leave exclude_self out.",
            )
        table = self.source.table("sp500_market_value")
        weights = index_weights(self.values, table, self.source.prices([BENCHMARK]))
        first = to_day(weights.sessions[np.isfinite(weights.values).any(axis=1)][0])
        if session < first:
            raise InsufficientDataError(
                f"Weights in {BENCHMARK} are known from {first}, not on {session}.",
                "Leave exclude_self out.",
            )
        return weights

    def model(
        self, model: str | Path | pd.DataFrame, benchmark: str
    ) -> tuple[ExpectedReturnModel, ReturnPanel | None]:
        """Return a model and the factors it reads: by name, from a CSV file, or from a frame."""
        from marketshock.eventstudy.models import FactorModel
        from marketshock.sources.factor_file import RISK_FREE, factors_from_frame, read_factors

        if isinstance(model, str) and not model.lower().endswith(".csv"):
            return named_model(model, benchmark), self.factors(model)
        if isinstance(model, (str, Path)):
            factors = read_factors(Path(model))
        else:
            factors = factors_from_frame(model)
        columns = tuple(name for name in factors.symbols if name != RISK_FREE)
        excess = RISK_FREE if RISK_FREE in factors.symbols else ""
        return FactorModel("own", columns, excess), factors

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
        from marketshock.eventstudy.result import Dropped

        kept, dropped = [], []
        held = self.universe.instruments if self.source is self.reference else self.source.symbols
        for symbol in shock.symbols:
            card = self.universe.instruments.get(symbol) if symbol in held else None
            if card is not None and card.kind == "stock":
                kept.append(symbol)
            elif card is not None:
                reason = Text(f"{card.kind}, not a stock", f"{card.kind}, non un'azione")
                dropped.append(Dropped(symbol, symbol, reason))
            else:
                reason = Text("not covered by the source", "non coperto dalla fonte")
                if symbol in self.universe.former:
                    gone = self.universe.former[symbol].reason
                    reason = Text(f"{reason.en}: {gone.en}", f"{reason.it}: {gone.it}")
                dropped.append(Dropped(symbol, symbol, reason))
        return kept, dropped


def named_model(name: str, benchmark: str) -> ExpectedReturnModel:
    """Return the model that a user names.

    Raises
    ------
    UserInputError
        For a model that is unknown.
    """
    from marketshock.eventstudy.garch import GarchMarketModel
    from marketshock.eventstudy.models import (
        Capm,
        FactorModel,
        MarketAdjusted,
        MarketModel,
        MeanAdjusted,
        Raw,
    )
    from marketshock.eventstudy.thin_trading import Dimson, ScholesWilliams

    simple: dict[str, ExpectedReturnModel] = {
        "raw": Raw(),
        "mean": MeanAdjusted(),
        "market_adjusted": MarketAdjusted(benchmark),
        "market": MarketModel(benchmark),
        "scholes_williams": ScholesWilliams(benchmark),
        "dimson": Dimson(benchmark),
        "garch": GarchMarketModel(benchmark),
        "capm": Capm(),
    }
    if name in simple:
        return simple[name]
    if name in _FACTOR_COLUMNS:
        return FactorModel(name, _FACTOR_COLUMNS[name])
    raise UserInputError(
        f"Unknown model {name!r}.",
        suggest(name, MODELS) or f"Use one of {', '.join(MODELS)}, or a CSV file of factors.",
    )


def characteristics(shock: ShockStudy, *, desk: Desk | None = None) -> Characteristics:
    """Return what sets the stocks of a shock apart, known before it; see slope_test.

    Sector, industry, logarithm of market value, beta, capital expenditure over revenue and
    the return of the 250 sessions before, from the embedded tables; what they lack stays
    missing, with its reason.
    """
    from marketshock.shock.characteristics import characteristics as known_before

    desk = desk or Desk()
    return known_before(
        shock.result,
        desk.returns(shock.result.abnormal.symbols, ""),
        desk.universe,
        desk.values,
        desk.source.table("capex"),
        desk.source.table("financials"),
    )
