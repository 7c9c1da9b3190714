"""What the quality gate looks at for each answer, and what becomes of its findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import QualityError
from marketshock.eventstudy.study import EventStudy
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

__all__ = ["admit", "gate_capex", "gate_events", "gate_losses", "gate_study"]

MOST_NAMED = 3


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
) -> tuple[Finding, ...]:
    """Return what the gate finds around one event and in the share counts of its stocks.

    `first` and `last` are relative sessions where more is used than by the study itself.
    """
    calendar = desk.source.prices(()).calendar
    span = _around(desk, stocks, study, calendar.first_on_or_after(session), first, last)
    days = calendar.day(span.event[0]), calendar.day(span.event[1])
    shares = _shares(desk, stocks, [(symbol, *days) for symbol in stocks])
    return (*gate(span, shares), *_benchmark(stocks, study), *_rows(desk.source))


def gate_events(
    desk: Desk, study: EventStudy, events: Iterable[tuple[str, int]]
) -> tuple[Finding, ...]:
    """Return what the gate finds around many events, given as symbols and positions."""
    found = dict.fromkeys(_rows(desk.source))
    for symbol, position in events:
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


def gate_losses(desk: Desk, values: MarketValues, found: MarketCapLosses) -> tuple[Finding, ...]:
    """Return what the gate finds in all closes and counts that a ranking ranges over."""
    calendar = values.closes.calendar
    first, last = (calendar.first_on_or_after(day) for day in (found.since, found.as_of))
    span = _span(desk, values.symbols, first - 1, last, (first, last), returns=False)
    reported = [(loss.symbol, loss.date, loss.date) for loss in found.losses]
    shares = _shares(desk, values.symbols, reported)
    printed = {(loss.symbol, loss.date.isoformat()) for loss in found.losses}
    return tuple(
        finding
        for finding in (*gate(span, shares), *_rows(desk.source))
        if finding.level == "BLOCK" or finding.about is None or finding.about in printed
    )


def gate_capex(
    source: FolderSource, table: Table, as_of: dt.date | None = None
) -> tuple[Finding, ...]:
    """Return what the gate finds in capital expenditure."""
    column = "capex_first_reported_musd" if as_of else "capex_musd"
    known = table
    if as_of is not None:
        filed = [row["first_filed"] or row["filed"] for row in table]
        rows = [row for row, day in zip(table, filed, strict=True) if day and day <= as_of]
        known = Table.from_rows(table.name, rows, tuple(table.columns))
    return gate(spending=SpendingEvidence(known, _explained(source, "capex"), column))


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
        _explained(source, "prices_close"),
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
