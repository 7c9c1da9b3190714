"""Trading sessions and the arithmetic of relative sessions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marketshock.errors import UserInputError

__all__ = ["Dates", "SessionCalendar", "parse_day", "to_day"]

Dates = npt.NDArray[np.datetime64]

EPOCH = np.datetime64(0, "D").astype(object).toordinal()
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_day(text: str) -> dt.date:
    """Read an ISO 8601 day; anything else is refused rather than guessed.

    Raises
    ------
    UserInputError
        If `text` is no ISO day or no day of the calendar.
    """
    day = text.strip()
    if _ISO.fullmatch(day):
        try:
            return dt.date.fromisoformat(day)
        except ValueError:
            raise UserInputError(f"{text!r} is not a day of the calendar.") from None
    raise UserInputError(
        f"{text!r} is not a date I can read without guessing.",
        _readings(day) or "Write it as YYYY-MM-DD, for example 2025-01-27.",
    )


def _readings(text: str) -> str:
    """Return both readings of a date such as 03/04/2025, where both are days."""
    parts = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if parts is None:
        return ""
    first, second, year = (int(part) for part in parts.groups())
    found = []
    for month, day in ((second, first), (first, second)):
        with suppress(ValueError):
            found.append(dt.date(year, month, day).isoformat())
    words = " or ".join(dict.fromkeys(found))
    return f"Did you mean {words}?" if words else ""


def to_day(session: np.datetime64) -> dt.date:
    """Return a session as a plain date."""
    day: dt.date = session.astype("datetime64[D]").astype(object)
    return day


@dataclass(frozen=True, slots=True, eq=False)
class SessionCalendar:
    """The sessions of one exchange, as dates.

    Parameters
    ----------
    sessions : ndarray of datetime64[D] of shape (n_sessions,)
        Strictly increasing.
    """

    sessions: Dates

    def __post_init__(self) -> None:
        if len(self.sessions) and not bool((np.diff(self.sessions) > np.timedelta64(0)).all()):
            raise ValueError("Sessions must be strictly increasing.")

    def first_on_or_after(self, day: dt.date) -> int:
        """Return the position of `day`, or of the next session if it is none.

        Raises
        ------
        UserInputError
            If the day lies outside the calendar.
        """
        wanted = np.datetime64(day, "D")
        position = int(np.searchsorted(self.sessions, wanted))
        if not len(self.sessions) or wanted < self.sessions[0] or position == len(self.sessions):
            raise UserInputError(
                f"{day} lies outside the data, which run from {self.span}.",
                "Choose a day inside, or a source that covers it.",
            )
        return position

    def positions(self, days: Sequence[dt.date]) -> npt.NDArray[np.int64]:
        """Return the position of each day, or of the next session where it is none.

        Raises
        ------
        UserInputError
            If a day lies outside the calendar.
        """
        ordinals = np.array([day.toordinal() for day in days], np.int64) - EPOCH
        wanted = ordinals.astype("datetime64[D]")
        found = np.searchsorted(self.sessions, wanted).astype(np.int64)
        outside = found == len(self.sessions)
        if len(self.sessions):
            outside |= wanted < self.sessions[0]
        if outside.any():
            self.first_on_or_after(days[int(np.flatnonzero(outside)[0])])
        return np.asarray(found, np.int64)

    def closed_among(self, days: Sequence[dt.date]) -> list[dt.date]:
        """Return the days between the first and the last session that are none themselves."""
        wanted = np.array(days, "datetime64[D]")
        found = np.searchsorted(self.sessions, wanted)
        if not len(self.sessions):
            return []
        next_one = self.sessions[np.minimum(found, len(self.sessions) - 1)]
        closed = (wanted > self.sessions[0]) & (wanted < next_one)
        return [days[at] for at in np.flatnonzero(closed).tolist()]

    def position(self, session: dt.date) -> int | None:
        """Return the position of a session, or None if the day is no session."""
        wanted = np.datetime64(session, "D")
        found = int(np.searchsorted(self.sessions, wanted))
        if found < len(self.sessions) and self.sessions[found] == wanted:
            return found
        return None

    def day(self, position: int) -> dt.date:
        """Return the date of the session at `position`."""
        return to_day(self.sessions[position])

    def covers(self, day: dt.date) -> bool:
        """Return whether the day lies between the first and the last session."""
        if not len(self.sessions):
            return False
        return bool(self.sessions[0] <= np.datetime64(day, "D") <= self.sessions[-1])

    @property
    def span(self) -> str:
        """First and last session in words."""
        if not len(self.sessions):
            return "nowhere"
        return f"{self.day(0)} to {self.day(len(self.sessions) - 1)}"
