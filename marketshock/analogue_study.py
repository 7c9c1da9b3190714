"""The short function that asks whether a shock has happened before, and what came next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from marketshock.asked import Day, asked_shock, renamed
from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import UserInputError
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.gates import admit, gate_events, gate_study
from marketshock.locale import Text
from marketshock.shock.analogues import Analogues, find_analogues
from marketshock.shock.analogues_history import ShockHistory, shock_history
from marketshock.shock.analogues_search import Among, lead_column

__all__ = ["analogues"]

ABNORMAL = 2.0
"""Standard errors below which the market explains a move."""

WHOLE_MOVES = Text(
    "the market explains this move, so whole moves are compared: abnormal is the return less "
    "the stock's own mean",
    "il mercato spiega questo movimento, quindi si confrontano i movimenti interi: anomalo è il "
    "rendimento meno la media del titolo",
)


def analogues(
    event: str | None = None,
    *,
    date: Day | None = None,
    symbol: str | None = None,
    among: Among = "any_large_stock",
    number: int = 30,
    all_history: bool = False,
    model: str | None = None,
    benchmark: str = BENCHMARK,
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
    draft: bool = False,
    rng: np.random.Generator | None = None,
) -> Analogues:
    """Find the nearest earlier shocks to a shock, and what came after them.

    Nothing from the event's session on is used: what is said could have been said before it.

    Parameters
    ----------
    event : str, optional
        Id of the catalogue or a unique prefix of one, for example ``"deepseek"``.
    date : str or datetime.date, optional
        Instead of an event.
    symbol : str, optional
        The stock; default that of the event, or of all, whose market value changed most.
    among : {"any_large_stock", "same_stock", "same_kind"}
        Where to look; kinds are macro, sector-wide and single-name, see
        :meth:`ShockHistory.kinds`.
    number : int
        Most analogues, one a session.
    all_history : bool
        Look after the event too; the words then say so.
    model : str, optional
        Linear model by name. Default: the market model, and the mean-adjusted model where the
        market explains the move (less than two standard errors), with a remark.
    benchmark : str
    estimation, gap : int
        Sessions of the estimation window, and between it and each session.
    source : str
    draft : bool
        Answer although the quality gate blocks.
    rng : Generator, optional
        Of the resampling; default a fixed seed.

    Raises
    ------
    UserInputError
        Unknown event, symbol, model or choice.
    InsufficientDataError
        If the event's own abnormal return is not known.
    QualityError
        If the quality gate blocks the data around the event or an analogue.
    """
    desk = Desk(source)
    held = desk.source.symbols
    stocks = [one for one in desk.universe.stocks() if one in held]
    if event is None and date is None:
        raise UserInputError("Name an event of the catalogue or a date.", "For example deepseek.")
    wanted = [symbol] if symbol else [] if event else stocks
    shock, kept, _ = asked_shock(desk, event, date, wanted)
    compared = desk.universe.resolve(benchmark)
    window = EstimationWindow(estimation, gap)
    history, row, column = _measured(
        desk, stocks, kept, shock.first_session, model or "market", compared, window
    )
    remarks = []
    if model is None and abs(history.scan.sar[row, column]) < ABNORMAL:
        lead = [history.symbols[column]]
        history, row, column = _measured(
            desk, stocks, lead, shock.first_session, "mean", compared, window
        )
        remarks.append(WHOLE_MOVES)
    found = find_analogues(
        history, row, column, among=among, number=number, all_history=all_history, rng=rng
    )
    chosen, _ = desk.model(history.scan.model, compared)
    study = EventStudy(chosen, EventWindow(0, 0), window, benchmark=compared)
    places = [(one.symbol, one.row) for one in found.shocks]
    findings = dict.fromkeys(
        (
            *gate_study(desk, [found.event.symbol], study, shock.first_session),
            *gate_events(desk, study, places),
            *renamed(desk, [symbol] if symbol else []),
        )
    )
    return replace(
        found,
        title=shock.title,
        compiled=desk.source.prices([compared]).calendar.day(-1),
        findings=admit(tuple(findings), draft=draft),
        remarks=tuple(remarks),
    )


def _measured(
    desk: Desk,
    stocks: list[str],
    kept: list[str],
    session: dt.date,
    model: str,
    benchmark: str,
    window: EstimationWindow,
) -> tuple[ShockHistory, int, int]:
    """Return the history under a model, and where the event's leading stock stands in it."""
    chosen, factors = desk.model(model, benchmark)
    panel = desk.returns(stocks, benchmark)
    history = shock_history(
        panel,
        chosen,
        benchmark,
        desk.universe,
        estimation=window,
        factors=factors,
        values=desk.values,
    )
    row = panel.calendar.first_on_or_after(session)
    columns = np.array([history.symbols.index(one) for one in kept if one in history.symbols])
    return history, row, lead_column(history, row, columns)
