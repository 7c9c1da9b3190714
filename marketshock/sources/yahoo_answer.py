"""What Yahoo answered for one symbol: checked strictly before a number is taken from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketshock.errors import BadPayload, NotFound, SymbolMismatch
from marketshock.market.universe import Instrument
from marketshock.sources.web import SHOWN, finite, read_object, shown

__all__ = ["Bar", "SymbolHistory", "check_answer", "check_card"]

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
KINDS = {"stock": "EQUITY", "etf": "ETF", "index": "INDEX"}
ZONES = {"Cboe": (CHICAGO, NEW_YORK)}
"""Zones of exchanges outside New York."""
PRICES = ("open", "high", "low", "close")
_IMPOSSIBLE: dict[str, tuple[float | None, ...]] = {
    "timestamp": (None,),
    "close": (0.0,),
    "adjclose": (0.0,),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One session: prices split-adjusted, `adj_close` dividend-adjusted too; None where empty."""

    day: dt.date
    open: float | None
    high: float | None
    low: float | None
    close: float
    adj_close: float | None
    volume: int | None


@dataclass(frozen=True, slots=True)
class SymbolHistory:
    """One symbol as fetched, and the raw answer it was read from.

    Parameters
    ----------
    symbol : str
    bars : tuple of Bar
        In order of sessions, none of them unfinished, none without a close.
    splits, dividends : tuple of (date, float)
        Ratio, and dollars a share on the split basis of the prices.
    empty : tuple of datetime.date
        Sessions that the answer names without a close; they have no bar.
    raw : bytes
        JSON as it came.
    fetched : datetime.datetime
        In UTC.
    """

    symbol: str
    bars: tuple[Bar, ...]
    splits: tuple[tuple[dt.date, float], ...]
    dividends: tuple[tuple[dt.date, float], ...]
    empty: tuple[dt.date, ...]
    raw: bytes
    fetched: dt.datetime


def check_answer(body: bytes, symbol: str) -> Mapping[str, Any]:
    """Check the shape of a chart answer and return its one result.

    Raises
    ------
    NotFound
        If Yahoo says that it has nothing.
    BadPayload
        If a part is missing, arrays differ in length, or a figure is no finite number.
    """
    chart = read_object(body, f"{symbol}, Yahoo's answer").get("chart")
    if not isinstance(chart, dict):
        raise BadPayload(f"{symbol}: Yahoo's answer has no chart: {shown(body)}.")
    error, results = chart.get("error"), chart.get("result")
    if error:
        said = error.get("description") if isinstance(error, dict) else error
        raise NotFound(
            f"{symbol}: Yahoo says {str(said)[:SHOWN]!a}.",
            "Look whether the symbol was renamed; leave it out with --symbols.",
        )
    if not results:
        raise NotFound(f"{symbol}: Yahoo has no result.", "Leave it out with --symbols.")
    result = results[0] if isinstance(results, list) else None
    if not isinstance(result, dict) or not isinstance(result.get("meta"), dict):
        raise BadPayload(f"{symbol}: Yahoo's result has no meta: {shown(body)}.")
    _check_arrays(result, symbol)
    return result


def _check_arrays(result: Mapping[str, Any], symbol: str) -> None:
    times = result.get("timestamp")
    if not times or not isinstance(times, list):
        raise NotFound(f"{symbol}: Yahoo's answer has no sessions.", "Leave it out.")
    indicators = result.get("indicators")
    quotes = indicators.get("quote") if isinstance(indicators, dict) else None
    quote = quotes[0] if isinstance(quotes, list) and quotes else None
    if not isinstance(quote, dict) or not quote:
        raise BadPayload(f"{symbol}: Yahoo's answer has sessions without quotes.")
    columns = {name: quote.get(name) for name in (*PRICES, "volume")}
    adjusted = indicators.get("adjclose") if isinstance(indicators, dict) else None
    first = adjusted[0] if isinstance(adjusted, list) and adjusted else None
    if not isinstance(first, dict):
        raise BadPayload(f"{symbol}: Yahoo's answer has no adjusted closes.")
    columns |= {"adjclose": first.get("adjclose"), "timestamp": times}
    for name, values in columns.items():
        if not isinstance(values, list) or len(values) != len(times):
            length = len(values) if isinstance(values, list) else "no"
            raise BadPayload(f"{symbol}: {length} values of {name} for {len(times)} sessions.")
        for value in values:
            if not _is_figure(value) or value in _IMPOSSIBLE.get(name, ()):
                raise BadPayload(f"{symbol}: {ascii(value)[:SHOWN]} among the values of {name}.")


def _is_figure(value: Any) -> bool:
    """Tell whether a cell is a finite number that is not negative, or empty."""
    if value is None:
        return True
    number = finite(value)
    return number is not None and number >= 0


def check_card(meta: Mapping[str, Any], card: Instrument) -> None:
    """Check that an answer speaks of the instrument that was asked for.

    Raises
    ------
    SymbolMismatch
        If symbol, kind, currency or time zone are others than on the card.
    """
    zones = ZONES.get(card.exchange, (NEW_YORK,))
    expected: dict[str, tuple[str, ...]] = {
        "symbol": (card.symbol,),
        "instrumentType": (KINDS[card.kind],),
        "exchangeTimezoneName": zones,
    }
    if card.currency:
        expected["currency"] = (card.currency,)
    for name, allowed in expected.items():
        found = meta.get(name)
        if found not in allowed:
            raise SymbolMismatch(
                f"{card.symbol}: Yahoo answers with {name} {ascii(found)[:SHOWN]}, "
                f"expected {' or '.join(allowed)}.",
                "Nothing was kept of it. If the listing changed, its card must change first.",
            )
