"""The event study: configuration, and the way from returns to abnormal returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.estimate import estimated
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import ExpectedReturnModel, FactorModel, MarketModel
from marketshock.eventstudy.placebo import Block, PlaceboHistory, placebo_history
from marketshock.eventstudy.plan import StudyData, planned
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.windows import EstimationWindow, EventWindow, check_apart
from marketshock.inference.battery import chosen_tests
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel

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
    exclude_self : bool
        Whether each stock is measured against its benchmark without the stock itself.
    most_dropped : float
        Largest share of the events that may be dropped before the study fails.
    tests : sequence of str
        Names of the tests to make; default all of them.

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
    exclude_self: bool = False
    most_dropped: float = 0.5
    tests: Sequence[str] = ()

    def __post_init__(self) -> None:
        given = self.windows
        windows = (given,) if isinstance(given, EventWindow) else tuple(given)
        object.__setattr__(self, "windows", tuple(dict.fromkeys(windows)))
        check_apart(self.all_windows, self.estimation)
        object.__setattr__(self, "tests", tuple(self.tests))
        chosen_tests(self.tests)

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
        returns: ReturnPanel | pd.DataFrame | Mapping[str, ReturnPanel | pd.DataFrame],
        factors: ReturnPanel | None = None,
        weights: ReturnPanel | None = None,
    ) -> StudyResult:
        """Estimate, forecast, and test.

        Parameters
        ----------
        events : EventSet
        returns : ReturnPanel or DataFrame, or mapping of str to these
            Returns in decimals of the stocks and, where the model needs it, of the
            benchmark: sessions as index, symbols as columns. A mapping holds one panel for
            each calendar that the events name.
        factors : ReturnPanel, optional
            Factor returns in decimals.
        weights : ReturnPanel, optional
            Share of each stock in its benchmark at the close before each session; needed
            with `exclude_self`.

        Raises
        ------
        InsufficientDataError
            If no event is left, or more than `most_dropped` of them are lost, with the reason
            of each.
        SingularModelError
            If the regressors carry no information.
        """
        data = StudyData(panels_of(returns), factors, weights)
        listed = tuple(events)
        abnormal, lost = estimated(self, listed, data)
        dropped = tuple(
            Dropped(listed[number].id, listed[number].symbol, reason)
            for number, reason in sorted(lost.items())
        )
        if abnormal is None or len(dropped) > self.most_dropped * len(listed):
            raise self._too_few(len(listed), dropped)
        history = self._history(abnormal, listed, data)
        read = factors if isinstance(self.model, FactorModel) else None
        return StudyResult.assemble(self, events, abnormal, dropped, data.panels, history, read)

    def _too_few(self, asked: int, dropped: Sequence[Dropped]) -> InsufficientDataError:
        causes: dict[str, list[str]] = {}
        for lost in dropped:
            causes.setdefault(lost.reason.en, []).append(lost.symbol)
        reasons = "; ".join(f"{', '.join(who)}: {why}" for why, who in causes.items())
        head = "No event can be studied"
        if len(dropped) < asked:
            head = (
                f"{len(dropped)} of {asked} events can't be studied, more than the limit of "
                f"{self.most_dropped:.0%}"
            )
        return InsufficientDataError(
            f"{head}. {reasons or 'No event was given'}.",
            "Choose other events, shorter windows or other symbols, or raise most_dropped.",
        )

    def _history(
        self, abnormal: AbnormalReturns, events: Sequence[Event], data: StudyData
    ) -> PlaceboHistory | None:
        """Repeat the study on earlier sessions; only events that share one are comparable."""
        if not (self.placebo_sessions and abnormal.shared_date):
            return None
        used = set(abnormal.event_ids)
        plans, _ = planned(self, [event for event in events if event.id in used], data)
        one_panel = len({id(plan.panel) for plan in plans}) == 1
        if not (one_panel and all(plan.design.batched for plan in plans)):
            return None
        blocks = [
            Block(plan.panel.values[:, plan.columns] - plan.design.offset[:, None], plan.design)
            for plan in plans
        ]
        order = np.argsort(np.concatenate([plan.members for plan in plans]))
        return placebo_history(self, blocks, int(plans[0].positions[0])).ordered(order)

    def obstacle(
        self, event: Event, panel: ReturnPanel, factors: ReturnPanel | None = None
    ) -> Text | None:
        """Return why an event can't be studied, or None if it can."""
        _, lost = estimated(self, (event,), StudyData({event.calendar: panel}, factors))
        return lost.get(0)


def panels_of(
    returns: ReturnPanel | pd.DataFrame | Mapping[str, ReturnPanel | pd.DataFrame],
) -> dict[str, ReturnPanel]:
    """Return the panels by calendar; a single one has the name ''."""
    given = returns if isinstance(returns, Mapping) else {"": returns}
    return {
        name: panel if isinstance(panel, ReturnPanel) else ReturnPanel.from_frame(panel)
        for name, panel in given.items()
    }
