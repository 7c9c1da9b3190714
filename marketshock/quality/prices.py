"""Checks of closes around a shock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from marketshock.locale import Locale, Text
from marketshock.market.panel import PricePanel
from marketshock.market.sessions import to_day
from marketshock.market.splits import SplitTable
from marketshock.quality.findings import Finding

__all__ = ["check_closes"]

SPLIT_RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100)
SPLIT_TOLERANCE = 0.005
SURE_SPLIT = 4
LARGE_MOVE = 0.25
IMPOSSIBLE_RATIO = 50.0
STALE_SESSIONS = 5


def check_closes(
    closes: PricePanel, splits: SplitTable, first: int, last: int, shock: int
) -> tuple[Finding, ...]:
    """Check split-adjusted closes between two positions around the session of a shock.

    A price that is not positive blocks; so does a move near a
    split ratio of four or more, or beyond fifty times.
    A move near a smaller ratio, a gap, and a run of equal closes are printed. A true
    crash passes with an information.
    """
    findings: list[Finding] = []
    for symbol in closes.symbols:
        values = closes.column(symbol)[first : last + 1]
        days = closes.sessions[first : last + 1]
        findings += _impossible(symbol, values, days)
        findings += _missing(symbol, values, days, shock - first)
        findings += _jumps(symbol, values, days, splits)
        findings += _stale(symbol, values, days)
    return tuple(findings)


def _impossible(symbol: str, values: np.ndarray, days: np.ndarray) -> Iterator[Finding]:
    bad = np.flatnonzero(np.isinf(values) | (values <= 0))
    if len(bad):
        day = to_day(days[bad[0]])
        yield Finding(
            "BLOCK",
            "D2",
            Text(
                f"{symbol}: a close of {values[bad[0]]} on {day} is impossible",
                f"{symbol}: una chiusura di {values[bad[0]]} il {day} è impossibile",
            ),
        )


def _missing(symbol: str, values: np.ndarray, days: np.ndarray, shock: int) -> Iterator[Finding]:
    for position in (shock - 1, shock):
        if 0 <= position < len(values) and not np.isfinite(values[position]):
            day = to_day(days[position])
            yield Finding(
                "FOOTNOTE",
                "D1",
                Text(
                    f"{symbol}: no close on {day}, so no return of the event session",
                    f"{symbol}: manca la chiusura del {day}, quindi il rendimento dell'evento",
                ),
            )


def _jumps(
    symbol: str, values: np.ndarray, days: np.ndarray, splits: SplitTable
) -> Iterator[Finding]:
    possible = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    growth = possible[1:] / possible[:-1]
    for position in np.flatnonzero(np.abs(growth - 1.0) > LARGE_MOVE):
        factor, day = float(growth[position]), to_day(days[position + 1])
        ratio = max(factor, 1.0 / factor)
        near = next((k for k in SPLIT_RATIOS if abs(ratio / k - 1.0) < SPLIT_TOLERANCE), None)
        if near is None:
            yield Finding(
                "BLOCK" if ratio > IMPOSSIBLE_RATIO else "INFO",
                "D21",
                Text(
                    f"{symbol}: {Locale('en').percent(factor - 1, sign=True)} on {day}",
                    f"{symbol}: {Locale('it').percent(factor - 1, sign=True)} il {day}",
                ),
            )
            continue
        known = any(s.symbol == symbol and s.date == day for s in splits.splits)
        yield Finding(
            "BLOCK" if near >= SURE_SPLIT or known else "FOOTNOTE",
            "D12",
            Text(
                f"{symbol}: the move on {day} is near 1:{near} and looks like a split",
                f"{symbol}: il movimento del {day} è vicino a 1:{near} e pare un frazionamento",
            ),
        )


def _stale(symbol: str, values: np.ndarray, days: np.ndarray) -> Iterator[Finding]:
    run = 0
    for position in range(1, len(values)):
        run = run + 1 if values[position] == values[position - 1] else 0
        if run == STALE_SESSIONS:
            day = to_day(days[position])
            yield Finding(
                "FOOTNOTE",
                "D20",
                Text(
                    f"{symbol}: the same close on {STALE_SESSIONS + 1} sessions up to {day}",
                    f"{symbol}: la stessa chiusura per {STALE_SESSIONS + 1} sedute fino al {day}",
                ),
            )
