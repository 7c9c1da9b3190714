"""Regressions of CAR on characteristics: the usual standard errors beside what holds."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.comparisons import answer_row
from marketshock.eventstudy.covariates import Covariates, covariates
from marketshock.eventstudy.cross_section import slope_test
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import FEWEST_FOR_CROSS_SECTION
from marketshock.inference.result import SignificanceResult
from marketshock.locale import Text
from marketshock.market.panel import Floats
from marketshock.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["RegressionTable", "regression_table"]

FEWEST_CLUSTERS = 50
"""Dates from which on clustered errors are trusted (Cameron and Miller 2015: few is 20 to 50)."""

INTERCEPT = "intercept"
WHOLE_LEVERAGE = 1.0 - 1e-9
REFERENCES = {
    "classical": "least squares",
    "hc3": "MacKinnon and White 1985",
    "clustered": "Cameron and Miller 2015",
}
ONE_DATE = Text("one date is one cluster", "una sola data è un solo gruppo")
LEVERAGE = Text(
    "a stock stands alone in its group, so its residual is zero",
    "un titolo è solo nel suo gruppo, quindi il suo residuo è nullo",
)
NO_RESIDUAL = Text("the regression leaves no residual", "la regressione non lascia residui")


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTable:
    """A cross-section regression, each coefficient with every inference and its verdict.

    Parameters
    ----------
    window : EventWindow
    names : tuple of str
        The intercept and the characteristics.
    coefficients : ndarray of shape (p + 1,)
        Decimals of return for one unit.
    errors : dict of str to ndarray of shape (p + 1,)
        Standard errors ``classical``, ``hc3``, ``clustered`` and ``slope_t``; NaN where
        there is none.
    tests : dict of str to tuple of SignificanceResult
        By name; for characteristics ``slope_t`` and ``slope_rank`` stand beside the others.
        Valid tests first.
    r_squared : float
    n : int
        Events with all characteristics.
    left_out : tuple of Dropped
    """

    window: EventWindow
    names: tuple[str, ...]
    coefficients: Floats
    errors: dict[str, Floats]
    tests: dict[str, tuple[SignificanceResult, ...]]
    r_squared: float
    n: int
    left_out: tuple[Dropped, ...] = ()

    def table(self) -> Table:
        """Return one row a coefficient and inference."""
        rows = [
            {
                "characteristic": name,
                "coefficient": float(self.coefficients[number]),
                "standard_error": self._error(test.name, number),
                **answer_row(test),
            }
            for number, name in enumerate(self.names)
            for test in self.tests[name]
        ]
        return Table.from_rows("regression", rows)

    def to_frame(self) -> pd.DataFrame:
        """Return :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def _error(self, name: str, number: int) -> float | None:
        if name not in self.errors:
            return None
        error = float(self.errors[name][number])
        return error if np.isfinite(error) else None

    def _head(self) -> str:
        return (
            f"CAR [{self.window.first}, {self.window.last}] of {self.n} events on "
            f"{', '.join(self.names[1:])}: R2 {self.r_squared:.3f}"
        )

    def _remarks(self) -> list[str]:
        return [f"left out {lost.symbol}: {lost.reason.en}" for lost in self.left_out]

    def __repr__(self) -> str:
        lines = [*self.table().to_text().splitlines(), *self._remarks()]
        return "\n".join([self._head(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{escape(line)}</li>" for line in self._remarks())
        return f"<p><b>{escape(self._head())}</b></p>{self.table().to_html()}<ul>{remarks}</ul>"


def regression_table(
    result: StudyResult,
    characteristics: pd.DataFrame | Floats,
    *,
    window: EventWindow | None = None,
    names: Sequence[str] = (),
) -> RegressionTable:
    """Regress CAR on characteristics, with ordinary errors and with inference that holds.

    Classical, HC3 and date-clustered errors come from statsmodels, all with t(n - p - 1) but
    the clustered ones with t(G - 1). On one date none of them is valid: the residuals share
    the date's shock. There :func:`~marketshock.eventstudy.cross_section.slope_test` is;
    with different dates that do not overlap, the ordinary ones are.

    Parameters
    ----------
    result : StudyResult
    characteristics : DataFrame or ndarray of shape (n_events, p)
        See :func:`~marketshock.eventstudy.covariates.covariates`.
    window : EventWindow, optional
        Default the first of the study.
    names : sequence of str
        Names for the columns of an array.
    """
    import statsmodels.api as sm

    window = window or result.headline_window
    given = covariates(result, characteristics, names)
    labels = (INTERCEPT, *given.names)
    abnormal = result.abnormal
    model = sm.OLS(abnormal.car(window)[given.rows], given.design)
    fits, reasons = _fits(model, given, abnormal)
    fitted = fits["classical"]
    slopes = slope_test(result, characteristics, window=window, names=names)
    verdicts = _verdicts(abnormal, window, given)
    tests = {}
    for number, label in enumerate(labels):
        usual = [
            _test(name, fits.get(name), number, reasons.get(name), label).judged(*verdicts[name])
            for name in REFERENCES
        ]
        together = (*usual, *slopes.tests.get(label, ()))
        tests[label] = tuple(sorted(together, key=lambda test: not test.valid))
    blank = np.full(len(labels), np.nan)
    errors = {
        name: np.asarray(fits[name].bse, float) if name in fits else blank for name in REFERENCES
    }
    errors["slope_t"] = np.concatenate([blank[:1], slopes.errors])
    return RegressionTable(
        window,
        labels,
        np.asarray(fitted.params, float),
        errors,
        tests,
        float(fitted.rsquared),
        len(given.rows),
        given.left_out,
    )


def _fits(
    model: Any, given: Covariates, abnormal: AbnormalReturns
) -> tuple[dict[str, Any], dict[str, Text]]:
    """Return the fit of each kind of standard error, or why there is none."""
    fits, reasons = {"classical": model.fit()}, {}
    design = given.design
    leverage = (np.linalg.qr(design)[0] ** 2).sum(axis=1)
    if leverage.max() < WHOLE_LEVERAGE:
        fits["hc3"] = model.fit(cov_type="HC3", use_t=True)
    else:
        reasons["hc3"] = LEVERAGE
    _, dates = np.unique(abnormal.sessions[given.rows, 0], return_inverse=True)
    if dates.max() > 0:
        fits["clustered"] = model.fit(
            cov_type="cluster", cov_kwds={"groups": dates.ravel()}, use_t=True
        )
    else:
        reasons["clustered"] = ONE_DATE
    return fits, reasons


def _verdicts(
    abnormal: AbnormalReturns, window: EventWindow, given: Covariates
) -> dict[str, tuple[bool, Text]]:
    """Return whether each kind of standard error holds for these events, and why."""
    n = len(given.rows)
    days = abnormal.sessions[given.rows][:, abnormal.inside(window)]
    dates, counts = np.unique(days[:, 0], return_counts=True)
    single, repeated = len(np.unique(days)), int(counts.max())
    apart = single == len(dates) * window.length
    independent = apart and repeated == 1
    if independent and n >= FEWEST_FOR_CROSS_SECTION:
        usual = True, Text("events on different dates", "eventi in date diverse")
    elif independent:
        usual = False, _few(n, FEWEST_FOR_CROSS_SECTION, Text("events", "eventi"))
    else:
        usual = (
            False,
            Text(
                f"ignores dependence: {repeated} of {n} events share a date"
                if repeated > 1
                else "ignores dependence: windows overlap",
                f"ignora la dipendenza: {repeated} eventi su {n} nella stessa data"
                if repeated > 1
                else "ignora la dipendenza: finestre sovrapposte",
            ),
        )
    if not apart:
        clustered = (
            False,
            Text("windows of different dates overlap", "finestre di date diverse si sovrappongono"),
        )
    elif len(dates) < FEWEST_CLUSTERS:
        clustered = False, _few(len(dates), FEWEST_CLUSTERS, Text("dates", "date"))
    else:
        clustered = True, Text(f"{len(dates)} dates", f"{len(dates)} date")
    return {"classical": usual, "hc3": usual, "clustered": clustered}


def _few(have: int, fewest: int, what: Text) -> Text:
    return Text(
        f"needs {fewest} {what.en}, has {have}", f"servono {fewest} {what.it}, ce ne sono {have}"
    )


def _test(
    name: str, fitted: Any, number: int, reason: Text | None, label: str
) -> SignificanceResult:
    null = Text(f"the coefficient of {label} is zero", f"il coefficiente di {label} è nullo")
    blank = SignificanceResult(
        name, None, None, "t", None, null, REFERENCES[name], False, reason or NO_RESIDUAL
    )
    if fitted is None:
        return blank
    statistic, pvalue = float(fitted.tvalues[number]), float(fitted.pvalues[number])
    if not (np.isfinite(statistic) and np.isfinite(pvalue)):
        return blank
    df = float(getattr(fitted, "df_resid_inference", None) or fitted.df_resid)
    return SignificanceResult(name, statistic, pvalue, "t", df, null, REFERENCES[name])
