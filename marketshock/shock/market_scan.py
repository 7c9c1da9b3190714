"""The largest shocks of all stocks, with their dollars and the event that each belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from marketshock.eventstudy.events import Shock
from marketshock.eventstudy.scan import Scan
from marketshock.market.panel import Floats
from marketshock.market.sessions import to_day
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["By", "MarketScan", "dollar_changes", "ranked", "span_of"]

By = Literal["sar", "usd"]


@dataclass(frozen=True, slots=True, eq=False)
class MarketScan:
    """A scan of all stocks of a universe, and its largest shocks.

    Parameters
    ----------
    scan : Scan
        Every stock on every session.
    changes : ndarray of shape (T, N)
        Change of market value, USD billions, losses negative; NaN without a share count.
    rows : Table
        The largest shocks between `since` and `until`, see :func:`ranked`.
    since, until : datetime.date
    benchmark : str
        Empty where the model has none.
    source, vintage : str
    sources : tuple of Source
    findings : tuple of Finding
        What the quality gate found.
    """

    scan: Scan
    changes: Floats
    rows: Table
    since: dt.date
    until: dt.date
    benchmark: str
    source: str
    vintage: str
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def n_stock_days(self) -> int:
        """Stock-days that the ranking ranges over."""
        return int(np.count_nonzero(self.scan.count[self.scan.inside(self.since, self.until)]))

    def table(self) -> Table:
        """Return the ranking."""
        return self.rows

    def to_frame(self) -> pd.DataFrame:
        """Return the ranking as a pandas frame."""
        return self.rows.to_frame()

    def summary(self) -> str:
        """Return what the ranking ranges over, in one sentence."""
        return (
            f"Largest among {self.n_stock_days:,} stock-days of {len(self.scan.symbols)} stocks, "
            f"{self.since} to {self.until}, model {self.scan.model}; vintage {self.vintage}. The "
            "stocks are those listed today: companies that failed are not among them."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer."""
        return {
            "model": self.scan.model,
            "benchmark": self.benchmark or None,
            "estimation": self.scan.estimation.length,
            "gap": self.scan.estimation.gap,
            "n_stock_days": self.n_stock_days,
            "universe": {"stocks": len(self.scan.symbols)},
            "since": self.since,
            "until": self.until,
            "source": self.source,
            "vintage": self.vintage,
            "rows": self.rows.to_records(),
            "findings": [finding.as_dict() for finding in self.findings],
            "sources": [source.as_dict() for source in self.sources],
        }


def ranked(
    scan: Scan,
    changes: Floats,
    catalogue: Iterable[Shock],
    *,
    top: int = 10,
    by: By = "sar",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Table:
    """Return the largest shocks with the id of the catalogue's event on that session and stock.

    Raises
    ------
    UserInputError, InsufficientDataError
        As :meth:`Scan.largest`.
    """
    found = scan.largest(top, by, changes=changes, since=since, until=until)
    events: dict[tuple[str, dt.date], str] = {}
    for shock in catalogue:
        for symbol in shock.symbols:
            events.setdefault((symbol, shock.first_session), shock.id)
    rows = [{**row, "event_id": events.get((row["symbol"], row["date"]))} for row in found]
    return Table.from_rows("scan", rows)


def dollar_changes(scan: Scan, values: MarketValues | None) -> Floats:
    """Return changes of market value, USD billions, on the sessions and stocks of a scan."""
    changes = np.full(scan.sar.shape, np.nan)
    if values is None or not values.symbols:
        return changes
    _, mine, theirs = np.intersect1d(
        scan.sessions, values.closes.sessions, assume_unique=True, return_indices=True
    )
    columns = {symbol: number for number, symbol in enumerate(scan.symbols)}
    known = values.changes()
    for number, symbol in enumerate(values.symbols):
        if symbol in columns:
            changes[mine, columns[symbol]] = known[theirs, number]
    return changes


def span_of(scan: Scan, since: dt.date | None, until: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return the first and the last session between two days on which any stock has a SAR."""
    any_known = (scan.count > 0).any(axis=1) & scan.inside(since, until)
    days = scan.sessions[any_known]
    return to_day(days[0]), to_day(days[-1])
