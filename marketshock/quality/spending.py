"""Checks of capital expenditure: quarters against years, and units."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from marketshock.locale import Text
from marketshock.quality.findings import Finding
from marketshock.table import Row, Table

__all__ = ["SpendingEvidence", "units", "years"]

YEAR_SUM = 0.005
UNIT_JUMP = 20.0
"""Spending of a quarter over the one before; thousands beside millions are far above."""


@dataclass(frozen=True, slots=True, eq=False)
class SpendingEvidence:
    """Fiscal periods, USD millions, and the differences that are explained.

    Parameters
    ----------
    table : Table
    explained : frozenset of str
        ``symbol:scope:fiscal_label:column`` of ``known_exceptions``.
    column : str
        The amounts that are used: as restated, or as first reported.
    """

    table: Table
    explained: frozenset[str] = frozenset()
    column: str = "capex_musd"

    def series(self, frequency: str) -> dict[tuple[str, str], list[Row]]:
        """Return filled periods by symbol and scope, in order."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted(self.table, key=lambda row: row["period_end"] or dt.date.min):
            if row["frequency"] == frequency and row[self.column] is not None:
                found[row["symbol"], row["scope"]].append(row)
        return found


def years(evidence: SpendingEvidence) -> Iterator[Finding]:
    """Block four quarters that do not add to their year, unless the reason is known."""
    quarters = evidence.series("Q")
    for key, annual in evidence.series("A").items():
        for year in annual:
            inside = [
                row[evidence.column]
                for row in quarters.get(key, ())
                if year["period_start"] <= row["period_start"]
                and row["period_end"] <= year["period_end"]
            ]
            total, added = year[evidence.column], sum(inside)
            if len(inside) != 4 or abs(added - total) <= YEAR_SUM * abs(total):
                continue
            name = ":".join((*key, year["fiscal_label"], evidence.column))
            yield Finding(
                "INFO" if name in evidence.explained else "BLOCK",
                "D24",
                Text(
                    f"{name}: the quarters add to {added:,.0f} and the year is {total:,.0f}",
                    f"{name}: la somma dei trimestri è {added:,.0f} e l'anno {total:,.0f}",
                ),
            )


def units(evidence: SpendingEvidence) -> Iterator[Finding]:
    """Block a period many times its neighbour: a unit, a sum since January, a missing sign."""
    for frequency in ("Q", "A"):
        for key, rows in evidence.series(frequency).items():
            for before, after in pairwise(rows):
                low, high = sorted((before[evidence.column], after[evidence.column]))
                if high > UNIT_JUMP * max(low, 0.0):
                    name = ":".join((*key, after["fiscal_label"], evidence.column))
                    yield Finding(
                        "BLOCK",
                        "D24",
                        Text(
                            f"{name}: {after[evidence.column]:,.0f} after "
                            f"{before[evidence.column]:,.0f} looks like another unit",
                            f"{name}: {after[evidence.column]:,.0f} dopo "
                            f"{before[evidence.column]:,.0f} pare un'altra unità",
                        ),
                    )
