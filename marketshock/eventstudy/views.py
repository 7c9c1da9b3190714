"""Tidy views of a study result: columns of plain values, one row an event and what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.market.panel import Floats

if TYPE_CHECKING:
    from marketshock.eventstudy.result import StudyResult

__all__ = ["VIEWS"]

Columns = Mapping[str, Sequence[Any]]


def car_columns(result: StudyResult) -> Columns:
    """Return one row a window and event: CAR, its forecast error, t and p, and BHAR."""
    abnormal, windows = result.abnormal, result.study.all_windows
    events = len(abnormal)

    def each(measure: Callable[[Any], Floats]) -> Floats:
        return np.concatenate([measure(window) for window in windows])

    car, error = each(abnormal.car), each(abnormal.car_error)
    t = car / error
    return {
        "event_id": abnormal.event_ids * len(windows),
        "symbol": abnormal.symbols * len(windows),
        "first": [window.first for window in windows for _ in range(events)],
        "last": [window.last for window in windows for _ in range(events)],
        "car": car.tolist(),
        "se": error.tolist(),
        "t": t.tolist(),
        "pvalue": _two_sided(t, np.tile(abnormal.df, len(windows))).tolist(),
        "bhar": each(abnormal.bhar).tolist(),
        "bhar_expected": each(abnormal.bhar_expected).tolist(),
    }


def ar_columns(result: StudyResult) -> Columns:
    """Return one row an event and session: returns, AR and SAR."""
    abnormal = result.abnormal
    length = len(abnormal.tau)
    return {
        "event_id": [name for name in abnormal.event_ids for _ in range(length)],
        "symbol": [name for name in abnormal.symbols for _ in range(length)],
        "tau": abnormal.tau.tolist() * len(abnormal),
        "session": abnormal.sessions.ravel().astype("datetime64[D]").tolist(),
        "realised": abnormal.realised.ravel().tolist(),
        "expected": abnormal.expected.ravel().tolist(),
        "ar": abnormal.ar.ravel().tolist(),
        "sar": abnormal.sar.ravel().tolist(),
    }


def tests_columns(result: StudyResult) -> Columns:
    """Return one row a window and test."""
    rows = [(window, test) for window, tests in result.tests.items() for test in tests]
    return {
        "first": [window.first for window, _ in rows],
        "last": [window.last for window, _ in rows],
        "test": [test.name for _, test in rows],
        "statistic": [test.statistic for _, test in rows],
        "pvalue": [test.pvalue for _, test in rows],
        "valid": [test.valid for _, test in rows],
        "reason": [test.full_reason.en for _, test in rows],
        "null": [test.null.en for _, test in rows],
    }


def stock_columns(result: StudyResult) -> Columns:
    """Return one row an event: observations, degrees of freedom, sigma, and the parameters."""
    abnormal = result.abnormal
    return {
        "event_id": abnormal.event_ids,
        "symbol": abnormal.symbols,
        "n": abnormal.observations.astype(int).tolist(),
        "df": abnormal.df.astype(int).tolist(),
        "sigma": abnormal.sigma.tolist(),
        **dict(zip(abnormal.parameters, abnormal.coefficients.T.tolist(), strict=True)),
    }


VIEWS: Mapping[str, Callable[[StudyResult], Columns]] = {
    "car": car_columns,
    "ar": ar_columns,
    "tests": tests_columns,
    "stocks": stock_columns,
}


def _two_sided(t: Floats, df: Floats) -> Floats:
    from scipy.special import stdtr

    return np.asarray(2.0 * stdtr(df, -np.abs(t)))
