"""Events and sets of events; the id of an event is its only key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marketshock.errors import UserInputError, suggest
from marketshock.locale import Text
from marketshock.market.sessions import SessionCalendar, parse_day
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Event", "EventSet", "Shock", "ShockCatalogue"]

UNTITLED = Text("", "")


@dataclass(frozen=True, slots=True)
class Event:
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
    """

    id: str
    symbol: str
    date: dt.date
    first_session: dt.date | None = None

    def position(self, calendar: SessionCalendar) -> int:
        """Return the position of session 0 in a calendar."""
        return calendar.first_on_or_after(self.first_session or self.date)


@dataclass(frozen=True, slots=True)
class EventSet:
    """Events with different ids."""

    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        ids = [event.id for event in self.events]
        twice = next((name for name in ids if ids.count(name) > 1), None)
        if twice is not None:
            raise UserInputError(f"The event id {twice!r} stands twice.", "Ids must differ.")

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
    def from_frame(cls, frame: pd.DataFrame) -> EventSet:
        """Build from columns ``symbol`` and ``date``, and optionally ``event_id``.

        Without ids, ``SYMBOL@DATE`` is taken.
        """
        missing = {"symbol", "date"} - set(frame.columns)
        if missing:
            raise UserInputError(
                f"The frame of events lacks {', '.join(sorted(missing))}.",
                "It needs the columns symbol and date.",
            )
        events = []
        for row in frame.to_dict("records"):
            date = row["date"]
            day = parse_day(date) if isinstance(date, str) else date
            day = day.date() if isinstance(day, dt.datetime) else day
            name = str(row.get("event_id", f"{row['symbol']}@{day}"))
            events.append(Event(name, str(row["symbol"]), day))
        return cls(tuple(events))


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
