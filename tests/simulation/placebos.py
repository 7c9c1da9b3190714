"""Placebo dates on simulated histories: the engine repeats the study on earlier sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from simulated import WINDOWS, Case, Rate, drawn, single

from marketshock.eventstudy.placebo import Block, _placebo_rejections, _portfolio, _samples
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import battery
from marketshock.inference.sample import Floats, WindowSample

PAST = 200
"""Earlier sessions of the first event of a history."""

EVENTS = 40
"""Sessions of a history that are events in turn, each against its own past."""

APART = 5
"""Sessions between an event and the last placebo session: its longest window."""

AT_ONCE = 25

Stretch = tuple[int, Floats]


def long_case(stocks: int, correlation: float, estimation: int = 120, tails: int = 0) -> Case:
    """Return a case whose histories reach back over all placebo sessions."""
    return Case(stocks, correlation, tails=tails, estimation=estimation)


def histories(
    case: Case, number: int, past: int = PAST, events: int = EVENTS
) -> Iterator[tuple[EventStudy, Block, np.ndarray]]:
    """Yield a study, its returns and the rows of the sessions of each of some histories."""
    rng = case.generator()
    longer = replace(case, estimation=case.estimation + past + APART + events - 2)
    length = past + APART + events - 2
    for _ in range(0, number, AT_ONCE):
        panel = drawn(longer, AT_ONCE, rng)
        block = Block(panel.values[:, : case.stocks], case.study.model.design(panel, None))
        starts = np.arange(AT_ONCE) * longer.sessions + case.estimation
        yield case.study, block, starts[:, None] + np.arange(length + 1)


def placebo_sizes(case: Case, number: int, past: int = PAST) -> list[Rate]:
    """Return how often placebo dates reject, by window length; errors between histories."""
    shares: dict[EventWindow, list[float]] = {window: [] for window in WINDOWS}
    counted = 0
    for study, block, rows in histories(case, number, past):
        for window, (days, statistics) in _portfolio(study, [block], rows.ravel()).items():
            for history, own in zip(rows, statistics.reshape(rows.shape), strict=True):
                count, of = _placebo_rejections(history, own, history[-EVENTS:], study)
                shares[window].append(count / of)
                counted = of
            assert np.array_equal(days, rows.ravel())
    return [
        Rate(
            "placebo_dates",
            window.length,
            round(float(np.sum(found)) * counted),
            len(found) * counted,
            valid=True,
            spread=float(np.std(found, ddof=1) / np.sqrt(len(found))),
        )
        for window, found in shares.items()
    ]


def placebo_samples(case: Case, number: int) -> Iterator[dict[EventWindow, WindowSample]]:
    """Yield the samples of the last session of each history, its placebos beside them."""
    for study, block, rows in histories(case, number, events=1):
        batch = _samples(study, [block], np.ones(case.stocks, bool), rows[:, -1])
        portfolio = _portfolio(study, [block], rows[:, :PAST].ravel())
        for at in range(len(rows)):
            yield {
                window: replace(
                    single(case, sample, at),
                    placebo=portfolio[window][1].reshape(-1, PAST)[at],
                )
                for window, sample in batch.items()
            }


def called_valid(sample: WindowSample) -> bool:
    """Return whether the battery calls placebo dates valid for a sample."""
    return next(answer.valid for answer in battery(sample) if answer.name == "placebo_dates")
