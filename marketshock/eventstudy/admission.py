"""Which events can be studied: what stands against each of the others, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import ROUNDING, Bools, Whole
from marketshock.eventstudy.plan import Plan
from marketshock.locale import Text
from marketshock.market.panel import Floats
from marketshock.market.sessions import to_day

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Rows", "admit", "enough_sessions", "varies"]

NO_VARIATION = Text(
    "returns without variation of their own: nothing can be estimated",
    "rendimenti privi di variazione propria: nulla da stimare",
)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of the panel that the dates of a plan read.

    Parameters
    ----------
    date_of : ndarray of int of shape (n_events,)
    event : ndarray of int of shape (n_dates, L)
    estimation : ndarray of int of shape (n_dates, M)
    """

    date_of: Whole
    event: Any
    estimation: Any

    @classmethod
    def of(cls, study: EventStudy, plan: Plan) -> Rows:
        """Return the rows of a plan."""
        edges = plan.edges
        dates = plan.positions[edges[:-1]]
        window = study.estimation
        return cls(
            np.repeat(np.arange(len(dates)), np.diff(edges)),
            dates[:, None] + study.tau,
            dates[:, None] + np.arange(window.first, window.last + 1),
        )

    def known(self, design: Design) -> Bools:
        """Return on which estimation sessions of each date all regressors are there."""
        whole = np.isfinite(design.regressors).all(axis=1) & np.isfinite(design.offset)
        known = np.asarray(whole[self.estimation])
        known[:, : design.trimmed] = False
        known[:, known.shape[1] - design.trimmed :] = False
        return known

    def returns(self, plan: Plan, known: Bools) -> tuple[Floats, Bools | None]:
        """Return the estimation returns less the offset, and which of them count.

        Shape (n_events, M); 0 where a session does not count, and None where all count.
        """
        used, columns = np.unique(plan.columns, return_inverse=True)
        first, last = int(self.estimation[0, 0]), int(self.estimation[-1, -1]) + 1
        by_stock = np.ascontiguousarray(plan.panel.values[first:last, used].T)
        windows = sliding_window_view(by_stock, self.estimation.shape[1], axis=1)
        y = windows[columns.ravel(), self.estimation[self.date_of, 0] - first]
        if plan.design.offset.any():
            y -= plan.design.offset[self.estimation][self.date_of]
        usable = np.asarray(np.isfinite(y))
        if known.all() and usable.all():
            return y, None
        usable &= known[self.date_of]
        y[~usable] = 0.0
        return y, usable


def admit(study: EventStudy, plan: Plan, lost: dict[int, Text]) -> Plan:
    """Return the plan of the events whose windows lie in the data and hold all returns."""
    panel, design, window = plan.panel, plan.design, study.estimation
    good = np.ones(len(plan.members), bool)

    def refuse(bad: Any, reason: Callable[[int], Text]) -> None:
        for number in np.flatnonzero(good & bad):
            lost[int(plan.members[number])] = reason(int(number))
        good[bad] = False

    refuse(plan.positions + window.first < panel.first_row, lambda _: _too_early(study, plan))
    refuse(plan.positions + study.tau[-1] >= len(panel.sessions), lambda _: _too_late(plan))
    rows = np.clip(plan.positions[:, None] + study.tau, 0, len(panel.sessions) - 1)
    present = np.isfinite(panel.values[rows, plan.columns[:, None]])

    def day(number: int, mask: Any) -> str:
        return str(to_day(panel.sessions[rows[number][~mask[number]][0]]))

    def no_return(number: int) -> Text:
        when = day(number, present)
        return Text(f"no return on {when}", f"manca il rendimento il {when}")

    refuse(~present.all(axis=1), no_return)
    whole = np.isfinite(design.event_regressors).all(axis=1) & np.isfinite(design.offset)
    known = whole[rows]

    def no_regressor(number: int) -> Text:
        when = day(number, known)
        return Text(
            f"no benchmark or factor on {when}", f"manca il benchmark o il fattore il {when}"
        )

    refuse(~known.all(axis=1), no_regressor)
    return plan if good.all() else plan.only(good)


def _too_early(study: EventStudy, plan: Plan) -> Text:
    first, length = to_day(plan.panel.sessions[0]), study.estimation.length
    return Text(
        f"the estimation window of {length} sessions would start before the data, which "
        f"begin on {first}",
        f"la finestra di stima di {length} sedute inizierebbe prima dei dati, disponibili "
        f"dal {first}",
    )


def _too_late(plan: Plan) -> Text:
    last = to_day(plan.panel.sessions[-1])
    return Text(
        f"the event window ends after the last session, {last}",
        f"la finestra dell'evento termina dopo l'ultima seduta, {last}",
    )


def enough_sessions(study: EventStudy, plan: Plan, count: Any, lost: dict[int, Text]) -> Bools:
    """Return which events have the estimation sessions that the study asks for."""
    fewest = max(study.estimation.fewest, plan.design.regressors.shape[1] + 2)
    good = np.asarray(count >= fewest)
    for number in np.flatnonzero(~good):
        first = _first_return(plan, int(number))
        lost[int(plan.members[number])] = Text(
            f"{int(count[number])} usable estimation sessions, {fewest} needed{first.en}",
            f"{int(count[number])} sedute di stima utilizzabili, ne servono {fewest}{first.it}",
        )
    return good


def _first_return(plan: Plan, number: int) -> Text:
    """Return since when a stock has returns, if not from the start of the data."""
    present = np.flatnonzero(np.isfinite(plan.panel.values[:, plan.columns[number]]))
    if not len(present) or present[0] <= plan.panel.first_row:
        return Text("", "")
    day = plan.panel.calendar.day(int(present[0]))
    return Text(f"; first return on {day}", f"; primo rendimento il {day}")


def varies(
    plan: Plan, rows: Rows, squares: Floats, y: Floats, lost: dict[int, Text], among: Bools
) -> Bools:
    """Return which events have residuals above rounding: e'e against y'y and the offset's own."""
    offset = np.nan_to_num(plan.design.offset[rows.estimation])
    size = np.einsum("em,em->e", y, y) + np.einsum("dm,dm->d", offset, offset)[rows.date_of]
    moving = np.asarray(squares > ROUNDING * size)
    lost.update(dict.fromkeys(plan.members[among & ~moving].tolist(), NO_VARIATION))
    return moving
