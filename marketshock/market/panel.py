"""Price and return panels: sessions by symbols, read-only, with their basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import QualityError, UserInputError, suggest
from marketshock.market.sessions import Dates, SessionCalendar, parse_day
from marketshock.provenance import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Basis", "Floats", "PricePanel", "ReturnPanel", "returns"]

Floats = npt.NDArray[np.float64]
Basis = Literal["as_traded", "splits", "splits_dividends", "index"]
ReturnKind = Literal["simple", "log"]


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    values: Floats
    sessions: Dates
    symbols: tuple[str, ...]
    basis: Basis
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.sessions), len(self.symbols)):
            raise ValueError(
                f"{self.values.shape} values for {len(self.sessions)} sessions and "
                f"{len(self.symbols)} symbols."
            )
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError("A symbol stands twice in the panel.")
        self.values.setflags(write=False)
        self.sessions.setflags(write=False)

    @property
    def calendar(self) -> SessionCalendar:
        """The sessions of the panel."""
        return SessionCalendar(self.sessions)

    def column(self, symbol: str) -> Floats:
        """Return one symbol's values, shape (n_sessions,).

        Raises
        ------
        UserInputError
            If the panel lacks the symbol.
        """
        if symbol not in self.symbols:
            raise UserInputError(f"No prices for {symbol!r}.", suggest(symbol, self.symbols))
        return self.values[:, self.symbols.index(symbol)]

    def to_frame(self) -> pd.DataFrame:
        """Return a frame with sessions as index and symbols as columns."""
        import pandas as pd

        index = pd.DatetimeIndex(self.sessions.astype("datetime64[us]"), name="date")
        return pd.DataFrame(self.values.copy(), index=index, columns=list(self.symbols))


@dataclass(frozen=True, slots=True, eq=False)
class PricePanel(_Panel):
    """Prices of shape (n_sessions, n_symbols); NaN where there is none.

    ``basis`` tells what a price is: ``as_traded``, ``splits`` (adjusted for splits
    only), ``splits_dividends`` (total return), or ``index`` (a price index).
    """

    def select(self, symbols: Sequence[str]) -> PricePanel:
        """Return the panel with these symbols in this order."""
        values = np.empty((len(self.sessions), len(symbols)))
        for number, symbol in enumerate(symbols):
            values[:, number] = self.column(symbol)
        return PricePanel(values, self.sessions, tuple(symbols), self.basis, self.sources)


@dataclass(frozen=True, slots=True, eq=False)
class ReturnPanel(_Panel):
    """Returns in decimals (0.01 = 1 %) of shape (n_sessions, n_symbols).

    The return of a session spans exactly the session before it; where either close
    is missing it is NaN, so a gap never moves a shock to another day.
    """

    kind: ReturnKind = "simple"

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, basis: Basis = "splits_dividends") -> ReturnPanel:
        """Build from a frame of simple returns: dates as index, symbols as columns.

        Raises
        ------
        QualityError
            If dates stand twice, with the first one named.
        """
        import pandas as pd

        if frame.columns.has_duplicates:
            column = frame.columns[frame.columns.duplicated()][0]
            raise QualityError(f"The column {column!r} stands twice in the returns.")
        days = [parse_day(day) if isinstance(day, str) else day for day in frame.index]
        index = pd.DatetimeIndex(days)
        if index.tz is not None:
            index = index.tz_localize(None)
        index = index.normalize()
        if index.has_duplicates:
            twice = index[index.duplicated()][0]
            raise QualityError(
                f"The date {twice.date()} stands twice in the returns.",
                "Keep one row a session.",
            )
        ordered = frame.set_axis(index).sort_index()
        return cls(
            ordered.to_numpy(dtype=float, copy=True),
            ordered.index.to_numpy().astype("datetime64[D]"),
            tuple(str(name) for name in ordered.columns),
            basis,
        )


def returns(prices: PricePanel, kind: ReturnKind = "simple") -> ReturnPanel:
    """Return session-to-session returns; the first session has none.

    Simple: ``p[t] / p[t-1] - 1``. Log: ``ln(p[t] / p[t-1])``. Prices are never
    filled forward.
    """
    values = np.full(prices.values.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = prices.values[1:] / prices.values[:-1]
        values[1:] = np.log(ratio) if kind == "log" else ratio - 1.0
    return ReturnPanel(values, prices.sessions, prices.symbols, prices.basis, prices.sources, kind)
