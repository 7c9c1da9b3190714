"""The short functions: they put sources and analyses together and add nothing of their own.

Every function reads the embedded vintage, needs no network, and returns an object that
shows itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from marketshock import capex
from marketshock.capex import CapexTrend
from marketshock.desk import BENCHMARK, MODELS, Desk, named_model
from marketshock.errors import InsufficientDataError, QualityError, UserInputError
from marketshock.eventstudy.events import EventSet, Shock
from marketshock.eventstudy.result import Dropped
from marketshock.eventstudy.study import DEFAULT_WINDOWS, EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import parse_day, to_day
from marketshock.marketcap.losses import MarketCapLosses, rank_losses
from marketshock.marketcap.reconcile import Publication, Reconciliation, reconcile
from marketshock.provenance import Status
from marketshock.quality.findings import blocking
from marketshock.quality.prices import check_closes
from marketshock.shock.dollar_loss import dollar_losses
from marketshock.shock.study import ShockStudy
from marketshock.sources.bundle import EmbeddedSource
from marketshock.table import Table

__all__ = ["MODELS", "Desk", "capex_trend", "event_study", "events", "losses", "reconcile_losses"]

Day = str | dt.date
PUBLICATION = "note"
WELL_BELOW = 0.5
"""Share of a list's last row down to which our own losses are looked at."""


def _day(day: Day | None) -> dt.date | None:
    return parse_day(day) if isinstance(day, str) else day


def _shock(
    desk: Desk, event: str | None, date: Day | None, symbols: Sequence[str]
) -> tuple[Shock, list[str], list[Dropped]]:
    if (event is None) == (date is None):
        raise UserInputError(
            "Name either an event of the catalogue or a date.",
            "For example the event deepseek, or the date 2025-01-27 with symbols.",
        )
    if event is not None:
        shock = desk.catalogue.find(event)
        calendar = desk.source.prices([BENCHMARK]).calendar
        if not calendar.covers(shock.first_session):
            raise InsufficientDataError(
                f"{shock.id} is of {shock.first_session}, outside the prices of {calendar.span}.",
                "`marketshock events` says which events can be studied.",
            )
        kept, dropped = desk.covered(shock)
        if symbols:
            kept, dropped = desk.universe.resolve_all(symbols), []
        if not kept:
            raise InsufficientDataError(
                f"The source covers no stock of {shock.id}: {', '.join(shock.symbols)}.",
                "Give symbols of your own, or another event.",
            )
        return shock, kept, dropped
    if not symbols:
        raise UserInputError("A date needs symbols.", "For example NVDA and AVGO.")
    kept = desk.universe.resolve_all(symbols)
    day = _day(date)
    assert day is not None
    calendar = desk.source.prices([BENCHMARK]).calendar
    session = calendar.day(calendar.first_on_or_after(day))
    title = Text(f"Shock of {day}", f"Shock del {day}")
    shock = Shock(
        str(day), day, session, title, Text("", ""), tuple(kept), "unknown", "own", Status.DERIVED
    )
    return shock, kept, []


def event_study(
    event: str | None = None,
    *,
    date: Day | None = None,
    symbols: Sequence[str] = (),
    benchmark: str = BENCHMARK,
    model: str = "market",
    window: tuple[int, int] | None = None,
    windows: Sequence[tuple[int, int]] = (),
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
) -> ShockStudy:
    """Study one shock: abnormal returns, valid tests first, and what it cost in dollars.

    Parameters
    ----------
    event : str, optional
        Id of the catalogue or a unique prefix of one, for example ``"deepseek"``.
    date : str or datetime.date, optional
        Instead of an event, with `symbols`. A day that is no session moves to the next,
        and the result says so.
    symbols : sequence of str
        Stocks; default those of the catalogue.
    benchmark : str
    model : str
        One of `MODELS`.
    window : pair of int, optional
        One window; `windows` takes several. Default: [0, 0], [-1, 1] and [0, 5].
    estimation, gap : int
        Sessions of the estimation window, and between it and session 0.
    source : str

    Returns
    -------
    ShockStudy

    Raises
    ------
    UserInputError
        Unknown event, symbol or model; windows that overlap.
    InsufficientDataError
        If no stock can be studied.
    QualityError
        If the data around the shock are impossible.
    """
    desk = Desk(source)
    shock, stocks, dropped = _shock(desk, event, date, symbols)
    chosen = named_model(model, desk.universe.resolve(benchmark))
    spans = [EventWindow(*pair) for pair in ([window] if window else windows)]
    compared = desk.universe.resolve(benchmark)
    study = EventStudy(
        chosen, spans or DEFAULT_WINDOWS, EstimationWindow(estimation, gap), benchmark=compared
    )
    panel = desk.returns(stocks, compared)
    first_session = shock.first_session if event else None
    chosen_events = EventSet.on_date(stocks, shock.date, first_session)
    result = study.run(chosen_events, panel, desk.factors(model))
    dollars = {span: dollar_losses(result, span, desk.values) for span in study.all_windows}
    position = panel.calendar.first_on_or_after(shock.first_session)
    findings = check_closes(
        desk.source.prices(stocks),
        desk.splits,
        max(0, position + study.estimation.first),
        min(len(panel.sessions) - 1, position + int(study.tau[-1])),
        position,
    )
    blocked = blocking(findings)
    if blocked:
        raise QualityError(blocked[0].text.en, "Mend the data or leave the symbol out.")
    return ShockStudy(
        shock,
        shock.date != shock.first_session,
        result,
        dollars,
        tuple(dropped),
        findings,
        desk.universe,
        source,
        desk.source.vintage,
        desk.source.manifest.created,
        desk.values.sources_at(max(to_day(day) for day in result.abnormal.sessions[:, -1])),
    )


def losses(
    top: int | None = 10,
    *,
    as_of: Day | None = None,
    since: Day | None = None,
    by: Literal["usd", "pct"] = "usd",
    symbols: Sequence[str] = (),
    desk: Desk | None = None,
) -> MarketCapLosses:
    """Rank the largest one-day losses of market value among the companies covered.

    Parameters
    ----------
    top : int, optional
        Rows; None for all falls.
    as_of, since : str or datetime.date, optional
    by : {"usd", "pct"}
    symbols : sequence of str
        Only these companies.
    """
    desk = desk or Desk()
    values = desk.values
    if symbols:
        chosen = desk.universe.resolve_all(symbols)
        without = [symbol for symbol in chosen if symbol not in values.shares]
        if without:
            raise UserInputError(
                f"No share count for {', '.join(without)}.",
                f"There are counts for {', '.join(values.symbols)}.",
            )
        values = desk.values_of(values.shares, chosen)
    return rank_losses(
        values, desk.universe.name, top=top, as_of=_day(as_of), since=_day(since), by=by
    )


def reconcile_losses(*, desk: Desk | None = None) -> Reconciliation:
    """Set the published list of losses against ours, row by row, as of its own date."""
    desk = desk or Desk()
    row = next(iter(desk.source.table("publications").where(id=PUBLICATION)))
    publication = Publication(row["title"], row["publisher"], row["date"])
    published = desk.source.table("losses_published").where(list=PUBLICATION)
    ours = rank_losses(
        desk.values,
        desk.universe.name,
        top=None,
        as_of=publication.date,
        least_usd_bn=max(published["printed_usd_bn"]) * WELL_BELOW,
    )
    return reconcile(published, desk.source.table("losses_inputs"), desk.values, ours, publication)


def capex_trend(
    by: Literal["year", "quarter", "ttm"] = "year", *, as_of: Day | None = None
) -> CapexTrend:
    """Return the capital expenditure of the large cloud companies by calendar period."""
    source = EmbeddedSource()
    known = _day(as_of)
    table = source.table("capex")
    days = [day for day in table["filed"] if day and (known is None or day <= known)]
    filed = max(days, default=known)
    taken = source.source("capex", filed), source.source("published")
    return capex.capex_trend(
        table,
        source.table("capex_published"),
        by=by,
        as_of=known,
        sources=taken if by == "year" else taken[:1],
    )


def events() -> Table:
    """Return the catalogue of shocks, and which can be studied offline."""
    desk = Desk()
    stocks = desk.universe.stocks()
    panel = desk.returns(stocks, BENCHMARK)
    study = EventStudy()
    rows: list[dict[str, Any]] = []
    for shock in desk.catalogue:
        kept, _ = desk.covered(shock)
        reason = _obstacle(study, shock, kept, panel)
        rows.append(
            {
                "id": shock.id,
                "date": shock.date,
                "first_session": shock.first_session,
                "timing": shock.timing,
                "title": shock.title,
                "symbols": list(shock.symbols),
                "covered": kept,
                "testable": reason is None,
                "reason": reason,
                "status": shock.status.value,
            }
        )
    return Table.from_rows("events", rows)


def _obstacle(
    study: EventStudy, shock: Shock, kept: Sequence[str], panel: ReturnPanel
) -> Text | None:
    """Return why a shock can't be studied offline, or None."""
    if not kept:
        return Text("no stock of it is covered", "nessuna azione coperta dalla fonte")
    reason = None
    try:
        for event in EventSet.on_date(kept, shock.date, shock.first_session):
            reason = study.obstacle(event, panel)
            if reason is None:
                return None
    except UserInputError as error:
        return Text(error.message, f"fuori dal periodo dei dati: {shock.first_session}")
    return reason
