"""Price and return panels: sessions by symbols, read-only, with their basis."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import MarketShockWarning, QualityError, UserInputError, suggest
from marketshock.market.sessions import Dates, SessionCalendar, parse_day
from marketshock.provenance import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Basis", "Floats", "PricePanel", "ReturnKind", "ReturnPanel", "returns"]

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

    @property
    def first_row(self) -> int:
        """First row with any value; returns made from prices have none in row 0."""
        for row, values in enumerate(self.values):
            if np.isfinite(values).any():
                return row
        return len(self.sessions)

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
    def from_frame(
        cls, frame: pd.DataFrame, basis: Basis = "splits_dividends", kind: ReturnKind = "simple"
    ) -> ReturnPanel:
        """Build from a frame of returns: dates as index, symbols as columns.

        Stamps with a zone must be midnight of that zone. Rows that stand twice with the same
        values are taken once, with a :class:`MarketShockWarning`.

        Raises
        ------
        QualityError
            If a date stands twice with different values, or a stamp has a time of day: its
            session can't be told without the exchange's zone.
        """
        import pandas as pd

        if frame.columns.has_duplicates:
            column = frame.columns[frame.columns.duplicated()][0]
            raise QualityError(f"The column {column!r} stands twice in the returns.")
        index = frame.index
        if not isinstance(index, pd.DatetimeIndex):
            days = [parse_day(day) if isinstance(day, str) else day for day in index]
            index = pd.DatetimeIndex(days)
        if index.tz is not None:
            index = index.tz_localize(None)
        midnights = index.to_numpy().astype("datetime64[D]")
        timed = index.to_numpy() != midnights
        if timed.any():
            raise QualityError(
                f"The stamp {index[timed][0]} has a time of day.",
                "Give session dates, or stamps at midnight of the exchange's zone "
                "(index.tz_convert).",
            )
        ordered = _one_row_a_day(frame if index is frame.index else frame.set_axis(index))
        if not ordered.index.is_monotonic_increasing:
            ordered = ordered.sort_index()
        return cls(
            ordered.to_numpy(dtype=float, copy=True),
            ordered.index.to_numpy().astype("datetime64[D]"),
            tuple(map(str, ordered.columns.tolist())),
            basis,
            kind=kind,
        )


def _one_row_a_day(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop rows that repeat a day and its values; refuse a day with two different rows."""
    if not frame.index.has_duplicates:
        return frame
    single: pd.DataFrame = frame.loc[
        ~(frame.index.duplicated() & frame.reset_index().duplicated().to_numpy())
    ]
    if single.index.has_duplicates:
        twice = single.index[single.index.duplicated()][0]
        raise QualityError(
            f"The date {twice.date()} stands twice in the returns.", "Keep one row a session."
        )
    many = len(frame) - len(single)
    warnings.warn(
        MarketShockWarning(f"{many} rows of the returns stand twice and were taken once."),
        stacklevel=3,
    )
    return single


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
