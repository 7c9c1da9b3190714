"""What a significance test is: a formula over arrays, and the object that answers for a sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import NamedTuple

import numpy as np

from marketshock.inference.result import NO_REASON, Df, SignificanceResult
from marketshock.inference.sample import Bools, Floats, WindowSample
from marketshock.locale import Text

__all__ = [
    "Answer",
    "Obstacle",
    "SignificanceTest",
    "f_pvalue",
    "from_f",
    "from_normal",
    "from_t",
    "significance_test",
    "t_pvalue",
]


class Answer(NamedTuple):
    """Statistic and two-sided p-value of each sample of a batch, and degrees of freedom."""

    statistic: Floats
    pvalue: Floats
    df: Floats | tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a formula can't be used, and of which samples that is true.

    Parameters
    ----------
    words : Text
    stands : callable
        From a sample or a batch to True or False, of all or of each of its samples.
    """

    words: Text
    stands: Callable[[WindowSample], bool | np.bool_ | Bools]


class SignificanceTest:
    """A test of one window; call it with a sample, or ask for the p-values of a batch.

    Its formula works along the last axis, so the same code serves one window and the
    hundreds of placebo dates that measure its size. So do its obstacles.
    """

    def __init__(
        self,
        formula: Callable[[WindowSample], Answer],
        *,
        distribution: str,
        null: Text,
        reference: str,
        obstacles: tuple[Obstacle, ...],
    ) -> None:
        self.name = formula.__name__
        self.formula = formula
        self.distribution = distribution
        self.null = null
        self.reference = reference
        self.obstacles = obstacles
        update_wrapper(self, formula)

    def __call__(self, sample: WindowSample) -> SignificanceResult:
        """Return the result for one sample; what can't be computed is a result with a reason."""
        with np.errstate(all="ignore"):
            reason = next((o.words for o in self.obstacles if np.any(o.stands(sample))), None)
            if reason is None:
                answer = self.formula(sample)
                statistic, pvalue = float(answer.statistic), float(answer.pvalue)
                if math.isfinite(statistic) and math.isfinite(pvalue):
                    return self._result(statistic, pvalue, _plain(answer.df))
        return self._result(None, None, None, valid=False, reason=reason or NO_VARIATION)

    def pvalues(self, batch: WindowSample) -> Floats:
        """Return the p-value of every sample of a batch; NaN where it can't be computed."""
        unknown = np.full(len(batch.car), np.nan)
        blocked = np.zeros(len(batch.car), bool)
        with np.errstate(all="ignore"):
            for obstacle in self.obstacles:
                blocked |= np.asarray(obstacle.stands(batch))
                if blocked.all():
                    return unknown
            answer = self.formula(batch)
        known = np.isfinite(answer.statistic) & ~blocked
        return np.where(known, answer.pvalue, unknown)

    def _result(
        self,
        statistic: float | None,
        pvalue: float | None,
        df: Df,
        *,
        valid: bool = True,
        reason: Text = NO_REASON,
    ) -> SignificanceResult:
        return SignificanceResult(
            self.name,
            statistic,
            pvalue,
            self.distribution,
            df,
            self.null,
            self.reference,
            valid,
            reason,
        )


NO_VARIATION = Text(
    "no variation to measure the statistic by", "nessuna variazione con cui misurare la statistica"
)


def significance_test(
    *, distribution: str, null: Text, reference: str, obstacles: tuple[Obstacle, ...] = ()
) -> Callable[[Callable[[WindowSample], Answer]], SignificanceTest]:
    """Make a test of a formula; the formula's name is the name of the test.

    `obstacles` are looked at in turn; the first that stands is the reason why there is no
    number, so a later one may rely on the earlier ones.
    """

    def make(formula: Callable[[WindowSample], Answer]) -> SignificanceTest:
        return SignificanceTest(
            formula,
            distribution=distribution,
            null=null,
            reference=reference,
            obstacles=obstacles,
        )

    return make


def _plain(df: Floats | tuple[float, float] | None) -> Df:
    if df is None:
        return None
    return (float(df[0]), float(df[1])) if isinstance(df, tuple) else float(df)


def _pvalue(tail: Floats) -> Floats:
    """Return a tail as a p-value: one too small for a double is the smallest, never zero."""
    return np.maximum(tail, np.finfo(float).tiny)


def t_pvalue(statistic: Floats, df: Floats | float) -> Floats:
    """Return the two-sided p-value of a t statistic, from the lower tail."""
    from scipy.special import stdtr

    return _pvalue(2.0 * stdtr(df, -np.abs(statistic)))


def f_pvalue(statistic: Floats, numerator: float, denominator: Floats | float) -> Floats:
    """Return the p-value of an F statistic, from the upper tail."""
    from scipy.special import fdtrc

    return _pvalue(np.asarray(fdtrc(numerator, denominator, statistic)))


def from_t(statistic: Floats, df: Floats | float) -> Answer:
    """Return a two-sided t answer."""
    return Answer(statistic, t_pvalue(statistic, df), np.asarray(df, float))


def from_normal(statistic: Floats) -> Answer:
    """Return a two-sided answer against the standard normal distribution."""
    from scipy.special import ndtr

    return Answer(statistic, _pvalue(2.0 * ndtr(-np.abs(statistic))), None)


def from_f(statistic: Floats, df: tuple[float, float]) -> Answer:
    """Return the answer of an F statistic."""
    return Answer(statistic, f_pvalue(statistic, *df), df)
