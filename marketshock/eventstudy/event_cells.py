"""The cells of one event, and every mistake in them with its line and column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.announcements import (
    DEFAULT_EXCHANGE,
    STATED,
    Announcement,
    StatedTiming,
)
from marketshock.eventstudy.events import Event
from marketshock.market.exchange_hours import known_exchange, time_zone
from marketshock.market.sessions import parse_day

__all__ = ["COLUMNS", "NEEDED", "Mistakes", "Record", "read_events"]

COLUMNS = (
    "event_id",
    "symbol",
    "date",
    "time",
    "zone",
    "timing",
    "exchange",
    "first_session",
    "benchmark",
    "calendar",
)
NEEDED = ("symbol", "date")
ANNOUNCED = ("time", "timing", "exchange")
"""Columns that make a date an announcement; without them it is session 0 itself."""
MOST_TOLD = 20
"""Mistakes that an error names one by one."""
LONGEST_CELL = 200

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


@dataclass(frozen=True, slots=True)
class Record:
    """One event as text: cells by column, the line it starts on, and lines of single cells."""

    line: int
    cells: dict[str, str]
    lines: dict[str, int] = field(default_factory=dict)


class Mistakes:
    """What is wrong with a file, gathered to be told at once."""

    def __init__(self) -> None:
        self._told: list[tuple[int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._told)

    def add(self, line: int, column: str, received: str, expected: str) -> None:
        """Note one mistake."""
        shown = received if len(received) <= 40 else f"{received[:37]}..."
        place = f"line {line}, {column}" if column else f"line {line}"
        self._told.append((line, f"{place}: received {shown!r}, expected {expected}"))

    def stop(self) -> None:
        """Raise if there is any mistake.

        Raises
        ------
        UserInputError
            With the first mistakes in the order of the lines, and how many more there are.
        """
        if not self._told:
            return
        told = [words for _, words in sorted(self._told, key=lambda item: item[0])]
        more = len(told) - MOST_TOLD
        lines = [*told[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
        count = "1 mistake" if len(told) == 1 else f"{len(told)} mistakes"
        raise UserInputError(
            "\n  ".join([f"The file of events has {count}:", *lines]),
            f"Its columns are {', '.join(COLUMNS)}; symbol and date are needed.",
        )


def read_events(records: Sequence[Record], mistakes: Mistakes) -> tuple[Event, ...]:
    """Return the events of all records.

    Raises
    ------
    UserInputError
        With all mistakes of the file.
    """
    if not (records or mistakes):
        mistakes.add(1, "", "no event", "one event or more, each with symbol and date")
    announced = any(record.cells.get(name) for record in records for name in ANNOUNCED)
    found: list[Event] = []
    seen: dict[str, int] = {}
    for record in records:
        event = _Reading(record, mistakes).event(announced)
        name = event.id if event else record.cells.get("event_id", "")
        if name in seen:
            line = record.lines.get("event_id", record.line)
            where = f"an id of its own; it stands on line {seen[name]} too"
            mistakes.add(line, "event_id", name, where)
        elif name:
            seen[name] = record.line
        if event:
            found.append(event)
    mistakes.stop()
    return tuple(found)


class _Reading:
    """Reads the cells of one record and notes what is wrong with them."""

    def __init__(self, record: Record, mistakes: Mistakes) -> None:
        self.record, self.mistakes, self.good = record, mistakes, True

    def cell(self, column: str) -> str:
        """Return a cell; an absent one is empty."""
        return self.record.cells.get(column, "")

    def wrong(self, column: str, expected: str) -> None:
        """Note a mistake."""
        self.good = False
        line = self.record.lines.get(column, self.record.line)
        self.mistakes.add(line, column, self.cell(column), expected)

    def event(self, announced: bool) -> Event | None:
        """Return the event, or None if there is a mistake.

        Parameters
        ----------
        announced : bool
            Whether the file speaks of announcements; then an empty time is an unknown one.
        """
        for column, cell in self.record.cells.items():
            if len(cell) > LONGEST_CELL or not cell.isprintable():
                self.wrong(column, f"at most {LONGEST_CELL} characters on one line")
        if not self.good:
            return None
        if not self.cell("symbol"):
            self.wrong("symbol", "the symbol of a stock")
        date, first = self._day("date", needed=True), self._day("first_session")
        stated = self.cell("time") or self.cell("timing")
        news = self._announcement(date) if stated or (announced and first is None) else None
        if not self.good or date is None:
            return None
        symbol, own = self.cell("symbol"), (self.cell("benchmark"), self.cell("calendar"))
        name = self.cell("event_id") or f"{symbol}@{date}"
        if news is None:
            return Event(name, symbol, date, first, *own)
        return self._announced(name, symbol, news, first)

    def _announced(
        self, name: str, symbol: str, news: Announcement, first: dt.date | None
    ) -> Event | None:
        benchmark, calendar = self.cell("benchmark"), self.cell("calendar")
        try:
            event = Event.announced(name, symbol, news, benchmark=benchmark, calendar=calendar)
        except UserInputError as error:
            column = next((key for key in ("time", "timing") if self.cell(key)), "date")
            self.wrong(column, f"one that the calendar knows. {error}")
            return None
        if first not in (None, event.first_session):
            self.wrong("first_session", f"{event.first_session} by the announcement, or nothing")
            return None
        return event

    def _announcement(self, date: dt.date | None) -> Announcement | None:
        time, timing = self.cell("time"), self.cell("timing")
        if time and not _TIME.fullmatch(time):
            self.wrong("time", "HH:MM or HH:MM:SS of 24 hours")
        if timing and timing not in STATED:
            self.wrong("timing", suggest(timing, STATED) or f"one of {', '.join(STATED)}")
        elif time and timing:
            self.wrong("timing", "nothing beside a time")
        for column, check in (("zone", time_zone), ("exchange", known_exchange)):
            try:
                if self.cell(column):
                    check(self.cell(column))
            except UserInputError as error:
                self.wrong(column, f"one that is known. {error.hint}")
        if not self.good or date is None:
            return None
        return Announcement(
            date,
            dt.time.fromisoformat(time) if time else None,
            self.cell("zone"),
            self.cell("exchange") or DEFAULT_EXCHANGE,
            cast(StatedTiming, timing or "unknown"),
        )

    def _day(self, column: str, *, needed: bool = False) -> dt.date | None:
        if not (self.cell(column) or needed):
            return None
        try:
            return parse_day(self.cell(column))
        except UserInputError as error:
            self.wrong(column, f"a day as YYYY-MM-DD. {error.hint}".strip())
            return None
