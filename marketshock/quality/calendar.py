"""Checks of the sessions themselves, and of what happens on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from marketshock.locale import Locale, Text
from marketshock.market.sessions import Dates, to_day
from marketshock.quality.findings import Finding
from marketshock.quality.prices import PriceSpan

__all__ = ["complete", "dividends", "finished", "frozen_sessions"]

FROZEN_SYMBOLS = 3
DIVIDEND = 0.001
ADJUSTMENT = 0.5
ROUNDING = 0.005


def complete(span: PriceSpan) -> Iterator[Finding]:
    """Hold the sessions against those of the exchange.

    A session that all series lack would melt two days into one return: it blocks where a
    return is reported, and is printed where a model is estimated. A row on a day without a
    session blocks.
    """
    if span.exchange is None:
        return
    own = span.closes.sessions[span.first : span.last + 1]
    held = span.exchange.sessions
    held = held[(held >= own[0]) & (held <= own[-1])]
    lost, extra = _absent(held, own), _absent(own, held)
    if len(extra):
        day = to_day(extra[0])
        yield Finding(
            "BLOCK",
            "D9",
            Text(
                f"there are prices of {day}, on which the exchange was shut",
                f"ci sono prezzi del {day}, a borsa chiusa",
            ),
        )
    if not len(lost):
        return
    every = span.closes.sessions[max(span.event[0] - 1, 0) : span.event[1] + 1]
    near = lost[(lost >= every[0]) & (lost <= every[-1])] if len(every) else lost[:0]
    days = ", ".join(str(to_day(day)) for day in (near if len(near) else lost)[:3])
    yield Finding(
        "BLOCK" if len(near) else "FOOTNOTE",
        "D1",
        Text(
            f"all prices lack {len(lost)} sessions of the exchange, among them {days}",
            f"in tutti i prezzi mancano {len(lost)} sedute della borsa, fra cui {days}",
        ),
    )


def finished(span: PriceSpan) -> Iterator[Finding]:
    """Block prices from after the day of their making; print a reported close of that day."""
    if span.made is None:
        return
    days = span.closes.sessions[span.first : span.last + 1]
    made = np.datetime64(span.made, "D")
    if days[-1] > made:
        day = to_day(days[-1])
        yield Finding(
            "BLOCK",
            "STALE",
            Text(
                f"there are prices of {day} in data made on {span.made}",
                f"ci sono prezzi del {day} in dati compilati il {span.made}",
            ),
        )
    elif days[min(span.event[1] - span.first, len(days) - 1)] == made:
        yield Finding(
            "FOOTNOTE",
            "STALE",
            Text(
                f"the data were taken on {span.made} itself: its close may still be revised",
                f"i dati sono stati rilevati il {span.made} stesso: la chiusura può cambiare",
            ),
        )


def frozen_sessions(span: PriceSpan) -> Iterator[Finding]:
    """Block a session that repeats the closes of the one before in all series: no new bar."""
    values = span.closes.values[span.first : span.last + 1]
    both = np.isfinite(values[1:]) & np.isfinite(values[:-1])
    moved = (both & (values[1:] != values[:-1])).any(axis=1)
    frozen = np.flatnonzero((both.sum(axis=1) >= FROZEN_SYMBOLS) & ~moved) + 1
    if len(frozen):
        day = span.day(int(frozen[0]))
        yield Finding(
            "BLOCK",
            "STALE",
            Text(
                f"every close of {day} equals the one before: the session has no bar of its own",
                f"ogni chiusura del {day} è uguale alla precedente: la seduta non ha prezzi propri",
            ),
        )


def dividends(span: PriceSpan) -> Iterator[Finding]:
    """Print dividends that reported returns contain; block an adjustment that is none."""
    if span.adjusted is None:
        return
    paid: dict[str, float] = {}
    for symbol in span.closes.symbols:
        closes, adjusted = span.inside(symbol), span.inside(symbol, span.adjusted)
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = (adjusted[1:] / adjusted[:-1]) / (closes[1:] / closes[:-1]) - 1.0
        bad = np.flatnonzero((factor < -ROUNDING) | (factor > ADJUSTMENT))
        if len(bad):
            yield _not_adjusted(symbol, span.day(int(bad[0]) + 1))
            continue
        at = np.arange(1, len(closes))
        reported = span.in_event(at) & (at + span.first >= span.event[0])
        most = float(np.max(factor, initial=0.0, where=reported & (factor > DIVIDEND)))
        if most:
            paid[symbol] = most
    if paid:
        yield Finding(
            "FOOTNOTE",
            "D13",
            Text(
                f"returns contain a dividend inside the window: {_shares(paid, 'en')} of the price",
                "i rendimenti comprendono un dividendo staccato nella finestra: "
                f"{_shares(paid, 'it')} del prezzo",
            ),
        )


def _shares(paid: dict[str, float], lang: str) -> str:
    locale = Locale("it" if lang == "it" else "en")
    return ", ".join(f"{symbol} {locale.percent(share)}" for symbol, share in paid.items())


def _not_adjusted(symbol: str, day: str) -> Finding:
    return Finding(
        "BLOCK",
        "D13",
        Text(
            f"{symbol}: the adjusted close of {day} follows from no close and dividend",
            f"{symbol}: la chiusura rettificata del {day} non deriva da chiusura e dividendo",
        ),
        (symbol, day),
    )


def _absent(days: Dates, others: Dates) -> Dates:
    """Return the days that are not among others; both ascend."""
    if not len(others):
        return days
    at = np.minimum(np.searchsorted(others, days), len(others) - 1)
    absent: Dates = days[others[at] != days]
    return absent
