"""Arrays of all events, filled batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.admission import Rows
from marketshock.eventstudy.events import Event
from marketshock.eventstudy.ols import Bools, Fit, Whole
from marketshock.eventstudy.plan import Plan
from marketshock.locale import Text
from marketshock.market.panel import ReturnKind

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Store"]


@dataclass(slots=True, eq=False)
class Store:
    """Arrays of all events; becomes an :class:`AbnormalReturns`."""

    done: Bools
    tau: Whole
    arrays: dict[str, Any]
    names: tuple[str, ...]
    kind: ReturnKind = "simple"
    remarks: dict[int, Text] = field(default_factory=dict)
    windows: list[Any] = field(default_factory=list)

    @classmethod
    def empty(cls, study: EventStudy, events: int, names: tuple[str, ...]) -> Store:
        """Return room for the events of a study; only rows that are taken are ever read."""
        tau, sessions = study.tau, study.estimation.length
        length = len(tau)
        arrays = {
            "sessions": np.empty((events, length), "datetime64[D]"),
            "realised": np.empty((events, length)),
            "expected": np.empty((events, length)),
            "benchmark": np.empty((events, length)),
            "coefficients": np.full((events, len(names)), np.nan),
            "variance": np.empty(events),
            "df": np.empty(events),
            "forecast": np.empty((events, length, length)),
            "residuals": np.empty((events, sessions)),
            "estimation_of": np.empty(events, np.int64),
            "observations": np.empty(events),
        }
        return cls(np.zeros(events, bool), tau, arrays, names)

    def take(self, plan: Plan, rows: Rows, fitted: Fit, count: Any, good: Bools) -> None:
        """Keep the good events of a fit, whose arrays have one row an event."""
        chosen = slice(None) if good.all() else np.flatnonzero(good)
        members, dates = plan.members[chosen], rows.date_of[chosen]
        event, panel, store = rows.event[dates], plan.panel, self.arrays
        self.done[members] = True
        self.kind = panel.kind
        store["sessions"][members] = panel.sessions[event]
        store["realised"][members] = panel.values[event, plan.columns[chosen][:, None]]
        store["expected"][members] = plan.design.offset[event] + fitted.predicted[chosen]
        store["benchmark"][members] = plan.compared[event]
        store["coefficients"][members] = fitted.coefficients[chosen]
        store["variance"][members] = fitted.variance[chosen]
        store["df"][members] = np.asarray(fitted.df)[chosen]
        store["forecast"][members] = fitted.forecast[chosen]
        store["residuals"][members] = fitted.residuals[chosen]
        store["observations"][members] = count[chosen]
        store["estimation_of"][members] = dates + sum(map(len, self.windows))
        self.windows.append(panel.sessions[rows.estimation])
        if fitted.standardised is not None:
            own = store.setdefault("standardised", np.full_like(store["residuals"], np.nan))
            own[members] = fitted.standardised[chosen]
        for number, remark in zip(plan.members.tolist(), fitted.remarks, strict=False):
            if remark is not None:
                self.remarks[number] = remark

    def abnormal(self, events: Sequence[Event]) -> AbnormalReturns:
        """Return what was kept, in the order of the events."""
        arrays = self.arrays
        used = list(events)
        if not self.done.all():
            arrays = {name: values[self.done] for name, values in arrays.items()}
            used = [event for event, done in zip(events, self.done, strict=True) if done]
        return AbnormalReturns(
            tuple([event.id for event in used]),
            tuple([event.symbol for event in used]),
            tau=self.tau,
            parameters=self.names,
            kind=self.kind,
            estimation_windows=np.concatenate(self.windows),
            remarks=tuple([self.remarks.get(at) for at in np.flatnonzero(self.done).tolist()]),
            **arrays,
        )
