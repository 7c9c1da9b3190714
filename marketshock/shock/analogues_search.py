"""The nearest earlier shocks to a shock: same stock, any large stock, same kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from marketshock.errors import InsufficientDataError, UserInputError, suggest
from marketshock.market.panel import Floats
from marketshock.market.sessions import to_day
from marketshock.shock.analogues_history import Kind, ShockHistory

__all__ = ["AMONG", "Among", "Nearest", "PastShock", "lead_column", "nearest_shocks"]

Among = Literal["same_stock", "any_large_stock", "same_kind"]
AMONG: tuple[Among, ...] = get_args(Among)
Whole = npt.NDArray[np.int64]

SHOCK = 3.0
"""Standard errors from which an abnormal return is called a shock."""

NORMAL_QUARTILES = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""

YEAR = 252


@dataclass(frozen=True, slots=True)
class PastShock:
    """One stock on one session.

    Parameters
    ----------
    symbol : str
    session : datetime.date
    move, ar : float
        Return and abnormal return, decimals.
    sar : float
        Abnormal return over its forecast standard error.
    dollars : float or None
        Change of market value, USD billions; None without a share count known before.
    breadth : float
        Share of all stocks that moved at least two standard errors the same way.
    volatility : float
        Of the market over the 60 sessions before, a year, decimals.
    kind : {"macro", "sector_wide", "single_name"}
    distance : float
        From the event; 0 for the event itself.
    row, column : int
        Where it stands in the history.
    """

    symbol: str
    session: dt.date
    move: float
    ar: float
    sar: float
    dollars: float | None
    breadth: float
    volatility: float
    kind: Kind
    distance: float
    row: int
    column: int

    def as_dict(self) -> dict[str, Any]:
        """Return what a table prints."""
        names = ("symbol", "session", "move", "ar", "sar", "dollars", "breadth", "volatility")
        return {name: getattr(self, name) for name in (*names, "kind", "distance")}


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The event and its nearest shocks, nearest first.

    Parameters
    ----------
    event : PastShock
    shocks : tuple of PastShock
    among : Among
    all_history : bool
        Whether later sessions were searched too.
    least_sar : float
        Standard errors from which a move counted as a shock.
    searched : int
        Shocks that the choice holds, before one a session was kept.
    features : tuple of str
        What the distance counts.
    known : ShockHistory
        Everything that may be used for them: by default what came before the event.
    """

    event: PastShock
    shocks: tuple[PastShock, ...]
    among: Among
    all_history: bool
    least_sar: float
    searched: int
    features: tuple[str, ...]
    known: ShockHistory

    @property
    def direction(self) -> float:
        """-1 for a fall, 1 for a rise."""
        return float(np.sign(self.event.sar))


def lead_column(history: ShockHistory, row: int, columns: Whole) -> int:
    """Return the stock whose market value changed most on a session, else that of largest |SAR|.

    Raises
    ------
    InsufficientDataError
        If no abnormal return is known on the session.
    """
    known = columns[np.isfinite(history.scan.sar[row, columns])]
    if not len(known):
        raise InsufficientDataError(
            f"No abnormal return is known on {to_day(history.scan.sessions[row])}.",
            f"An event needs {-history.scan.estimation.first} sessions before it.",
        )
    dollars = np.abs(history.dollars[row, known])
    size = dollars if np.isfinite(dollars).any() else np.abs(history.scan.sar[row, known])
    return int(known[np.nanargmax(size)])


def nearest_shocks(
    history: ShockHistory,
    row: int,
    column: int,
    *,
    among: Among = "any_large_stock",
    number: int = 30,
    all_history: bool = False,
) -> Nearest:
    """Find the shocks that are most like one stock's move on one session.

    A shock is an abnormal return of three standard errors in the event's direction, or of
    the event's own size where that is less. One is kept for each session, the nearest: stocks
    that fell together are one piece of evidence. Distance: root mean square of the differences
    in log |SAR|, log dollars, breadth and log volatility of the market, each over the spread
    of the shocks searched (quartile distance / 1.349). Dollars that a shock lacks count with
    the mean square of those known, so that it is neither near nor far for want of a figure.

    Parameters
    ----------
    history : ShockHistory
    row, column : int
        The event.
    among : {"same_stock", "any_large_stock", "same_kind"}
    number : int
        Most shocks to return.
    all_history : bool
        Search later sessions too; the default uses nothing from the event's session on.

    Raises
    ------
    UserInputError
        For an unknown choice or a number below one.
    InsufficientDataError
        If the event's own abnormal return is not known.
    """
    if among not in AMONG:
        raise UserInputError(
            f"No shocks among {among!r}.", suggest(among, AMONG) or f"Use {', '.join(AMONG)}."
        )
    if number < 1:
        raise UserInputError(f"{number} analogues are none.", "Ask for at least one.")
    size = float(history.scan.sar[row, column])
    if not np.isfinite(size) or size == 0.0:
        raise InsufficientDataError(
            f"{history.symbols[column]} has no abnormal return on "
            f"{to_day(history.scan.sessions[row])}.",
            f"An event needs {-history.scan.estimation.first} sessions before it.",
        )
    direction = float(np.sign(size))
    known = history if all_history else history.before(row)
    least = min(SHOCK, abs(size))
    rows, columns = _candidates(history, known, row, column, among, direction * least)
    own = _features(history, np.array([row]), np.array([column]), direction)
    distance, used = _distances(_features(known, rows, columns, direction), own[0])
    kept = _one_a_session(rows, distance)[:number]
    return Nearest(
        _described(history, np.array([row]), np.array([column]), np.zeros(1), direction)[0],
        _described(known, rows[kept], columns[kept], distance[kept], direction),
        among,
        all_history,
        least,
        len(rows),
        used,
        known,
    )


def _candidates(
    history: ShockHistory, known: ShockHistory, row: int, column: int, among: Among, least: float
) -> tuple[Whole, Whole]:
    """Return rows and columns of the shocks of a choice, other than on the event's session."""
    direction = float(np.sign(least))
    with np.errstate(invalid="ignore"):
        shocks = direction * known.scan.sar >= abs(least)
    shocks[row : row + 1] = False
    if among == "same_stock":
        shocks[:, np.arange(shocks.shape[1]) != column] = False
    rows, columns = np.nonzero(shocks)
    if among == "same_kind":
        own = history.kinds(np.array([row]), np.array([column]), direction)[0]
        same = np.array([kind == own for kind in known.kinds(rows, columns, direction)], bool)
        rows, columns = rows[same], columns[same]
    return rows, columns


FEATURES = ("size", "dollars", "breadth", "volatility")


def _features(history: ShockHistory, rows: Whole, columns: Whole, direction: float) -> Floats:
    """Return log |SAR|, log dollars, breadth and log volatility, shape (n, 4)."""
    dollars = direction * history.dollars[rows, columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.column_stack(
            [
                np.log(np.abs(history.scan.sar[rows, columns])),
                np.where(dollars > 0, np.log(dollars), np.nan),
                history.breadth(direction)[rows],
                np.log(history.volatility()[rows]),
            ]
        )


def _distances(features: Floats, event: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return the distance of each shock from the event, and which features count."""
    squares, used = [], []
    for name, values, own in zip(FEATURES, features.T, event, strict=True):
        known = np.isfinite(values)
        if not (np.isfinite(own) and known.any()):
            continue
        low, high = np.quantile(values[known], [0.25, 0.75])
        if high <= low:
            continue
        apart = ((values - own) * NORMAL_QUARTILES / (high - low)) ** 2
        squares.append(np.where(known, apart, apart[known].mean()))
        used.append(name)
    if not squares:
        return np.zeros(len(features)), ()
    return np.sqrt(np.mean(squares, axis=0)), tuple(used)


def _one_a_session(rows: Whole, distance: Floats) -> Whole:
    """Return the nearest shock of each session, nearest first."""
    order = np.argsort(distance, kind="stable")
    _, first = np.unique(rows[order], return_index=True)
    return order[np.sort(first)]


def _described(
    history: ShockHistory, rows: Whole, columns: Whole, distance: Floats, direction: float
) -> tuple[PastShock, ...]:
    kinds = history.kinds(rows, columns, direction)
    breadth, volatility = history.breadth(direction), history.volatility() * np.sqrt(YEAR)
    scan = history.scan
    return tuple(
        PastShock(
            history.symbols[column],
            to_day(scan.sessions[row]),
            float(scan.returns[row, column]),
            float(scan.ar[row, column]),
            float(scan.sar[row, column]),
            None if np.isnan(dollars := history.dollars[row, column]) else float(dollars),
            float(breadth[row]),
            float(volatility[row]),
            kind,
            apart,
            row,
            column,
        )
        for row, column, apart, kind in zip(
            rows.tolist(), columns.tolist(), distance.tolist(), kinds, strict=True
        )
    )
