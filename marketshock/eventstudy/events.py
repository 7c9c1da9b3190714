"""Events and sets of events; the id of an event is its only key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.announcements import Announcement, OnClosed
from marketshock.locale import Text
from marketshock.market.sessions import SessionCalendar, parse_day
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Event", "EventSet", "Shock", "ShockCatalogue"]

UNTITLED = Text("", "")


class Event(NamedTuple):
    """One stock on one date.

    Parameters
    ----------
    id : str
        The only key by which results are joined.
    symbol : str
    date : datetime.date
        Day of the news.
    first_session : datetime.date, optional
        Session 0: the first whose close can contain the news. Without it the first
        session on or after `date` is taken, and the result says if that moved it.
    benchmark : str
        Benchmark of this event alone; default that of the model.
    calendar : str
        Name of the panel that holds this event's sessions, where a study has several.
    announcement : Announcement, optional
        When and where the news came out, if that gave `first_session`.
    """

    id: str
    symbol: str
    date: dt.date
    first_session: dt.date | None = None
    benchmark: str = ""
    calendar: str = ""
    announcement: Announcement | None = None

    @classmethod
    def announced(
        cls,
        id: str,  # noqa: A002  (the field's name)
        symbol: str,
        announcement: Announcement,
        *,
        benchmark: str = "",
        calendar: str = "",
        on_closed: OnClosed = "next",
    ) -> Event:
        """Return the event of an announcement: its day and session 0 at the exchange.

        Parameters
        ----------
        on_closed : {"next", "error"}
            Whether news on a day without session moves to the next one or is refused.
        """
        first_session = announcement.first_session(on_closed)
        day = announcement.day
        return cls(id, symbol, day, first_session, benchmark, calendar, announcement)

    def position(self, calendar: SessionCalendar) -> int:
        """Return the position of session 0 in a calendar."""
        return calendar.first_on_or_after(self.first_session or self.date)


@dataclass(frozen=True, slots=True)
class EventSet:
    """Events with different ids."""

    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        if len({event.id for event in self.events}) == len(self.events):
            return
        seen: set[str] = set()
        for event in self.events:
            if event.id in seen:
                raise UserInputError(f"The event id {event.id!r} stands twice.", "Ids must differ.")
            seen.add(event.id)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    @classmethod
    def on_date(
        cls, symbols: Sequence[str], date: dt.date, first_session: dt.date | None = None
    ) -> EventSet:
        """Return one event for each symbol on a shared date; ids are the symbols."""
        return cls(tuple(Event(symbol, symbol, date, first_session) for symbol in symbols))

    @classmethod
    def from_csv(cls, text: str) -> EventSet:
        """Read the text of a CSV file of events.

        Columns: ``symbol`` and ``date``, and if wanted ``event_id`` (default
        ``SYMBOL@DATE``), ``time``, ``zone``, ``timing``, ``exchange``, ``first_session``,
        ``benchmark`` and ``calendar``, in any order.

        Raises
        ------
        UserInputError
            With line, column, what was received and what is expected, for all mistakes.
        """
        from marketshock.eventstudy.event_files import csv_events

        return cls(csv_events(text))

    @classmethod
    def from_toml(cls, text: str) -> EventSet:
        """Read the text of a TOML file with one ``[[event]]`` for each event.

        Keys and errors are those of :meth:`from_csv`.
        """
        from marketshock.eventstudy.event_files import toml_events

        return cls(toml_events(text))

    def to_table(self) -> Table:
        """Return the events with the columns of an event file; `from_csv` reads it back."""
        from marketshock.eventstudy.event_files import event_rows

        return event_rows(self.events)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> EventSet:
        """Build from columns ``symbol`` and ``date``.

        Optional columns: ``event_id`` (default ``SYMBOL@DATE``), ``first_session``,
        ``benchmark`` and ``calendar``.
        """
        missing = {"symbol", "date"} - set(frame.columns)
        if missing:
            raise UserInputError(
                f"The frame of events lacks {', '.join(sorted(missing))}.",
                "It needs the columns symbol and date.",
            )
        symbols = [str(symbol) for symbol in frame["symbol"].tolist()]
        days = _as_days(frame["date"])
        words_of = {day: f"@{day}" for day in set(days)}
        ids = [symbol + words_of[day] for symbol, day in zip(symbols, days, strict=True)]
        if "event_id" in frame.columns:
            ids = [str(name) for name in frame["event_id"]]
        firsts: list[dt.date | None] = [None] * len(ids)
        if "first_session" in frame.columns:
            firsts = [None if day != day else _as_day(day) for day in frame["first_session"]]
        words = (
            [str(word) if word == word else "" for word in frame[name]]
            if name in frame.columns
            else [""] * len(ids)
            for name in ("benchmark", "calendar")
        )
        rows = zip(ids, symbols, days, firsts, *words, repeat(None))
        return cls(tuple(map(Event._make, rows)))


def _as_days(column: pd.Series) -> list[dt.date]:
    """Read a column as days; datetimes without a gap need no look at each."""
    if column.dtype.kind == "M" and not column.hasnans:
        days: list[dt.date] = column.dt.date.tolist()
        return days
    return [_as_day(value) for value in column]


def _as_day(value: Any) -> dt.date:
    """Read a cell of a frame as a day."""
    if isinstance(value, str):
        return parse_day(value)
    if value != value or not isinstance(value, dt.date):
        raise UserInputError(f"{value!r} is not a date of an event.", "Write it as YYYY-MM-DD.")
    return value.date() if isinstance(value, dt.datetime) else value


@dataclass(frozen=True, slots=True)
class Shock:
    """One row of the catalogue of shocks."""

    id: str
    date: dt.date
    first_session: dt.date
    title: Text
    trigger: Text
    symbols: tuple[str, ...]
    timing: str
    tier: str
    status: Status


@dataclass(frozen=True, slots=True)
class ShockCatalogue:
    """The catalogue of shocks, by id."""

    shocks: tuple[Shock, ...]

    @classmethod
    def from_table(cls, table: Table) -> ShockCatalogue:
        """Read the table of shocks."""
        return cls(
            tuple(
                Shock(
                    row["id"],
                    row["date"],
                    row["first_session"],
                    Text(row["title_en"], row["title_it"]),
                    Text(row["trigger_en"], row["trigger_it"]),
                    tuple(row["symbols"].split()),
                    row["timing"],
                    row["tier"],
                    Status(row["status"]),
                )
                for row in table
            )
        )

    def __iter__(self) -> Iterator[Shock]:
        return iter(self.shocks)

    def find(self, name: str) -> Shock:
        """Return the shock with this id or with this unique prefix of one.

        Raises
        ------
        UserInputError
            If none or several fit, with suggestions.
        """
        ids = {shock.id: shock for shock in self.shocks}
        if name in ids:
            return ids[name]
        fits = [shock for key, shock in ids.items() if key.startswith(name)] if name else []
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise UserInputError(
                f"{name!r} fits several events: {', '.join(shock.id for shock in fits)}.",
                "Write more of the id.",
            )
        hint = suggest(name, ids) or "`marketshock events` lists them."
        raise UserInputError(f"Unknown event {name!r}.", hint)
