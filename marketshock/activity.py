"""Short functions for what a shock did to trading volume and to volatility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from marketshock.asked import Day, asked_shock
from marketshock.desk import BENCHMARK, Desk, named_model
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.activity import EQUAL_WEIGHTED, AbnormalActivity
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import ExpectedReturnModel, MarketModel, MeanAdjusted
from marketshock.eventstudy.result import Dropped
from marketshock.eventstudy.study import DEFAULT_WINDOWS, EventStudy
from marketshock.eventstudy.volatility import AbnormalVolatility, abnormal_range, squared_returns
from marketshock.eventstudy.volume import abnormal_volume as volume_study
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.gates import admit, gate_study
from marketshock.locale import Text
from marketshock.market.panel import PricePanel

__all__ = ["abnormal_volatility", "abnormal_volume"]


def abnormal_volume(
    event: str | None = None,
    *,
    date: Day | None = None,
    symbols: Sequence[str] = (),
    measure: Literal["volume", "turnover"] = "volume",
    model: Literal["market", "mean"] = "market",
    window: tuple[int, int] | None = None,
    windows: Sequence[tuple[int, int]] = (),
    estimation: int = 250,
    gap: int = 10,
    draft: bool = False,
) -> AbnormalActivity:
    """Measure how much more than normal was traded at one shock.

    Parameters
    ----------
    event, date, symbols, window, windows, estimation, gap
        As in :func:`marketshock.event_study`.
    measure : {"volume", "turnover"}
        Log volume, or log of the share of the company that was traded.
    model : {"market", "mean"}
        Normal is what the equal-weighted volume of the other stocks implies, or the
        stock's own mean.
    draft : bool
        Answer although the quality gate blocks.

    Raises
    ------
    QualityError
        If the quality gate blocks the prices and volumes around the shock.
    """
    if measure not in ("volume", "turnover"):
        raise UserInputError(f"No measure {measure!r} of trading.", "Use volume or turnover.")
    desk = Desk()
    shock, stocks, dropped = asked_shock(desk, event, date, symbols)
    everyone = list(dict.fromkeys((*stocks, *desk.universe.stocks())))
    shares = None
    if measure == "turnover":
        everyone = [symbol for symbol in everyone if symbol in desk.values.symbols]
        reason = Text("no share count", "manca il numero di azioni")
        dropped = dropped + [Dropped(s, s, reason) for s in stocks if s not in everyone]
        stocks = [symbol for symbol in stocks if symbol in everyone]
        shares = _outstanding(desk, everyone)
    study = _study(model, window, windows, EstimationWindow(estimation, gap))
    chosen = EventSet.on_date(stocks, shock.date, shock.first_session if event else None)
    like = replace(study, model=MarketModel(BENCHMARK))
    gate = gate_study(desk, stocks, like, shock.first_session, counts=measure == "turnover")
    findings = admit(gate, draft=draft)
    found = volume_study(chosen, desk.source.prices(everyone, "volume"), study, shares=shares)
    return replace(found, dropped=(*dropped, *found.dropped), findings=findings)


def abnormal_volatility(
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
    draft: bool = False,
) -> AbnormalVolatility:
    """Measure how much more than normal the stocks of one shock moved, either way.

    Parameters
    ----------
    event, date, symbols, benchmark, model, window, windows, estimation, gap
        As in :func:`marketshock.event_study`; the model is that of the squared abnormal
        returns. The range is set against the equal-weighted range of the other stocks.
    draft : bool
        Answer although the quality gate blocks.

    Raises
    ------
    QualityError
        If the quality gate blocks the prices around the shock.
    """
    desk = Desk()
    shock, stocks, dropped = asked_shock(desk, event, date, symbols)
    compared = desk.universe.resolve(benchmark)
    spans = _study("market", window, windows, EstimationWindow(estimation, gap))
    study = replace(spans, model=named_model(model, compared))
    chosen = EventSet.on_date(stocks, shock.date, shock.first_session if event else None)
    gate = gate_study(desk, stocks, study, shock.first_session, counts=False)
    findings = admit(gate, draft=draft)
    squared = squared_returns(chosen, desk.returns(stocks, compared), study, desk.factors(model))
    everyone = list(dict.fromkeys((*stocks, *desk.universe.stocks())))
    high, low = desk.source.prices(everyone, "high"), desk.source.prices(everyone, "low")
    try:
        found = AbnormalVolatility(squared, abnormal_range(chosen, high, low, spans))
    except InsufficientDataError as error:
        found = AbnormalVolatility(squared, None, error.message)
    return replace(found, dropped=tuple(dropped), findings=findings)


def _study(
    model: str,
    window: tuple[int, int] | None,
    windows: Sequence[tuple[int, int]],
    estimation: EstimationWindow,
) -> EventStudy:
    models: dict[str, ExpectedReturnModel] = {
        "market": MarketModel(EQUAL_WEIGHTED),
        "mean": MeanAdjusted(),
    }
    if model not in models:
        raise UserInputError(
            f"No model {model!r} of trading activity.", f"Use one of {', '.join(models)}."
        )
    spans = [EventWindow(*pair) for pair in ([window] if window else windows)]
    return EventStudy(models[model], spans or DEFAULT_WINDOWS, estimation)


def _outstanding(desk: Desk, symbols: Sequence[str]) -> PricePanel:
    """Return the shares outstanding as known before each session."""
    counts = np.column_stack([desk.values.counts(symbol) for symbol in symbols])
    sessions, sources = desk.values.closes.sessions, desk.values.sources[1:]
    return PricePanel(counts, sessions, tuple(symbols), "splits", sources)
