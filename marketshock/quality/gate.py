"""The gate between sources and analysis: every check, in one place."""

from __future__ import annotations

from marketshock.quality.calendar import complete, dividends, finished, frozen_sessions
from marketshock.quality.findings import Finding
from marketshock.quality.prices import PriceSpan, halts, holes, impossible, jumps, stale
from marketshock.quality.shares import (
    ShareEvidence,
    ages,
    bases,
    changes,
    classes,
    currencies,
    second_source,
)
from marketshock.quality.spending import SpendingEvidence, units, years

__all__ = ["gate"]

PRICES = (complete, finished, impossible, holes, frozen_sessions, jumps, stale, halts, dividends)
SHARES = (currencies, bases, second_source, classes, ages, changes)
SPENDING = (years, units)


def gate(
    prices: PriceSpan | None = None,
    shares: ShareEvidence | None = None,
    spending: SpendingEvidence | None = None,
) -> tuple[Finding, ...]:
    """Look at what an answer rests on, and return what was found, each finding once.

    Nothing is mended: a finding that blocks forbids the answer, a footnote is printed with
    it, an information is kept with it.
    """
    found: list[Finding] = []
    if prices is not None:
        found += (finding for check in PRICES for finding in check(prices))
    if shares is not None:
        found += (finding for check in SHARES for finding in check(shares))
    if spending is not None:
        found += (finding for check in SPENDING for finding in check(spending))
    return tuple(dict.fromkeys(found))
