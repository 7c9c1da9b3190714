"""Answers to the question which stocks fell more; they print themselves and give frames."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from marketshock.eventstudy.result import Dropped
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.result import SignificanceResult
from marketshock.market.panel import Floats
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Contrast", "Method", "SlopeTest", "answer_row"]

Method = Literal["ols", "gls"]


@dataclass(frozen=True, slots=True, eq=False)
class SlopeTest:
    """Slopes of cumulative abnormal returns on characteristics, and what is ordinary.

    Parameters
    ----------
    window : EventWindow
    method : {"ols", "gls"}
    names : tuple of str of length p
    symbols : tuple of str of length n
        The stocks with all characteristics.
    slopes : ndarray of shape (p,)
        Of the multiple regression; decimals of return for one unit of the characteristic.
    weights : ndarray of shape (p, n)
        The portfolio that each slope is.
    history : ndarray of shape (p, T)
        The slopes of each complete estimation session.
    tests : dict of str to tuple of SignificanceResult
        ``slope_t`` and ``slope_rank`` by characteristic.
    left_out : tuple of Dropped
    """

    window: EventWindow
    method: Method
    names: tuple[str, ...]
    symbols: tuple[str, ...]
    slopes: Floats
    weights: Floats
    history: Floats
    tests: dict[str, tuple[SignificanceResult, ...]]
    left_out: tuple[Dropped, ...] = ()

    @property
    def errors(self) -> Floats:
        """Standard error of each slope's prediction, shape (p,); NaN without a history.

        s sqrt(L + L^2/T), s the standard deviation of the T earlier slopes.
        """
        sessions, length = self.history.shape[1], self.window.length
        if sessions < 2:
            return np.full(len(self.names), np.nan)
        spread = self.history.std(axis=1, ddof=1)
        return np.asarray(spread * np.sqrt(length + length**2 / sessions))

    def table(self) -> Table:
        """Return one row a characteristic and test."""
        rows = [
            {
                "characteristic": name,
                "slope": float(self.slopes[number]),
                "standard_error": float(self.errors[number]),
                **answer_row(test),
            }
            for number, name in enumerate(self.names)
            for test in self.tests[name]
        ]
        return Table.from_rows("slope_test", rows)

    def to_frame(self) -> pd.DataFrame:
        """Return :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def _head(self) -> str:
        return (
            f"slope of CAR [{self.window.first}, {self.window.last}] across {len(self.symbols)} "
            f"stocks, {self.method.upper()}, against {self.history.shape[1]} earlier sessions"
        )

    def __repr__(self) -> str:
        lines = [self._head(), *(f"  {line}" for line in self.table().to_text().splitlines())]
        return "\n".join(
            [*lines, *(f"  left out {d.symbol}: {d.reason.en}" for d in self.left_out)]
        )

    def _repr_html_(self) -> str:
        return f"<p><b>{escape(self._head())}</b></p>{self.table().to_html()}"


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """A weighted sum of cumulative abnormal returns, tested on the same portfolio's history.

    Parameters
    ----------
    window : EventWindow
    symbols : tuple of str of length N
    weights : ndarray of shape (N,)
    estimate : float
        Decimals.
    standard_error : float or None
        With the forecast error.
    tests : tuple of SignificanceResult
        ``contrast_t`` and ``contrast_rank``.
    """

    window: EventWindow
    symbols: tuple[str, ...]
    weights: Floats
    estimate: float
    standard_error: float | None
    tests: tuple[SignificanceResult, ...]

    def table(self) -> Table:
        """Return one row a test."""
        head = {"estimate": self.estimate, "standard_error": self.standard_error}
        return Table.from_rows("contrast", [{**head, **answer_row(test)} for test in self.tests])

    def to_frame(self) -> pd.DataFrame:
        """Return :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def _head(self) -> str:
        sides = [
            ", ".join(s for s, w in zip(self.symbols, self.weights, strict=True) if sign * w > 0)
            for sign in (1.0, -1.0)
        ]
        against = f" less {sides[1]}" if sides[1] else ""
        return f"CAR [{self.window.first}, {self.window.last}] of {sides[0]}{against}"

    def __repr__(self) -> str:
        lines = self.table().to_text().splitlines()
        return "\n".join([self._head(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        return f"<p><b>{escape(self._head())}</b></p>{self.table().to_html()}"


def answer_row(test: SignificanceResult) -> dict[str, Any]:
    """Return the cells of one test, its verdict behind them."""
    return {
        "test": test.name,
        "statistic": test.statistic,
        "pvalue": test.pvalue,
        "df": test.df,
        "verdict": "valid" if test.valid else "not valid",
        "why": test.full_reason.en,
    }
