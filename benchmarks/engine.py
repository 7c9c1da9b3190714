"""The engine against a loop over statsmodels, with gaps, in memory, and in digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from benchmarks.measure import Line, peak_memory, seconds
from benchmarks.panels import MARKET, event_frame, return_frame
from marketshock import EstimationWindow, EventSet, EventStudy, EventWindow, MarketModel
from marketshock.eventstudy import ols
from marketshock.eventstudy.result import StudyResult

__all__ = ["engine_lines"]

WINDOW = EventWindow(-1, 1)
CLASSIC = (
    "portfolio_t",
    "crude_dependence_t",
    "cross_sectional_t",
    "patell",
    "bmp",
    "kp_patell",
    "kp_bmp",
    "generalized_sign",
    "sign",
)
"""Tests that need no ranking and no drawing: what the loop's user computes next by hand."""

STUDY = EventStudy(
    MarketModel(MARKET), WINDOW, EstimationWindow(), placebo_sessions=0, tests=CLASSIC
)
EVERY = replace(STUDY, tests=())


def end_to_end(
    events: pd.DataFrame, returns: pd.DataFrame, study: EventStudy = STUDY
) -> StudyResult:
    """Frames in; abnormal returns, tests with their p-values, and tidy frames out."""
    result = study.run(EventSet.from_frame(events), returns)
    for view in ("car", "tests"):
        result.to_frame(view)
    return result


def statsmodels_loop(events: pd.DataFrame, returns: pd.DataFrame) -> list[Any]:
    """Regress and predict one event at a time, as research code does."""
    values, columns = returns.to_numpy(), {name: at for at, name in enumerate(returns.columns)}
    rows = {day: at for at, day in enumerate(returns.index)}
    design = sm.add_constant(values[:, columns[MARKET]])
    answers = []
    for symbol, day in zip(events["symbol"], events["date"], strict=True):
        at, y = rows[day], values[:, columns[symbol]]
        known = np.arange(at - 260, at - 10)
        known = known[np.isfinite(y[known])]
        forecast = sm.OLS(y[known], design[known]).fit().get_prediction(design[at - 1 : at + 2])
        abnormal = y[at - 1 : at + 2] - forecast.predicted_mean
        answers.append((abnormal.sum(), abnormal / forecast.se_obs))
    return answers


def engine_lines() -> Iterator[Line]:
    """Yield the ratios of the engine."""
    returns = return_frame()
    for count, floor, goal in ((100, 5, 15), (1_000, 15, 40), (10_000, 20, 60)):
        events = event_frame(returns, count)
        part = events.iloc[:1_000]
        loop = seconds(lambda p=part: statsmodels_loop(p, returns), 3) * count / len(part)
        ours = seconds(lambda e=events: end_to_end(e, returns))
        yield Line(
            f"end to end over a statsmodels loop, {count:,} events", loop / ours, floor, goal
        )
    every = seconds(lambda: end_to_end(events, returns, EVERY), 3)
    yield Line("the same with all 22 tests", loop / every, 0, 0)
    gappy = return_frame(gaps=0.02)
    holed = seconds(lambda: end_to_end(event_frame(gappy, 10_000), gappy))
    picking = seconds(lambda: event_frame(gappy, 10_000), 3)
    yield Line("speed with 2 % gaps over the full speed", ours / (holed - picking), 0.25, 0.6)
    peak, result = peak_memory(lambda: end_to_end(events, returns))
    yield Line("peak memory over the size of the results", peak / size_of(result), 5, 2, False)
    yield from accuracy_lines()


def size_of(result: StudyResult) -> int:
    """Return the bytes of the arrays of a result."""
    abnormal = result.abnormal
    arrays = (getattr(abnormal, name) for name in type(abnormal).__dataclass_fields__)
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def accuracy_lines() -> Iterator[Line]:
    """Yield the worst relative error of the residual variance against 80-bit arithmetic."""
    returns = return_frame(200).to_numpy()
    cases = {"ordinary data": returns, "a bad tick outside": returns.copy()}
    cases["a bad tick outside"][100, :-1] = 1e6
    cases["a near-halt inside"] = returns.copy()
    cases["a near-halt inside"][1010:1250, :-1] *= 1e-9
    floors = {"ordinary data": (1e-12, 1e-14)}
    for name, values in cases.items():
        x = np.column_stack([np.ones(250), values[1000:1250, -1]])
        fitted = ols.fit(values[1000:1250, :-1], x, x[:1])
        exact = exact_variance(values[1000:1250, :-1], x[:, 1])
        worst = float(np.max(np.abs(fitted.variance / exact - 1.0)))
        yield Line(
            f"error of sigma squared, {name}", worst, *floors.get(name, (1e-10, 1e-13)), False
        )


def exact_variance(y: Any, market: Any) -> Any:
    """Return the residual variance of the market model in 80-bit arithmetic."""
    wide, m = y.astype(np.longdouble), market.astype(np.longdouble)
    wide, m = wide - wide.mean(axis=0), m - m.mean()
    residuals = wide - m[:, None] * (m @ wide / (m @ m))
    return ((residuals * residuals).sum(axis=0) / (len(m) - 2)).astype(float)
