"""What companies had said about their coming capital expenditure by a given day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marketshock.capex.published import last_day
from marketshock.errors import DataCorruptError, UserInputError, suggest
from marketshock.provenance import Status
from marketshock.table import Row, Table

__all__ = ["Guidance", "guidance_known_on"]


@dataclass(frozen=True, slots=True)
class Guidance:
    """A range of capital expenditure announced for a year.

    Parameters
    ----------
    symbol : str
        A company, or a group such as ``BIG4``.
    fiscal_year : str
        ``FY2025`` (fiscal year) or ``CY2025`` (calendar year).
    low_usd_bn, high_usd_bn : float
        The range, USD billions; equal where one figure was given. The basis is the
        company's own and may include finance leases.
    known_from : datetime.date
        Day of the announcement, or the last day of the month if only that is known.
    kind : str
        ``guidance`` (the company), ``consensus`` or ``forecast`` (analysts).
    status : Status
        How well the figure is known.
    """

    symbol: str
    fiscal_year: str
    low_usd_bn: float
    high_usd_bn: float
    known_from: dt.date
    kind: str
    status: Status


def guidance_known_on(
    table: Table, day: dt.date, symbol: str, kind: str = "guidance"
) -> Guidance | None:
    """Return the newest guidance announced on or before `day`, or None.

    Parameters
    ----------
    table : Table
        Columns ``symbol, fiscal_year, low_musd, high_musd, announced, kind, status``.
    day : datetime.date
    symbol : str
    kind : str, default "guidance"
        Which kind of statement counts; of two of one day the later fiscal year does.

    Raises
    ------
    UserInputError
        If the table knows no such symbol.
    DataCorruptError
        If a column is missing, a cell can't be read or a range is upside down.
    """
    try:
        symbols = set(table["symbol"])
        rows = [row for row in table if row["symbol"] == symbol and row["kind"] == kind]
        known = [_guidance(row, known_from) for row in rows if (known_from := _announced(row))]
    except KeyError as error:
        raise DataCorruptError(f"Table {table.name} lacks the column {error}.") from error
    if symbol not in symbols:
        raise UserInputError(f"No guidance for {symbol!r}.", suggest(symbol, symbols))
    return max(
        (entry for entry in known if entry.known_from <= day),
        key=lambda entry: (entry.known_from, entry.fiscal_year),
        default=None,
    )


def _announced(row: Row) -> dt.date | None:
    try:
        return last_day(row["announced"])
    except ValueError as error:
        raise DataCorruptError(f"Guidance of {row['symbol']}: {error}") from error


def _guidance(row: Row, known_from: dt.date) -> Guidance:
    name = f"Guidance of {row['symbol']}, {row['fiscal_year']}"
    try:
        low, high = float(row["low_musd"]) / 1000, float(row["high_musd"]) / 1000
        status = row["status"] if isinstance(row["status"], Status) else Status(row["status"])
    except (TypeError, ValueError) as error:
        raise DataCorruptError(f"{name}: {error}") from error
    if not 0 < low <= high:
        raise DataCorruptError(f"{name}: {low} to {high} bn is no range.")
    fiscal_year = str(row["fiscal_year"])
    return Guidance(row["symbol"], fiscal_year, low, high, known_from, row["kind"], status)
