"""Capital expenditure by fiscal quarter, from figures that companies file year to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from marketshock.errors import QualityError
from marketshock.sources.sec import CompanyFacts, Fact

__all__ = ["CAPEX_COLUMNS", "CAPEX_TAGS", "Capex", "capex_rows"]

CAPEX_TAGS = {
    "PaymentsToAcquirePropertyPlantAndEquipment": "total",
    "PaymentsToAcquireProductiveAssets": "total",
    "PaymentsForCapitalImprovements": "total",
    "PaymentsForProceedsFromProductiveAssets": "total_net",
}
"""Tags of the cash-flow statement and the scope of each, best first; the last is net of sales."""
CAPEX_COLUMNS = [
    "company",
    "symbol",
    "scope",
    "frequency",
    "period_start",
    "period_end",
    "fiscal_label",
    "capex_musd",
    "finance_leases_musd",
    "filed",
    "first_filed",
    "filed_latest",
    "capex_first_reported_musd",
    "source",
    "status",
]
SPANS = {1: (80, 102), 2: (168, 196), 3: (258, 288), 4: (350, 380)}
"""Days of one to four quarters; a quarter has 12 to 14 weeks."""
SUM_TOLERANCE = 0.005
UNIT_RATIO = 100.0
"""Between two quarters in a row: more than any firm's growth, less than a wrong unit."""
CHECK = "Look at the filings; to go without the company, leave it out with --symbols."
Part = tuple[dt.date, int, int]
"""First day of the fiscal year, first and last quarter covered."""


@dataclass(frozen=True, slots=True)
class Capex:
    """Rows in the columns of the capex table, and what could not be worked out, in words."""

    rows: tuple[dict[str, Any], ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Amount:
    """What one quarter or year is, by the filings of one generation."""

    generation: int
    start: dt.date
    end: dt.date
    value: float
    filed: dt.date
    form: str
    differenced: bool


def capex_rows(facts: CompanyFacts, company: str) -> Capex:
    """Return quarters and years of capital expenditure, USD millions, positive.

    A quarter is the figure filed for it, or else the difference of two year-to-date figures
    of the same generation: both from the reports on that year, or both from the comparatives
    one year later. So a restated year never meets unrestated quarters. The first generation
    gives the amount first reported, the last one the amount of today. What was not filed is
    missing, never zero.

    Parameters
    ----------
    facts : CompanyFacts
    company : str
        Name as it is printed.

    Raises
    ------
    QualityError
        If quarters of one generation do not add to their year within 0.5 %, or two in a row
        differ more than a hundredfold, as after a wrong unit.
    """
    rows: dict[tuple[str, str, dt.date], dict[str, Any]] = {}
    for tag, scope in CAPEX_TAGS.items():
        parts = _parts(facts.of("us-gaap", tag, "USD"), gross=scope == "total")
        for year in sorted({part[0] for part in parts}):
            for row in _year(parts, year, facts.symbol):
                key = (scope, row["frequency"], row["period_end"])
                source = f"{row['source']}, SEC company facts: {tag}"
                named = {"company": company, "symbol": facts.symbol, "scope": scope}
                rows.setdefault(key, row | named | {"source": source})
    ordered = [{name: row.get(name) for name in CAPEX_COLUMNS} for _, row in sorted(rows.items())]
    _refuse_jumps(ordered)
    return Capex(tuple(ordered), tuple(_gaps(ordered)))


def _parts(facts: Iterable[Fact], *, gross: bool) -> dict[Part, list[Fact]]:
    """Sort facts by fiscal year and quarters covered; the sign of a gross outflow is dropped."""
    usable = [fact for fact in facts if fact.start is not None and fact.value != 0]
    years = {fact.start for fact in usable if _quarters(fact) in (2, 3)}
    annual = [fact for fact in usable if fact.annual and _quarters(fact) == 4]
    years |= {fact.start for fact in annual}
    years |= {fact.end + dt.timedelta(days=1) for fact in annual}
    parts: dict[Part, list[Fact]] = {}
    for fact in usable:
        part = _part(fact, {year for year in years if year is not None})
        if part is not None:
            value = abs(fact.value) if gross else fact.value
            one = Fact(fact.start, fact.end, value, fact.filed, fact.form, fact.accession)
            parts.setdefault(part, []).append(one)
    return parts


def _quarters(fact: Fact) -> int:
    return next((n for n, (low, high) in SPANS.items() if low <= fact.days <= high), 0)


def _part(fact: Fact, years: Iterable[dt.date]) -> Part | None:
    """Return what a fact covers; None for a trailing year and other spans."""
    quarters, start = _quarters(fact), fact.start
    if not quarters or start is None:
        return None
    before = [year for year in years if year <= start]
    if not before:
        return None
    year = max(before)
    if start == year:
        return year, 1, quarters
    last = round(((fact.end - year).days + 1) / 91.3)
    return (year, last, last) if quarters == 1 and 2 <= last <= 4 else None


def _year(parts: Mapping[Part, list[Fact]], year: dt.date, symbol: str) -> Iterable[dict[str, Any]]:
    """Return the rows of one fiscal year."""
    label = f"FY{(year + dt.timedelta(days=364)).year}"
    quarters = {n: _quarter(parts, year, n) for n in range(1, 5)}
    annual = [_plain(fact) for fact in parts.get((year, 1, 4), ()) if fact.value > 0]
    _refuse_sums(quarters, annual, f"{symbol} {label}")
    for n, amounts in quarters.items():
        positive = [amount for amount in amounts if amount.value > 0]
        if positive:
            yield _row(positive, "Q", f"{label} Q{n}")
    if annual:
        yield _row(annual, "A", label)


def _gaps(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Name the quarters that could not be worked out for years that were filed."""
    there = {(row["scope"], row["fiscal_label"]): row for row in rows}
    for (scope, label), row in there.items():
        missing = [f"Q{n}" for n in range(1, 5) if (scope, f"{label} Q{n}") not in there]
        if row["frequency"] == "A" and missing:
            yield f"{row['symbol']} {scope} {label} without {', '.join(missing)}"


def _quarter(parts: Mapping[Part, list[Fact]], year: dt.date, n: int) -> list[_Amount]:
    """Return the amounts of a quarter in the order of generations, first and last of each."""
    own = parts.get((year, n, n), [])
    through, before = parts.get((year, 1, n), []), parts.get((year, 1, n - 1), [])
    amounts: list[_Amount] = []
    for generation in sorted({fact.generation for fact in [*own, *through]}):
        direct = [fact for fact in own if fact.generation == generation]
        longer = [fact for fact in through if fact.generation == generation]
        shorter = [fact for fact in before if fact.generation == generation]
        if direct:
            amounts += [_plain(direct[0]), _plain(direct[-1])]
        elif longer and shorter:
            amounts += [_less(longer[at], shorter[at]) for at in (0, -1)]
    return amounts


def _plain(fact: Fact) -> _Amount:
    start = fact.start or fact.end
    return _Amount(fact.generation, start, fact.end, fact.value, fact.filed, fact.form, False)


def _less(longer: Fact, shorter: Fact) -> _Amount:
    return _Amount(
        longer.generation,
        shorter.end + dt.timedelta(days=1),
        longer.end,
        longer.value - shorter.value,
        max(longer.filed, shorter.filed),
        longer.form,
        True,
    )


def _row(amounts: list[_Amount], frequency: str, label: str) -> dict[str, Any]:
    first, last = amounts[0], amounts[-1]
    changed = next(amount for amount in amounts if amount.value == last.value)
    how = ", year to date differenced" if first.differenced else ""
    return {
        "frequency": frequency,
        "period_start": first.start,
        "period_end": first.end,
        "fiscal_label": label,
        "capex_musd": last.value / 1e6,
        "filed": first.filed,
        "first_filed": first.filed if first.generation == 0 else None,
        "filed_latest": changed.filed,
        "capex_first_reported_musd": first.value / 1e6,
        "source": f"{first.form}{how}",
        "status": "verified1",
    }


def _refuse_sums(quarters: Mapping[int, list[_Amount]], annual: list[_Amount], where: str) -> None:
    """Refuse quarters that do not add to the year of the same generation."""
    for year in annual:
        same = [
            [amount for amount in amounts if amount.generation == year.generation]
            for amounts in quarters.values()
        ]
        if not all(same):
            continue
        total = sum(amounts[-1].value for amounts in same)
        if abs(total - year.value) > SUM_TOLERANCE * abs(year.value):
            raise QualityError(
                f"{where}: the quarters add to {total / 1e6:,.0f} million, the year filed on "
                f"{year.filed} is {year.value / 1e6:,.0f} million.",
                CHECK,
            )


def _refuse_jumps(rows: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a hundredfold change between periods in a row, the mark of a wrong unit."""
    for before, after in pairwise(rows):
        if (before["scope"], before["frequency"]) != (after["scope"], after["frequency"]):
            continue
        ratio = after["capex_musd"] / before["capex_musd"]
        if not 1.0 / UNIT_RATIO < ratio < UNIT_RATIO:
            raise QualityError(
                f"{after['symbol']} {after['fiscal_label']}: {after['capex_musd']:,.6g} million "
                f"after {before['capex_musd']:,.6g} million looks like a wrong unit.",
                CHECK,
            )
