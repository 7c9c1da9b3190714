"""What the quality gate looks at for each answer, and what becomes of its findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import QualityError
from marketshock.locale import Text
from marketshock.marketcap.history import MarketValues
from marketshock.marketcap.losses import MarketCapLosses
from marketshock.quality.findings import Finding, blocking
from marketshock.quality.gate import gate
from marketshock.quality.prices import PriceSpan
from marketshock.quality.shares import ShareEvidence
from marketshock.quality.spending import SpendingEvidence
from marketshock.sources.bundle import FolderSource
from marketshock.table import Table

if TYPE_CHECKING:
    from marketshock.eventstudy.scan import Scan
    from marketshock.eventstudy.study import EventStudy
    from marketshock.marketcap.record import LossRecord

__all__ = [
    "admit",
    "gate_capex",
    "gate_events",
    "gate_group",
    "gate_losses",
    "gate_scan",
    "gate_study",
    "gate_values",
]

MOST_NAMED = 3
BROUGHT = {
    "sec": Text("share counts and capex are", "numero di azioni e capex sono"),
    "french": Text("factors are", "i fattori sono"),
}


def admit(findings: tuple[Finding, ...], *, draft: bool = False) -> tuple[Finding, ...]:
    """Return findings that let an answer pass; a draft passes with all of them.

    Raises
    ------
    QualityError
        If one blocks, with up to three of those that do.
    """
    blocked = blocking(findings)
    if blocked and not draft:
        named = "; ".join(f"{one.text.en} ({one.code})" for one in blocked[:MOST_NAMED])
        more = len(blocked) - MOST_NAMED
        raise QualityError(
            f"Blocked by the quality gate: {named}{f'; and {more} more' if more > 0 else ''}.",
            "Mend the data or leave the symbol out.",
        )
    return findings


def gate_study(
    desk: Desk,
    stocks: Sequence[str],
    study: EventStudy,
    session: dt.date,
    first: int | None = None,
    last: int | None = None,
    *,
    counts: bool = True,
) -> tuple[Finding, ...]:
    """Return what the gate finds around one event and in the share counts of its stocks.

    `first` and `last` are relative sessions where more is used than by the study itself;
    without `counts` the answer needs no share count.
    """
    calendar = desk.source.prices(()).calendar
    span = _around(desk, stocks, study, calendar.first_on_or_after(session), first, last)
    days = calendar.day(span.event[0]), calendar.day(span.event[1])
    shares = _shares(desk, stocks, [(symbol, *days) for symbol in stocks]) if counts else None
    return (*gate(span, shares), *_benchmark(stocks, study), *_origin(desk, stocks))


def gate_group(
    desk: Desk,
    members: Sequence[str],
    others: Sequence[str],
    study: EventStudy,
    session: dt.date,
) -> tuple[Finding, ...]:
    """Return what the gate finds for a group of stocks, and in the closes of all others.

    Of `others` only the session and the one before are looked at.
    """
    position = desk.source.prices(()).calendar.first_on_or_after(session)
    event = (max(1, position), position)
    span = _span(desk, others, event[0] - 1, position, event, returns=False)
    return tuple(dict.fromkeys((*gate_study(desk, members, study, session), *gate(span))))


def gate_values(desk: Desk, symbols: Sequence[str], session: dt.date) -> tuple[Finding, ...]:
    """Return what the gate finds in all closes and counts of some companies up to a session."""
    closes = desk.source.prices(symbols)
    last = max(0, int(np.searchsorted(closes.sessions, np.datetime64(session, "D"), "right")) - 1)
    span = _span(desk, symbols, 0, last, (last, last), returns=False)
    day = closes.calendar.day(last)
    shares = _shares(desk, symbols, [(symbol, day, day) for symbol in symbols])
    return (*gate(span, shares), *_origin(desk, symbols))


def gate_events(
    desk: Desk, study: EventStudy, events: Iterable[tuple[str, int]]
) -> tuple[Finding, ...]:
    """Return what the gate finds around many events, given as symbols and positions."""
    listed = list(events)
    found = dict.fromkeys(_origin(desk, [symbol for symbol, _ in listed]))
    for symbol, position in listed:
        found.update(dict.fromkeys(gate(_around(desk, [symbol], study, position))))
    return tuple(found)


def _around(
    desk: Desk,
    stocks: Sequence[str],
    study: EventStudy,
    position: int,
    first: int | None = None,
    last: int | None = None,
) -> PriceSpan:
    """Return the closes around one event, with those of the benchmark."""
    end = len(desk.source.prices(()).sessions) - 1
    start = study.estimation.first if first is None else first
    stop = min(end, position + (int(study.tau[-1]) if last is None else last))
    event = (max(1, position + int(study.tau[0])), stop)
    symbols = dict.fromkeys([*stocks, *filter(None, [study.compared_with])])
    return _span(desk, tuple(symbols), max(0, position + start), stop, event)


def gate_losses(
    desk: Desk, values: MarketValues, found: MarketCapLosses | LossRecord
) -> tuple[Finding, ...]:
    """Return what the gate finds in all closes and counts that a ranking ranges over."""
    calendar = values.closes.calendar
    first, last = (calendar.first_on_or_after(day) for day in (found.since, found.as_of))
    span = _span(desk, values.symbols, first - 1, last, (first, last), returns=False)
    losses = (
        found.losses
        if isinstance(found, MarketCapLosses)
        else tuple(holder.loss for holder in found.holders)
    )
    reported = [(loss.symbol, loss.date, loss.date) for loss in losses]
    shares = _shares(desk, values.symbols, reported)
    printed = {(loss.symbol, loss.date.isoformat()) for loss in losses}
    return tuple(
        finding
        for finding in (*gate(span, shares), *_origin(desk, values.symbols))
        if finding.level == "BLOCK" or finding.about is None or finding.about in printed
    )


def gate_scan(
    desk: Desk, found: Scan, benchmark: str, rows: Sequence[tuple[str, dt.date]]
) -> tuple[Finding, ...]:
    """Return what the gate finds in all closes of a scan, and about its printed rows.

    `rows` are symbols and sessions; a row without a symbol is about the session alone.
    """
    symbols = tuple(dict.fromkeys([*found.symbols, *filter(None, [benchmark])]))
    last = len(found.sessions) - 1
    span = _span(desk, symbols, 0, last, (1, last))
    reported = [(symbol, day, day) for symbol, day in rows if symbol]
    counted = [symbol for symbol in found.symbols if symbol in desk.values.symbols]
    shares = _shares(desk, counted, reported) if reported else None
    printed = {(symbol, day.isoformat()) for symbol, day in rows}
    return tuple(
        finding
        for finding in (*gate(span, shares), *_origin(desk, found.symbols))
        if finding.level == "BLOCK" or finding.about is None or finding.about in printed
    )


def gate_capex(desk: Desk, table: Table, as_of: dt.date | None = None) -> tuple[Finding, ...]:
    """Return what the gate finds in capital expenditure, and which vintage it is of."""
    column = "capex_first_reported_musd" if as_of else "capex_musd"
    known = table
    if as_of is not None:
        filed = [row["first_filed"] or row["filed"] for row in table]
        rows = [row for row, day in zip(table, filed, strict=True) if day and day <= as_of]
        known = Table.from_rows(table.name, rows, tuple(table.columns))
    spending = SpendingEvidence(known, _explained(desk.reference, "capex"), column)
    return (*gate(spending=spending), *_spent(desk))


def _span(
    desk: Desk,
    symbols: Sequence[str],
    first: int,
    last: int,
    event: tuple[int, int],
    *,
    returns: bool = True,
) -> PriceSpan:
    """Return the closes of some symbols with what they are held against."""
    source = desk.source
    return PriceSpan(
        source.prices(symbols),
        desk.splits,
        first,
        last,
        event,
        source.prices(symbols, "volume"),
        source.prices(symbols, "adj_close") if returns else None,
        desk.exchange,
        _explained(desk.reference, "prices_close"),
        source.manifest.created,
    )


def _shares(
    desk: Desk,
    symbols: Sequence[str],
    reported: Sequence[tuple[str, dt.date, dt.date]],
) -> ShareEvidence | None:
    if not desk.source.has("shares"):
        return None
    cards = {symbol: desk.universe.card(symbol) for symbol in symbols}
    since = desk.source.prices(()).calendar.day(0)
    counts = desk.values.shares
    return ShareEvidence(desk.share_table, counts, cards, desk.splits, since, reported)


def _explained(source: FolderSource, table: str) -> frozenset[str]:
    """Return the keys of a table whose oddities somebody has explained."""
    if not source.has("known_exceptions"):
        return frozenset()
    return frozenset(source.table("known_exceptions").where(table=table)["key"])


def _benchmark(stocks: Sequence[str], study: EventStudy) -> tuple[Finding, ...]:
    if study.compared_with != BENCHMARK or study.exclude_self:
        return ()
    names = ", ".join(stocks)
    text = Text(
        f"the S&P 500 may contain {names}: --exclude-self measures each against the rest",
        f"l'S&P 500 può contenere {names}: --exclude-self confronta ciascuno con il resto",
    )
    return (Finding("INFO", "D23", text),)


def _origin(desk: Desk, symbols: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is to be said of the vintages that an answer rests on."""
    found = [*_rows(desk.source), *map(_remark, desk.source.remarks)]
    plain = [symbol for symbol in dict.fromkeys(symbols) if symbol in desk.without_card]
    if plain:
        names = ", ".join(plain)
        text = Text(
            f"no instrument card for {names}: currency and exchange as declared by the file",
            f"nessuna scheda anagrafica per {names}: valuta e borsa come dichiarate nel file",
        )
        found.append(Finding("FOOTNOTE", "CARD", text))
    if desk.source is desk.reference:
        return tuple(found)
    return (*found, *_mixed(desk))


def _remark(told: Mapping[str, Any]) -> Finding:
    return Finding(told["level"], told["code"], Text(told["text"]["en"], told["text"]["it"]))


def _mixed(desk: Desk) -> tuple[Finding, ...]:
    """Return which vintage which figures are of, and what answers lack for want of counts."""
    prices, *facts = desk.source.parts
    other = desk.reference.vintage
    en = f"prices are of vintage {prices.vintage} of {prices.name}; "
    it = f"i prezzi sono della versione {prices.vintage} di {prices.name}; "
    for part in facts:
        what = BROUGHT[part.name]
        en += f"{what.en} of vintage {part.vintage} of {part.name}; "
        it += f"{what.it} della versione {part.vintage} di {part.name}; "
    mixed = Text(
        f"{en}instrument cards, the catalogue, and any ranking or capex beside them are of the "
        f"embedded vintage {other}",
        f"{it}anagrafica, catalogo e ogni classifica o capex accanto sono della versione "
        f"incorporata {other}",
    )
    found = (Finding("FOOTNOTE", "D25", mixed),)
    if desk.source.has("shares"):
        return found
    text = Text(
        f"vintage {desk.source.vintage} of {desk.source.name} has no share counts, so there are "
        "no dollar losses",
        f"la versione {desk.source.vintage} di {desk.source.name} non contiene il numero di "
        "azioni: mancano quindi le perdite in dollari",
    )
    return (*found, Finding("FOOTNOTE", "SHARES", text))


def _spent(desk: Desk) -> tuple[Finding, ...]:
    """Return which vintage capital expenditure is of, where it is not the embedded one."""
    if desk.source is desk.reference:
        return ()
    name, vintage, other = desk.source.name, desk.source.vintage, desk.reference.vintage
    text = Text(
        f"fiscal periods are of vintage {vintage} of {name}, published totals of the embedded "
        f"vintage {other}",
        f"i periodi fiscali sono della versione {vintage} di {name}, i totali pubblicati della "
        f"versione incorporata {other}",
    )
    return (Finding("FOOTNOTE", "D25", text),)


def _rows(source: FolderSource) -> tuple[Finding, ...]:
    """Return what reading the prices put right without a choice."""
    found = []
    if source.repeated:
        text = Text(
            f"{source.repeated} rows of the prices stand twice and count once",
            f"{source.repeated} righe dei prezzi compaiono due volte e contano una volta",
        )
        found.append(Finding("INFO", "D3", text))
    if source.unsorted:
        text = Text("the rows of the prices were put in order", "le righe dei prezzi riordinate")
        found.append(Finding("INFO", "D4", text))
    return tuple(found)
