"""Share counts, as they were known before a session."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from marketshock.provenance import Status
from marketshock.table import Table

__all__ = ["ShareCounts", "SharesOutstanding"]

KINDS = ("cover", "balance", "weighted_basic", "weighted_diluted")
"""Kinds of count, best first: cover page, balance sheet, weighted averages."""

OLDEST_IN_FILING = dt.timedelta(days=150)
"""Older counts inside a filing are comparatives of an earlier period."""

WHOLE_COMPANY = ("common", "total")
"""Share classes that stand for the whole company; single classes are not summed here."""


@dataclass(frozen=True, slots=True)
class SharesOutstanding:
    """One share count of a whole company.

    Parameters
    ----------
    symbol : str
    as_of : datetime.date
        Day that the count speaks of.
    filed : datetime.date
        Day on which it became public.
    count : float
        Shares, on the split basis of the price table.
    kind : str
        ``cover``, ``balance``, ``weighted_basic`` or ``weighted_diluted``.
    form : str
        The filing.
    status : Status
    """

    symbol: str
    as_of: dt.date
    filed: dt.date
    count: float
    kind: str
    form: str
    status: Status


@dataclass(frozen=True, slots=True)
class ShareCounts:
    """Share counts by symbol in order of filing, one for each filing day.

    Inside one filing day a count at most 150 days older than the filing is taken,
    and then the best kind (cover page before balance sheet before weighted
    averages), and then the newest. Counts without a filing day are left out:
    nobody could have known them on a given day.
    """

    filings: dict[str, tuple[SharesOutstanding, ...]]

    @classmethod
    def from_table(cls, table: Table) -> ShareCounts:
        """Read a table: symbol, share_class, as_of, filed, kind, shares, form, status."""
        usable = [
            SharesOutstanding(
                row["symbol"],
                row["as_of"],
                row["filed"],
                row["shares"],
                row["kind"],
                row["form"],
                Status(row["status"]),
            )
            for row in table
            if row["filed"] is not None
            and row["share_class"] in WHOLE_COMPANY
            and row["kind"] in KINDS
            and row["filed"] - row["as_of"] <= OLDEST_IN_FILING
        ]
        usable.sort(key=lambda count: (count.symbol, count.filed))
        return cls(
            {
                symbol: tuple(
                    _best(group) for _, group in groupby(counts, key=lambda count: count.filed)
                )
                for symbol, counts in groupby(usable, key=lambda count: count.symbol)
            }
        )

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.filings

    def known_before(self, symbol: str, session: dt.date) -> SharesOutstanding | None:
        """Return the count of the latest filing strictly before `session`, or None."""
        filings = self.filings.get(symbol, ())
        position = bisect_left(filings, session, key=lambda count: count.filed)
        return filings[position - 1] if position else None

    def known_on(self, symbol: str, session: dt.date) -> SharesOutstanding | None:
        """Return the count of the latest filing on or before `session`, or None."""
        return self.known_before(symbol, session + dt.timedelta(days=1))


def _best(counts: Iterable[SharesOutstanding]) -> SharesOutstanding:
    return min(counts, key=lambda c: (KINDS.index(c.kind), -c.as_of.toordinal()))
