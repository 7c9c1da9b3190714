"""The abnormal return of every stock on every session, each over its own forecast error.

One event study per stock and session, with the estimation window rolling along. The windows
of neighbouring sessions share nearly all of their sums, so the whole history costs little
more than reading it a few dozen times.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy import ols
from marketshock.eventstudy.models import ExpectedReturnModel
from marketshock.eventstudy.ols import Bools
from marketshock.eventstudy.scan_blocks import scan_blocks
from marketshock.eventstudy.scan_exact import Answer, ScanInputs, measure
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.market.panel import Floats, ReturnPanel
from marketshock.market.sessions import Dates, to_day
from marketshock.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

__all__ = ["Breadth", "Scan", "scan"]


@dataclass(frozen=True, slots=True, eq=False)
class Breadth:
    """How many stocks moved beyond a threshold on each session.

    Parameters
    ----------
    threshold : float
        Of the standardised abnormal return.
    sessions : ndarray of datetime64[D] of shape (n_sessions,)
    below, above, n : ndarray of int of shape (n_sessions,)
        Stocks with SAR < -threshold, with SAR > threshold, and with a SAR at all.
    """

    threshold: float
    sessions: Dates
    below: npt.NDArray[np.int64]
    above: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]

    @property
    def share(self) -> Floats:
        """Share of the stocks beyond the threshold on either side; NaN where none has a SAR."""
        share = np.full(len(self.n), np.nan)
        np.divide(self.below + self.above, self.n, out=share, where=self.n > 0)
        return share

    def table(self) -> Table:
        """Return the sessions on which any stock has a SAR, one a row."""
        share = self.share
        rows = [
            {
                "date": to_day(self.sessions[at]),
                "n": int(self.n[at]),
                "below": int(self.below[at]),
                "above": int(self.above[at]),
                "share": float(share[at]),
            }
            for at in np.flatnonzero(self.n)
        ]
        return Table.from_rows("breadth", rows, ("date", "n", "below", "above", "share"))

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas frame."""
        return self.table().to_frame()


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Abnormal returns of N stocks on T sessions; NaN where a stock-day can't be estimated.

    Parameters
    ----------
    model : str
        Name of the expected-return model.
    estimation : EstimationWindow
    sessions : ndarray of datetime64[D] of shape (T,)
    symbols : tuple of str of length N
    returns : ndarray of shape (T, N)
        Returns in decimals, as given.
    ar : ndarray of shape (T, N)
        Return less expected return, decimals.
    sar : ndarray of shape (T, N)
        AR over its forecast standard error, sigma sqrt(1 + x'(X'X)^-1 x).
    count : ndarray of int of shape (T, N)
        Estimation sessions used; 0 where there is no AR.
    parameters : int
        k, regressors with the constant.
    """

    model: str
    estimation: EstimationWindow
    sessions: Dates
    symbols: tuple[str, ...]
    returns: Floats
    ar: Floats
    sar: Floats
    count: npt.NDArray[np.int32]
    parameters: int

    def __post_init__(self) -> None:
        for values in (self.ar, self.sar, self.count):
            values.setflags(write=False)

    @property
    def df(self) -> npt.NDArray[np.int32]:
        """Degrees of freedom M - k of each stock-day; 0 where there is no AR."""
        df: npt.NDArray[np.int32] = np.where(self.count > 0, self.count - self.parameters, 0)
        return df

    @property
    def n_stock_days(self) -> int:
        """Stock-days with a standardised abnormal return."""
        return int(np.count_nonzero(self.count))

    def inside(self, since: dt.date | None = None, until: dt.date | None = None) -> Bools:
        """Return which sessions lie between two days, both included, shape (T,)."""
        inside = np.ones(len(self.sessions), bool)
        if since is not None:
            inside &= self.sessions >= np.datetime64(since, "D")
        if until is not None:
            inside &= self.sessions <= np.datetime64(until, "D")
        return inside

    def largest(
        self,
        top: int = 10,
        by: Literal["sar", "usd"] = "sar",
        *,
        changes: Floats | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> Table:
        """Return the largest shocks: by absolute SAR, or by dollars lost.

        Parameters
        ----------
        top : int
            Rows.
        by : {"sar", "usd"}
        changes : ndarray of shape (T, N), optional
            Change of market value in USD billions, losses negative; needed by dollars.
        since, until : datetime.date, optional
            First and last session that count.

        Returns
        -------
        Table
            Columns rank, symbol, date, ar, sar, return and loss_usd_bn (None where unknown).

        Raises
        ------
        UserInputError
            If `top` is not positive, or dollars are asked for without `changes`.
        InsufficientDataError
            If nothing can be ranked between the two days.
        """
        if top < 1:
            raise UserInputError(f"A ranking of {top} rows is empty.", "Ask for at least one.")
        if by == "usd" and changes is None:
            raise UserInputError("A ranking by dollars needs changes.", "Give changes=...")
        size = np.abs(self.sar) if changes is None or by == "sar" else -changes
        key = np.where((self.count > 0) & self.inside(since, until)[:, None], size, np.nan).ravel()
        known = np.flatnonzero(np.isfinite(key) & ((by == "sar") | (key > 0)))
        if not len(known):
            raise InsufficientDataError(
                f"No abnormal return between {since or to_day(self.sessions[0])} and "
                f"{until or to_day(self.sessions[-1])} can be ranked by {by}.",
                f"The first session that can be estimated needs {-self.estimation.first} before.",
            )
        first = known[np.argsort(-key[known], kind="stable")[:top]]
        rows, columns = np.unravel_index(first, self.sar.shape)
        return Table.from_rows(
            "scan",
            [
                self._row(rank, int(row), int(column), changes)
                for rank, (row, column) in enumerate(zip(rows, columns, strict=True), 1)
            ],
        )

    def _row(self, rank: int, row: int, column: int, changes: Floats | None) -> dict[str, object]:
        lost = np.nan if changes is None else float(changes[row, column])
        return {
            "rank": rank,
            "symbol": self.symbols[column],
            "date": to_day(self.sessions[row]),
            "ar": float(self.ar[row, column]),
            "sar": float(self.sar[row, column]),
            "return": float(self.returns[row, column]),
            "loss_usd_bn": lost if np.isfinite(lost) else None,
        }

    def breadth(self, threshold: float = 3.0) -> Breadth:
        """Return how many stocks had a SAR beyond a threshold, by session."""
        with np.errstate(invalid="ignore"):
            below, above = self.sar < -threshold, self.sar > threshold
        counted = (below, above, self.count > 0)
        return Breadth(threshold, self.sessions, *(mask.sum(axis=1) for mask in counted))


def scan(
    returns: ReturnPanel | pd.DataFrame,
    model: ExpectedReturnModel,
    estimation: EstimationWindow | None = None,
    factors: ReturnPanel | None = None,
) -> Scan:
    """Measure the abnormal return of every stock on every session.

    Each number is that of an event study of one stock with session 0 on that day, window
    [0, 0]; it depends on its own estimation window and its own session only.

    Parameters
    ----------
    returns : ReturnPanel or DataFrame
        Returns in decimals, the model's benchmark among them; that column is not scanned.
    model : ExpectedReturnModel
        Any linear model estimated by least squares, up to seven parameters or none.
    estimation : EstimationWindow, optional
        Default 250 sessions that end 11 before.
    factors : ReturnPanel, optional

    Raises
    ------
    UserInputError
        For a model with another estimator, or factors that are missing.
    """
    panel = returns if isinstance(returns, ReturnPanel) else ReturnPanel.from_frame(returns)
    window = estimation or EstimationWindow()
    design = model.design(panel, factors)
    if design.estimator is not ols.fit or design.forecast is not None:
        raise UserInputError(
            f"The model {model.name!r} can't be scanned: it has an estimator of its own.",
            "Use raw, mean, market_adjusted, market, capm, ff3, carhart or ff5.",
        )
    symbols = tuple(symbol for symbol in panel.symbols if symbol != model.benchmark)
    values = _columns(panel, symbols)
    inputs = ScanInputs.of(values, design, window, panel.first_row)
    answer = Answer.blank(values.shape, inputs.first)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        doubtful = list(scan_blocks(inputs, answer))
    if doubtful:
        rows, columns = (np.concatenate(part) for part in zip(*doubtful, strict=True))
        measure(inputs, rows, columns, answer)
    parameters = design.regressors.shape[1]
    return Scan(model.name, window, panel.sessions, symbols, values, *answer, parameters)


def _columns(panel: ReturnPanel, symbols: tuple[str, ...]) -> Floats:
    """Return the columns of some symbols in the panel's order, without a copy if they adjoin."""
    wanted = set(symbols)
    chosen = [at for at, symbol in enumerate(panel.symbols) if symbol in wanted]
    if chosen and chosen[-1] - chosen[0] == len(chosen) - 1:
        return panel.values[:, chosen[0] : chosen[-1] + 1]
    return panel.values[:, chosen]
