"""The trading hours of exchanges, and time zones, from their public calendars."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.market.sessions import Dates, SessionCalendar

__all__ = ["ExchangeHours", "clock", "exchange_hours", "known_exchange", "time_zone"]


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeHours:
    """Sessions of an exchange with their opening and closing bells in UTC.

    ``week`` has a 1 for each weekday on which the exchange trades, Monday first.
    """

    calendar: SessionCalendar
    opens: Dates
    closes: Dates
    early: frozenset[dt.date]
    zone: str
    week: str

    def position(self, day: dt.date) -> int | None:
        """Return the position of a day, or None if it is no session.

        Raises
        ------
        UserInputError
            If the day lies outside the calendar of the exchange.
        """
        if not self.calendar.covers(day):
            raise self._outside(day)
        return self.calendar.position(day)

    def session(self, position: int) -> dt.date:
        """Return the day of a session, which must not lie past the end of the calendar."""
        if position >= len(self.calendar.sessions):
            raise self._outside(self.calendar.day(-1))
        return self.calendar.day(position)

    def _outside(self, day: dt.date) -> UserInputError:
        return UserInputError(
            f"{day}, or the session that follows, lies outside the calendar of its exchange, "
            f"{self.calendar.span}.",
            "Name the first session yourself.",
        )


def known_exchange(exchange: str) -> str:
    """Return the code of an exchange; an unknown one is refused with suggestions."""
    import exchange_calendars

    known = exchange_calendars.get_calendar_names()
    if exchange not in known:
        hint = suggest(exchange, known) or "Give its market identifier code, for example XNYS."
        raise UserInputError(f"Unknown exchange {exchange!r}.", hint)
    return exchange


@lru_cache(maxsize=64)
def exchange_hours(exchange: str, decade: int) -> ExchangeHours:
    """Return the trading hours of ten years and two months around them."""
    import exchange_calendars

    known_exchange(exchange)
    span = f"{decade - 1:04}-12-01", f"{decade + 10:04}-01-31"
    try:
        found = exchange_calendars.get_calendar(exchange, *span)
    except ValueError:
        found = _clipped(exchange, *span)
    return ExchangeHours(
        SessionCalendar(_naive(found.sessions).astype("datetime64[D]")),
        _naive(found.opens),
        _naive(found.closes),
        frozenset(day.date() for day in found.early_closes),
        str(found.tz),
        found.weekmask,
    )


def _clipped(exchange: str, first: str, last: str) -> Any:
    """Return the calendar between the bounds that its exchange has.

    Raises
    ------
    UserInputError
        If no part of the span lies between them, with the bounds.
    """
    import exchange_calendars

    now = exchange_calendars.get_calendar(exchange)
    low, high = (f"{end:%Y-%m-%d}" if end else "" for end in (now.bound_min(), now.bound_max()))
    start, end = max(first, low), min(last, high or last)
    try:
        return exchange_calendars.get_calendar(exchange, start, end)
    except ValueError:
        known = f": it is known from {low or 'long ago'} to {high or 'far ahead'}"
        raise UserInputError(
            f"No calendar of {exchange} for the years around {first[:4]}"
            f"{known if low or high else ''}.",
            "Name the first session yourself.",
        ) from None


def _naive(times: Any) -> Dates:
    """Return pandas times as UTC without zone."""
    import pandas as pd

    index = pd.DatetimeIndex(times)
    plain = index if index.tz is None else index.tz_convert(None)
    moments: Dates = plain.to_numpy().astype("datetime64[us]")
    return moments


def clock(moment: dt.datetime) -> np.datetime64:
    """Return a moment in UTC as numpy compares it."""
    return np.datetime64(moment.replace(tzinfo=None), "us")


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by name; an unknown one is refused with suggestions."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = suggest(name, available_timezones()) or "For example America/New_York."
        raise UserInputError(f"Unknown time zone {name!r}.", hint) from None
