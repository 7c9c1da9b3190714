"""The event study: configuration, and the way from returns to abnormal returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import Design, ExpectedReturnModel, MarketModel
from marketshock.eventstudy.ols import ROUNDING, fit
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.size import MeasuredSize, measured_sizes
from marketshock.eventstudy.windows import EstimationWindow, EventWindow, check_apart
from marketshock.locale import Text
from marketshock.market.panel import Floats, ReturnPanel
from marketshock.market.sessions import to_day

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DEFAULT_WINDOWS", "EventStudy"]

DEFAULT_WINDOWS = (EventWindow(0, 0), EventWindow(-1, 1), EventWindow(0, 5))
Whole = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class EventStudy:
    """How to measure what was abnormal; holds choices, never data.

    Parameters
    ----------
    model : ExpectedReturnModel
    windows : EventWindow or sequence of EventWindow
    estimation : EstimationWindow
    placebo_sessions : int
        Ordinary sessions before the event on which the size of each test is measured;
        0 measures nothing.
    benchmark : str
        What BHAR is measured against; default: the benchmark of the model.

    Examples
    --------
    >>> study = EventStudy(MarketModel("^GSPC"), EventWindow(-1, 1))
    >>> study.estimation.length
    250
    """

    model: ExpectedReturnModel = field(default_factory=MarketModel)
    windows: EventWindow | Sequence[EventWindow] = DEFAULT_WINDOWS
    estimation: EstimationWindow = EstimationWindow()  # noqa: RUF009  (frozen)
    placebo_sessions: int = 500
    benchmark: str = ""

    def __post_init__(self) -> None:
        given = self.windows
        windows = (given,) if isinstance(given, EventWindow) else tuple(given)
        object.__setattr__(self, "windows", tuple(dict.fromkeys(windows)))
        check_apart(self.all_windows, self.estimation)

    @property
    def all_windows(self) -> tuple[EventWindow, ...]:
        """The windows as a tuple."""
        given = self.windows
        return (given,) if isinstance(given, EventWindow) else tuple(given)

    @property
    def compared_with(self) -> str:
        """Symbol that BHAR is measured against; empty where there is none."""
        return self.benchmark or self.model.benchmark

    @property
    def tau(self) -> Whole:
        """Relative sessions in any of the windows, sorted."""
        spans = [np.arange(window.first, window.last + 1) for window in self.all_windows]
        return np.unique(np.concatenate(spans))

    def run(
        self,
        events: EventSet,
        returns: ReturnPanel | pd.DataFrame,
        factors: ReturnPanel | None = None,
    ) -> StudyResult:
        """Estimate, forecast, and test.

        Parameters
        ----------
        events : EventSet
        returns : ReturnPanel or DataFrame
            Simple returns in decimals of the stocks and, where the model needs it, of the
            benchmark: sessions as index, symbols as columns.
        factors : ReturnPanel, optional
            Factor returns in decimals.

        Raises
        ------
        InsufficientDataError
            If no event is left, with the reason of each.
        SingularModelError
            If the regressors carry no information.
        """
        panel = returns if isinstance(returns, ReturnPanel) else ReturnPanel.from_frame(returns)
        design = self.model.design(panel, factors)
        parts: list[AbnormalReturns] = []
        dropped: list[Dropped] = []
        for event in events:
            outcome = self._one_event(event, panel, design)
            if isinstance(outcome, Text):
                dropped.append(Dropped(event.id, event.symbol, outcome))
            else:
                parts.append(outcome)
        if not parts:
            causes: dict[str, list[str]] = {}
            for lost in dropped:
                causes.setdefault(lost.reason.en, []).append(lost.symbol)
            reasons = "; ".join(f"{', '.join(who)}: {why}" for why, who in causes.items())
            raise InsufficientDataError(
                f"No event can be studied. {reasons or 'No event was given'}.",
                "Choose another event, shorter windows, or other symbols.",
            )
        abnormal = _join(parts)
        sizes = self._sizes(abnormal, panel, design)
        return StudyResult.assemble(self, events, abnormal, tuple(dropped), panel, sizes)

    def _sizes(
        self, abnormal: AbnormalReturns, panel: ReturnPanel, design: Design
    ) -> tuple[MeasuredSize, ...]:
        """Measure the tests on ordinary sessions; only events that share one are comparable."""
        if not (self.placebo_sessions and abnormal.shared_date):
            return ()
        y = np.column_stack([panel.column(symbol) for symbol in abnormal.symbols])
        first = to_day(abnormal.sessions[0, 0])
        position = panel.calendar.first_on_or_after(first) - int(self.tau[0])
        return measured_sizes(self, y - design.offset[:, None], design.regressors, position)

    def _outside(self, rows: Whole, estimation: Whole, panel: ReturnPanel) -> Text | None:
        first_row = _first_return(panel)
        if estimation[0] < first_row:
            first = to_day(panel.sessions[0])
            return Text(
                f"the estimation window of {self.estimation.length} sessions would start before "
                f"the data, which begin on {first}",
                f"la finestra di stima di {self.estimation.length} sedute inizierebbe prima dei "
                f"dati, disponibili dal {first}",
            )
        if rows[-1] >= len(panel.sessions):
            last = to_day(panel.sessions[-1])
            return Text(
                f"the event window ends after the last session, {last}",
                f"la finestra dell'evento termina dopo l'ultima seduta, {last}",
            )
        return None

    def obstacle(
        self, event: Event, panel: ReturnPanel, factors: ReturnPanel | None = None
    ) -> Text | None:
        """Return why an event can't be studied, or None if it can."""
        outcome = self._one_event(event, panel, self.model.design(panel, factors))
        return outcome if isinstance(outcome, Text) else None

    def _one_event(
        self, event: Event, panel: ReturnPanel, design: Design
    ) -> AbnormalReturns | Text:
        """Return the abnormal returns of one event, or why there are none."""
        if event.symbol not in panel.symbols:
            return Text("not covered by the source", "non coperto dalla fonte")
        position = event.position(panel.calendar)
        rows = position + self.tau
        estimation = position + np.arange(self.estimation.first, self.estimation.last + 1)
        outside = self._outside(rows, estimation, panel)
        if outside is not None:
            return outside
        returns = panel.column(event.symbol)
        known = np.isfinite(design.offset) & np.isfinite(design.regressors).all(axis=1)
        missing, missing_x = rows[~np.isfinite(returns[rows])], rows[~known[rows]]
        for lost, en, it in (
            (missing, "no return", "manca il rendimento"),
            (missing_x, "no benchmark or factor", "manca il benchmark o il fattore"),
        ):
            if len(lost):
                day = to_day(panel.sessions[lost[0]])
                return Text(f"{en} on {day}", f"{it} il {day}")
        y = returns[estimation] - design.offset[estimation]
        x = design.regressors[estimation]
        usable = np.isfinite(y) & np.isfinite(x).all(axis=1)
        count = int(usable.sum())
        fewest = max(self.estimation.fewest, len(design.names) + 2)
        if count < fewest:
            return Text(
                f"{count} usable estimation sessions, {fewest} needed",
                f"{count} sedute di stima utilizzabili, ne servono {fewest}",
            )
        return self._fitted(event, rows, estimation, panel, design, usable)

    def _fitted(
        self,
        event: Event,
        rows: Whole,
        estimation: Whole,
        panel: ReturnPanel,
        design: Design,
        usable: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> AbnormalReturns | Text:
        returns = panel.column(event.symbol)
        days = estimation[usable]
        y = returns[days] - design.offset[days]
        x_event = design.regressors[rows]
        fitted = fit(y[:, None], design.regressors[days], x_event, design.names)
        if fitted.variance[0] * fitted.df <= ROUNDING * float(returns[days] @ returns[days]):
            return Text(
                "returns without variation of their own: nothing can be estimated",
                "rendimenti privi di variazione propria: nulla da stimare",
            )
        residuals = np.full(len(estimation), np.nan)
        residuals[usable] = fitted.residuals[:, 0]
        benchmark = self.compared_with
        market = panel.column(benchmark)[rows] if benchmark else np.full(len(rows), np.nan)
        return AbnormalReturns(
            (event.id,),
            (event.symbol,),
            self.tau,
            panel.sessions[rows][None, :],
            returns[rows][None, :],
            (design.offset[rows] + x_event @ fitted.coefficients[:, 0])[None, :],
            market[None, :],
            fitted.coefficients.T,
            design.names,
            fitted.variance,
            np.array([float(fitted.df)]),
            fitted.forecast[None, :, :],
            residuals[None, :],
            panel.sessions[estimation][None, :],
        )


def _first_return(panel: ReturnPanel) -> int:
    """Return the first row with any return; a panel made from prices has none in row 0."""
    rows = np.flatnonzero(np.isfinite(panel.values).any(axis=1))
    return int(rows[0]) if len(rows) else len(panel.sessions)


def _join(parts: Sequence[AbnormalReturns]) -> AbnormalReturns:
    def stack(name: str) -> Floats:
        stacked: Floats = np.concatenate([getattr(part, name) for part in parts])
        return stacked

    return AbnormalReturns(
        tuple(name for part in parts for name in part.event_ids),
        tuple(name for part in parts for name in part.symbols),
        parts[0].tau,
        np.concatenate([part.sessions for part in parts]),
        stack("realised"),
        stack("expected"),
        stack("benchmark"),
        stack("coefficients"),
        parts[0].parameters,
        stack("variance"),
        stack("df"),
        stack("forecast"),
        stack("residuals"),
        np.concatenate([part.estimation_sessions for part in parts]),
    )
