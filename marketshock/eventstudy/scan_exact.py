"""A stock on a session at a time, as the engine does it: for what block sums can't tell apart.

Where a model explains nearly all of a return, or regressors are nearly collinear, sums of
squares cancel; those few stock-days are computed from residuals.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from marketshock.eventstudy import ols
from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import ROUNDING, Bools, Whole
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.market.panel import Floats

__all__ = ["Answer", "ScanInputs", "measure"]

BATCH = 1024
"""Stock-days estimated at once, or those of one session where they are more."""


class Answer(NamedTuple):
    """What a scan fills in, each of shape (n_sessions, n_stocks).

    Parameters
    ----------
    ar, sar : ndarray
        Abnormal return in decimals, and over its forecast standard error; NaN where unknown.
    used : ndarray of int
        Estimation sessions used; 0 where unknown.
    """

    ar: Floats
    sar: Floats
    used: npt.NDArray[np.int32]

    @classmethod
    def blank(cls, shape: tuple[int, ...], first: int) -> Answer:
        """Return an answer that is unknown before the session `first`, and not yet filled."""
        ar, sar, used = np.empty(shape), np.empty(shape), np.zeros(shape, np.int32)
        ar[:first] = sar[:first] = np.nan
        return cls(ar, sar, used)


@dataclass(frozen=True, slots=True, eq=False)
class ScanInputs:
    """Returns, what is expected of them, and on which sessions that is known.

    Parameters
    ----------
    values : ndarray of shape (n_sessions, n_stocks)
        Returns in decimals; NaN where there is none.
    design : Design
    estimation : EstimationWindow
    known : ndarray of bool of shape (n_sessions,)
        Whether offset and regressors are there.
    first_row : int
        First row with any return; no estimation window starts before it.
    x : ndarray of shape (n_sessions, K)
        Regressors, zero where not known.
    """

    values: Floats
    design: Design
    estimation: EstimationWindow
    known: Bools
    first_row: int
    x: Floats

    @classmethod
    def of(
        cls, values: Floats, design: Design, estimation: EstimationWindow, first_row: int
    ) -> ScanInputs:
        """Return the inputs of a design."""
        known = np.isfinite(design.regressors).all(axis=1) & np.isfinite(design.offset)
        x = np.where(known[:, None], design.regressors, 0.0)
        return cls(values, design, estimation, np.asarray(known), first_row, x)

    @property
    def fewest(self) -> int:
        """Fewest usable estimation sessions."""
        fewest: int = max(self.estimation.fewest, self.x.shape[1] + 2)
        return fewest

    @property
    def first(self) -> int:
        """First session whose estimation window lies in the data."""
        return self.first_row - self.estimation.first


def measure(inputs: ScanInputs, rows: Whole, columns: Whole, answer: Answer) -> None:
    """Estimate the stock-days at `rows` and `columns`; write what is found into the panels.

    A stock-day that can't be estimated stays as it is.
    """
    order = np.argsort(rows, kind="stable")
    rows, columns = rows[order], columns[order]
    edges = np.flatnonzero(np.diff(rows, prepend=-1, append=-1)).tolist()
    start = 0
    for last, after in pairwise([*edges[1:], len(rows) + BATCH]):
        if after - start > BATCH:
            _measure(inputs, rows[start:last], columns[start:last], answer)
            start = last


def _measure(inputs: ScanInputs, rows: Whole, columns: Whole, answer: Answer) -> None:
    window, design = inputs.estimation, inputs.design
    edges = np.flatnonzero(np.diff(rows, prepend=-1, append=-1))
    dates, of = rows[edges[:-1]], np.repeat(np.arange(len(edges) - 1), np.diff(edges))
    spans = dates[:, None] + np.arange(window.first, window.last + 1)
    y = inputs.values[spans[of], columns[:, None]] - design.offset[spans][of]
    usable = np.isfinite(y) & inputs.known[spans][of]
    offset = np.nan_to_num(design.offset[spans])
    y[~usable] = 0.0
    complete = None if usable.all() else usable
    fitted, identified, _ = ols.fit_groups(
        y, complete, edges, inputs.x[spans], design.regressors[dates][:, None]
    )
    squares = fitted.variance * fitted.df
    sizes = np.einsum("em,em->e", y, y) + np.einsum("dm,dm->d", offset, offset)[of]
    observed = usable.sum(axis=1)
    actual = inputs.values[rows, columns] - design.offset[rows] - fitted.predicted[:, 0]
    good = identified & (squares > ROUNDING * sizes) & (observed >= inputs.fewest)
    good &= np.isfinite(actual)
    at = rows[good], columns[good]
    answer.ar[at] = actual[good]
    answer.sar[at] = actual[good] / np.sqrt(fitted.variance * fitted.forecast[:, 0, 0])[good]
    answer.used[at] = observed[good]
