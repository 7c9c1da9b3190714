"""From fiscal periods to calendar years and quarters.

Companies close their books in different months. A fiscal quarter goes whole to the
calendar quarter whose end is nearest, so nothing is split and nothing is lost: an
Oracle quarter ended in February counts as the first quarter, and Oracle's calendar
year runs from December to November.

Calendar years use one rule for each kind of company. Whoever closes in December
prints a figure for the calendar year: that annual figure is used, because a
restatement reaches it while the quarters may stay on the earlier basis. Whoever
closes in another month prints no such figure: its four calendarised quarters are
added. All amounts are USD billions; a missing figure is None, never zero.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from marketshock.capex.fiscal import CapexPeriod, Frequency
from marketshock.errors import DataCorruptError
from marketshock.provenance import Status, weakest

__all__ = [
    "Amount",
    "CalendarQuarter",
    "Series",
    "add",
    "calendar_quarter",
    "calendar_quarters",
    "quarterly",
    "restatement_gaps",
    "total",
    "ttm",
    "yearly",
]


class CalendarQuarter(NamedTuple):
    """A calendar quarter; ``str`` gives its label, ``2014Q4``."""

    year: int
    quarter: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    @property
    def end(self) -> dt.date:
        """Last day of the quarter."""
        first_of_next = dt.date(self.year + self.quarter // 4, self.quarter % 4 * 3 + 1, 1)
        return first_of_next - dt.timedelta(days=1)

    def plus(self, quarters: int) -> CalendarQuarter:
        """Return the quarter so many quarters later; a negative number goes back."""
        years, quarter = divmod(self.quarter - 1 + quarters, 4)
        return CalendarQuarter(self.year + years, quarter + 1)


@dataclass(frozen=True, slots=True)
class Amount:
    """Capital expenditure of one company in one calendar period.

    Parameters
    ----------
    inputs : tuple of CapexPeriod
        The filed periods whose sum it is; at least one.
    """

    inputs: tuple[CapexPeriod, ...]

    @property
    def usd_bn(self) -> float:
        """Sum of the inputs, USD billions, on the filing basis of each input."""
        return add(period.capex_usd_bn for period in self.inputs)

    @property
    def status(self) -> Status:
        """Status of the weakest input."""
        return weakest(period.status for period in self.inputs)


Series = Mapping[str, Mapping[str, Amount | None]]
"""Amounts by calendar label and by printed company name; None where not known."""


class _Component(NamedTuple):
    key: str
    company: str
    scopes: tuple[str, ...]
    frequency: Frequency


_YEARLY = (
    _Component("Alphabet", "Alphabet", ("total",), "A"),
    _Component("AWS", "Amazon", ("aws",), "A"),
    _Component("Meta", "Meta", ("total",), "A"),
    _Component("Microsoft", "Microsoft", ("total",), "Q"),
    _Component("Oracle", "Oracle", ("total",), "Q"),
)
_QUARTERLY = (
    _Component("Alphabet", "Alphabet", ("total",), "Q"),
    _Component("Amazon", "Amazon", ("total", "total_net"), "Q"),
    _Component("Meta", "Meta", ("total",), "Q"),
    _Component("Microsoft", "Microsoft", ("total",), "Q"),
    _Component("Oracle", "Oracle", ("total",), "Q"),
)


def calendar_quarter(end: dt.date) -> CalendarQuarter:
    """Return the calendar quarter whose end is nearest to the end of a fiscal quarter.

    Of two ends equally near the earlier one counts.
    """
    inside = CalendarQuarter(end.year, (end.month - 1) // 3 + 1)
    return min(inside.plus(-1), inside, key=lambda quarter: abs((quarter.end - end).days))


def calendar_quarters(
    periods: Iterable[CapexPeriod], company: str, scopes: Sequence[str] = ("total",)
) -> dict[CalendarQuarter, CapexPeriod]:
    """Return a company's fiscal quarters by calendar quarter.

    Parameters
    ----------
    periods : iterable of CapexPeriod
    company : str
    scopes : sequence of str
        Filing bases in order of preference; a later one fills in where an earlier one
        has no figure.

    Raises
    ------
    DataCorruptError
        If two fiscal quarters of one scope fall into the same calendar quarter.
    """
    found: dict[tuple[str, CalendarQuarter], CapexPeriod] = {}
    for period in _of(periods, company, scopes, "Q"):
        key = (period.scope, calendar_quarter(period.end))
        if key in found:
            raise DataCorruptError(
                f"{company} {period.scope}: the quarters ended {found[key].end.isoformat()} and "
                f"{period.end.isoformat()} both fall into {key[1]}.",
                "Check the last days of the two periods.",
            )
        found[key] = period
    chosen: dict[CalendarQuarter, CapexPeriod] = {}
    for scope in scopes:
        for (its_scope, quarter), period in found.items():
            if its_scope == scope:
                chosen.setdefault(quarter, period)
    return dict(sorted(chosen.items()))


def yearly(periods: Iterable[CapexPeriod]) -> Series:
    """Return capital expenditure by calendar year, as the published chart counts it.

    Alphabet, Meta (without finance-lease principal) and AWS (net additions of the
    segment, finance leases included): annual figure. Microsoft and Oracle: sum of four
    calendarised quarters, gross cash purchases.

    Returns
    -------
    Series
        Labels ``"2014"``, without gaps from the first to the last year in which any
        company has a figure. USD billions.
    """
    filed = tuple(periods)
    columns = {part.key: _years(filed, part) for part in _YEARLY}
    years = sorted({year for column in columns.values() for year in column})
    span = range(years[0], years[-1] + 1) if years else ()
    return {str(year): {key: column.get(year) for key, column in columns.items()} for year in span}


def quarterly(periods: Iterable[CapexPeriod]) -> Series:
    """Return capital expenditure by calendar quarter, with the whole of Amazon.

    Gross purchases of property and equipment; Amazon falls back on the line net of
    proceeds where the gross line does not exist (or was not yet filed).

    Returns
    -------
    Series
        Labels ``"2014Q4"``, without gaps. USD billions.
    """
    return _rolling(periods, 1)


def ttm(periods: Iterable[CapexPeriod]) -> Series:
    """Return trailing sums of four calendar quarters, on the basis of :func:`quarterly`.

    A sum is None when one of its four quarters is missing. USD billions.
    """
    return _rolling(periods, 4)


def total(amounts: Mapping[str, Amount | None]) -> float | None:
    """Return the sum over companies, USD billions, or None when one is missing."""
    known = [amount.usd_bn for amount in amounts.values() if amount is not None]
    return add(known) if known and len(known) == len(amounts) else None


def add(amounts: Iterable[float]) -> float:
    """Return a sum of USD billions to the dollar, free of binary noise."""
    return round(math.fsum(amounts), 9)


def restatement_gaps(periods: Iterable[CapexPeriod]) -> tuple[tuple[str, int, float, float], ...]:
    """Return the calendar years whose four quarters do not sum to the annual figure.

    Rows are company (fiscal year = calendar year, scope `total`), year, annual figure
    and sum of quarters, USD billions. Differences up to 0.002 are
    rounding and do not count.
    """
    filed = tuple(periods)
    gaps = []
    for part in (part for part in _YEARLY if part.frequency == "A" and part.scopes == ("total",)):
        quarters = _years(filed, part._replace(frequency="Q"))
        for year, annual in _years(filed, part).items():
            parts = quarters.get(year)
            if parts is not None and abs(parts.usd_bn - annual.usd_bn) > 0.0025:
                gaps.append((part.key, year, annual.usd_bn, parts.usd_bn))
    return tuple(gaps)


def _of(
    periods: Iterable[CapexPeriod], company: str, scopes: Sequence[str], frequency: Frequency
) -> list[CapexPeriod]:
    return [
        period
        for period in periods
        if (period.company, period.frequency) == (company, frequency) and period.scope in scopes
    ]


def _years(periods: Sequence[CapexPeriod], part: _Component) -> dict[int, Amount]:
    if part.frequency == "A":
        annual = _of(periods, part.company, part.scopes, "A")
        return {period.end.year: Amount((period,)) for period in annual}
    sums = _sums(calendar_quarters(periods, part.company, part.scopes), 4)
    return {quarter.year: amount for quarter, amount in sums.items() if quarter.quarter == 4}


def _sums(
    quarters: Mapping[CalendarQuarter, CapexPeriod], length: int
) -> dict[CalendarQuarter, Amount]:
    """Sum `length` quarters ending in each quarter; incomplete sums are left out."""
    sums = {}
    for quarter in quarters:
        window = [quarters.get(quarter.plus(back)) for back in range(1 - length, 1)]
        complete = tuple(period for period in window if period is not None)
        if len(complete) == length:
            sums[quarter] = Amount(complete)
    return sums


def _rolling(periods: Iterable[CapexPeriod], length: int) -> Series:
    filed = tuple(periods)
    columns = {
        part.key: _sums(calendar_quarters(filed, part.company, part.scopes), length)
        for part in _QUARTERLY
    }
    present = sorted({quarter for column in columns.values() for quarter in column})
    rows: dict[str, Mapping[str, Amount | None]] = {}
    quarter = present[0] if present else None
    while quarter is not None and quarter <= present[-1]:
        rows[str(quarter)] = {key: column.get(quarter) for key, column in columns.items()}
        quarter = quarter.plus(1)
    return rows
