"""How fast capital expenditure grows: a log-linear trend with an honest interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from marketshock.capex.trend import CapexTrend
from marketshock.errors import InsufficientDataError, UserInputError

__all__ = ["CapexGrowth", "growth_trend"]

FEWEST = 8
"""Fewest periods: below, a robust standard error means nothing."""
A_YEAR = {"year": 1, "quarter": 4}


@dataclass(frozen=True, slots=True)
class CapexGrowth:
    """Growth a year of a log-linear trend, decimals.

    Parameters
    ----------
    company : str
        Printed name, or empty for the total.
    first, last : str
        Labels of the periods used.
    n : int
    growth, low, high : float
        Growth a year and its interval (0.30 = 30 %).
    confidence : float
    standard_error : float
        Of the slope a period, in logarithms, robust to heteroscedasticity and autocorrelation.
    lags : int
        Of the Newey-West weights.
    r_squared : float
    """

    company: str
    first: str
    last: str
    n: int
    growth: float
    low: float
    high: float
    confidence: float
    standard_error: float
    lags: int
    r_squared: float


def growth_trend(
    trend: CapexTrend,
    first: str | int | None = None,
    last: str | int | None = None,
    *,
    company: str = "",
    confidence: float = 0.95,
    lags: int | None = None,
) -> CapexGrowth:
    """Fit ``log(amount) = a + g t`` and turn the slope into growth a year.

    The interval is that of the slope, from the covariance of Newey and West (1987, eq. 5)
    with the t distribution and their small-sample factor n/(n-2); growth a year =
    exp(periods a year x g) - 1. It describes the path of the past and is no forecast: the
    error term of a trend this short stays autocorrelated.

    Parameters
    ----------
    trend : CapexTrend
        By year or quarter; trailing sums overlap and are refused.
    first, last : str or int, optional
        Periods, default: all from the first complete one without a hole to the last.
    company : str, optional
        Instead of the total.
    confidence : float
    lags : int, optional
        Default: the integer part of 4 (n/100)^(2/9).

    Raises
    ------
    UserInputError
        For trailing sums, an unknown period or company, or a confidence outside 0 to 1.
    InsufficientDataError
        With fewer than eight periods, or a hole among them.
    """
    if trend.by not in A_YEAR:
        raise UserInputError(
            "Trailing sums share quarters, so their errors are not free of each other.",
            "Use a trend by year or quarter.",
        )
    if not 0.0 < confidence < 1.0:
        raise UserInputError(f"A confidence of {confidence} makes no sense.", "Use 0.95.")
    labels, amounts = _amounts(trend, company, first, last)
    n = len(amounts)
    if n < FEWEST:
        raise InsufficientDataError(
            f"{n} periods, {FEWEST} needed for a growth trend.", "Choose a longer span."
        )
    used = math.floor(4 * (n / 100) ** (2 / 9)) if lags is None else lags
    from statsmodels.regression.linear_model import OLS

    time = np.column_stack([np.ones(n), np.arange(n)])
    fit = OLS(np.log(amounts), time).fit(
        cov_type="HAC", cov_kwds={"maxlags": used, "use_correction": True}, use_t=True
    )
    a_year = A_YEAR[trend.by]
    low, high = fit.conf_int(1.0 - confidence)[1]
    return CapexGrowth(
        company,
        labels[0],
        labels[-1],
        n,
        math.expm1(a_year * float(fit.params[1])),
        math.expm1(a_year * float(low)),
        math.expm1(a_year * float(high)),
        confidence,
        float(fit.bse[1]),
        used,
        float(fit.rsquared),
    )


def _amounts(
    trend: CapexTrend, company: str, first: str | int | None, last: str | int | None
) -> tuple[list[str], list[float]]:
    labels: list[str] = list(trend.rows["period"])
    values = list(trend.rows["total_usd_bn"])
    if company:
        names = list(trend.rows["by_company"][0])
        if company not in names:
            raise UserInputError(f"No amounts of {company!r}.", f"Known: {', '.join(names)}.")
        values = [row[company] for row in trend.rows["by_company"]]
    known = [number for number, value in enumerate(values) if value is not None]
    for label in (first, last):
        if label is not None and str(label) not in labels:
            raise UserInputError(f"No period {str(label)!r}.", f"{labels[0]} to {labels[-1]}.")
    if not known:
        raise InsufficientDataError("No period has an amount.", "Choose another company.")
    stop = labels.index(str(last)) if last is not None else known[-1]
    holes = [number for number in range(stop) if values[number] is None]
    start = labels.index(str(first)) if first is not None else max(holes, default=-1) + 1
    span = values[start : stop + 1]
    if any(value is None for value in span):
        raise InsufficientDataError(
            f"A period between {labels[start]} and {labels[stop]} has no amount.",
            "Choose a span without a hole.",
        )
    return labels[start : stop + 1], [float(value) for value in span]
