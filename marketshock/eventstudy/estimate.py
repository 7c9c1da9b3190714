"""From events and returns to abnormal returns, many dates at once.

Events with the same session 0, benchmark and calendar share their regressors, so one
decomposition serves all of them. A number depends on nothing outside its own windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import SingularModelError
from marketshock.eventstudy import ols
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.admission import Rows, admit, enough_sessions, varies
from marketshock.eventstudy.events import Event
from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import Bools, Whole
from marketshock.eventstudy.plan import Plan, StudyData, planned
from marketshock.eventstudy.store import Store
from marketshock.locale import Text
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["estimated"]

BATCH = 1024
"""Events estimated at once; bounds what is held besides the result."""

COLLINEAR = Text(
    "the regressors are collinear on this stock's own sessions",
    "i regressori sono collineari nelle sedute proprie di questo titolo",
)


def estimated(
    study: EventStudy, events: Sequence[Event], data: StudyData
) -> tuple[AbnormalReturns | None, dict[int, Text]]:
    """Estimate every event that can be; return the reason of each of the others.

    Raises
    ------
    SingularModelError
        If the regressors carry no information on any date.
    """
    plans, lost = planned(study, events, data)
    store = Store.empty(study, len(events), plans[0].design.names if plans else ())
    singular: list[SingularModelError] = []
    for whole in plans:
        admitted = admit(study, whole, lost)
        for part in _batches(admitted.edges):
            plan = admitted.only(part)
            if plan.design.estimator is ols.fit:
                _least_squares(study, plan, store, lost, singular)
            else:
                _date_by_date(study, plan, store, lost, singular)
    if not store.done.any():
        if singular:
            raise singular[0]
        return None, lost
    return store.abnormal(events), lost


def _batches(edges: Whole) -> Iterator[slice]:
    """Yield spans of whole dates of about `BATCH` events each."""
    first = 0
    for start, last in pairwise(edges.tolist()):
        if last - first > BATCH and start > first:
            yield slice(first, start)
            first = start
    if len(edges) > 1:
        yield slice(first, int(edges[-1]))


def _least_squares(
    study: EventStudy,
    plan: Plan,
    store: Store,
    lost: dict[int, Text],
    singular: list[SingularModelError],
) -> None:
    """Estimate many dates at once."""
    rows = Rows.of(study, plan)
    known = rows.known(plan.design)
    y, usable = rows.returns(plan, known)
    count = known.sum(axis=1)[rows.date_of] if usable is None else usable.sum(axis=1)
    x = np.where(known[:, :, None], plan.design.regressors[rows.estimation], 0.0)
    good = enough_sessions(study, plan, count, lost)
    if not good.any():
        return
    x_event = plan.design.event_regressors[rows.event]
    fitted, identified, regular = ols.fit_groups(y, usable, plan.edges, x, x_event)
    if not regular.all():
        singular.append(_singular(plan.design))
        bad = good & ~regular[rows.date_of]
        lost.update(dict.fromkeys(plan.members[bad].tolist(), _collinear(plan.design)))
        good = good & ~bad
    lost.update(dict.fromkeys(plan.members[good & ~identified].tolist(), COLLINEAR))
    good = good & identified
    good = good & varies(plan, rows, fitted.variance * fitted.df, y, lost, good)
    residuals = fitted.residuals
    if usable is not None:
        residuals[~usable] = np.nan
    store.take(plan, rows, fitted, count, good)


def _date_by_date(
    study: EventStudy,
    plan: Plan,
    store: Store,
    lost: dict[int, Text],
    singular: list[SingularModelError],
) -> None:
    """Estimate with an estimator of its own: complete stocks of a date together."""
    for first, last in pairwise(plan.edges.tolist()):
        date = plan.only(slice(first, last))
        rows = Rows.of(study, date)
        known = rows.known(date.design)
        y, usable = rows.returns(date, known)
        counted = np.broadcast_to(known[0], y.shape) if usable is None else usable
        good = enough_sessions(study, date, counted.sum(axis=1), lost)
        patterns, where = np.unique(counted[good], axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            some = date.only(np.flatnonzero(good)[where.ravel() == number])
            try:
                _fit_together(study, some, pattern, store, lost)
            except SingularModelError as error:
                singular.append(error)
                lost.update(dict.fromkeys(some.members.tolist(), _collinear(date.design)))


def _fit_together(
    study: EventStudy, plan: Plan, pattern: Bools, store: Store, lost: dict[int, Text]
) -> None:
    """Estimate stocks of one date that have the same sessions."""
    rows, design = Rows.of(study, plan), plan.design
    estimation, event = rows.estimation[0][pattern], rows.event[0]
    y = plan.panel.values[estimation[:, None], plan.columns] - design.offset[estimation, None]
    ahead = event - rows.estimation[0][-1]
    fitted = design.estimator(
        y, design.regressors[estimation], design.event_regressors[event], ahead, design.names
    )

    def spread(values: Floats | None) -> Floats | None:
        if values is None:
            return None
        wide = np.full((len(plan.members), len(pattern)), np.nan)
        wide[:, pattern] = values.T
        return wide

    residuals = spread(fitted.residuals)
    assert residuals is not None
    shape = (len(plan.members), len(event), len(event))
    turned = replace(
        fitted,
        coefficients=fitted.coefficients.T,
        predicted=fitted.predicted.T,
        residuals=residuals,
        standardised=spread(fitted.standardised),
        df=np.broadcast_to(fitted.df, len(plan.members)).astype(float),
        forecast=np.broadcast_to(fitted.forecast, shape),
    )
    everyone = np.ones(len(plan.members), bool)
    good = varies(plan, rows, turned.variance * turned.df, y.T, lost, everyone)
    store.take(plan, rows, turned, np.full(len(plan.members), pattern.sum()), good)


def _collinear(design: Design) -> Text:
    words = ", ".join(design.names)
    return Text(
        f"the regressors {words} are collinear or constant over the estimation window",
        f"i regressori {words} sono collineari o costanti nella finestra di stima",
    )


def _singular(design: Design) -> SingularModelError:
    return SingularModelError(
        f"T{_collinear(design).en[1:]}.", "Leave one out or choose another benchmark."
    )
