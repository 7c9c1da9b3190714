"""Share counts by filing, on the split basis of the price tables."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from marketshock.market.splits import SplitTable
from marketshock.sources.sec import CompanyFacts, Fact

__all__ = ["SHARE_COLUMNS", "ShareRows", "share_rows"]

SHARE_COLUMNS = [
    "symbol",
    "share_class",
    "as_of",
    "filed",
    "kind",
    "shares",
    "shares_as_reported",
    "form",
    "source",
    "status",
]
TAGS = {
    ("dei", "EntityCommonStockSharesOutstanding"): "cover",
    ("us-gaap", "CommonStockSharesOutstanding"): "balance",
    ("us-gaap", "WeightedAverageNumberOfSharesOutstandingBasic"): "weighted_basic",
    ("us-gaap", "WeightedAverageNumberOfDilutedSharesOutstanding"): "weighted_diluted",
}
WORDS = {
    "cover": "cover",
    "balance": "balance sheet",
    "weighted_basic": "weighted basic",
    "weighted_diluted": "weighted diluted",
}
QUARTER, YEAR = (80, 102), (350, 380)
UNIT_RATIO = 100.0
"""From the company's median count; more than any issue of shares, less than a wrong unit."""


@dataclass(frozen=True, slots=True)
class ShareRows:
    """Rows in the columns of the shares table, and what was left out, in words."""

    rows: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]


def share_rows(facts: CompanyFacts, splits: SplitTable) -> ShareRows:
    """Return the counts of all filings: cover, balance sheet, weighted averages.

    Company facts carry no share classes: a count is either of the whole company, or missing
    where the filing tells it by class. Covers are brought to the split basis by the day that
    they speak of, the others by the day of filing, since filings restate those. A count a
    hundred times off the company's median is an error of the filer and left out.

    Parameters
    ----------
    facts : CompanyFacts
    splits : SplitTable
        Splits of the basis wanted.
    """
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for (taxonomy, tag), kind in TAGS.items():
        for fact in _reported(facts.of(taxonomy, tag, "shares")):
            day = fact.end if kind == "cover" else fact.filed
            ratio = math.prod(
                split.ratio
                for split in splits.splits
                if split.symbol == facts.symbol and split.kind == "split" and split.date > day
            )
            row = {
                "symbol": facts.symbol,
                "share_class": "common",
                "as_of": fact.end,
                "filed": fact.filed,
                "kind": kind,
                "shares": fact.value * ratio,
                "shares_as_reported": fact.value,
                "form": _form(fact, kind),
                "source": f"SEC company facts: {tag}",
                "status": "verified1",
            }
            rows[kind, fact.end, fact.filed, row["form"]] = row
    return _without_wrong_units(facts.symbol, rows.values())


def _reported(facts: Iterable[Fact]) -> Iterable[Fact]:
    """Yield counts of one day, of a quarter and of a year; not those of half a year."""
    for fact in facts:
        spans = (QUARTER, YEAR) if fact.annual else (QUARTER,)
        plain = fact.start is None or any(low <= fact.days <= high for low, high in spans)
        if fact.value > 0 and plain:
            yield fact


def _form(fact: Fact, kind: str) -> str:
    span = "" if fact.start is None else ", year" if fact.days > QUARTER[1] else ", quarter"
    return f"{fact.form} {WORDS[kind]}{span}"


def _without_wrong_units(symbol: str, rows: Iterable[dict[str, Any]]) -> ShareRows:
    ordered = sorted(rows, key=lambda row: (row["as_of"], row["filed"], row["kind"], row["form"]))
    usual = median(row["shares"] for row in ordered) if ordered else 0.0
    right = [row for row in ordered if 1 / UNIT_RATIO < row["shares"] / usual < UNIT_RATIO]
    left_out = [
        f"{symbol} {row['form']} of {row['filed']}: {row['shares_as_reported']:,.0f} shares "
        f"against a median of {usual:,.0f}"
        for row in ordered
        if row not in right
    ]
    return ShareRows(tuple(right), tuple(left_out))
