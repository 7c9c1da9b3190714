"""Many stocks and windows at once: p-values that allow for how many were looked at."""

from __future__ import annotations

import numpy as np

from marketshock.eventstudy.result import StudyResult
from marketshock.inference.multiplicity import benjamini_yekutieli, holm, max_statistic
from marketshock.market.panel import Floats
from marketshock.table import Table

__all__ = ["adjusted_pvalues"]


def adjusted_pvalues(result: StudyResult) -> Table:
    """Return the t of every stock and window with its adjusted p-values.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    Table
        One row for each event and window: ``t`` and ``pvalue`` of one test alone, then
        ``holm`` (chance of any false rejection), ``benjamini_yekutieli`` (share of false
        rejections), ``max_t`` (largest ``|t|`` of all stocks and windows on each placebo
        session; None without such sessions), ``n_tests`` and ``n_dates``.
    """
    car = result.table("car")
    pvalues, t = np.array(car["pvalue"], float), np.array(car["t"], float)
    history = _history(result, len(t))
    adjusted = {
        "holm": holm(pvalues),
        "benjamini_yekutieli": benjamini_yekutieli(pvalues),
        "max_t": max_statistic(t, history),
    }
    n_tests = int(np.isfinite(pvalues).sum())
    rows = [
        {key: row[key] for key in ("event_id", "symbol", "first", "last", "t", "pvalue")}
        | {name: _known(values[number]) for name, values in adjusted.items()}
        | {"n_tests": n_tests, "n_dates": len(history)}
        for number, row in enumerate(car)
    ]
    return Table.from_rows("adjusted_pvalues", rows)


def _history(result: StudyResult, tests: int) -> Floats:
    """Return t of all stocks and windows on each placebo session, in the order of the rows."""
    windows = result.study.all_windows
    if result.placebo is None or any(window not in result.placebo.scar for window in windows):
        return np.empty((0, tests))
    return np.hstack([result.placebo.scar[window] for window in windows])


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
