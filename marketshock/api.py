"""The short functions: they put sources and analyses together and add nothing of their own.

Every function reads the embedded vintage, needs no network, and returns an object that
shows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from marketshock.asked import Day, asked_shock, day_of, obstacle, renamed
from marketshock.desk import BENCHMARK, MODELS, Desk, named_model
from marketshock.errors import NotCoveredError, UserInputError
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.gates import admit, gate_capex, gate_losses, gate_study
from marketshock.market.panel import ReturnKind
from marketshock.market.sessions import to_day
from marketshock.marketcap.bases import PriceBasis, ShareBasis, Valuation
from marketshock.marketcap.losses import MarketCapLosses, rank_losses
from marketshock.marketcap.reconcile import Publication, Reconciliation, reconcile
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.capex import CapexTrend
    from marketshock.eventstudy.robustness import Progress, RobustnessGrid
    from marketshock.shock.study import ShockStudy

__all__ = [
    "MODELS",
    "Desk",
    "capex_trend",
    "event_study",
    "events",
    "losses",
    "reconcile_losses",
    "robustness",
]

PUBLICATION = "note"
WELL_BELOW = 0.5
"""Share of a list's last row down to which our own losses are looked at."""


def event_study(
    event: str | None = None,
    *,
    date: Day | None = None,
    symbols: Sequence[str] = (),
    benchmark: str = BENCHMARK,
    model: str | Path | pd.DataFrame = "market",
    window: tuple[int, int] | None = None,
    windows: Sequence[tuple[int, int]] = (),
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
    returns: ReturnKind = "simple",
    exclude_self: bool = False,
    draft: bool = False,
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
    model : str, Path or DataFrame
        One of `MODELS`; or factors of your own, decimals: a CSV file with a column ``date`` and
        one per factor, or a frame with the dates as index. A column ``rf`` makes it a model
        of excess returns.
    window : pair of int, optional
        One window; `windows` takes several. Default: [0, 0], [-1, 1] and [0, 5].
    estimation, gap : int
        Sessions of the estimation window, and between it and session 0.
    source : str
    returns : {"simple", "log"}
    exclude_self : bool
        Measure each stock against the S&P 500 without the stock itself.
    draft : bool
        Answer although the quality gate blocks; its findings say why it would not.

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
        If the quality gate blocks the data around the shock.
    """
    from marketshock.eventstudy.contamination import contaminated, shocks_inside
    from marketshock.eventstudy.events import EventSet
    from marketshock.eventstudy.plan import StudyData
    from marketshock.eventstudy.study import DEFAULT_WINDOWS, EventStudy
    from marketshock.shock.dollar_loss import dollar_losses
    from marketshock.shock.inputs import with_weights
    from marketshock.shock.study import ShockStudy

    desk = Desk(source)
    shock, stocks, dropped = asked_shock(desk, event, date, symbols)
    compared = desk.universe.resolve(benchmark)
    chosen, factors = desk.model(model, compared)
    spans = [EventWindow(*pair) for pair in ([window] if window else windows)]
    study = EventStudy(
        chosen,
        spans or DEFAULT_WINDOWS,
        EstimationWindow(estimation, gap),
        benchmark=compared,
        exclude_self=exclude_self,
    )
    panel = desk.returns(stocks, compared, returns)
    weights = desk.weights(chosen, shock.first_session) if exclude_self else None
    first_session = shock.first_session if event else None
    chosen_events = EventSet.on_date(stocks, shock.date, first_session)
    result = with_weights(study.run(chosen_events, panel, factors, weights), weights)
    dollars = {span: dollar_losses(result, span, desk.values) for span in study.all_windows}
    others = contaminated(chosen_events, study, panel.calendar, desk.catalogue)
    findings = (
        *admit(gate_study(desk, stocks, study, shock.first_session), draft=draft),
        *shocks_inside(others, desk.catalogue),
        *renamed(desk, symbols),
    )
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
        StudyData({"": panel}, factors, weights),
    )


def robustness(
    event: str | None = None,
    *,
    date: Day | None = None,
    symbols: Sequence[str] = (),
    benchmark: str = BENCHMARK,
    model: str = "market",
    window: tuple[int, int] = (0, 0),
    models: Sequence[str] = MODELS,
    windows: Sequence[tuple[int, int]] = (),
    estimation: int = 250,
    estimations: Sequence[int] = (120, 250),
    gap: int = 10,
    tests: Sequence[str] = ("portfolio_t",),
    source: str = "embedded",
    progress: Progress | None = None,
    draft: bool = False,
) -> RobustnessGrid:
    """Repeat the study of a shock under other models, windows and estimation lengths.

    Parameters
    ----------
    event, date, symbols, benchmark, gap, source
        As in :func:`event_study`.
    model, window, estimation
        The declared choice, marked in the grid.
    models, windows, estimations
        The other choices. Default: every model, the windows [0, 0], [-1, 1] and [0, 5],
        and 120 and 250 estimation sessions.
    tests : sequence of str
        The first one judges.
    progress : callable, optional
        ``progress(done, of)`` after each specification.
    draft : bool
        Answer although the quality gate blocks.

    Returns
    -------
    RobustnessGrid

    Raises
    ------
    QualityError
        If the quality gate blocks the data that any specification reads.
    """
    from marketshock.eventstudy.events import EventSet
    from marketshock.eventstudy.robustness import robustness as grid_of
    from marketshock.eventstudy.study import DEFAULT_WINDOWS, EventStudy

    desk = Desk(source)
    shock, stocks, _ = asked_shock(desk, event, date, symbols)
    compared = desk.universe.resolve(benchmark)
    spans = [EventWindow(*pair) for pair in windows] or list(DEFAULT_WINDOWS)
    lengths = [EstimationWindow(length, gap) for length in estimations]
    study = EventStudy(
        named_model(model, compared),
        EventWindow(*window),
        EstimationWindow(estimation, gap),
        benchmark=compared,
    )
    panel = desk.returns(stocks, compared)
    first = min(one.first for one in (study.estimation, *lengths))
    last = max(span.last for span in (*study.all_windows, *spans))
    gate = gate_study(desk, stocks, study, shock.first_session, first, last, counts=False)
    found = admit(gate, draft=draft)
    grid = grid_of(
        study,
        EventSet.on_date(stocks, shock.date, shock.first_session if event else None),
        panel,
        factors={name: desk.factors(name) for name in {model, *models}},
        windows=spans,
        models=[named_model(name, compared) for name in models],
        estimations=lengths,
        tests=tests,
        progress=progress,
    )
    return replace(grid, findings=(*found, *renamed(desk, symbols)))


def losses(
    top: int | None = 10,
    *,
    as_of: Day | None = None,
    since: Day | None = None,
    by: Literal["usd", "pct"] = "usd",
    symbols: Sequence[str] = (),
    price_basis: PriceBasis = "official",
    share_basis: ShareBasis = "latest_filing",
    desk: Desk | None = None,
    draft: bool = False,
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
    price_basis : {"official", "consolidated"}
        Official closes, or the late print where one is known.
    share_basis : {"latest_filing", "same_day", "mixed", "diluted"}
        The count filed before the session; also on the session; the first for the value
        before and the second for the value after; or the diluted count where one is known.
    draft : bool
        Answer although the quality gate blocks.

    Raises
    ------
    QualityError
        If the quality gate blocks any close or share count that is ranked.
    """
    desk = desk or Desk()
    values = desk.values
    if not values.symbols:
        raise NotCoveredError(
            f"Vintage {desk.source.vintage} of {desk.source.name} has no share counts, so there "
            "are no market values.",
            "Use --source embedded.",
        )
    if symbols:
        chosen = desk.universe.resolve_all(symbols)
        without = [symbol for symbol in chosen if symbol not in values.shares]
        if without:
            raise UserInputError(
                f"No share count for {', '.join(without)}.",
                f"There are counts for {', '.join(values.symbols)}.",
            )
        values = desk.values_of(values.shares, chosen)
    inputs = desk.source.table("losses_inputs") if desk.source.has("losses_inputs") else None
    found = rank_losses(
        values,
        desk.universe.name,
        top=top,
        as_of=day_of(as_of),
        since=day_of(since),
        by=by,
        basis=Valuation.of(values, price_basis, share_basis, inputs),
    )
    return replace(found, findings=admit(gate_losses(desk, values, found), draft=draft))


def reconcile_losses(*, desk: Desk | None = None, draft: bool = False) -> Reconciliation:
    """Set the published list of losses against ours, row by row, as of its own date.

    `draft` answers although the quality gate blocks.
    """
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
    inputs = desk.source.table("losses_inputs")
    found = reconcile(published, inputs, desk.values, ours, publication)
    return replace(found, findings=admit(gate_losses(desk, desk.values, ours), draft=draft))


def capex_trend(
    by: Literal["year", "quarter", "ttm"] = "year",
    *,
    as_of: Day | None = None,
    source: str = "embedded",
    draft: bool = False,
) -> CapexTrend:
    """Return the capital expenditure of the large cloud companies by calendar period.

    Parameters
    ----------
    by : {"year", "quarter", "ttm"}
    as_of : str or datetime.date, optional
        Only what had been filed by then.
    source : str
        Whose fiscal periods: ``embedded``, or ``sec`` for the company facts fetched last. The
        published totals are always the embedded ones.
    draft : bool
        Answer although the quality gate blocks.

    Raises
    ------
    NotCoveredError
        If the source has no capital expenditure.
    QualityError
        If the quality gate blocks the table.
    """
    from marketshock import capex

    desk = Desk(source)
    known = day_of(as_of)
    table = desk.source.table("capex")
    days = [day for day in table["filed"] if day and (known is None or day <= known)]
    filed = max(days, default=known)
    taken = desk.source.source("capex", filed), desk.reference.source("published")
    trend = capex.capex_trend(
        table,
        desk.reference.table("capex_published"),
        by=by,
        as_of=known,
        sources=taken if by == "year" else taken[:1],
    )
    return replace(trend, findings=admit(gate_capex(desk, table, known), draft=draft))


def events() -> Table:
    """Return the catalogue of shocks, and which can be studied offline."""
    from marketshock.eventstudy.study import EventStudy

    desk = Desk()
    stocks = desk.universe.stocks()
    panel = desk.returns(stocks, BENCHMARK)
    study = EventStudy()
    rows: list[dict[str, Any]] = []
    for shock in desk.catalogue:
        kept, _ = desk.covered(shock)
        reason = obstacle(desk, study, shock, kept, panel)
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
