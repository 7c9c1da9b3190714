"""Fiscal periods of capital expenditure, as companies filed them.

Amounts are purchases of property and equipment in USD billions, positive. The
`scope` of a period says on which basis they were filed: `total` is the gross
line of the cash-flow statement, `total_net` the same after proceeds from sales
and incentives, `aws` the net additions to property and equipment of Amazon's
cloud segment.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from marketshock.errors import DataCorruptError, suggest
from marketshock.provenance import Status
from marketshock.table import Row, Table

__all__ = ["CapexPeriod", "Frequency", "known_on", "read_periods"]

Frequency = Literal["Q", "A"]

_DAYS = {"Q": (80, 102), "A": (350, 380)}
_PRINT_NAMES = {"Meta Platforms": "Meta"}
_COLUMNS = (
    "company",
    "scope",
    "frequency",
    "period_start",
    "period_end",
    "fiscal_label",
    "capex_musd",
    "capex_first_reported_musd",
    "filed",
    "first_filed",
    "filed_latest",
    "status",
    "source",
)


@dataclass(frozen=True, slots=True)
class CapexPeriod:
    """Capital expenditure of one company in one fiscal quarter or year.

    Parameters
    ----------
    company : str
        Name as it is printed: ``Amazon``, ``Meta``.
    scope : str
        Filing basis: ``total`` (gross), ``total_net``, ``aws``, ``total_incl_finance_leases``.
    frequency : {"Q", "A"}
        Fiscal quarter or fiscal year.
    start, end : datetime.date
        First and last day of the period.
    fiscal_label : str
        The company's own label, ``FY2025 Q2``; not a calendar label.
    capex_usd_bn : float
        Amount of the latest filing that carries the period, USD billions.
    first_reported_usd_bn : float or None
        Amount of the first vintage stored, USD billions; None if not known.
    known_from : datetime.date or None
        Day of the first filing that carried the line, else of the filing stored.
    filed : datetime.date or None
        Filing from which the first vintage was read. Later than `known_from` where
        only a later comparative is stored.
    status : Status
        How well the amount is known.
    source : str
        Where the amount was read.
    """

    company: str
    scope: str
    frequency: Frequency
    start: dt.date
    end: dt.date
    fiscal_label: str
    capex_usd_bn: float
    first_reported_usd_bn: float | None
    known_from: dt.date | None
    filed: dt.date | None
    status: Status
    source: str


def read_periods(table: Table) -> tuple[CapexPeriod, ...]:
    """Read and check fiscal periods; the order of the rows has no meaning.

    Rows without an amount are left out: a figure that was not reported is missing,
    never zero. Cells may be text or already typed.

    Parameters
    ----------
    table : Table
        Columns ``company, scope, frequency, period_start, period_end, fiscal_label,
        capex_musd, capex_first_reported_musd, filed, first_filed, filed_latest, status,
        source``; amounts in USD millions.

    Returns
    -------
    tuple of CapexPeriod
        In the order of company, scope, frequency and end.

    Raises
    ------
    DataCorruptError
        If a column is missing, a cell can't be read, an amount is zero or negative, a
        status is unknown, a period ends before it starts or has not the length of its
        frequency (a year-to-date figure, say), or a period occurs twice.
    """
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise DataCorruptError(
            f"Table {table.name} lacks the columns {', '.join(missing)}.",
            f"It needs {', '.join(_COLUMNS)}.",
        )
    periods = [_period(row) for row in table if _number(row, "capex_musd") is not None]
    periods.sort(key=_identity)
    for before, after in pairwise(periods):
        if _identity(before) == _identity(after):
            raise DataCorruptError(
                f"{_name(after)} occurs twice: {before.capex_usd_bn} and {after.capex_usd_bn} bn.",
                "Keep the row of the latest filing.",
            )
    return tuple(periods)


def known_on(periods: Iterable[CapexPeriod], day: dt.date) -> tuple[CapexPeriod, ...]:
    """Return the periods known on `day`, with the amounts first reported.

    A period whose first filing or first amount is not known counts as not known, so the
    view may be late but is never early.

    Parameters
    ----------
    periods : iterable of CapexPeriod
    day : datetime.date
        The last day on which a filing counts.
    """
    return tuple(
        replace(period, capex_usd_bn=period.first_reported_usd_bn)
        for period in periods
        if period.known_from is not None
        and period.known_from <= day
        and period.first_reported_usd_bn is not None
    )


def _identity(period: CapexPeriod) -> tuple[str, str, str, dt.date]:
    return period.company, period.scope, period.frequency, period.end


def _name(period: CapexPeriod) -> str:
    return f"{period.company} {period.scope} {period.fiscal_label} ({period.end.isoformat()})"


def _period(row: Row) -> CapexPeriod:
    filed, latest = _day(row, "filed"), _day(row, "filed_latest")
    amount, first = _number(row, "capex_musd"), _number(row, "capex_first_reported_musd")
    assert amount is not None  # rows without an amount were left out
    if first is None and filed is not None and filed == latest:
        first = amount
    if row["frequency"] not in _DAYS:
        raise DataCorruptError(f"{_where(row)}: frequency {row['frequency']!r}.", "Use Q or A.")
    start, end = _day(row, "period_start"), _day(row, "period_end")
    if start is None or end is None:
        raise DataCorruptError(f"{_where(row)}: no first or last day.", "Give both ISO days.")
    period = CapexPeriod(
        company=_PRINT_NAMES.get(str(row["company"]), str(row["company"])),
        scope=str(row["scope"]),
        frequency=row["frequency"],
        start=start,
        end=end,
        fiscal_label=str(row["fiscal_label"]),
        capex_usd_bn=amount / 1000,
        first_reported_usd_bn=None if first is None else first / 1000,
        known_from=_day(row, "first_filed") or filed,
        filed=filed,
        status=_status(row),
        source=str(row["source"]),
    )
    _check(period)
    return period


def _check(period: CapexPeriod) -> None:
    if period.end < period.start:
        raise DataCorruptError(
            f"{_name(period)} ends before it starts ({period.start.isoformat()}).",
            "Exchange the two days.",
        )
    days = (period.end - period.start).days + 1
    low, high = _DAYS[period.frequency]
    if not low <= days <= high:
        raise DataCorruptError(
            f"{_name(period)} has {days} days; frequency {period.frequency} means {low} to {high}.",
            "Take earlier quarters off a year-to-date figure first.",
        )
    for amount in (period.capex_usd_bn, period.first_reported_usd_bn):
        if amount is not None and amount <= 0:
            raise DataCorruptError(
                f"{_name(period)} is {amount} bn; capital expenditure must be positive.",
                "Turn the sign of a cash outflow; leave a figure not reported empty.",
            )


def _status(row: Row) -> Status:
    value = row["status"]
    if isinstance(value, Status):
        return value
    known = [status.value for status in Status]
    if value not in known:
        raise DataCorruptError(
            f"{_where(row)}: unknown status {value!r}; known are {', '.join(known)}.",
            suggest(str(value), known),
        )
    return Status(value)


def _number(row: Row, column: str) -> float | None:
    value: Any = row[column]
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise DataCorruptError(f"{_where(row)}: {column} is {value!r}, not a number.") from error
    if math.isinf(number):
        raise DataCorruptError(f"{_where(row)}: {column} is infinite.")
    return None if math.isnan(number) else number


def _day(row: Row, column: str) -> dt.date | None:
    value: Any = row[column]
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise DataCorruptError(f"{_where(row)}: {column} is {value!r}, not an ISO day.") from error


def _where(row: Row) -> str:
    return f"{row['company']} {row['scope']} {row['fiscal_label']}"
