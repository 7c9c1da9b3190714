"""Yearly totals that somebody else published, to set ours against."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from dataclasses import dataclass

from marketshock.errors import DataCorruptError, suggest
from marketshock.provenance import Status
from marketshock.table import Row, Table

__all__ = ["PublishedTotal", "last_day", "read_published"]

_KINDS = {"actual": False, "projection": True}
_COLUMNS = ("year", "total_usd_bn", "kind", "as_of", "publisher", "status")


@dataclass(frozen=True, slots=True)
class PublishedTotal:
    """A published total of one calendar year.

    Parameters
    ----------
    year : int
    usd_bn : float
        USD billions, as printed.
    projection : bool
        True if the publisher projected the year, False if he reported it.
    as_of : datetime.date or None
        Last day of the day or month of publication; None if not known.
    publisher : str
    status : Status
    """

    year: int
    usd_bn: float
    projection: bool
    as_of: dt.date | None
    publisher: str
    status: Status


def last_day(value: object) -> dt.date | None:
    """Read a day; a month (``2024-11``) means its last day, an empty cell None.

    So a figure of which only the month is known is never used too early.

    Raises
    ------
    ValueError
        If the text is neither a day nor a month.
    """
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value
    text = str(value)
    if len(text) == 7 and text[4] == "-":
        year, month = int(text[:4]), int(text[5:])
        if not 1 <= month <= 12:
            raise ValueError(f"{text!r} is no month.")
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return dt.date.fromisoformat(text)


def read_published(table: Table, as_of: dt.date | None = None) -> dict[int, PublishedTotal]:
    """Read published totals by year; of several for a year the newest one counts.

    Parameters
    ----------
    table : Table
        Columns ``year, total_usd_bn, kind, as_of, publisher, status``; `kind` is
        ``actual`` or ``projection``.
    as_of : datetime.date, optional
        Leave out what was published later, or on a day not known.

    Raises
    ------
    DataCorruptError
        If a column is missing, a cell can't be read, a year has two totals of one day,
        or the totals come from several publishers, who count different companies.
    """
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise DataCorruptError(f"Table {table.name} lacks the columns {', '.join(missing)}.")
    found: dict[int, PublishedTotal] = {}
    totals = [_total(row) for row in table]
    publishers = sorted({entry.publisher for entry in totals})
    if len(publishers) > 1:
        raise DataCorruptError(
            f"Table {table.name} mixes the publishers {', '.join(publishers)}.",
            "Pass the rows of one of them: table.where(publisher=...).",
        )
    for entry in totals:
        if as_of is not None and (entry.as_of is None or entry.as_of > as_of):
            continue
        other = found.get(entry.year)
        if other is not None and other.as_of == entry.as_of:
            raise DataCorruptError(
                f"Table {table.name}: two totals for {entry.year} of {entry.as_of}.",
                "Keep one of them.",
            )
        if other is None or (entry.as_of or dt.date.min) > (other.as_of or dt.date.min):
            found[entry.year] = entry
    return found


def _total(row: Row) -> PublishedTotal:
    kind = row["kind"]
    if kind not in _KINDS:
        raise DataCorruptError(
            f"Published total of {row['year']}: unknown kind {kind!r}; known are actual and "
            "projection.",
            suggest(str(kind), _KINDS),
        )
    try:
        entry = PublishedTotal(
            year=int(row["year"]),
            usd_bn=float(row["total_usd_bn"]),
            projection=_KINDS[kind],
            as_of=last_day(row["as_of"]),
            publisher=str(row["publisher"]),
            status=row["status"] if isinstance(row["status"], Status) else Status(row["status"]),
        )
    except (TypeError, ValueError) as error:
        raise DataCorruptError(f"Published total of {row['year']}: {error}") from error
    if not math.isfinite(entry.usd_bn):
        raise DataCorruptError(f"Published total of {row['year']} is {entry.usd_bn}.")
    return entry
