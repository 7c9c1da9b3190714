"""Which events can share their regressors: planned by calendar and benchmark, sorted by date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.events import Event
from marketshock.eventstudy.models import Design
from marketshock.eventstudy.self_exclusion import without_self
from marketshock.locale import Text
from marketshock.market.panel import Floats, ReturnPanel

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Plan", "StudyData", "planned"]

Whole = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class StudyData:
    """What a study reads: a panel for each calendar, factors, and weights in the benchmark."""

    panels: Mapping[str, ReturnPanel]
    factors: ReturnPanel | None = None
    weights: ReturnPanel | None = None

    def panel(self, calendar: str) -> ReturnPanel:
        """Return the panel of a calendar."""
        if calendar not in self.panels:
            known = ", ".join(repr(name) for name in self.panels)
            raise UserInputError(
                f"No returns for the calendar {calendar!r}.",
                suggest(calendar, self.panels) or f"There are returns for {known}.",
            )
        return self.panels[calendar]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Events that share a calendar and regressors, sorted by session 0.

    Parameters
    ----------
    compared : ndarray of shape (n_sessions,)
        Returns of what BHAR is measured against.
    members : ndarray of int of shape (n,)
        Positions among the events of the study.
    columns : ndarray of int of shape (n,)
        Columns of their stocks in the panel.
    positions : ndarray of int of shape (n,)
        Rows of their session 0.
    """

    panel: ReturnPanel
    design: Design
    compared: Floats
    members: Whole
    columns: Whole
    positions: Whole

    def only(self, chosen: Any) -> Plan:
        """Return the plan of some of the events."""
        return replace(
            self,
            members=self.members[chosen],
            columns=self.columns[chosen],
            positions=self.positions[chosen],
        )

    @property
    def edges(self) -> Whole:
        """Where the events of each date start, and where the last ends."""
        return np.flatnonzero(np.diff(self.positions, prepend=-1, append=-1)).astype(np.int64)


def planned(
    study: EventStudy, events: Sequence[Event], data: StudyData
) -> tuple[list[Plan], dict[int, Text]]:
    """Return the plans of all events, and why the others can't be planned, by position."""
    lost: dict[int, Text] = {}
    members: dict[tuple[str, str, str], list[int]] = {}
    known = {name: set(data.panel(name).symbols) for name in {event.calendar for event in events}}
    for number, event in enumerate(events):
        if event.symbol in known[event.calendar]:
            own = event.symbol if study.exclude_self else ""
            members.setdefault((event.calendar, event.benchmark, own), []).append(number)
        else:
            lost[number] = Text("not covered by the source", "non coperto dalla fonte")
    plans = []
    for (calendar, benchmark, own), numbers in members.items():
        chosen = [events[number] for number in numbers]
        plans.append(_plan(study, data, chosen, np.array(numbers), calendar, benchmark, own))
    return plans, lost


def _plan(
    study: EventStudy,
    data: StudyData,
    events: Sequence[Event],
    members: Whole,
    calendar: str,
    benchmark: str,
    own: str,
) -> Plan:
    """Return the plan of events with the same calendar and benchmark."""
    panel = data.panel(calendar)
    model = replace(study.model, benchmark=benchmark) if benchmark else study.model  # type: ignore[type-var]
    compared = benchmark or study.compared_with
    seen = without_self(panel, compared, own, data.weights) if own else panel
    market = seen.column(compared) if compared else np.full(len(seen.sessions), np.nan)
    at = {symbol: number for number, symbol in enumerate(panel.symbols)}
    columns = np.array([at[event.symbol] for event in events])
    positions = panel.calendar.positions([event.first_session or event.date for event in events])
    order = np.argsort(positions, kind="stable")
    design = model.design(seen, data.factors)
    return Plan(panel, design, market, members[order], columns[order], positions[order])
