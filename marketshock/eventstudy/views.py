"""Tidy views of a study result: columns of plain values, one row an event and what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.inference.significance import t_pvalue
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    from marketshock.eventstudy.result import StudyResult

__all__ = ["VIEWS", "Columns"]

Columns = Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]


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
        "car": car,
        "se": error,
        "t": t,
        "pvalue": t_pvalue(t, np.tile(abnormal.df, len(windows))),
        "bhar": each(abnormal.bhar),
        "bhar_expected": each(abnormal.bhar_expected),
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
        "realised": abnormal.realised.ravel(),
        "expected": abnormal.expected.ravel(),
        "ar": abnormal.ar.ravel(),
        "sar": abnormal.sar.ravel(),
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
        "n": abnormal.observations.astype(int),
        "df": abnormal.df.astype(int),
        "sigma": abnormal.sigma,
        **dict(zip(abnormal.parameters, abnormal.coefficients.T, strict=True)),
    }


VIEWS: Mapping[str, Callable[[StudyResult], Columns]] = {
    "car": car_columns,
    "ar": ar_columns,
    "tests": tests_columns,
    "stocks": stock_columns,
}
