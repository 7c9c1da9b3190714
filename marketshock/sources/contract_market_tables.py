"""Contracts of the market tables: prices, instruments, shares, factors, rates.

Units and meaning of every column are in the codebook of the data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from marketshock.sources.contract_fields import (
    SYMBOL,
    TableContract,
    choice,
    date,
    filled_exactly_when,
    integer,
    number,
    ordered,
    positive,
    status,
    text,
)


def _prices_close() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "date": date(),
        "close": positive(),
        "adj_close": positive(empty=True),
        "volume": number(0, empty=True),
    }
    return TableContract(fields, ["symbol", "date"], (ordered("adj_close", "close"),))


def _prices_range() -> TableContract:
    fields = {"symbol": text(SYMBOL), "date": date()} | {
        column: positive(empty=True) for column in ("open", "high", "low")
    }
    return TableContract(
        fields, ["symbol", "date"], (ordered("low", "high"), ordered("open", "high"))
    )


def _instruments() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "name": text(),
        "short_name": text(),
        "kind": choice("stock", "etf", "index"),
        "exchange": text(),
        "currency": choice("USD", empty=True),
        "sector": text(),
        "industry": text(empty=True),
        "first_session": date(),
        "last_session": date(),
        "sessions": integer(1),
        "providers": integer(1, empty=True),
        "weak_spot": text(empty=True),
        "company": text(empty=True),
    }
    rules = (
        ordered("first_session", "last_session"),
        filled_exactly_when("company", "kind", "stock"),
    )
    return TableContract(fields, ["symbol"], rules)


def _former_symbols() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "successor": text(SYMBOL, empty=True),
        "last_session": date(empty=True),
        "reason_en": text(),
        "reason_it": text(),
        "status": status(),
        "source": text(),
    }
    return TableContract(fields, ["symbol"])


def _splits() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "date": date(),
        "ratio": number(1, 100),
        "kind": choice("split", "spin_off", "stock_dividend"),
        "description": text(),
    }
    return TableContract(fields, ["symbol", "date"])


def _dividends() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "ex_date": date(),
        "amount": positive(),
        "quality": choice("reported", "implied"),
        "sources": integer(1),
    }
    return TableContract(fields, ["symbol", "ex_date"])


def _shares() -> TableContract:
    classes = (
        "common",
        "total",
        "A",
        "B",
        "C",
        "B-1",
        "B-2",
        "A-equivalent",
        "B-equivalent",
        "ADR-equivalent",
    )
    fields = {
        "symbol": text(SYMBOL),
        "share_class": choice(*classes),
        "as_of": date(),
        "filed": date(empty=True),
        "kind": choice("cover", "balance", "weighted_basic", "weighted_diluted", "derived"),
        "shares": positive(),
        "shares_as_reported": positive(empty=True),
        "form": text(),
        "source": text(),
        "status": status(),
    }
    return TableContract(
        fields,
        ["symbol", "share_class", "as_of", "filed", "kind", "form"],
        (ordered("as_of", "filed"),),
    )


def _fx_daily() -> TableContract:
    pairs = {pair: number(0.5, 2) for pair in ("eurusd", "usdchf", "gbpusd", "eurchf", "eurgbp")}
    return TableContract({"date": date(), **pairs, "source": text(), "status": status()}, ["date"])


def _factors5_daily() -> TableContract:
    return _factors("smb", "hml", "rmw", "cma", "mom")


def _factors3_daily() -> TableContract:
    return _factors("smb", "hml")


def _factors(*names: str) -> TableContract:
    returns = {name: number(-20, 20) for name in ("mkt_rf", *names)}
    return TableContract({"date": date(), **returns, "rf": number(0, 0.1)}, ["date"])


def _sp500_market_value() -> TableContract:
    fields = {
        "date": date(),
        "basis": choice("total", "float_adjusted"),
        "market_value_usd_tn": number(10, 200),
        "publisher": text(empty=True),
        "source": text(),
        "status": status(),
        "comment": text(empty=True),
    }
    return TableContract(fields, ["date", "basis"])


MARKET_TABLES: Final[dict[str, Callable[[], TableContract]]] = {
    "prices_close": _prices_close,
    "prices_range": _prices_range,
    "instruments": _instruments,
    "former_symbols": _former_symbols,
    "splits": _splits,
    "dividends": _dividends,
    "shares": _shares,
    "fx_daily": _fx_daily,
    "factors5_daily": _factors5_daily,
    "factors3_daily": _factors3_daily,
    "sp500_market_value": _sp500_market_value,
}
