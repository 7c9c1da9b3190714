"""What sets the stocks of a shock apart: characteristics known before it, from our tables."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.capex import known_on, read_periods
from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import to_day
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Characteristics", "characteristics"]

COLUMNS = ("sector", "industry", "log_market_value", "beta", "capex_intensity", "prior_return")
PRIOR_SESSIONS = 250
OLDEST_DAYS = 200
"""Oldest end of a trailing year: a quarter, and the weeks until the next report, twice."""

QUARTER_DAYS = (80, 102)
"""Days between the ends of two quarters in a row."""

REASONS = {
    "sector": Text("no sector on the card", "nessun settore nella scheda"),
    "industry": Text("no industry on the card", "nessuna industria nella scheda"),
    "log_market_value": Text(
        "no share count filed before", "nessun numero di azioni depositato prima"
    ),
    "beta": Text("the model has no beta", "il modello non ha un beta"),
    "capex_intensity": Text(
        "no four quarters of capital expenditure and revenue filed before",
        "mancano quattro trimestri di investimenti e ricavi depositati prima",
    ),
    "prior_return": Text(
        f"no {PRIOR_SESSIONS} sessions of returns before",
        f"mancano {PRIOR_SESSIONS} sedute di rendimenti precedenti",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Characteristics:
    """One row a stock; what is not known stays missing, with its reason.

    Parameters
    ----------
    session : datetime.date
        Session 0: everything was known before it.
    rows : Table
        Columns ``symbol``, ``sector``, ``industry``, ``log_market_value`` (natural logarithm
        of USD billions at the close before), ``beta`` (of the study), ``capex_intensity``
        (capital expenditure over revenue of the last four quarters), ``prior_return``
        (compounded over 250 sessions, decimals). None where missing.
    missing : tuple of Dropped
        The characteristic in words before its reason, by stock.
    """

    session: dt.date
    rows: Table
    missing: tuple[Dropped, ...]

    def table(self) -> Table:
        """Return the rows."""
        return self.rows

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas frame with symbols as its index, as a slope test takes it."""
        return self.rows.to_frame().set_index("symbol")

    def _remarks(self) -> list[str]:
        return [f"{lost.symbol}: {lost.reason.en}" for lost in self.missing]

    def _head(self) -> str:
        return f"characteristics of {len(self.rows)} stocks before {self.session}"

    def __repr__(self) -> str:
        lines = [*self.rows.to_text().splitlines(), *self._remarks()]
        return "\n".join([self._head(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{escape(line)}</li>" for line in self._remarks())
        return f"<p><b>{self._head()}</b></p>{self.rows.to_html()}<ul>{remarks}</ul>"


def characteristics(
    result: StudyResult,
    returns: ReturnPanel,
    universe: Universe,
    values: MarketValues,
    capex: Table,
    financials: Table,
) -> Characteristics:
    """Collect the characteristics of a study's stocks, all known before session 0.

    Parameters
    ----------
    result : StudyResult
        Of one date.
    returns : ReturnPanel
        Total returns of the stocks.
    universe : Universe
    values : MarketValues
    capex, financials : Table
        Fiscal quarters; only amounts first reported in filings before session 0 count.

    Raises
    ------
    InsufficientDataError
        If the events have different dates.
    """
    abnormal = result.abnormal
    if not abnormal.shared_date:
        raise InsufficientDataError(
            "Characteristics belong to one date; these events have several.",
            "Collect them date by date.",
        )
    session = to_day(abnormal.sessions[0, abnormal.session_zero()])
    rows, missing = [], []
    for number, (event_id, symbol) in enumerate(
        zip(abnormal.event_ids, abnormal.symbols, strict=True)
    ):
        card = universe.instruments.get(symbol)
        beta = dict(zip(abnormal.parameters, abnormal.coefficients[number], strict=True)).get(
            "beta"
        )
        found: dict[str, Any] = {
            "sector": card.sector or None if card else None,
            "industry": card.industry or None if card else None,
            "log_market_value": _log_value(values, symbol, session),
            "beta": None if beta is None else float(beta),
            "capex_intensity": capex_intensity(symbol, capex, financials, session),
            "prior_return": _prior_return(returns, symbol, session),
        }
        rows.append({"symbol": symbol, **found})
        missing += [
            Dropped(event_id, symbol, REASONS[name]) for name in COLUMNS if found[name] is None
        ]
    return Characteristics(
        session, Table.from_rows("characteristics", rows, ("symbol", *COLUMNS)), tuple(missing)
    )


def capex_intensity(symbol: str, capex: Table, financials: Table, session: dt.date) -> float | None:
    """Return trailing capital expenditure over revenue, as known before a session.

    The last four fiscal quarters of which both were filed before it, as first reported; None
    without four in a row, or if they ended more than 200 days before.
    """
    before = session - dt.timedelta(days=1)
    filed = read_periods(capex.where(symbol=symbol, scope="total", frequency="Q"))
    spent = {period.end: period.capex_usd_bn for period in known_on(filed, before)}
    earned = {
        row["period_end"]: row["revenue_first_reported_musd"] / 1000
        for row in financials.where(symbol=symbol, scope="total", frequency="Q")
        if row["filed"] <= before
    }
    ends = sorted(set(spent) & set(earned))[-4:]
    if len(ends) < 4 or not _in_a_row(ends) or (session - ends[-1]).days > OLDEST_DAYS:
        return None
    return float(sum(spent[end] for end in ends) / sum(earned[end] for end in ends))


def _in_a_row(ends: Sequence[dt.date]) -> bool:
    low, high = QUARTER_DAYS
    return all(low <= (after - before).days <= high for before, after in pairwise(ends))


def _log_value(values: MarketValues, symbol: str, session: dt.date) -> float | None:
    position = values.closes.calendar.position(session)
    if position is None or position < 1:
        return None
    value = values.value(symbol, position - 1, position)
    return None if value is None else math.log(value)


def _prior_return(returns: ReturnPanel, symbol: str, session: dt.date) -> float | None:
    """Return the compounded return of the 250 sessions before a session."""
    position = returns.calendar.position(session)
    if position is None or position < PRIOR_SESSIONS or symbol not in returns.symbols:
        return None
    before = returns.column(symbol)[position - PRIOR_SESSIONS : position]
    if not np.isfinite(before).all():
        return None
    total = before.sum() if returns.kind == "log" else np.log1p(before).sum()
    return float(np.expm1(total))
