"""What a significance test is: a formula over arrays, and the object that answers for a sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import update_wrapper
from typing import NamedTuple

import numpy as np

from marketshock.inference.result import SignificanceResult
from marketshock.inference.sample import Floats, WindowSample
from marketshock.locale import Text

__all__ = ["Answer", "Obstacle", "SignificanceTest", "from_normal", "from_t", "significance_test"]

Obstacle = Callable[[WindowSample], Text | None]


class Answer(NamedTuple):
    """Statistic and two-sided p-value of each sample of a batch, and degrees of freedom."""

    statistic: Floats
    pvalue: Floats
    df: Floats | None


class SignificanceTest:
    """A test of one window; call it with a sample, or ask for the p-values of a batch.

    Its formula works along the last axis, so the same code serves one window and the
    hundreds of placebo dates that measure its size.
    """

    def __init__(
        self,
        formula: Callable[[WindowSample], Answer],
        *,
        distribution: str,
        null: Text,
        reference: str,
        obstacle: Obstacle,
        fewest: int,
    ) -> None:
        self.name = formula.__name__
        self.formula = formula
        self.distribution = distribution
        self.null = null
        self.reference = reference
        self.obstacle = obstacle
        self.fewest = fewest
        update_wrapper(self, formula)

    def __call__(self, sample: WindowSample) -> SignificanceResult:
        """Return the result for one sample; what can't be computed is a result with a reason."""
        reason = self.obstacle(sample)
        if reason is None:
            with np.errstate(divide="ignore", invalid="ignore"):
                answer = self.formula(sample)
            statistic, pvalue = float(answer.statistic), float(answer.pvalue)
            if math.isfinite(statistic) and math.isfinite(pvalue):
                df = None if answer.df is None else float(answer.df)
                return SignificanceResult(
                    self.name, statistic, pvalue, self.distribution, df, self.null, self.reference
                )
            reason = NO_VARIATION
        return SignificanceResult(
            self.name, None, None, self.distribution, None, self.null, self.reference, False, reason
        )

    def pvalues(self, batch: WindowSample) -> Floats:
        """Return the p-value of every sample of a batch; NaN where it can't be computed."""
        if batch.size < self.fewest:
            return np.full(len(batch.car), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.formula(batch).pvalue)


NO_VARIATION = Text(
    "no variation to measure the statistic by", "nessuna variazione con cui misurare la statistica"
)


def significance_test(
    *, distribution: str, null: Text, reference: str, obstacle: Obstacle, fewest: int = 1
) -> Callable[[Callable[[WindowSample], Answer]], SignificanceTest]:
    """Make a test of a formula; the formula's name is the name of the test.

    `obstacle` says of one sample why the formula can't be used; `fewest` is the number of
    events that a batch must have.
    """

    def make(formula: Callable[[WindowSample], Answer]) -> SignificanceTest:
        return SignificanceTest(
            formula,
            distribution=distribution,
            null=null,
            reference=reference,
            obstacle=obstacle,
            fewest=fewest,
        )

    return make


def from_t(statistic: Floats, df: Floats | float) -> Answer:
    """Return a two-sided t answer, its p-value from the lower tail."""
    from scipy.special import stdtr

    degrees = np.asarray(df, float)
    return Answer(statistic, 2.0 * stdtr(degrees, -np.abs(statistic)), degrees)


def from_normal(statistic: Floats) -> Answer:
    """Return a two-sided answer against the standard normal distribution."""
    from scipy.special import ndtr

    return Answer(statistic, 2.0 * ndtr(-np.abs(statistic)), None)
