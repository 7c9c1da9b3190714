"""Short functions on the whole history: every stock on every session, and which were shocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from marketshock.asked import Day, day_of, renamed
from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import UserInputError
from marketshock.eventstudy.scan import Scan
from marketshock.eventstudy.scan import scan as scan_of
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.gates import admit, gate_scan
from marketshock.shock.detection import DetectedShocks, Detection
from marketshock.shock.market_scan import By, MarketScan, dollar_changes, ranked, span_of

__all__ = ["scan", "shocks"]


def scan(
    top: int = 10,
    *,
    by: By = "sar",
    since: Day | None = None,
    until: Day | None = None,
    symbols: Sequence[str] = (),
    model: str = "market",
    benchmark: str = BENCHMARK,
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
    draft: bool = False,
) -> MarketScan:
    """Measure every stock on every session, and rank the largest shocks.

    The standardised abnormal return (SAR) of each stock-day is that of an event study of one
    stock with session 0 on that day.

    Parameters
    ----------
    top : int
        Rows of the ranking; ``.scan`` holds every stock-day.
    by : {"sar", "usd"}
        By absolute SAR, falls and rises alike; or by billions of dollars lost.
    since, until : str or datetime.date, optional
        First and last session that the ranking counts.
    symbols : sequence of str
        Stocks; default all that the source covers. No funds, no indices.
    model : str
        ``raw``, ``mean``, ``market_adjusted``, ``market``, ``capm``, ``ff3``, ``carhart`` or
        ``ff5``.
    benchmark : str
    estimation, gap : int
        Sessions of the estimation window, and between it and each session.
    source : str
    draft : bool
        Answer although the quality gate blocks.

    Returns
    -------
    MarketScan

    Raises
    ------
    UserInputError
        Unknown symbol or model, or a symbol that is no stock.
    InsufficientDataError
        If nothing can be ranked in the period.
    QualityError
        If the quality gate blocks any close that the scan rests on.
    """
    desk = Desk(source)
    whole, compared = _scanned(desk, symbols, model, benchmark, EstimationWindow(estimation, gap))
    changes, (first, last) = dollar_changes(whole, desk.values), (day_of(since), day_of(until))
    rows = ranked(whole, changes, desk.catalogue, top=top, by=by, since=first, until=last)
    first, last = span_of(whole, first, last)
    found = gate_scan(desk, whole, compared, list(zip(rows["symbol"], rows["date"], strict=True)))
    filed = (*desk.values.sources_at(last),) if desk.values.symbols else ()
    return MarketScan(
        whole,
        changes,
        rows,
        first,
        last,
        compared,
        source,
        desk.source.vintage,
        filed or (desk.source.source("prices", last),),
        admit((*found, *renamed(desk, symbols)), draft=draft),
    )


def shocks(
    since: Day | None = None,
    until: Day | None = None,
    *,
    symbols: Sequence[str] = (),
    threshold: float = 3.0,
    level: float = 0.01,
    model: str = "market",
    benchmark: str = BENCHMARK,
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
    draft: bool = False,
) -> DetectedShocks:
    """Find the sessions that were shocks for a group of stocks, and compare the catalogue.

    Parameters
    ----------
    since, until : str or datetime.date, optional
        First and last session that is looked at.
    symbols : sequence of str
        Stocks, at least five; default all that the source covers.
    threshold : float
        Absolute SAR from which a stock counts for breadth.
    level : float
        Placebo p-value, of breadth and of size, up to which a session is a shock.
    model, benchmark, estimation, gap, source, draft
        As in :func:`scan`.

    Returns
    -------
    DetectedShocks

    Raises
    ------
    UserInputError, InsufficientDataError, QualityError
    """
    desk = Desk(source)
    whole, compared = _scanned(desk, symbols, model, benchmark, EstimationWindow(estimation, gap))
    found = Detection(threshold, level).run(
        whole, desk.catalogue, since=day_of(since), until=day_of(until)
    )
    peaks = [("", episode.peak) for episode in found.episodes]
    findings = (*gate_scan(desk, whole, compared, peaks), *renamed(desk, symbols))
    return replace(found, findings=admit(findings, draft=draft))


def _scanned(
    desk: Desk, symbols: Sequence[str], model: str, benchmark: str, window: EstimationWindow
) -> tuple[Scan, str]:
    """Return the scan of some stocks, and the benchmark that its model reads."""
    stocks = _stocks(desk, symbols)
    chosen, factors = desk.model(model, desk.universe.resolve(benchmark))
    panel = desk.returns(stocks, chosen.benchmark)
    return scan_of(panel, chosen, window, factors), chosen.benchmark


def _stocks(desk: Desk, symbols: Sequence[str]) -> list[str]:
    """Return the stocks that are named, or all that the source covers."""
    if not symbols:
        held = set(desk.source.symbols)
        return [symbol for symbol in desk.universe.stocks() if symbol in held]
    chosen = desk.universe.resolve_all(symbols)
    others = [symbol for symbol in chosen if desk.universe.card(symbol).kind != "stock"]
    if others:
        kinds = ", ".join(f"{symbol} ({desk.universe.card(symbol).kind})" for symbol in others)
        raise UserInputError(f"A scan is of stocks only, not of {kinds}.", "Leave it out.")
    return chosen
