"""The study repeated on earlier, ordinary sessions: what chance does with these very stocks.

A test that is right in theory can be wrong for a sample. So the very statistic that is
printed is computed on admissible sessions before the event, each with an estimation window
of its own. The share of false alarms is the measured size of a test; the portfolio's t on
every earlier session is what placebo dates compare the event with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import Bools, regular
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import chosen_tests
from marketshock.inference.period import EstimationPeriod
from marketshock.inference.sample import WindowSample, batch_correlation
from marketshock.inference.significance import SignificanceTest
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Block", "MeasuredSize", "PlaceboHistory", "placebo_history"]

NOMINAL = 0.05
BATCH = 64
"""Sessions held in memory at once."""

FEWEST_PLACEBOS = 19
"""Fewest earlier sessions that can reject at the nominal level."""

Whole = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class MeasuredSize:
    """Share of ordinary sessions on which a test rejects at the nominal level.

    ``standard_error`` is that of a binomial share over ``n_dates`` sessions.
    """

    name: str
    window: EventWindow
    nominal: float
    rejection_rate: float
    n_dates: int

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the rate."""
        return math.sqrt(self.rejection_rate * (1.0 - self.rejection_rate) / self.n_dates)

    def outside(self, low: float, high: float) -> bool:
        """Return whether the rate lies outside a range by more than two standard errors."""
        slack = 2.0 * self.standard_error
        return self.rejection_rate + slack < low or self.rejection_rate - slack > high


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Stocks that share their regressors.

    Parameters
    ----------
    y : ndarray of shape (n_sessions, n_stocks)
        Returns less the offset of the design.
    design : Design
    """

    y: Floats
    design: Design

    def known(self) -> Bools:
        """Return on which sessions all regressors are there, shape (n_sessions,)."""
        whole = np.isfinite(self.design.regressors).all(axis=1)
        return np.asarray(whole & np.isfinite(self.design.event_regressors).all(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class PlaceboHistory:
    """What the study finds on earlier sessions.

    Parameters
    ----------
    sizes : tuple of MeasuredSize
        By window and test; a test without any answer is left out.
    scar : dict of EventWindow to ndarray of shape (n_dates, n_stocks)
        Standardised CAR on the sessions where all stocks are complete.
    portfolio : dict of EventWindow to ndarray of shape (n_sessions,)
        portfolio_t on every admissible earlier session, in their order.
    """

    sizes: tuple[MeasuredSize, ...]
    scar: dict[EventWindow, Floats]
    portfolio: dict[EventWindow, Floats]

    def ordered(self, order: Whole) -> PlaceboHistory:
        """Return the history with its stocks in another order."""
        return replace(self, scar={window: t[:, order] for window, t in self.scar.items()})


def placebo_history(study: EventStudy, blocks: Sequence[Block], position: int) -> PlaceboHistory:
    """Repeat a study of one date on the sessions before it.

    Parameters
    ----------
    study : EventStudy
    blocks : sequence of Block
        The stocks of the study.
    position : int
        Row of session 0. Sessions end `gap` sessions before it, earlier where a window
        would reach into the event.
    """
    last = position - max(study.estimation.gap, int(study.tau[-1] - min(0, study.tau[0])) + 1)
    earlier = np.arange(0, last + 1)
    recent = earlier[-study.placebo_sessions :]
    tests = chosen_tests(study.tests)
    rejected: dict[tuple[str, EventWindow], list[int]] = {}
    scar: dict[EventWindow, list[Floats]] = {window: [] for window in study.all_windows}
    for days, mask in _groups(study, blocks, recent):
        for start in range(0, len(days), BATCH):
            samples = _samples(study, blocks, mask, days[start : start + BATCH])
            for window, sample in samples.items():
                _tally(tests, rejected, window, sample)
                if mask.all():
                    scar[window].append(sample.scar)
    wanted = any(test.name == "placebo_dates" for test in tests)
    portfolio = _portfolio(study, blocks, earlier) if wanted else {}
    for window, (days, statistics) in portfolio.items():
        count, of = _placebo_rejections(days, statistics, recent, study)
        rejected["placebo_dates", window] = [count, of]
    sizes = tuple(
        MeasuredSize(name, window, NOMINAL, count / of, of)
        for (name, window), (count, of) in rejected.items()
        if of
    )
    return PlaceboHistory(
        sizes,
        {window: np.concatenate(parts) for window, parts in scar.items() if parts},
        {window: statistics for window, (_, statistics) in portfolio.items()},
    )


def _tally(
    tests: Sequence[SignificanceTest],
    rejected: dict[tuple[str, EventWindow], list[int]],
    window: EventWindow,
    sample: WindowSample,
) -> None:
    for test in tests:
        pvalues = test.pvalues(sample)
        known = pvalues[np.isfinite(pvalues)]
        tally = rejected.setdefault((test.name, window), [0, 0])
        tally[0] += int((known < NOMINAL).sum())
        tally[1] += len(known)


def _placebo_rejections(
    days: Whole, statistics: Floats, recent: Whole, study: EventStudy
) -> tuple[int, int]:
    """Return how often placebo dates reject on the recent sessions, each against its past."""
    size = np.abs(statistics)
    apart = max(study.estimation.gap, int(study.tau[-1] - min(0, study.tau[0])) + 1)
    count = of = 0
    for at in np.flatnonzero(days >= (recent[0] if len(recent) else 0)):
        past = size[days <= days[at] - apart]
        if len(past) >= FEWEST_PLACEBOS:
            of += 1
            count += int((1 + (past >= size[at]).sum()) / (1 + len(past)) < NOMINAL)
    return count, of


def _groups(
    study: EventStudy, blocks: Sequence[Block], sessions: Whole
) -> Iterator[tuple[Whole, Bools]]:
    """Yield sessions with the same complete stocks, and which stocks those are."""
    first, last = study.estimation.first, max(int(study.tau[-1]), study.estimation.last)
    known = np.column_stack([np.isfinite(block.y) & block.known()[:, None] for block in blocks])
    inside = sessions[(sessions + first >= 0) & (sessions + last < len(known))]
    if not len(inside):
        return
    gaps = np.vstack([np.zeros((1, known.shape[1])), np.cumsum(~known, axis=0)])
    whole = gaps[inside + last + 1] == gaps[inside + first]
    masks, where = np.unique(whole, axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        if mask.any():
            yield inside[where.ravel() == number], mask


def _samples(
    study: EventStudy, blocks: Sequence[Block], mask: Bools, days: Whole
) -> dict[EventWindow, WindowSample]:
    """Return one batch of samples a window."""
    parts = []
    for block, chosen in _chosen(blocks, mask):
        days = days[regular(block.design.regressors[_rows(study, days, block)])]
        parts.append((block, chosen))
    if not len(days):
        return {}
    fits = [_fitted(study, block, block.y[:, chosen], days) for block, chosen in parts]
    residuals = np.concatenate([fit[0] for fit in fits], axis=1)
    ar = np.concatenate([fit[1] for fit in fits], axis=1)
    variance = np.concatenate([fit[2] for fit in fits], axis=1)
    forecast = np.concatenate([fit[3] for fit in fits], axis=1)
    df, k = fits[0][4], study.estimation.length
    correlation, period = batch_correlation(residuals), EstimationPeriod(residuals)
    daily = np.sqrt(variance[:, :, None] * np.einsum("dnll->dnl", forecast))
    samples = {}
    for window in study.all_windows:
        inside = (study.tau >= window.first) & (study.tau <= window.last)
        weights = inside.astype(float)
        factor = np.einsum("l,dnlm,m->dn", weights, forecast, weights)
        car = ar @ weights
        samples[window] = WindowSample(
            car=car,
            scar=car / np.sqrt(variance * factor),
            residuals=residuals,
            degrees_of_freedom=np.full(car.shape, float(df)),
            parameters=min(residuals.shape[-1], k) - df,
            length=window.length,
            window_factor=factor.mean(axis=1),
            correlation=correlation,
            shared_date=True,
            ar=ar[:, :, inside],
            sar=(ar / daily)[:, :, inside],
            period=period,
        )
    return samples


def _chosen(blocks: Sequence[Block], mask: Bools) -> Iterator[tuple[Block, Bools]]:
    """Yield the blocks with any chosen stock, and which those are."""
    start = 0
    for block in blocks:
        own = mask[start : start + block.y.shape[1]]
        start += block.y.shape[1]
        if own.any():
            yield block, own


def _rows(study: EventStudy, days: Whole, block: Block) -> Whole:
    """Return the rows that the estimation for each session fits, shape (n_days, M)."""
    window, trimmed = study.estimation, block.design.trimmed
    rows: Whole = days[:, None] + np.arange(window.first + trimmed, window.last + 1 - trimmed)
    return rows


def _fitted(
    study: EventStudy, block: Block, y: Floats, days: Whole
) -> tuple[Floats, Floats, Floats, Floats, int]:
    """Return residuals (D, n, M), AR (D, n, L), variance (D, n), forecast (D, n, L, L), df."""
    rows, event = _rows(study, days, block), days[:, None] + study.tau
    x_event = block.design.event_regressors[event]
    ahead = study.tau - study.estimation.last
    fitted = block.design.estimator(y[rows], block.design.regressors[rows], x_event, ahead)
    residuals = np.ascontiguousarray(np.swapaxes(fitted.residuals, 1, 2))
    ar = np.swapaxes(y[event] - fitted.predicted, 1, 2)
    forecast = np.broadcast_to(
        fitted.forecast[:, None], (len(days), y.shape[1], len(study.tau), len(study.tau))
    )
    assert isinstance(fitted.df, int)
    return residuals, ar, fitted.variance, forecast, fitted.df


def _portfolio(
    study: EventStudy, blocks: Sequence[Block], sessions: Whole
) -> dict[EventWindow, tuple[Whole, Floats]]:
    """Return portfolio_t on every session, by window: the sessions, and the statistics.

    Estimates are linear in the returns, so the mean over stocks is estimated at once.
    """
    found: dict[EventWindow, list[tuple[Whole, Floats]]] = {w: [] for w in study.all_windows}
    for group, mask in _groups(study, blocks, sessions):
        for start in range(0, len(group), BATCH * 4):
            days = group[start : start + BATCH * 4]
            residuals, ar, forecast, df = np.zeros(()), np.zeros(()), np.zeros(()), 1
            parts = list(_chosen(blocks, mask))
            for block, _ in parts:
                days = days[regular(block.design.regressors[_rows(study, days, block)])]
            if not len(days):
                continue
            for block, chosen in parts:
                share = chosen.sum() / mask.sum()
                mean = block.y[:, chosen].mean(axis=1, keepdims=True)
                own = _fitted(study, block, mean, days)
                residuals, ar = residuals + share * own[0][:, 0], ar + share * own[1][:, 0]
                forecast, df = forecast + share * own[3][:, 0], own[4]
            variance = (residuals * residuals).sum(axis=1) / df
            for window in study.all_windows:
                weights = ((study.tau >= window.first) & (study.tau <= window.last)) * 1.0
                factor = np.einsum("l,dlm,m->d", weights, forecast, weights)
                with np.errstate(divide="ignore", invalid="ignore"):
                    found[window].append((days, ar @ weights / np.sqrt(variance * factor)))
    answer = {}
    for window, pieces in found.items():
        if pieces:
            days = np.concatenate([piece[0] for piece in pieces])
            statistics = np.concatenate([piece[1] for piece in pieces])
            order = np.argsort(days, kind="stable")
            keep = order[np.isfinite(statistics[order])]
            answer[window] = days[keep], statistics[keep]
    return answer
