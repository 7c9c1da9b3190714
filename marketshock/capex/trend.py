"""The capex trend: what the large buyers of computing capacity spent, period by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.capex.calendarize import Amount, Series, add, quarterly, total, ttm, yearly
from marketshock.capex.fiscal import known_on, read_periods
from marketshock.capex.notes import By, is_weak, method_text, trend_notes
from marketshock.capex.published import PublishedTotal, read_published
from marketshock.errors import InsufficientDataError, UserInputError, suggest
from marketshock.locale import Text
from marketshock.provenance import Source, weakest
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CapexTrend", "capex_trend"]

_SERIES = {"year": yearly, "quarter": quarterly, "ttm": ttm}
_COLUMNS = (
    "period",
    "total_usd_bn",
    "by_company",
    "published_usd_bn",
    "difference_usd_bn",
    "projection",
    "yoy",
    "yoy_status",
    "status",
    "weak_inputs",
    "published_status",
    "published_as_of",
    "fiscal_periods",
)
_PUBLISHED = ("published_usd_bn", "difference_usd_bn", "published_status", "published_as_of")


@dataclass(frozen=True, slots=True, eq=False)
class CapexTrend:
    """Capital expenditure by calendar period, set against published totals.

    Parameters
    ----------
    as_of : datetime.date or None
        Last day on which a filing or publication counts; None means the latest vintage.
    by : {"year", "quarter", "ttm"}
    method : Text
        How the amounts were put together, with their filing basis.
    rows : Table
        One row a period, in order. ``period`` is ``"2014"`` or ``"2014Q4"``;
        ``total_usd_bn`` is None when a company is missing; ``by_company`` maps printed
        names to USD billions or None; ``published_usd_bn`` is the published figure and
        ``projection`` (bool) says that its publisher projected it; ``difference_usd_bn``
        is ours less theirs; ``yoy`` is the change on the same period a year before
        (decimals, 0.01 = 1 %) and ``yoy_status`` the weakest status of both periods;
        ``status`` is that of the weakest input of the total and
        ``weak_inputs`` names the companies known from less than one stored source;
        ``published_status`` belongs to the published figure; ``fiscal_periods`` maps
        names to the companies' own labels.
    notes : tuple of Text
        What the reader must know.
    sources : tuple of Source
    findings : tuple of Finding
        What the quality gate found.
    """

    as_of: dt.date | None
    by: By
    method: Text
    rows: Table
    notes: tuple[Text, ...]
    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows ready for JSON: no NaN, ISO dates."""
        return self.rows.to_records()

    def flat(self) -> Table:
        """Return the rows with one column a company instead of the nested ones."""
        names = list(self.rows["by_company"][0])
        columns: dict[str, tuple[Any, ...]] = {}
        for key, values in self.rows.columns.items():
            if key == "by_company":
                columns |= {name: tuple(row[name] for row in values) for name in names}
            elif key != "fiscal_periods":
                columns[key] = values
        return Table(self.rows.name, columns)

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas frame, amounts in USD billions, one column a company."""
        return self.flat().to_frame()

    def total(self, period: str | int) -> float:
        """Return the total of one period, USD billions.

        Raises
        ------
        UserInputError
            If there is no such period.
        InsufficientDataError
            If a company has no figure in it.
        """
        label = str(period)
        labels: list[str] = list(self.rows["period"])
        if label not in labels:
            hint = suggest(label, labels) or f"Known: {labels[0]} to {labels[-1]}."
            raise UserInputError(f"No period {label!r} in a trend by {self.by}.", hint)
        index = labels.index(label)
        value: float | None = self.rows["total_usd_bn"][index]
        if value is None:
            amounts = self.rows["by_company"][index]
            missing = [name for name, amount in amounts.items() if amount is None]
            raise InsufficientDataError(
                f"{label} has no total: no figure for {', '.join(missing)}.",
                "Choose a period in which every company has a figure.",
            )
        return value

    def cagr(self, first: str | int, last: str | int) -> float:
        """Return the compound growth of the total a year (decimals, 0.01 = 1 %).

        ``(total(last) / total(first)) ** (1 / years) - 1``; a quarter is a quarter of a
        year.

        Raises
        ------
        UserInputError
            If a period does not exist or `last` does not come after `first`.
        InsufficientDataError
            If a total is missing.
        """
        labels = list(self.rows["period"])
        start, end = self.total(first), self.total(last)
        steps = labels.index(str(last)) - labels.index(str(first))
        if steps <= 0:
            raise UserInputError(f"{last} does not come after {first}.", "Exchange the two.")
        years = steps if self.by == "year" else steps / 4
        return float((end / start) ** (1 / years) - 1)


def capex_trend(
    periods_table: Table,
    published_table: Table,
    *,
    by: By = "year",
    as_of: dt.date | None = None,
    sources: tuple[Source, ...] = (),
) -> CapexTrend:
    """Put capital expenditure together by calendar period.

    Parameters
    ----------
    periods_table : Table
        Fiscal periods, USD millions (see :func:`read_periods`).
    published_table : Table
        Published yearly totals, USD billions (see :func:`read_published`); they are set
        against the calendar years only.
    by : {"year", "quarter", "ttm"}, default "year"
        ``year`` rebuilds the published chart (AWS only); ``quarter`` and ``ttm`` use the
        whole of Amazon, because AWS is filed once a year.
    as_of : datetime.date, optional
        Point in time: only filings and publications up to this day, with the amounts
        first reported. Default: everything, as restated.
    sources : tuple of Source
        Carried to the result.

    Raises
    ------
    UserInputError
        If `by` is unknown or nothing was known on `as_of`.
    DataCorruptError
        If a table can't be read or contradicts itself.
    """
    if by not in _SERIES:
        raise UserInputError(f"Unknown period {by!r}.", "Use year, quarter or ttm.")
    periods = read_periods(periods_table)
    if as_of is not None:
        periods = known_on(periods, as_of)
    series = _SERIES[by](periods)
    if not series:
        raise UserInputError(
            f"No capital expenditure to show{f' as of {as_of}' if as_of else ''}.",
            "Choose a later day.",
        )
    published = read_published(published_table, as_of) if by == "year" else {}
    series = _with_years(series, published)
    rows = _rows(by, series, published)
    notes = trend_notes(by, series, periods, published, as_of)
    return CapexTrend(as_of, by, method_text(by, as_of), rows, notes, sources)


def _with_years(series: Series, published: Mapping[int, PublishedTotal]) -> Series:
    """Add the years that are published but have no figure of ours."""
    nothing: dict[str, Amount | None] = dict.fromkeys(next(iter(series.values())))
    labels = sorted({*series, *map(str, published)})
    return {label: series.get(label, nothing) for label in labels}


def _rows(by: By, series: Series, published: Mapping[int, PublishedTotal]) -> Table:
    rows = []
    for label, amounts in series.items():
        theirs = published.get(int(label)) if by == "year" else None
        a_year_before = series.get(f"{int(label[:4]) - 1}{label[4:]}", {})
        rows.append(
            {"period": label}
            | _ours(amounts)
            | _theirs(total(amounts), theirs)
            | _growth(amounts, a_year_before)
        )
    return Table.from_rows("capex_trend", rows, _COLUMNS)


def _ours(amounts: Mapping[str, Amount | None]) -> dict[str, Any]:
    known = {name: amount for name, amount in amounts.items() if amount is not None}
    return {
        "total_usd_bn": total(amounts),
        "by_company": {name: amount and amount.usd_bn for name, amount in amounts.items()},
        "status": _status(amounts),
        "weak_inputs": tuple(name for name, amount in known.items() if is_weak(amount.status)),
        "fiscal_periods": {
            name: tuple(period.fiscal_label for period in amount.inputs)
            for name, amount in known.items()
        },
    }


def _theirs(ours: float | None, theirs: PublishedTotal | None) -> dict[str, Any]:
    if theirs is None:
        return dict.fromkeys(_PUBLISHED) | {"projection": False}
    return {
        "published_usd_bn": theirs.usd_bn,
        "difference_usd_bn": None if ours is None else add((ours, -theirs.usd_bn)),
        "projection": theirs.projection,
        "published_status": theirs.status.value,
        "published_as_of": theirs.as_of,
    }


def _growth(
    amounts: Mapping[str, Amount | None], before: Mapping[str, Amount | None]
) -> dict[str, Any]:
    now, then = total(amounts), total(before)
    if now is None or then is None:
        return {"yoy": None, "yoy_status": None}
    return {"yoy": now / then - 1, "yoy_status": _status(amounts, before)}


def _status(*periods: Mapping[str, Amount | None]) -> str | None:
    """Return the weakest status of all inputs, or None without any."""
    known = [amount.status for amounts in periods for amount in amounts.values() if amount]
    return weakest(known).value if known else None
