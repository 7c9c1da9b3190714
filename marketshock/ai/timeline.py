"""The race day by day, on the path of a price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from marketshock.ai.partial_days import first_and_last
from marketshock.errors import DataCorruptError, InsufficientDataError, UserInputError
from marketshock.locale import Text, real_minus
from marketshock.market.panel import PricePanel
from marketshock.market.sessions import to_day
from marketshock.provenance import Source, Status
from marketshock.table import Row, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RaceEvent", "Timeline", "timeline"]

Precision = Literal["day", "month", "year"]
_COLUMNS = ("date", "precision", "event_en", "event_it", "source", "status")


@dataclass(frozen=True, slots=True)
class RaceEvent:
    """One event and its place on the path.

    Parameters
    ----------
    first, last : datetime.date
        The day, or first and last day of the month or year.
    precision : {"day", "month", "year"}
    text : Text
    status : Status
    session : datetime.date or None
        First session on the day or after it; None if the day is not known, or lies outside
        the prices. News of an evening stands at its own day, though the price answers later.
    session_return : float or None
        Change of the price in that session (decimals); it may have other causes.
    """

    first: dt.date
    last: dt.date
    precision: Precision
    text: Text
    status: Status
    session: dt.date | None = None
    session_return: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Events over the closes of one stock or index.

    Parameters
    ----------
    symbol, name : str
        Of the price.
    sessions : tuple of datetime.date of shape (T,)
    closes : tuple of float of shape (T,)
        Split-adjusted closes.
    events : tuple of RaceEvent
        By day.
    sources : tuple of Source
    accent : datetime.date or None
        The session of the shock.
    """

    symbol: str
    name: str
    sessions: tuple[dt.date, ...]
    closes: tuple[float, ...]
    events: tuple[RaceEvent, ...]
    sources: tuple[Source, ...] = ()
    accent: dt.date | None = None

    @property
    def placed(self) -> tuple[RaceEvent, ...]:
        """The events that have a session."""
        return tuple(event for event in self.events if event.session is not None)

    def close(self, session: dt.date) -> float:
        """Return the close of a session.

        Raises
        ------
        UserInputError
            If there is no such session here.
        """
        if session not in self.sessions:
            raise UserInputError(f"{session} is no session of this timeline.")
        return self.closes[self.sessions.index(session)]

    def table(self) -> Table:
        """Return one row an event."""
        return Table.from_rows(
            "timeline",
            [
                {
                    "first": event.first,
                    "last": event.last,
                    "precision": event.precision,
                    "session": event.session,
                    "session_return": event.session_return,
                    "event": event.text,
                    "status": event.status.value,
                }
                for event in self.events
            ],
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the events in words."""
        lines = [
            f"{event.first} {event.text.en}"
            + (" (not confirmed)" if event.status is Status.RECALLED else "")
            for event in self.events
        ]
        head = f"{len(self.events)} events over {self.name}, {len(self.sessions)} sessions."
        return "\n".join([head, *lines])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def timeline(
    table: Table,
    closes: PricePanel,
    *,
    name: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
    accent: dt.date | None = None,
    sources: tuple[Source, ...] = (),
) -> Timeline:
    """Put events on the path of a price.

    News of a day without session (a weekend) stands at the next one. Events known to the
    month or the year have no place on the path; they stay in the table.

    Parameters
    ----------
    table : Table
        Columns ``date, precision, event_en, event_it, source, status``.
    closes : PricePanel
        Of one symbol.
    name : str
        As printed.
    since, until : datetime.date, optional
        Part of the path and of the events.
    accent : datetime.date, optional
        Session of the shock.
    sources : tuple of Source

    Raises
    ------
    DataCorruptError
        If a column is missing.
    InsufficientDataError
        If fewer than two sessions are left.
    """
    missing = [column for column in _COLUMNS if column not in table.columns]
    if missing:
        raise DataCorruptError(f"Table {table.name} lacks {', '.join(missing)}.")
    values = closes.values[:, 0]
    known = np.isfinite(values)
    days, prices = closes.sessions[known], values[known]
    inside = np.ones(len(days), bool)
    inside &= days >= np.datetime64(since) if since else True
    inside &= days <= np.datetime64(until) if until else True
    if inside.sum() < 2:
        raise InsufficientDataError(
            f"{closes.symbols[0]} has fewer than two sessions between {since} and {until}.",
            "Choose other days.",
        )
    start, end = since or dt.date.min, until or dt.date.max
    events = [_event(row, days, prices, inside) for row in table]
    kept = sorted(
        (event for event in events if start <= event.last and event.first <= end),
        key=lambda event: (event.first, event.last),
    )
    return Timeline(
        closes.symbols[0],
        name or closes.symbols[0],
        tuple(to_day(day) for day in days[inside]),
        tuple(float(price) for price in prices[inside]),
        tuple(kept),
        sources,
        accent,
    )


def _event(row: Row, days: np.ndarray, prices: np.ndarray, inside: np.ndarray) -> RaceEvent:
    first, last = first_and_last(row["date"])
    text, status = (
        Text(real_minus(row["event_en"]), real_minus(row["event_it"])),
        Status(row["status"]),
    )
    bare = RaceEvent(first, last, row["precision"], text, status)
    if first != last:
        return bare
    at = int(np.searchsorted(days, np.datetime64(first)))
    if at == len(days) or not inside[at]:
        return bare
    moved = float(prices[at] / prices[at - 1] - 1.0) if at else None
    return RaceEvent(first, last, row["precision"], text, status, to_day(days[at]), moved)
