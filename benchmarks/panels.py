"""Synthetic returns and events, the same at every run."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["MARKET", "event_frame", "return_frame"]

MARKET = "M"


def return_frame(stocks: int = 500, sessions: int = 2520, gaps: float = 0.0) -> pd.DataFrame:
    """Return simple returns of a one-factor world: stocks S0, S1, ... and the market M."""
    rng = np.random.default_rng(7)
    market = rng.normal(0.0004, 0.01, sessions)
    values = rng.normal(1.0, 0.3, stocks) * market[:, None]
    values += rng.normal(0.0, 0.02, (sessions, stocks))
    values[rng.random(values.shape) < gaps] = np.nan
    frame = pd.DataFrame(values, columns=[f"S{number}" for number in range(stocks)])
    frame[MARKET] = market
    return frame.set_index(pd.bdate_range("2014-01-01", periods=sessions, name="date"))


def event_frame(returns: pd.DataFrame, events: int, per_date: int = 20) -> pd.DataFrame:
    """Return events on random dates, some stocks a date, none of which lacks a return near it."""
    rng = np.random.default_rng(11)
    known = returns.drop(columns=MARKET).notna().to_numpy()
    near = known[:-2] & known[1:-1] & known[2:]
    chosen = []
    for position in rng.choice(np.arange(270, len(returns) - 20), events // per_date, False):
        usable = np.flatnonzero(near[position - 1])
        for stock in rng.choice(usable, per_date, replace=False):
            chosen.append((f"S{stock}", returns.index[position]))
    return pd.DataFrame(chosen, columns=["symbol", "date"])
