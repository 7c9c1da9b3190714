"""The whole history: scan, placebo dates, losses, and a million events in bounded memory."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.engine import statsmodels_loop
from benchmarks.measure import Line, peak_memory, seconds
from benchmarks.panels import MARKET, event_frame, return_frame
from marketshock import (
    EstimationWindow,
    EventSet,
    EventStudy,
    EventWindow,
    FactorModel,
    MarketModel,
    PricePanel,
    ReturnPanel,
    ShareCounts,
)
from marketshock.eventstudy.scan import scan
from marketshock.market.shares import SharesOutstanding
from marketshock.market.splits import SplitTable
from marketshock.marketcap.history import MarketValues
from marketshock.marketcap.losses import rank_losses
from marketshock.provenance import Status

__all__ = ["scan_lines"]

SESSIONS = 7_560
CHUNK = 10_000
"""Events estimated before their results go to disk."""


def scan_lines() -> Iterator[Line]:
    """Yield the ratios of the scan and of what else reads the whole history."""
    returns = return_frame(500, SESSIONS)
    panel, factors = ReturnPanel.from_frame(returns), factor_panel(returns, 5)
    stocks = ReturnPanel.from_frame(returns.drop(columns=MARKET))
    kept = np.empty_like(panel.values)
    copying = seconds(lambda: np.copyto(kept, panel.values))
    names = factors.symbols
    for model, seen, k, floor, goal in (
        (MarketModel(MARKET), panel, 2, 80, 30),
        (FactorModel("own", names, ""), stocks, 6, 200, 80),
    ):
        ours = seconds(lambda m=model, s=seen: scan(s, m, factors=factors))
        metric = f"scan of 500 x {SESSIONS:,} over copying the panel, K = {k}"
        yield Line(metric, ours / copying, floor, goal, False)
    yield from accuracy_lines()
    yield placebo_line()
    yield losses_line()
    yield from million_lines()


def factor_panel(returns: pd.DataFrame, count: int) -> ReturnPanel:
    """Return factors of which the first is the market."""
    rng = np.random.default_rng(13)
    values = rng.normal(0.0, 0.006, (len(returns), count))
    values[:, 0] = returns[MARKET]
    names = [f"F{number}" for number in range(count)]
    return ReturnPanel.from_frame(pd.DataFrame(values, returns.index, names), "index")


def accuracy_lines() -> Iterator[Line]:
    """Yield the worst relative error of the forecast variance against 80-bit arithmetic."""
    base = return_frame(50, 1_500).to_numpy()
    cases = {"ordinary data": base, "a bad tick outside": base.copy()}
    cases["a bad tick outside"][600, :-1] = 1e6
    cases["a near-halt inside"] = base.copy()
    cases["a near-halt inside"][700:960, :-1] *= 1e-9
    goals = {"ordinary data": 1e-12}
    for name, values in cases.items():
        days = np.datetime64("2010-01-01") + np.arange(len(values))
        names = (*(f"S{number}" for number in range(values.shape[1] - 1)), MARKET)
        found = scan(ReturnPanel(values, days, names, "splits_dividends"), MarketModel(MARKET))
        worst = 0.0
        for session in range(866, 990, 3):
            exact = forecast_variance(values, session, EstimationWindow())
            ours = (found.ar[session] / found.sar[session]) ** 2
            worst = max(worst, float(np.max(np.abs(ours / exact - 1.0))))
        metric = f"error of the forecast variance, scan, {name}"
        yield Line(metric, worst, 1e-10, goals.get(name, 1e-13), False)


def forecast_variance(values: Any, session: int, window: EstimationWindow) -> Any:
    """Return sigma squared times the prediction factor, in 80-bit arithmetic."""
    wide = values[session + window.first : session + window.last + 1].astype(np.longdouble)
    y, m = wide[:, :-1] - wide[:, :-1].mean(axis=0), wide[:, -1] - wide[:, -1].mean()
    residuals = y - m[:, None] * (m @ y / (m @ m))
    ahead = values[session, -1] - wide[:, -1].mean()
    factor = 1 + 1 / np.longdouble(len(m)) + ahead * ahead / (m @ m)
    return ((residuals**2).sum(axis=0) / (len(m) - 2) * factor).astype(float)


def placebo_line() -> Line:
    """Measure 10,000 placebo dates of 20 stocks against a regression for each."""
    returns = return_frame(20, 2_926)
    panel = ReturnPanel.from_frame(returns)
    mean = panel.values[:, :-1].mean(axis=1, keepdims=True)
    portfolio = ReturnPanel(
        np.hstack([mean, panel.values[:, -1:]]), panel.sessions, ("P", MARKET), panel.basis
    )
    rng = np.random.default_rng(3)

    def ours() -> Any:
        statistic = scan(portfolio, MarketModel(MARKET)).sar[:, 0]
        known = statistic[np.isfinite(statistic)]
        return np.abs(known[rng.integers(0, len(known), 10_000)])

    events = event_frame(returns, 1_000)
    loop = seconds(lambda: statsmodels_loop(events, returns), 3) * 10_000 * 20 / len(events)
    metric = "10,000 placebo dates x 20 stocks over a statsmodels loop"
    return Line(metric, seconds(ours) / loop, 1 / 200, 1 / 1_500, False)


def losses_line() -> Line:
    """Measure the ten largest losses of 5,000 companies over 30 years."""
    rng = np.random.default_rng(5)
    closes = rng.standard_normal((SESSIONS, 5_000))
    closes *= 0.02
    np.cumsum(closes, axis=0, out=closes)
    np.exp(closes, out=closes)
    days = np.busday_offset("1996-01-01", np.arange(SESSIONS), roll="forward")
    names = tuple(f"S{number}" for number in range(5_000))
    day = dt.date(1995, 12, 1)
    filings = {
        name: (SharesOutstanding(name, day, day, 1e9, "cover", "10-K", Status.DERIVED),)
        for name in names
    }
    panel = PricePanel(closes, days, names, "splits")
    values = MarketValues(panel, ShareCounts(filings), SplitTable(()), ())
    copying = seconds(lambda: closes.copy(), 3)
    ours = seconds(lambda: rank_losses(values, str), 1)
    metric = f"losses of 5,000 x {SESSIONS:,} over copying the panel"
    return Line(metric, ours / copying, 6, 2, False)


def million_lines() -> Iterator[Line]:
    """Yield time and memory of a million events, chunk after chunk, results on disk."""
    whole, copying = million(0.0, 100)
    metric = "a million events, K = 5, over copying all their windows"
    yield Line(metric, whole / (EstimationWindow().length * 8 * copying), 8, 3, False)
    gappy, _ = million(0.02, 20)
    metric = "a million events with 2 % gaps: share of the full speed"
    yield Line(metric, whole / gappy, 0.25, 0.6)
    study, events, panel, factors = million_inputs(0.0)
    one, _ = peak_memory(lambda: streamed(study, [events], panel, factors))
    five, _ = peak_memory(lambda: streamed(study, [events] * 5, panel, factors))
    yield Line("peak memory of five chunks of events over that of one", five / one, 1.5, 1.1, False)


def million(gaps: float, chunks: int) -> tuple[float, float]:
    """Return the seconds of one event, and those of copying one byte."""
    study, events, panel, factors = million_inputs(gaps)
    kept = np.empty_like(panel.values)
    copying = seconds(lambda: np.copyto(kept, panel.values)) / panel.values.nbytes
    start = time.perf_counter()
    written = streamed(study, [events] * chunks, panel, factors)
    return (time.perf_counter() - start) / written, copying


def million_inputs(gaps: float) -> tuple[EventStudy, EventSet, ReturnPanel, ReturnPanel]:
    """Return a study with five parameters, one chunk of events, returns and factors."""
    returns = return_frame(500, SESSIONS, gaps)
    factors = factor_panel(returns, 4)
    model = FactorModel("own", factors.symbols, "")
    study = EventStudy(model, EventWindow(0, 0), placebo_sessions=0, tests=("portfolio_t",))
    events = EventSet.from_frame(event_frame(returns, CHUNK))
    return study, events, ReturnPanel.from_frame(returns), factors


def streamed(
    study: EventStudy, events: list[EventSet], panel: ReturnPanel, factors: ReturnPanel
) -> int:
    """Run chunk after chunk and append what each found to a file; return the rows written."""
    written = 0
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "ar.bin").open("wb") as file:
        for chunk in events:
            rows = found(study, chunk, panel, factors)
            rows.tofile(file)
            written += len(rows)
    return written


def found(study: EventStudy, events: EventSet, panel: ReturnPanel, factors: ReturnPanel) -> Any:
    """Return AR, residual variance and prediction factor of a chunk; the rest is let go."""
    result = study.run(events, panel, factors).abnormal
    return np.column_stack([result.ar[:, 0], result.variance, result.forecast[:, 0, 0]])
