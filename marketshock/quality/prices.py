"""Checks of daily closes, symbol by symbol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marketshock.locale import Locale, Text
from marketshock.market.panel import Floats, PricePanel
from marketshock.market.sessions import SessionCalendar, to_day
from marketshock.market.splits import SplitTable
from marketshock.quality.findings import Finding

__all__ = ["PriceSpan", "halts", "holes", "impossible", "jumps", "stale"]

SPLIT_TOLERANCE = 0.08
"""A split of k leaves a move of 1/k times one day's own move, seldom beyond 8 %."""
SURE_RATIO = 3.5
"""No listed share of the tables ever fell, or rose, by nearly as much as this in a session."""
HUNDREDTHS = 100
LARGE_MOVE = 0.25
LEAST_PRICE = 1e-4
"""The smallest price step of exchanges in the United States for quotes below a dollar."""
HEAVY_TRADING = 3.0
"""Dollars traded over their median: a split leaves them as they are, a shock multiplies them."""
USUAL_SESSIONS = 20
STALE_SESSIONS = 5


@dataclass(frozen=True, slots=True, eq=False)
class PriceSpan:
    """Closes that an answer rests on, and what they are held against.

    Parameters
    ----------
    closes : PricePanel
        Split-adjusted, one row a session.
    splits : SplitTable
    first, last : int
        Positions that are used at all.
    event : tuple of int
        First and last position whose returns are reported; both closes of each must exist.
    volumes, adjusted : PricePanel, optional
        Shares traded and dividend-adjusted closes of the same symbols and sessions.
    exchange : SessionCalendar, optional
        The sessions that the exchange held.
    confirmed : frozenset of str
        ``SYMBOL:date`` of moves that somebody has looked up, from ``known_exceptions``.
    made : datetime.date, optional
        Day on which the prices were put together.
    """

    closes: PricePanel
    splits: SplitTable
    first: int
    last: int
    event: tuple[int, int]
    volumes: PricePanel | None = None
    adjusted: PricePanel | None = None
    exchange: SessionCalendar | None = None
    confirmed: frozenset[str] = frozenset()
    made: dt.date | None = None

    def inside(self, symbol: str, panel: PricePanel | None = None) -> Floats:
        """Return a symbol's closes, or figures of another panel, in the span."""
        return (panel or self.closes).column(symbol)[self.first : self.last + 1]

    def day(self, position: int) -> str:
        """Return the date of a position of the span."""
        return str(to_day(self.closes.sessions[self.first + position]))

    def in_event(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Tell which positions of the span are closes that reported returns need."""
        at = positions + self.first
        return (at >= self.event[0] - 1) & (at <= self.event[1])


def impossible(span: PriceSpan) -> Iterator[Finding]:
    """Block prices that no share can have."""
    panels = (span.closes,) if span.adjusted is None else (span.closes, span.adjusted)
    for symbol in span.closes.symbols:
        for panel in panels:
            values = span.inside(symbol, panel)
            bad = np.flatnonzero(np.isinf(values) | (values < LEAST_PRICE))
            if len(bad):
                yield _impossible(symbol, float(values[bad[0]]), span.day(int(bad[0])))
                break


def _impossible(symbol: str, value: float, day: str) -> Finding:
    en = it = ""
    if -np.inf < value < 0:
        en = " (a minus marks an average of bid and ask in some files: give traded prices)"
        it = " (in alcuni file il meno indica la media denaro-lettera: servono prezzi scambiati)"
    return Finding(
        "BLOCK",
        "D2",
        Text(
            f"{symbol}: a close of {value} on {day} is impossible{en}",
            f"{symbol}: una chiusura di {value} il {day} è impossibile{it}",
        ),
    )


def holes(span: PriceSpan) -> Iterator[Finding]:
    """Block a close that is missing inside a series where a reported return needs it.

    Before its first and after its last close a stock was not listed: the study says so itself.
    """
    for symbol in span.closes.symbols:
        there = np.flatnonzero(np.isfinite(span.closes.column(symbol)))
        gaps = np.flatnonzero(np.isnan(span.inside(symbol)))
        lost = gaps[span.in_event(gaps)]
        at = lost + span.first
        lost = lost[(at > there[0]) & (at < there[-1])] if len(there) else lost[:0]
        if len(lost):
            day = span.day(int(lost[0]))
            yield Finding(
                "BLOCK",
                "D1",
                Text(
                    f"{symbol}: no close on {day}, which a reported return needs",
                    f"{symbol}: manca la chiusura del {day}, necessaria a un rendimento esposto",
                ),
            )


def jumps(span: PriceSpan) -> Iterator[Finding]:
    """Tell splits and units left in the closes from true moves.

    Beyond 3.5 times either way a move blocks; near 2 and 3 it does on a day of ordinary trading
    in dollars (without volumes it is printed), and on the day of a known split if undoing the
    split makes it smaller. Any move passes with an information once it is confirmed.
    """
    for symbol in span.closes.symbols:
        values = span.inside(symbol)
        possible = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        growth = possible[1:] / possible[:-1]
        for position in np.flatnonzero(np.abs(growth - 1.0) > LARGE_MOVE) + 1:
            yield _jump(span, symbol, int(position), float(growth[position - 1]))


def _jump(span: PriceSpan, symbol: str, position: int, growth: float) -> Finding:
    ratio, day = max(growth, 1.0 / growth), span.day(position)
    if f"{symbol}:{day}" not in span.confirmed and not symbol.startswith("^"):
        near = HUNDREDTHS if abs(ratio / HUNDREDTHS - 1.0) < SPLIT_TOLERANCE else round(ratio)
        alike = near >= 2 and abs(ratio / near - 1.0) < SPLIT_TOLERANCE
        left = any(
            split.symbol == symbol
            and str(split.date) == day
            and abs(np.log(growth * split.ratio)) < abs(np.log(growth))
            for split in span.splits.splits
        )
        if left or ratio > SURE_RATIO:
            return _split(symbol, day, near, sure=True)
        heavy = _heavy(span, symbol, position) if alike else True
        if not heavy:
            return _split(symbol, day, near, sure=heavy is not None)
    return Finding(
        "INFO",
        "D21",
        Text(
            f"{symbol}: {Locale('en').percent(growth - 1, sign=True)} on {day}",
            f"{symbol}: {Locale('it').percent(growth - 1, sign=True)} il {day}",
        ),
        (symbol, day),
    )


def _heavy(span: PriceSpan, symbol: str, position: int) -> bool | None:
    """Tell whether far more dollars than usual changed hands; None without volumes."""
    if span.volumes is None:
        return None
    at = span.first + position
    closes, volumes = span.closes.column(symbol), span.volumes.column(symbol)
    start = max(0, at - USUAL_SESSIONS)
    before = closes[start:at] * volumes[start:at]
    usual = np.median(before[np.isfinite(before)]) if np.isfinite(before).any() else np.nan
    today = closes[at] * volumes[at]
    return bool(today > HEAVY_TRADING * usual) if np.isfinite([today, usual]).all() else None


def _split(symbol: str, day: str, near: int, *, sure: bool) -> Finding:
    unit_en = ", or like pence beside pounds" if near == HUNDREDTHS else ""
    unit_it = ", o pence accanto a sterline" if near == HUNDREDTHS else ""
    return Finding(
        "BLOCK" if sure else "FOOTNOTE",
        "D12",
        Text(
            f"{symbol}: the move on {day} is near 1:{near} and looks like a split that the "
            f"prices still contain{unit_en}; if it is true, confirm it with the row "
            f"prices_close,{symbol}:{day} of known_exceptions"
            if sure
            else f"{symbol}: the move on {day} is near 1:{near} and looks like a split",
            f"{symbol}: il movimento del {day} è vicino a 1:{near} e pare un frazionamento "
            f"rimasto nei prezzi{unit_it}; se è vero, confermarlo con la riga "
            f"prices_close,{symbol}:{day} di known_exceptions"
            if sure
            else f"{symbol}: il movimento del {day} è vicino a 1:{near} e pare un frazionamento",
        ),
        (symbol, day),
    )


def stale(span: PriceSpan) -> Iterator[Finding]:
    """Print a run of equal closes; block it where shares traded and a return is reported."""
    for symbol in span.closes.symbols:
        values = span.inside(symbol)
        for start, stop in _runs(values[1:] == values[:-1], STALE_SESSIONS):
            run = np.arange(start + 1, stop + 1)
            traded = span.volumes is not None and bool(
                (span.inside(symbol, span.volumes)[run] > 0).all()
            )
            reported = bool((span.in_event(run) & (run + span.first >= span.event[0])).any())
            day, many = span.day(int(run[-1])), len(run) + 1
            yield Finding(
                "BLOCK" if traded and reported else "FOOTNOTE",
                "D20",
                Text(
                    f"{symbol}: the same close on {many} sessions up to {day}",
                    f"{symbol}: la stessa chiusura per {many} sedute fino al {day}",
                ),
                (symbol, day),
            )


def halts(span: PriceSpan) -> Iterator[Finding]:
    """Print sessions without trading; a single one outside the event is an information."""
    if span.volumes is None:
        return
    for symbol in span.closes.symbols:
        quiet = span.inside(symbol, span.volumes) == 0
        at = np.flatnonzero(quiet & np.isfinite(span.inside(symbol)))
        if len(at):
            told = len(at) > 1 or bool(span.in_event(at).any())
            first = span.day(int(at[0]))
            yield Finding(
                "FOOTNOTE" if told else "INFO",
                "D6",
                Text(
                    f"{symbol}: nothing traded on {len(at)} sessions, the first on {first}",
                    f"{symbol}: nessuno scambio in {len(at)} sedute, la prima il {first}",
                ),
                (symbol, first),
            )


def _runs(flags: npt.NDArray[np.bool_], least: int) -> list[tuple[int, int]]:
    """Return first and behind-last position of every run of true flags of some length."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [
        (int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least
    ]
