"""Abnormal volatility: how much more the stocks moved than on ordinary sessions, either way.

Two answers. Squared abnormal returns over their own forecast variance need closes only. The
range between high and low sees a session that swung wildly and closed where it began; it
does not see what happened overnight.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from marketshock.errors import QualityError, UserInputError, suggest
from marketshock.eventstudy.activity import (
    EQUAL_WEIGHTED,
    AbnormalActivity,
    logarithms,
    placebo_pvalue,
    study_activity,
)
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.significance import f_pvalue
from marketshock.locale import Text
from marketshock.market.panel import Floats, PricePanel, ReturnPanel
from marketshock.market.sessions import to_day
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

__all__ = [
    "RANGE_STUDY",
    "AbnormalVolatility",
    "SquaredReturns",
    "abnormal_range",
    "log_range_variance",
    "squared_returns",
]

RANGE = Text("log range variance", "logaritmo della varianza dell'escursione")
PARKINSON = 4.0 * math.log(2.0)

RANGE_STUDY = EventStudy(MarketModel(EQUAL_WEIGHTED))

View = Literal["stocks", "aggregate"]


@dataclass(frozen=True, slots=True, eq=False)
class SquaredReturns:
    """Squared abnormal returns over their forecast variance.

    Parameters
    ----------
    result : StudyResult
        Its windows are those asked for, and each of their sessions alone.
    windows : tuple of EventWindow
        Those asked for.
    """

    result: StudyResult
    windows: tuple[EventWindow, ...]

    def ratio(self, window: EventWindow) -> Floats:
        """Return U of each event, shape (E,): the mean of SAR squared over the window.

        On an ordinary session of normal returns its mean is (M - k) / (M - k - 2), just
        above one. Beaver (1968), Journal of Accounting Research 6, 67-92.
        """
        abnormal = self.result.abnormal
        squares: Floats = abnormal.sar[:, abnormal.inside(window)] ** 2
        mean: Floats = squares.mean(axis=1)
        return mean

    def placebo_ratio(self, window: EventWindow) -> Floats:
        """Return the same U on earlier sessions, shape (n_dates, E)."""
        result = self.result
        singles = [EventWindow(tau, tau) for tau in range(window.first, window.last + 1)]
        if result.placebo is None or any(w not in result.placebo.scar for w in singles):
            return np.empty((0, len(result.abnormal)))
        squares = np.stack([result.placebo.scar[single] ** 2 for single in singles])
        mean: Floats = squares.mean(axis=0)
        return mean

    def predictive_f(self, window: EventWindow) -> Floats:
        """Return AR' F^-1 AR / (L s^2) of each event, shape (E,); F(L, M - k) without a shock.

        F is the covariance of forecast errors, so the statistic is exact under normality.
        For one session it is U. Chow (1960), Econometrica 28, 591-605.
        """
        abnormal = self.result.abnormal
        inside = np.flatnonzero(abnormal.inside(window))
        ar = abnormal.ar[:, inside]
        covariance = abnormal.forecast[:, inside[:, None], inside]
        solved = np.linalg.solve(covariance, ar[:, :, None])[:, :, 0]
        scaled: Floats = (ar * solved).sum(axis=1) / (window.length * abnormal.variance)
        return scaled

    def table(self, view: View = "stocks") -> Table:
        """Return a tidy table: ``stocks``, or ``aggregate`` for the mean of U over stocks."""
        views = {"stocks": _stock_rows, "aggregate": _aggregate_rows}
        if view not in views:
            raise UserInputError(f"Unknown view {view!r}.", suggest(view, views))
        return Table.from_rows(view, list(views[view](self)))


@dataclass(frozen=True, slots=True, eq=False)
class AbnormalVolatility:
    """Both answers beside each other.

    Parameters
    ----------
    squared : SquaredReturns
    range : AbnormalActivity, optional
        Of the log range variance; None where it can't be measured.
    range_reason : str
        Why there is no range; empty where there is.
    dropped : tuple of Dropped
        Stocks left out before either was measured, each with its reason.
    findings : tuple of Finding
        What the quality gate found.
    """

    squared: SquaredReturns
    range: AbnormalActivity | None
    range_reason: str = ""
    dropped: tuple[Dropped, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the figures come from."""
        ranges = self.range.sources if self.range else ()
        return tuple(dict.fromkeys((*self.squared.result.sources, *ranges)))

    def table(self, view: View = "stocks") -> Table:
        """Return the table of squared abnormal returns; see :meth:`SquaredReturns.table`."""
        return self.squared.table(view)

    def remarks(self) -> list[str]:
        """Return what was dropped and what was found, one sentence each."""
        dropped = (*self.dropped, *self.squared.result.dropped)
        lost = [f"dropped {each.symbol}: {each.reason.en}" for each in dropped]
        told = [one.text for one in self.findings if one.level == "FOOTNOTE"]
        lines = [*lost, *(f"note: {words.en}" for words in (*self.squared.result.caveats, *told))]
        if self.range is None:
            return [*lines, f"note: no range: {self.range_reason}"]
        return [*lines, *(f"range, {line}" for line in self.range.remarks())]

    def headline(self) -> str:
        """Return the mean ratio of the first window in one line."""
        window = self.squared.windows[0]
        ratio = float(self.squared.ratio(window).mean())
        line = (
            f"Abnormal volatility, {self.squared.result.study.model.name}, "
            f"{len(self.squared.result.abnormal)} events, window [{window.first}, {window.last}]: "
            f"squared abnormal returns {ratio:.2f} times their forecast variance"
        )
        if self.range is None:
            return line
        times = float(np.exp(self.range.result.abnormal.caar(window) / window.length))
        return f"{line}, range variance {times:.2f} times normal"

    def __repr__(self) -> str:
        lines = [*self.table("aggregate").to_text().splitlines(), *self.remarks()]
        return "\n".join([self.headline(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.remarks())
        table = self.table("aggregate").to_html()
        return f"<p><b>{html.escape(self.headline())}</b></p>{table}<ul>{items}</ul>"


def squared_returns(
    events: EventSet,
    returns: ReturnPanel,
    study: EventStudy | None = None,
    factors: ReturnPanel | None = None,
) -> SquaredReturns:
    """Measure the abnormal variance of each event from squared abnormal returns.

    Parameters
    ----------
    events : EventSet
    returns : ReturnPanel
        Returns in decimals of the stocks and of the model's benchmark.
    study : EventStudy, optional
        Model and windows; default the market model.
    factors : ReturnPanel, optional
    """
    study = study or EventStudy()
    windows = study.all_windows
    singles = tuple(EventWindow(tau, tau) for tau in study.tau.tolist())
    result = replace(study, windows=(*windows, *singles)).run(events, returns, factors)
    return SquaredReturns(result, windows)


def abnormal_range(
    events: EventSet, high: PricePanel, low: PricePanel, study: EventStudy = RANGE_STUDY
) -> AbnormalActivity:
    """Measure the abnormal log range variance.

    Parameters
    ----------
    events : EventSet
    high, low : PricePanel
        Of the same sessions and symbols; the stocks without an event make the index.
    study : EventStudy
        Model ``MarketModel(EQUAL_WEIGHTED)`` (default) or ``MeanAdjusted()``, and windows.

    Raises
    ------
    InsufficientDataError
        If no event can be studied, or no stock is left for the index.
    QualityError
        If a high lies below its low.
    """
    return study_activity(study, events, log_range_variance(high, low), RANGE)


def log_range_variance(high: PricePanel, low: PricePanel) -> ReturnPanel:
    """Return ln( (ln H/L)^2 / (4 ln 2) ); a session whose high is its low is missing.

    Parkinson (1980), Journal of Business 53, 61-65: the expression inside is an unbiased
    variance of one session for a driftless walk, about five times as precise as the squared
    return.
    """
    wrong = np.argwhere(high.values < low.values)
    if len(wrong):
        row, column = wrong[0]
        raise QualityError(
            f"{high.symbols[column]}: the high lies below the low on {to_day(high.sessions[row])}.",
            "Mend the data.",
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.log(high.values / low.values)
    return logarithms(spread**2 / PARKINSON, high, low)


def _stock_rows(squared: SquaredReturns) -> Iterable[dict[str, Any]]:
    abnormal = squared.result.abnormal
    for window in squared.windows:
        ratio, f = squared.ratio(window), squared.predictive_f(window)
        pvalues = f_pvalue(f, window.length, abnormal.df)
        history = squared.placebo_ratio(window)
        for number, event_id in enumerate(abnormal.event_ids):
            u = float(ratio[number])
            yield {
                "event_id": event_id,
                "symbol": abnormal.symbols[number],
                "first": window.first,
                "last": window.last,
                "ratio": u,
                "log_ratio": math.log(u) if u > 0.0 else None,
                "f": float(f[number]),
                "pvalue": float(pvalues[number]),
                "placebo_pvalue": placebo_pvalue(u, history[:, number]),
                "n_dates": len(history),
            }


def _aggregate_rows(squared: SquaredReturns) -> Iterable[dict[str, Any]]:
    for window in squared.windows:
        mean = float(squared.ratio(window).mean())
        history = squared.placebo_ratio(window).mean(axis=1)
        yield {
            "first": window.first,
            "last": window.last,
            "n": len(squared.result.abnormal),
            "ratio": mean,
            "log_ratio": math.log(mean) if mean > 0.0 else None,
            "ordinary_ratio": float(history.mean()) if len(history) else None,
            "placebo_pvalue": placebo_pvalue(mean, history),
            "n_dates": len(history),
        }
