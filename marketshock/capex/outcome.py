"""What was projected, what came; and what a filing first said, and says now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marketshock.capex.calendarize import add
from marketshock.capex.fiscal import read_periods
from marketshock.capex.trend import CapexTrend
from marketshock.errors import InsufficientDataError, QualityError
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CapexOutcomes", "projections_and_outcomes", "restated_periods"]

COMPANIES = ("Alphabet", "Amazon", "Meta", "Microsoft", "Oracle")
OUTCOMES = (
    "year",
    "projected_usd_bn",
    "projected_as_of",
    "outcome_usd_bn",
    "difference_usd_bn",
    "ratio",
    "quoted_low_usd_bn",
    "quoted_high_usd_bn",
    "quoted_as_of",
    "status",
)
RESTATED = (
    "company",
    "scope",
    "fiscal_label",
    "period_end",
    "first_reported_usd_bn",
    "latest_usd_bn",
    "change",
    "status",
)


@dataclass(frozen=True, slots=True, eq=False)
class CapexOutcomes:
    """What was projected, and what was spent or is now said.

    Parameters
    ----------
    rows : Table
        As :func:`projections_and_outcomes` returns them, USD billions.
    sources : tuple of Source
    """

    rows: Table
    sources: tuple[Source, ...]

    @property
    def projected_as_of(self) -> dt.date:
        """Day on which the projections stood."""
        return dt.date.fromisoformat(str(max(self.rows["projected_as_of"])))

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.rows.to_frame()

    def __repr__(self) -> str:
        return self.rows.to_text()

    def _repr_html_(self) -> str:
        return self.rows.to_html()


def projections_and_outcomes(trend: CapexTrend, quoted: Table) -> Table:
    """Set every published projection beside what the same five companies then spent.

    Parameters
    ----------
    trend : CapexTrend
        By year, of the latest vintage.
    quoted : Table
        Later figures in print: ``year, scope, kind, low_usd_bn, high_usd_bn, as_of,
        status``. Where a year has no outcome yet, the sum of the five companies' guidance;
        it counts the whole of Amazon and can include leases, so it stands beside, not under,
        the projection.

    Returns
    -------
    Table
        One row a projected year. ``difference_usd_bn`` = outcome less projection, ``ratio``
        = outcome over projection; None where the year is not complete.

    Raises
    ------
    InsufficientDataError
        If the trend holds no projection.
    """
    rows = []
    for row in trend.rows:
        if not row["projection"]:
            continue
        projected, outcome = row["published_usd_bn"], row["total_usd_bn"]
        low, high, as_of = _guided(quoted, int(row["period"])) if outcome is None else (None,) * 3
        statuses = [Status(row[key]) for key in ("status", "published_status") if row[key]]
        rows.append(
            {
                "year": row["period"],
                "projected_usd_bn": projected,
                "projected_as_of": row["published_as_of"],
                "outcome_usd_bn": outcome,
                "difference_usd_bn": None if outcome is None else add((outcome, -projected)),
                "ratio": None if outcome is None else outcome / projected,
                "quoted_low_usd_bn": low,
                "quoted_high_usd_bn": high,
                "quoted_as_of": as_of,
                "status": weakest(statuses).value,
            }
        )
    if not rows:
        raise InsufficientDataError(
            "The trend holds no projection.", "Use a trend by year, of the latest vintage."
        )
    return Table.from_rows("projections_and_outcomes", rows, OUTCOMES)


def _guided(quoted: Table, year: int) -> tuple[float | None, float | None, str | None]:
    """Return the sum of what the five companies said for a year, if all did."""
    told = {
        row["scope"]: row
        for row in quoted
        if int(row["year"]) == year and row["kind"] == "guidance" and row["scope"] in COMPANIES
    }
    if len(told) < len(COMPANIES):
        return None, None, None
    low, high = (add(row[key] for row in told.values()) for key in ("low_usd_bn", "high_usd_bn"))
    return low, high, max(row["as_of"] for row in told.values())


def restated_periods(periods_table: Table) -> Table:
    """Return the fiscal periods whose latest amount differs from the one first reported.

    Returns
    -------
    Table
        Amounts in USD billions, ``change`` = latest over first - 1 (decimals).

    Raises
    ------
    QualityError
        If no period carries an amount first reported.
    """
    periods = read_periods(periods_table)
    if all(period.first_reported_usd_bn is None for period in periods):
        raise QualityError("No period carries the amount first reported.")
    rows = [
        {
            "company": period.company,
            "scope": period.scope,
            "fiscal_label": period.fiscal_label,
            "period_end": period.end,
            "first_reported_usd_bn": period.first_reported_usd_bn,
            "latest_usd_bn": period.capex_usd_bn,
            "change": period.capex_usd_bn / period.first_reported_usd_bn - 1.0,
            "status": period.status.value,
        }
        for period in periods
        if period.first_reported_usd_bn not in (None, period.capex_usd_bn)
        and period.first_reported_usd_bn is not None
    ]
    return Table.from_rows("restated_periods", rows, RESTATED)
