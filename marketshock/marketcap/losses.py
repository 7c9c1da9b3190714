"""The largest one-day losses of market value, with the basis of every figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.locale import Text
from marketshock.market.panel import Floats
from marketshock.marketcap.bases import PRICE_WORDS, SHARE_WORDS, Valuation
from marketshock.marketcap.history import BILLION, MarketValues
from marketshock.provenance import Source, Status, weakest
from marketshock.quality.findings import Finding
from marketshock.table import Table

__all__ = ["Loss", "MarketCapLosses", "loss_at", "rank_losses"]

By = Literal["usd", "pct"]
Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]
SHARE_KINDS = {
    "cover": Text("cover", "copertina"),
    "balance": Text("balance sheet", "bilancio"),
    "weighted_basic": Text("average, basic", "media, base"),
    "weighted_diluted": Text("average, diluted", "media, diluita"),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """The change of one company's market value on one session.

    ``(close - previous_close) * shares_bn = loss_usd_bn`` on the basis of that day; on the
    mixed basis the value before stands on `shares_before_bn` instead. The filing named is
    that of the latest count on which the loss stands; `price_basis` and `share_basis` say
    where a stated price or count took the place of ours.
    """

    rank: int
    symbol: str
    name: str
    date: dt.date
    loss_usd_bn: float
    price_return: float
    previous_close: float
    close: float
    shares_bn: float
    shares_as_of: dt.date
    shares_filed: dt.date
    share_kind: str
    status: Status
    price_basis: str = "official"
    share_basis: str = "latest_filing"
    shares_before_bn: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "rank": self.rank,
            "symbol": self.symbol,
            "name": self.name,
            "date": self.date,
            "loss_usd_bn": self.loss_usd_bn,
            "return": self.price_return,
            "previous_close": self.previous_close,
            "close": self.close,
            "price_basis": PRICE_WORDS[self.price_basis].en,
            "shares_bn": self.shares_bn,
            "shares_as_of": self.shares_as_of,
            "shares_filed": self.shares_filed,
            "share_kind": self.share_kind,
            "status": self.status.value,
            "share_basis": SHARE_WORDS[self.share_basis].en,
            "shares_before_bn": self.shares_before_bn or self.shares_bn,
        }


LOSS_FIELDS = (
    "rank",
    "symbol",
    "name",
    "date",
    "loss_usd_bn",
    "return",
    "previous_close",
    "close",
    "price_basis",
    "shares_bn",
    "shares_as_of",
    "shares_filed",
    "share_kind",
    "status",
    "share_basis",
    "shares_before_bn",
)
"""Fields of a row in the order of the answer."""


@dataclass(frozen=True, slots=True)
class MarketCapLosses:
    """A ranking and what it ranges over.

    ``companies`` is the number of companies with a share count in the period: the
    ranking is the largest among them, never the largest ever. ``findings`` is what the quality
    gate found.
    """

    as_of: dt.date
    since: dt.date
    companies: int
    by: By
    losses: tuple[Loss, ...]
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> Status:
        """Weakest status of any share count in the ranking."""
        return weakest([Status.VERIFIED2, *(loss.status for loss in self.losses)])

    def table(self) -> Table:
        """Return the ranking as a table."""
        return Table.from_rows("losses", [loss.as_dict() for loss in self.losses], LOSS_FIELDS)

    def to_frame(self) -> Any:
        """Return the ranking as a pandas frame."""
        return self.table().to_frame()


def rank_losses(
    values: MarketValues,
    name: Callable[[str], str],
    *,
    top: int | None = 10,
    as_of: dt.date | None = None,
    since: dt.date | None = None,
    by: By = "usd",
    least_usd_bn: float = 0.0,
    basis: Valuation | None = None,
) -> MarketCapLosses:
    """Rank one-day losses of market value.

    ``loss = (close - previous close) x shares``, with the count of the latest filing
    strictly before that session. Each company stands for all its classes.

    Parameters
    ----------
    values : MarketValues
    name : callable
        Short name of a symbol.
    top : int, optional
        Rows; None for all.
    as_of, since : datetime.date, optional
        Last and first session that count.
    by : {"usd", "pct"}
        By billions of dollars or by price return.
    least_usd_bn : float
        Only changes below this; 0 keeps every fall.
    basis : Valuation, optional
        Other prices or counts than official closes and the latest filing.

    Raises
    ------
    UserInputError
        If `top` is not positive or the period is empty.
    InsufficientDataError
        If no company has a share count in it.
    """
    if top is not None and top < 1:
        raise UserInputError(f"A ranking of {top} rows is empty.", "Ask for at least one.")
    start, stop = _span(values, since, as_of)
    valued = basis or Valuation.of(values)
    changes = valued.changes[start:stop]
    known = np.isfinite(changes)
    if not known.any():
        raise InsufficientDataError("No company has closes and a share count in this period.")
    key = changes
    if by == "pct":
        key = valued.close[start:stop] / valued.previous[start:stop] - 1.0
    chosen = _lowest(key, (changes < least_usd_bn) & (key < 0), top)
    losses = tuple(
        loss_at(values, name, rank, start + int(row), int(column), valued)
        for rank, (row, column) in enumerate(
            zip(*np.unravel_index(chosen, key.shape), strict=True), 1
        )
    )
    last = values.day(stop - 1)
    companies = int(known.any(axis=0).sum())
    return MarketCapLosses(last, values.day(start), companies, by, losses, values.sources_at(last))


def _lowest(key: Floats, eligible: Bools, top: int | None) -> Positions:
    """Return the flat positions of the lowest eligible values, lowest first, ties in order."""
    places = np.flatnonzero(eligible)
    values = key.ravel()[places]
    if top is not None and top < len(places):
        bound = np.partition(values, top - 1)[top - 1]
        places, values = places[values <= bound], values[values <= bound]
    return places[np.argsort(values, kind="stable")[:top]]


def _span(values: MarketValues, since: dt.date | None, as_of: dt.date | None) -> tuple[int, int]:
    sessions = values.closes.sessions
    start = 1 if since is None else int(np.searchsorted(sessions, np.datetime64(since, "D")))
    start = max(start, 1)
    stop = len(sessions)
    if as_of is not None:
        stop = int(np.searchsorted(sessions, np.datetime64(as_of, "D"), side="right"))
    if start >= stop:
        raise UserInputError(
            f"No session between {since or values.day(0)} and {as_of or values.day(-1)}.",
            f"The data run from {values.day(0)} to {values.day(-1)}.",
        )
    return start, stop


def loss_at(
    values: MarketValues,
    name: Callable[[str], str],
    rank: int,
    position: int,
    column: int,
    valued: Valuation,
) -> Loss:
    """Return the change of one company's value on one session, with its basis."""
    day, symbol = values.day(position), values.symbols[column]
    factor = values.splits.factor(symbol, day)
    same_day = valued.share_basis in ("same_day", "mixed")
    known = values.shares.known_on if same_day else values.shares.known_before
    count = known(symbol, day)
    assert count is not None
    previous, close = valued.previous[position, column], valued.close[position, column]
    before, after = valued.before[position, column], valued.after[position, column]
    return Loss(
        rank,
        symbol,
        name(symbol),
        day,
        valued.change(position, column),
        float(close / previous - 1.0),
        float(previous) * factor,
        float(close) * factor,
        float(after) / factor / BILLION,
        count.as_of,
        count.filed,
        count.kind,
        count.status,
        valued.price_basis,
        valued.share_basis,
        None if before == after else float(before) / factor / BILLION,
    )
