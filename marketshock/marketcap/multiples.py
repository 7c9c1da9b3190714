"""What the market paid: price/earnings and price/sales of the past, and growth of value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.locale import Text
from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Row, Table, json_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Multiple", "Multiples", "Valuations", "ValueGrowth", "multiples", "value_growth"]

QUARTER_DAYS = (80, 102)
"""Days between the ends of two quarters in a row."""
OLDEST_DAYS = 200
"""Oldest end of a trailing year: a quarter, and the weeks until the next report, twice."""
NO_QUARTERS = Text(
    "no four quarters in a row filed before",
    "mancano quattro trimestri consecutivi depositati prima",
)
NO_EARNINGS = Text(
    "a loss over the last four quarters", "una perdita negli ultimi quattro trimestri"
)
NO_VALUE = Text("no market value that session", "nessuna capitalizzazione in quella seduta")


@dataclass(frozen=True, slots=True)
class ValueGrowth:
    """How many times a company's value multiplied between two sessions.

    Parameters
    ----------
    symbol : str
    first, last : datetime.date
    value_multiple : float
        Market value at `last` over that at `first`, each with the count known before it.
    price_multiple : float
        The same of split-adjusted closes.
    status : Status
        Weaker of the two share counts.
    """

    symbol: str
    first: dt.date
    last: dt.date
    value_multiple: float
    price_multiple: float
    status: Status


@dataclass(frozen=True, slots=True)
class Multiple:
    """One multiple on one session, and where it stands in its own history.

    Parameters
    ----------
    name : str
        ``price_earnings`` or ``price_sales``.
    value : float or None
        Market value over the sum of the last four quarters, as first reported.
    percentile : float or None
        Share of the sessions up to this one on which the multiple was known and not higher
        (decimals).
    sessions : int
        Sessions in that history.
    reason : Text or None
        Why there is no value.
    """

    name: str
    value: float | None
    percentile: float | None
    sessions: int
    reason: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Multiples:
    """Trailing multiples of one company on one session.

    Parameters
    ----------
    symbol : str
    date : datetime.date
    since : datetime.date or None
        First session of the history.
    market_value_usd_bn : float or None
    revenue_usd_bn, net_income_usd_bn : float or None
        Of the last four quarters filed before the session, as first reported.
    multiples : tuple of Multiple
    status : Status
        Weakest input.
    sources : tuple of Source
    """

    symbol: str
    date: dt.date
    since: dt.date | None
    market_value_usd_bn: float | None
    revenue_usd_bn: float | None
    net_income_usd_bn: float | None
    multiples: tuple[Multiple, ...]
    status: Status
    sources: tuple[Source, ...]

    def __getitem__(self, name: str) -> Multiple:
        return next(one for one in self.multiples if one.name == name)

    def table(self) -> Table:
        """Return one row a multiple."""
        rows = [
            {
                "symbol": self.symbol,
                "date": self.date,
                "multiple": one.name,
                "value": one.value,
                "percentile": one.percentile,
                "sessions": one.sessions,
                "since": self.since,
                "reason": one.reason,
                "status": self.status.value,
            }
            for one in self.multiples
        ]
        return Table.from_rows("multiples", rows)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.table().to_frame()

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows ready for JSON."""
        clean: list[dict[str, Any]] = json_value(self.table().to_records())
        return clean

    def __repr__(self) -> str:
        return self.table().to_text()

    def _repr_html_(self) -> str:
        return self.table().to_html()


@dataclass(frozen=True, slots=True, eq=False)
class Valuations:
    """Trailing multiples of several companies on one session.

    Parameters
    ----------
    companies : mapping of str to Multiples
        By printed name; never empty.
    """

    companies: Mapping[str, Multiples]

    @property
    def date(self) -> dt.date:
        """The session."""
        return next(iter(self.companies.values())).date

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, each once."""
        return tuple(dict.fromkeys(s for one in self.companies.values() for s in one.sources))

    def table(self) -> Table:
        """Return one row a company and multiple."""
        rows = [
            {"name": name, **row} for name, one in self.companies.items() for row in one.table()
        ]
        return Table.from_rows("valuations", rows)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        return self.table().to_text()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def value_growth(
    values: MarketValues, symbol: str, day: dt.date, *, months: int = 24
) -> ValueGrowth:
    """Return how many times a company's value multiplied over some months.

    To the last session on or before `day`, from the last session on or before its own day so
    many months earlier. The two sessions are part of the answer: the figure depends on them.

    Raises
    ------
    UserInputError
        If a day lies outside the data.
    InsufficientDataError
        If a market value is not known.
    """
    last = _last_session(values, day)
    first = _last_session(values, _months_before(values.day(last), months))
    worth = [values.value(symbol, position, position) for position in (first, last)]
    counts = [values.known_before(symbol, position) for position in (first, last)]
    if worth[0] is None or worth[1] is None or counts[0] is None or counts[1] is None:
        raise InsufficientDataError(
            f"The market value of {symbol} is not known on {values.day(first)} or "
            f"{values.day(last)}.",
            "Choose a company with share counts and another day.",
        )
    closes = values.closes.column(symbol)
    return ValueGrowth(
        symbol,
        values.day(first),
        values.day(last),
        worth[1] / worth[0],
        float(closes[last] / closes[first]),
        weakest((counts[0].status, counts[1].status)),
    )


def _months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day some months before, or the last day of a shorter month."""
    moved = np.datetime64(day, "M") - np.timedelta64(months, "M")
    last = (moved + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    same = moved.astype("datetime64[D]") + np.timedelta64(day.day - 1, "D")
    earlier: dt.date = min(same, last).astype(object)
    return earlier


def _last_session(values: MarketValues, day: dt.date) -> int:
    calendar = values.closes.calendar
    if not len(values.closes.sessions) or day < values.day(0) or day > values.day(-1):
        raise UserInputError(
            f"{day} lies outside the data, which run from {calendar.span}.", "Choose a day inside."
        )
    return int(np.searchsorted(values.closes.sessions, np.datetime64(day, "D"), side="right")) - 1


def multiples(
    values: MarketValues,
    financials: Table,
    symbol: str,
    day: dt.date,
    sources: tuple[Source, ...] = (),
) -> Multiples:
    """Return trailing price/earnings and price/sales, with their place in their own history.

    Market value at the close over net income or revenue of the last four fiscal quarters in
    a row that were filed before the session, as first reported; no restatement of later
    days gets in. There are no forward multiples: forecasts are not in the tables.

    Parameters
    ----------
    values : MarketValues
    financials : Table
        Quarters with ``symbol, scope, frequency, period_end, filed,
        revenue_first_reported_musd, net_income_first_reported_musd, status``.
    symbol : str
    day : datetime.date
        The last session on or before it counts.
    sources : tuple of Source
        Carried to the result.

    Raises
    ------
    UserInputError
        If the tables hold no quarters or no share counts of the company, or `day` lies
        outside the data.
    """
    rows = sorted(
        financials.where(symbol=symbol, scope="total", frequency="Q"),
        key=lambda row: row["period_end"],
    )
    if not rows or symbol not in values.symbols:
        known = sorted(set(financials["symbol"]) & set(values.symbols))
        raise UserInputError(
            f"No multiples of {symbol}: its filings or share counts are not in the tables.",
            f"There are multiples of {', '.join(known)}.",
        )
    position = _last_session(values, day)
    worth = values.closes.column(symbol) * values.counts(symbol) / 1e9
    trailing = {
        "price_earnings": _trailing(rows, "net_income_first_reported_musd", values.closes.sessions),
        "price_sales": _trailing(rows, "revenue_first_reported_musd", values.closes.sessions),
    }
    found = tuple(
        _multiple(name, worth[: position + 1], sums[: position + 1])
        for name, sums in trailing.items()
    )
    ratio = worth / trailing["price_sales"]
    count = values.known_before(symbol, position)
    used = [Status(row["status"]) for row in rows if row["filed"] < values.day(position)][-4:]
    now = {name: _known(sums[position]) for name, sums in trailing.items()}
    started = np.flatnonzero(np.isfinite(ratio[: position + 1]))
    return Multiples(
        symbol,
        values.day(position),
        values.day(int(started[0])) if len(started) else None,
        _known(worth[position]),
        now["price_sales"],
        now["price_earnings"],
        found,
        weakest([*used, count.status if count else Status.DERIVED]),
        (*values.sources_at(values.day(position)), *sources),
    )


def _trailing(rows: Sequence[Row], column: str, sessions: Dates) -> Floats:
    """Return the sum of the last four quarters known before each session, USD billions.

    NaN where four quarters in a row are missing or too old.
    """
    sums = np.full(len(sessions), np.nan)
    filed = sorted({row["filed"] for row in rows})
    edges = np.searchsorted(sessions, np.array(filed, "datetime64[D]"), side="right")
    for day, start, stop in zip(filed, edges, [*edges[1:], len(sessions)], strict=True):
        last = [row for row in rows if row["filed"] <= day][-4:]
        ends = [row["period_end"] for row in last]
        whole = len(last) == 4 and all(row[column] is not None for row in last)
        if not whole or not all(
            QUARTER_DAYS[0] <= (after - before).days <= QUARTER_DAYS[1]
            for before, after in pairwise(ends)
        ):
            continue
        fresh = sessions[start:stop] <= np.datetime64(ends[-1], "D") + OLDEST_DAYS
        sums[start:stop] = np.where(fresh, sum(row[column] for row in last) / 1000, np.nan)
    return sums


def _multiple(name: str, worth: Floats, sums: Floats) -> Multiple:
    positive = np.where(sums > 0, sums, np.nan)
    history = worth / positive
    known = history[np.isfinite(history)]
    value = _known(history[-1])
    if value is None:
        reason = NO_QUARTERS if not np.isfinite(sums[-1]) else NO_EARNINGS
        if not np.isfinite(worth[-1]):
            reason = NO_VALUE
        return Multiple(name, None, None, len(known), reason)
    return Multiple(name, value, float((known <= value).mean()), len(known))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
