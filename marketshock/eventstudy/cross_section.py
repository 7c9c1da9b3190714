"""Which stocks fell more: slopes and contrasts, tested against their own earlier sessions.

On one date the abnormal returns of all stocks share that date's common shock, so a spread
across stocks says nothing about chance. But slope, contrast and mean are portfolios with
fixed weights, and a portfolio has a history: the estimation residuals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.comparisons import Contrast, Method, SlopeTest
from marketshock.eventstudy.covariates import covariates
from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.nonparametric import placebo_rank
from marketshock.inference.parametric import FEW_DF, NO_VARIANCE, ROUNDING, portfolio_t
from marketshock.inference.result import SignificanceResult
from marketshock.inference.sample import WindowSample
from marketshock.inference.significance import SignificanceTest, from_t
from marketshock.inference.slopes import slope_rank, slope_t
from marketshock.locale import Text
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["average_effect_sur", "contrast", "slope_test"]

Groups = tuple[Sequence[str], Sequence[str]] | Mapping[str, float] | Floats
Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

FOLDS = 10
"""Blocks of sessions whose GLS weights are estimated without them."""

OWN_HISTORY = Text(
    "its own history; assumes an ordinary day's variance",
    "storia propria; presuppone la varianza di un giorno ordinario",
)
SEVERAL_DATES = Text(
    "events on different dates share no history",
    "gli eventi in date diverse non hanno una storia comune",
)
GROUPS_EQUAL = Text(
    "the two groups have the same mean cumulative abnormal return",
    "i due gruppi hanno lo stesso rendimento anomalo cumulato medio",
)
SUM_ZERO = Text(
    "the weighted sum of cumulative abnormal returns is zero",
    "la somma ponderata dei rendimenti anomali cumulati è nulla",
)
AVERAGE_ZERO = Text(
    "the mean coefficient of the event dummies is zero",
    "il coefficiente medio delle dummy dell'evento è nullo",
)


def slope_test(
    result: StudyResult,
    characteristics: pd.DataFrame | Floats,
    *,
    window: EventWindow | None = None,
    method: Method = "ols",
    components: int = 1,
    names: Sequence[str] = (),
) -> SlopeTest:
    """Test which stocks fell more: slopes of CAR on characteristics against earlier slopes.

    The slope b of the event is set against the slopes b_t of the T estimation sessions:
    t = (b - L m) / (s sqrt(L + L^2/T)) with t(T - 1), and the rank of |b - L m| among all
    L-session sums. Both survive the shared date, because each b_t holds one session's common
    shock, as b does (Sefcik and Thompson 1986; Cohn, Johnson, Liu and Wardlaw).

    Parameters
    ----------
    result : StudyResult
        Of one date.
    characteristics : DataFrame or ndarray of shape (n_events, p)
        See :func:`~marketshock.eventstudy.covariates.covariates`; several characteristics
        are slopes of one multiple regression with an intercept.
    window : EventWindow, optional
        Default the first of the study.
    method : {"ols", "gls"}
        GLS weighs with a residual covariance of `components` principal components of the
        correlation of the estimation residuals, and a diagonal; earlier slopes have
        weights estimated without their own tenth of the sessions.
    components : int
        Default 1: beside the benchmark, stocks of one shock share mainly that shock.
    names : sequence of str
        Names for the columns of an array.

    Raises
    ------
    UserInputError, InsufficientDataError, SingularModelError
        If characteristics or options can't be used.
    """
    window = window or result.headline_window
    given = covariates(result, characteristics, names)
    abnormal, rows = result.abnormal, given.rows
    complete = _complete(abnormal, rows)
    weights = _projector(given.design, _whitener(complete, method, components))
    history = _history(given.design, complete, method, components)[1:]
    slopes = (weights @ abnormal.car(window)[rows])[1:]
    tests = {
        name: tuple(
            _tested(test, abnormal, window, rows, slope, earlier, _slope_null(name))
            for test in (slope_t, slope_rank)
        )
        for name, slope, earlier in zip(given.names, slopes, history, strict=True)
    }
    return SlopeTest(
        window,
        method,
        given.names,
        tuple(abnormal.symbols[row] for row in rows),
        slopes,
        weights[1:],
        history,
        tests,
        given.left_out,
    )


def contrast(
    result: StudyResult,
    groups: Groups,
    *,
    window: EventWindow | None = None,
) -> Contrast:
    """Test losers against others: a contrast of CAR on its own portfolio's history.

    t = w'CAR / sqrt(s2 (L + 1'X*(X'X)^-1 X*'1)), s2 = sum (w'e_t)^2 / (M - k) over the
    estimation sessions; t(M - k). And the rank of |w'CAR| among all L-session sums of w'e_t.

    Parameters
    ----------
    result : StudyResult
        Of one date.
    groups : pair of sequence of str, mapping of str to float, or ndarray of shape (n_events,)
        Symbols of two groups (the contrast is the mean of the first less that of the
        second), or weights.
    window : EventWindow, optional
        Default the first of the study.

    Raises
    ------
    UserInputError
        For an unknown symbol, a group that is empty or shares a stock with the other, or
        weights that are all zero.
    """
    window = window or result.headline_window
    weights, null = _contrast_weights(result, groups)
    abnormal, rows = result.abnormal, np.flatnonzero(weights)
    estimate = float(weights @ abnormal.car(window))
    history = weights[rows] @ _complete(abnormal, rows)
    tests = tuple(
        replace(_tested(test, abnormal, window, rows, estimate, history, null), name=name)
        for test, name in ((portfolio_t, "contrast_t"), (placebo_rank, "contrast_rank"))
    )
    t = tests[0].statistic
    error = abs(estimate / t) if t else None
    return Contrast(window, abnormal.symbols, weights, estimate, error, tests)


def average_effect_sur(
    result: StudyResult, *, window: EventWindow | None = None
) -> SignificanceResult:
    """Test the mean of the event dummies' coefficients in a seemingly unrelated regression.

    Every stock is regressed on the same regressors and one dummy for each session of the
    window. So SUR is least squares, the coefficients are the abnormal returns, their
    covariance is V S with S = E'E/(M - k) and V = L + 1'X*(X'X)^-1 X*'1 for a sum over the
    window, and t = CAAR / sqrt(V 1'S1 / N^2), t(M - k): portfolio_t, where no stock lacks a
    session (Binder 1985; Schipper and Thompson 1983). Sessions that any stock lacks are
    left out of S.

    Parameters
    ----------
    result : StudyResult
        Of one date.
    window : EventWindow, optional
        Default the first of the study.
    """
    window = window or result.headline_window
    abnormal = result.abnormal
    blank = SignificanceResult(
        "sur_average", None, None, "t", None, AVERAGE_ZERO, "Binder 1985", False, SEVERAL_DATES
    )
    if not abnormal.shared_date:
        return blank
    residuals = _complete(abnormal, np.arange(len(abnormal)))
    df = residuals.shape[1] - abnormal.estimated
    if df < 1:
        return replace(blank, reason=FEW_DF)
    covariance = residuals @ residuals.T / df
    factor = abnormal.sample(window, 0.0).window_factor
    variance = factor * covariance.mean()
    if not variance > ROUNDING * float(np.trace(covariance)):
        return replace(blank, reason=NO_VARIANCE)
    answer = from_t(np.asarray(abnormal.caar(window) / np.sqrt(variance)), df)
    return replace(
        blank,
        statistic=float(answer.statistic),
        pvalue=float(answer.pvalue),
        df=float(df),
        valid=True,
        reason=OWN_HISTORY,
    )


def _complete(abnormal: AbnormalReturns, rows: Rows) -> Floats:
    """Return the residuals of sessions that no stock lacks; none where dates differ."""
    residuals = abnormal.residuals[rows]
    if not abnormal.shared_date:
        return residuals[:, :0]
    return residuals[:, np.isfinite(residuals).all(axis=0)]


def _tested(
    test: SignificanceTest,
    abnormal: AbnormalReturns,
    window: EventWindow,
    rows: Rows,
    estimate: float,
    history: Floats,
    null: Text,
) -> SignificanceResult:
    """Test a portfolio of some stocks, as the only event of a sample, on its own history."""
    if not abnormal.shared_date:
        return SignificanceResult(
            test.name,
            None,
            None,
            test.distribution,
            None,
            null,
            test.reference,
            False,
            SEVERAL_DATES,
        )
    factor = float((abnormal.car_error(window)[rows] ** 2 / abnormal.variance[rows]).mean())
    df = max(len(history) - abnormal.estimated, 0)
    sample = WindowSample(
        car=np.array([estimate]),
        scar=np.full(1, np.nan),
        residuals=history[None, :],
        degrees_of_freedom=np.array([float(df)]),
        parameters=abnormal.estimated,
        length=window.length,
        window_factor=factor,
        correlation=0.0,
        shared_date=True,
    )
    return replace(test(sample).judged(True, OWN_HISTORY), null=null)


def _history(design: Floats, complete: Floats, method: str, components: int) -> Floats:
    """Return the coefficients of each complete session, shape (p + 1, T).

    Weights that know the covariance of the very sessions they are applied to make those
    sessions look too quiet (with 20 stocks and 120 sessions the test then rejects 9 % at 5 %).
    So GLS weights of each tenth of the sessions are estimated on the others.
    """
    if method == "ols" or not complete.size:
        return _projector(design, np.eye(len(design))) @ complete
    history = np.empty((design.shape[1], complete.shape[1]))
    for fold in np.array_split(np.arange(complete.shape[1]), FOLDS):
        others = np.delete(complete, fold, axis=1)
        weights = _projector(design, _whitener(others, method, components))
        history[:, fold] = weights @ complete[:, fold]
    return history


def _projector(design: Floats, whitener: Floats) -> Floats:
    """Return (X'W'W X)^-1 X'W'W, shape (p + 1, n): the portfolio that each coefficient is."""
    scale = np.sqrt((design * design).sum(axis=0))
    scaled: Floats = np.linalg.lstsq(whitener @ (design / scale), whitener, rcond=None)[0]
    weights: Floats = scaled / scale[:, None]
    return weights


def _whitener(residuals: Floats, method: str, components: int) -> Floats:
    """Return W with W'W the inverse of the residual covariance, up to a factor; OLS: I."""
    n, sessions = residuals.shape
    if method == "ols":
        return np.eye(n)
    if method != "gls":
        raise UserInputError(f"Unknown method {method!r}.", "Use ols or gls.")
    if not 0 <= components < n:
        raise UserInputError(
            f"{components} principal components of {n} stocks.", f"Use 0 to {n - 1}."
        )
    if sessions <= n:
        raise InsufficientDataError(
            f"{sessions} complete estimation sessions for the covariance of {n} stocks.",
            "Use method='ols' or a longer estimation window.",
        )
    spread = np.sqrt((residuals * residuals).mean(axis=1))
    scaled = residuals / spread[:, None]
    values, vectors = np.linalg.eigh(scaled @ scaled.T / sessions)
    common = vectors[:, n - components :] * np.sqrt(values[n - components :])
    correlation = common @ common.T
    correlation[np.diag_indices(n)] = 1.0
    inverse = np.linalg.inv(np.linalg.cholesky(correlation))
    return np.asarray(inverse / spread)


def _contrast_weights(result: StudyResult, groups: Groups) -> tuple[Floats, Text]:
    n = len(result.abnormal)
    weights = np.zeros(n)
    if isinstance(groups, Mapping):
        for symbol, weight in groups.items():
            weights[result.row(symbol)] = weight
    elif isinstance(groups, np.ndarray):
        if groups.shape != (n,):
            raise UserInputError(f"Weights of shape {groups.shape} for {n} events.")
        weights += groups
    else:
        first, second = ([result.row(symbol) for symbol in dict.fromkeys(g)] for g in groups)
        if not first or not second or set(first) & set(second):
            raise UserInputError(
                "A contrast needs two groups of stocks that share none.",
                "For example (['NVDA', 'AVGO'], ['MSFT']).",
            )
        weights[first], weights[second] = 1.0 / len(first), -1.0 / len(second)
        return weights, GROUPS_EQUAL
    if not (np.isfinite(weights).all() and weights.any()):
        raise UserInputError("The weights of a contrast must be numbers, and not all zero.")
    return weights, SUM_ZERO


def _slope_null(name: str) -> Text:
    return Text(
        f"the slope on {name} is that of an ordinary session",
        f"la pendenza su {name} è quella di una seduta ordinaria",
    )
