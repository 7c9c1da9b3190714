"""What changed between two vintages, in words."""

from __future__ import annotations

import numpy as np

from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates, to_day
from marketshock.sources.base import Field
from marketshock.sources.bundle import FolderSource

__all__ = ["revisions"]

BASIS_POINTS = 1e4


def revisions(old: FolderSource, new: FolderSource) -> list[str]:
    """Return one sentence for everything that history says differently now.

    New sessions after the last old one are no revision. Adjusted closes are rescaled by
    every dividend; they are named apart, by their returns, which should stay.
    """
    lines = []
    gone = [symbol for symbol in old.symbols if symbol not in new.symbols]
    if gone:
        lines.append(f"no longer held: {', '.join(gone)}")
    for symbol in new.symbols:
        if symbol in old.symbols:
            lines += _of_symbol(old, new, symbol)
    return lines


def _of_symbol(old: FolderSource, new: FolderSource, symbol: str) -> list[str]:
    before, after = _series(old, symbol, "close"), _series(new, symbol, "close")
    lines = []
    lost = before[0][~np.isin(before[0], after[0])]
    if len(lost):
        lines.append(f"{symbol}: {_count(len(lost), 'session')} gone, {_span(lost)}")
    inside = (after[0] >= before[0][0]) & (after[0] <= before[0][-1])
    found = after[0][inside & ~np.isin(after[0], before[0])]
    if len(found):
        lines.append(f"{symbol}: {_count(len(found), 'session')} came in between, {_span(found)}")
    lines += _moved(symbol, "close", *_common(before, after))
    days, one, other = _common(_series(old, symbol, "adj_close"), _series(new, symbol, "adj_close"))
    if len(days) > 1:
        growth = one[1:] / one[:-1], other[1:] / other[:-1]
        large = np.abs(growth[1] / growth[0] - 1.0) * BASIS_POINTS > 1.0
        lines += _moved(symbol, "total return", days[1:][large], growth[0][large], growth[1][large])
    return lines


def _moved(symbol: str, what: str, days: Dates, one: Floats, other: Floats) -> list[str]:
    changed = one != other
    if not changed.any():
        return []
    most = float(np.max(np.abs(other[changed] / one[changed] - 1.0))) * BASIS_POINTS
    number = _count(int(changed.sum()), what)
    return [f"{symbol}: {number} revised, at most {most:.3g} bp, {_span(days[changed])}"]


def _series(source: FolderSource, symbol: str, field: Field) -> tuple[Dates, Floats]:
    panel = source.prices([symbol], field)
    values = panel.values[:, 0]
    there = np.isfinite(values)
    return panel.sessions[there], values[there]


def _common(
    before: tuple[Dates, Floats], after: tuple[Dates, Floats]
) -> tuple[Dates, Floats, Floats]:
    days, one, other = np.intersect1d(before[0], after[0], return_indices=True)
    return days, before[1][one], after[1][other]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _span(days: Dates) -> str:
    first, last = to_day(days[0]), to_day(days[-1])
    return str(first) if first == last else f"{first} to {last}"
