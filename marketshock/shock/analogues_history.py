"""What analogues are looked for in: every stock on every session, and the state of its day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import UserInputError
from marketshock.eventstudy.models import ExpectedReturnModel
from marketshock.eventstudy.ols import Bools
from marketshock.eventstudy.scan import Scan, scan
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.market.panel import Floats, ReturnPanel
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Source
from marketshock.shock.market_scan import dollar_changes

__all__ = ["Kind", "ShockHistory", "shock_history"]

Kind = Literal["macro", "sector_wide", "single_name"]
Whole = npt.NDArray[np.int64]

BEYOND = 2.0
"""Standard errors from which a stock counts for breadth."""

RARE = 0.95
"""Share of the sessions of the estimation window that a wide move must exceed."""

VOLATILITY_SESSIONS = 60
FEWEST_OTHERS = 5
"""Other stocks of a sector that are needed to speak of the sector."""


@dataclass(frozen=True, slots=True, eq=False)
class ShockHistory:
    """Abnormal returns of N stocks on T sessions, with what the market did.

    Parameters
    ----------
    scan : Scan
        Of the stocks alone.
    benchmark : str
    market : ndarray of shape (T,)
        Return of the benchmark, decimals.
    offset, regressors : ndarray of shape (T,) and (T, K)
        What the model expects without and with estimation.
    dollars : ndarray of shape (T, N)
        Change of market value, USD billions; NaN without a share count known before.
    universe : Universe
        Names and sectors of the stocks.
    sources : tuple of Source
    """

    scan: Scan
    benchmark: str
    market: Floats
    offset: Floats
    regressors: Floats
    dollars: Floats
    universe: Universe
    sources: tuple[Source, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The stocks."""
        return self.scan.symbols

    def __len__(self) -> int:
        return len(self.market)

    def before(self, row: int) -> ShockHistory:
        """Return what had happened before a session: everything later is cut off."""
        cut = self.scan
        past = replace(
            cut,
            sessions=cut.sessions[:row],
            returns=cut.returns[:row],
            ar=cut.ar[:row],
            sar=cut.sar[:row],
            count=cut.count[:row],
        )
        return replace(
            self,
            scan=past,
            market=self.market[:row],
            offset=self.offset[:row],
            regressors=self.regressors[:row],
            dollars=self.dollars[:row],
        )

    def volatility(self) -> Floats:
        """Return the market's standard deviation over the 60 sessions before each, (T,)."""
        found = np.full(len(self), np.nan)
        if len(self) > VOLATILITY_SESSIONS:
            spans = np.lib.stride_tricks.sliding_window_view(self.market, VOLATILITY_SESSIONS)
            found[VOLATILITY_SESSIONS:] = spans[:-1].std(axis=1, ddof=1)
        return found

    def beyond(self, direction: float) -> Bools:
        """Return which stocks moved at least two standard errors that way, shape (T, N)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(direction * self.scan.sar >= BEYOND)

    def breadth(self, direction: float) -> Floats:
        """Return the share of stocks that moved at least two standard errors that way, (T,)."""
        return _share(self.beyond(direction).sum(axis=1), (self.scan.count > 0).sum(axis=1))

    def kinds(self, rows: Whole, columns: Whole, direction: float) -> tuple[Kind, ...]:
        """Return of which kind the shock of each stock-session was.

        ``macro``: the market's own move exceeds in size those of 95 % of the sessions of the
        estimation window. Else ``sector_wide``: the share of the *other* stocks of the
        sector (of all others, where it has fewer than five) that moved two standard errors
        the same way exceeds that of 95 % of those sessions. Else ``single_name``.
        """
        macro = self._rare(np.abs(self.market), rows)
        beyond, known = self.beyond(direction), self.scan.count > 0
        wide = np.zeros(len(rows), bool)
        for column in np.unique(columns):
            mine = columns == column
            others = self._others(int(column))
            share = _share(beyond[:, others].sum(axis=1), known[:, others].sum(axis=1))
            wide[mine] = self._rare(share, rows[mine])
        return tuple(
            "macro" if moved else "sector_wide" if many else "single_name"
            for moved, many in zip(macro.tolist(), wide.tolist(), strict=True)
        )

    def _others(self, column: int) -> Whole:
        """Return the other stocks of a stock's sector, or all others."""
        sectors = [self.universe.card(symbol).sector for symbol in self.symbols]
        same = [at for at, sector in enumerate(sectors) if sector == sectors[column]]
        chosen = same if len(same) > FEWEST_OTHERS else range(len(sectors))
        return np.array([at for at in chosen if at != column], np.int64)

    def _rare(self, values: Floats, rows: Whole) -> Bools:
        """Return on which rows a value exceeds those of 95 % of its estimation window."""
        window = self.scan.estimation
        spans = rows[:, None] + np.arange(window.first, window.last + 1)
        earlier = np.where(spans >= 0, values[np.maximum(spans, 0)], np.nan)
        with np.errstate(invalid="ignore"):
            smaller = (earlier < values[rows, None]).sum(axis=1)
        return np.asarray(smaller >= RARE * np.maximum(np.isfinite(earlier).sum(axis=1), 1))


def shock_history(
    returns: ReturnPanel,
    model: ExpectedReturnModel,
    benchmark: str,
    universe: Universe,
    *,
    estimation: EstimationWindow | None = None,
    factors: ReturnPanel | None = None,
    values: MarketValues | None = None,
) -> ShockHistory:
    """Measure every stock of a panel on every session.

    Parameters
    ----------
    returns : ReturnPanel
        Simple total returns of the stocks, with the benchmark.
    model : ExpectedReturnModel
        Linear, estimated by least squares.
    benchmark : str
        Whose own move and volatility describe a session.
    universe : Universe
        Sectors of the stocks.
    estimation : EstimationWindow, optional
    factors : ReturnPanel, optional
    values : MarketValues, optional
        For the dollars; without them size in dollars does not count.

    Raises
    ------
    UserInputError
        For log returns, or a model that can't be scanned.
    """
    if returns.kind != "simple":
        raise UserInputError("Analogues compound simple returns, not log returns.")
    whole = scan(returns, model, estimation, factors)
    kept = [at for at, symbol in enumerate(whole.symbols) if symbol != benchmark]
    stocks = replace(
        whole,
        symbols=tuple(whole.symbols[at] for at in kept),
        returns=whole.returns[:, kept],
        ar=whole.ar[:, kept],
        sar=whole.sar[:, kept],
        count=whole.count[:, kept],
    )
    design = model.design(returns, factors)
    extra = (*(factors.sources if factors else ()), *(values.sources if values else ()))
    return ShockHistory(
        stocks,
        benchmark,
        returns.column(benchmark),
        design.offset,
        design.regressors,
        dollar_changes(stocks, values),
        universe,
        tuple(dict.fromkeys((*returns.sources, *extra))),
    )


def _share(part: Whole, whole: Whole) -> Floats:
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
