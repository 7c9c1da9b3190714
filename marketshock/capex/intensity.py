"""Capital expenditure as a share of revenue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from marketshock.capex.calendarize import add
from marketshock.capex.fiscal import known_on, read_periods
from marketshock.errors import UserInputError
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CapexIntensity", "capex_intensity_path"]

QUARTER_DAYS = (80, 102)
"""Days between the ends of two quarters in a row."""
COLUMNS = ("symbol", "period_end", "capex_usd_bn", "revenue_usd_bn", "intensity", "status")


@dataclass(frozen=True, slots=True, eq=False)
class CapexIntensity:
    """Trailing capital expenditure over trailing revenue of several companies.

    Parameters
    ----------
    paths : mapping of str to Table
        By printed name, each as :func:`capex_intensity_path` returns it; never empty.
    sources : tuple of Source
    """

    paths: Mapping[str, Table]
    sources: tuple[Source, ...]

    def table(self) -> Table:
        """Return one row a company and quarter."""
        rows = [{"company": name, **row} for name, path in self.paths.items() for row in path]
        return Table.from_rows("capex_intensity", rows, ("company", *COLUMNS))

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        return self.table().to_text()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def capex_intensity_path(
    periods_table: Table, financials: Table, symbol: str, *, as_of: dt.date | None = None
) -> Table:
    """Return trailing capital expenditure over trailing revenue, quarter by quarter.

    Sums of four fiscal quarters in a row, gross purchases of property and equipment without
    finance leases over revenue of the whole company. A quarter without both amounts breaks
    the chain: no sum reaches across it.

    Parameters
    ----------
    periods_table, financials : Table
        USD millions.
    symbol : str
    as_of : datetime.date, optional
        Only what had been filed by that day, as first reported. Default: latest vintage.

    Returns
    -------
    Table
        ``capex_usd_bn``, ``revenue_usd_bn`` and ``intensity`` (decimals) by ``period_end``.

    Raises
    ------
    UserInputError
        If one of the tables has no quarters of the company.
    """
    periods = read_periods(periods_table.where(symbol=symbol, scope="total", frequency="Q"))
    if as_of is not None:
        periods = known_on(periods, as_of)
    column = "revenue_musd" if as_of is None else "revenue_first_reported_musd"
    earned = {
        row["period_end"]: row
        for row in financials.where(symbol=symbol, scope="total", frequency="Q")
        if as_of is None or row["filed"] <= as_of
    }
    if not periods or not earned:
        known = sorted(set(periods_table["symbol"]) & set(financials["symbol"]))
        raise UserInputError(
            f"No quarters of {symbol} with capital expenditure and revenue.",
            f"There are some of {', '.join(known)}.",
        )
    spent = {period.end: period for period in periods}
    ends = sorted(set(spent) & set(earned))
    rows: list[dict[str, Any]] = []
    for stop in range(4, len(ends) + 1):
        year = ends[stop - 4 : stop]
        gaps = [(after - before).days for before, after in pairwise(year)]
        if not all(QUARTER_DAYS[0] <= gap <= QUARTER_DAYS[1] for gap in gaps):
            continue
        capex = add(spent[end].capex_usd_bn for end in year)
        revenue = add(earned[end][column] / 1000 for end in year)
        statuses = [spent[end].status for end in year]
        statuses += [Status(earned[end]["status"]) for end in year]
        rows.append(
            {
                "symbol": symbol,
                "period_end": year[-1],
                "capex_usd_bn": capex,
                "revenue_usd_bn": revenue,
                "intensity": capex / revenue,
                "status": weakest(statuses).value,
            }
        )
    return Table.from_rows("capex_intensity", rows, COLUMNS)
