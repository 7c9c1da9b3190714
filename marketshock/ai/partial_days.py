"""Days that are known only to the month or the year."""

from __future__ import annotations

import calendar
import datetime as dt

from marketshock.errors import DataCorruptError

__all__ = ["first_and_last"]


def first_and_last(text: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that ``2025``, ``2025-01`` or ``2025-01-27`` can mean.

    Raises
    ------
    DataCorruptError
        If the text is none of the three.
    """
    try:
        numbers = [int(part) for part in text.split("-")]
        if len(numbers) == 3:
            day = dt.date.fromisoformat(text)
            return day, day
        if len(numbers) == 2:
            year, month = numbers
            return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(*numbers)[1])
        (year,) = numbers
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    except ValueError as error:
        raise DataCorruptError(
            f"{text!r} is neither a day nor a month nor a year.",
            "Write 2025, 2025-01 or, for example, 2025-01-27.",
        ) from error
