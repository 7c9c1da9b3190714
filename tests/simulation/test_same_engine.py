"""The batches of the simulation are what a study of each history alone would see."""

from __future__ import annotations

import numpy as np
import pytest
from placebos import PAST, placebo_samples
from simulated import LAYOUTS, WINDOWS, Case, batches, drawn, single

from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.inference.battery import battery
from marketshock.market.panel import ReturnPanel

ARRAYS = ("car", "scar", "residuals", "degrees_of_freedom", "ar", "sar", "window_factor")
FLAGS = ("parameters", "length", "shared_date", "overlapping")


def alone(panel: ReturnPanel, case: Case, number: int) -> ReturnPanel:
    """Return one history of a panel of many."""
    rows = slice(number * case.sessions, (number + 1) * case.sessions)
    days = panel.sessions[rows].copy()
    return ReturnPanel(panel.values[rows].copy(), days, panel.symbols, "splits")


@pytest.mark.parametrize("dates", LAYOUTS)
@pytest.mark.parametrize("number", [0, 2])
def test_a_batch_is_as_many_studies(dates: str, number: int) -> None:
    case = Case(9, 0.3, dates, estimation=60)
    panel, samples = next(batches(case, 3))
    history = alone(panel, case, number)
    events = EventSet(
        tuple(
            Event(f"S{stock}", f"S{stock}", history.calendar.day(case.estimation + offset))
            for stock, offset in enumerate(case.offsets)
        )
    )
    result = case.study.run(events, history)
    for window in WINDOWS:
        ours, theirs = single(case, samples[window], number), result.abnormal.sample(window)
        for name in ARRAYS:
            expected = np.asarray(getattr(theirs, name))
            assert np.asarray(getattr(ours, name)) == pytest.approx(expected, rel=1e-9, abs=1e-13)
        assert [getattr(ours, name) for name in FLAGS] == [getattr(theirs, name) for name in FLAGS]
        assert ours.correlation == pytest.approx(theirs.correlation, abs=1e-12)
        assert np.array_equal(
            ours.sessions - ours.sessions[0, 0], theirs.sessions - theirs.sessions[0, 0]
        )
        for one, two in zip(battery(ours), battery(theirs), strict=True):
            assert (one.name, one.valid, one.reason) == (two.name, two.valid, two.reason)
            if one.pvalue is not None:
                assert one.pvalue == pytest.approx(two.pvalue, rel=1e-6)


def test_placebo_dates_are_those_of_a_study() -> None:
    case = Case(5, 0.3, estimation=60)
    longer = Case(5, 0.3, estimation=60 + PAST + 4)
    panel = drawn(longer, 25, case.generator())
    history = alone(panel, longer, 0)
    study = EventStudy(MarketModel("M"), WINDOWS, EstimationWindow(60, gap=0), placebo_sessions=1)
    day = history.calendar.day(longer.estimation)
    result = study.run(EventSet.on_date(history.symbols[:-1], day), history)
    sample = next(placebo_samples(case, 1))
    for window in WINDOWS:
        (answer,) = (a for a in battery(sample[window]) if a.name == "placebo_dates")
        assert len(result.placebo.portfolio[window]) == PAST
        assert answer.pvalue == pytest.approx(result.test("placebo_dates", window).pvalue)
        assert answer.statistic == result.test("placebo_dates", window).statistic
