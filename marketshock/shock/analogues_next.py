"""What came after earlier shocks, beside what comes after any session of the same stocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import UserInputError
from marketshock.eventstudy import ols
from marketshock.inference.multiplicity import holm
from marketshock.inference.outcomes import (
    Interval,
    Survival,
    cluster_interval,
    effective_clusters,
    overlapping,
    share_interval,
    survival,
)
from marketshock.inference.sample import Bools
from marketshock.market.panel import Floats
from marketshock.shock.analogues_history import ShockHistory
from marketshock.shock.analogues_search import Nearest

__all__ = [
    "FEWEST",
    "HORIZONS",
    "MEASURES",
    "Base",
    "Measure",
    "Outcome",
    "Recovery",
    "base_rate",
    "following",
    "outcomes",
    "recovery",
]

Measure = Literal["car", "return"]
MEASURES: tuple[Measure, ...] = ("car", "return")
HORIZONS = (1, 5, 20, 60, 120)
"""Sessions after the shock: a session, a week, a month, a quarter, half a year."""

FEWEST = 10
"""Earlier shocks below which nothing is said of what came next."""

LEVEL = 0.05
DRAWS = 9_999
STARTS = 200
"""Random sessions with which the recovery of one shock is compared."""

SESSIONS_AT_ONCE = 128
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Base:
    """The same statistics on random sessions of the same stocks.

    Parameters
    ----------
    mean, median, share : float
        Average over the draws; share of outcomes above zero.
    range : Interval
        Where 95 % of the means of such random samples lie.
    pvalue : float
        (1 + draws whose mean lies as far out)/(1 + draws), two-sided.
    """

    mean: float
    median: float
    share: float
    range: Interval
    pvalue: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came in the sessions after the shocks, by one measure; decimals.

    Parameters
    ----------
    measure : {"car", "return"}
    horizon : int
        Sessions after the shock; the shock itself is not counted.
    n : int
        Shocks whose horizon had passed.
    clusters : int
        Groups of them whose windows share sessions.
    effective : float
        Equal clusters that weigh as much.
    mean, median, share : float or None
        None without any outcome; share of outcomes above zero.
    quartiles : Interval or None
    mean_interval, median_interval : Interval or None
        95 %, by clusters; None where there are too few.
    share_interval : Interval or None
    base : Base or None
    adjusted : float or None
        The base's p-value, by Holm over the horizons of the measure.
    values : tuple of float
        Of the shocks in their order, nearest first; NaN where it had not passed.
    """

    measure: Measure
    horizon: int
    n: int
    clusters: int
    effective: float
    mean: float | None
    median: float | None
    share: float | None
    quartiles: Interval | None
    mean_interval: Interval | None
    median_interval: Interval | None
    share_interval: Interval | None
    base: Base | None
    values: tuple[float, ...]
    adjusted: float | None = None

    @property
    def stands_out(self) -> bool:
        """Whether the mean differs from the base rate: both yardsticks must say so.

        The base's p-value, adjusted for the number of horizons, is below 5 %, and the base's
        mean lies outside the interval of the shocks, which is as wide as their own outcomes
        are. Never below ten shocks.
        """
        if self.base is None or self.mean_interval is None or self.adjusted is None:
            return False
        if self.n < FEWEST:
            return False
        return self.adjusted < LEVEL and not self.mean_interval.holds(self.base.mean)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers for a table or JSON."""
        row: dict[str, Any] = {"measure": self.measure, "horizon": self.horizon, "n": self.n}
        row |= {"clusters": self.clusters, "effective_clusters": self.effective}
        for name, of in (("mean", self.mean_interval), ("median", self.median_interval)):
            row |= {name: getattr(self, name), f"{name}_low": of and of.low}
            row[f"{name}_high"] = of and of.high
        inside = self.share_interval
        row |= {"positive": self.share, "positive_low": inside and inside.low}
        row["positive_high"] = inside and inside.high
        base = self.base
        row |= {"base_mean": base and base.mean, "base_low": base and base.range.low}
        row |= {"base_high": base and base.range.high, "base_median": base and base.median}
        row |= {"base_positive": base and base.share, "pvalue": base and base.pvalue}
        return {**row, "pvalue_holm": self.adjusted}


@dataclass(frozen=True, slots=True)
class Recovery:
    """Sessions until the price is back at the close before the shock, dividends included.

    Parameters
    ----------
    after : Survival
        Of the shocks; those not back when the data end are censored.
    base : Survival
        Sessions in which the same stocks gain as much from a random session.
    """

    after: Survival
    base: Survival

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON."""
        return {"after": asdict(self.after), "base": asdict(self.base)}


def outcomes(
    nearest: Nearest, horizons: Sequence[int] = HORIZONS, *, rng: np.random.Generator
) -> tuple[Outcome, ...]:
    """Return what followed the shocks, by measure and horizon.

    CAR: sum of abnormal returns with the model as estimated before the shock, so that the
    shock does not enter what is called ordinary. Return: compounded. Both start after the
    session of the shock.

    Raises
    ------
    UserInputError
        For a horizon below one session.
    """
    if min(horizons, default=0) < 1:
        raise UserInputError(f"Horizons {list(horizons)} are no sessions ahead.", "Use 1 or more.")
    shocks = nearest.shocks
    rows = np.array([shock.row for shock in shocks], np.int64)
    symbols, at = np.unique([shock.column for shock in shocks], return_inverse=True)
    tables = following(nearest.known, np.asarray(symbols, np.int64), horizons)
    found = []
    for measure in MEASURES:
        of = [
            _outcome(measure, horizon, table, rows, at.ravel(), rng)
            for horizon, table in zip(horizons, tables[measure], strict=True)
        ]
        p = np.array([one.base.pvalue if one.base else np.nan for one in of])
        adjusted = [None if np.isnan(one) else one for one in holm(p).tolist()]
        found += [replace(one, adjusted=own) for one, own in zip(of, adjusted, strict=True)]
    return tuple(found)


def following(
    history: ShockHistory, columns: Whole, horizons: Sequence[int]
) -> dict[Measure, list[Floats]]:
    """Return what follows every session of some stocks, shape (T, n_columns) each horizon.

    NaN where the stock-session has no SAR, where a session is missing, or where the
    horizon reaches beyond the history.
    """
    scan = history.scan
    returns = scan.returns[:, columns]
    usable = np.isfinite(scan.sar[:, columns])
    coefficients = _coefficients(history, columns, usable)
    with np.errstate(divide="ignore"):
        grown = np.log1p(np.maximum(returns, -1.0))
    excess = returns - history.offset[:, None]
    tables: dict[Measure, list[Floats]] = {"car": [], "return": []}
    for horizon in horizons:
        expected = np.einsum("tck,tk->tc", coefficients, _next(history.regressors, horizon))
        car = _next(excess, horizon) - expected
        total = np.expm1(_next(grown, horizon))
        for measure, values in zip(MEASURES, (car, total), strict=True):
            known = usable & np.isfinite(values)
            tables[measure].append(np.where(known, values, np.nan))
    return tables


def _next(values: Floats, horizon: int) -> Floats:
    """Return the sum of the next `horizon` rows after each row; NaN where one is missing."""
    ahead = np.full(values.shape, np.nan)
    if horizon < len(values):
        known = np.isfinite(values)
        start = np.zeros((1, values.shape[1]))
        total = np.vstack([start, np.cumsum(np.where(known, values, 0.0), axis=0)])
        count = np.vstack([start, np.cumsum(known, axis=0)])
        whole = count[horizon + 1 :] - count[1:-horizon] == horizon
        ahead[:-horizon] = np.where(whole, total[horizon + 1 :] - total[1:-horizon], np.nan)
    return ahead


def _coefficients(history: ShockHistory, columns: Whole, usable: Bools) -> Floats:
    """Return the parameters estimated before each session, shape (T, n_columns, K)."""
    window, k = history.scan.estimation, history.regressors.shape[1]
    found = np.full((len(history), len(columns), k), np.nan)
    days = np.flatnonzero(usable.any(axis=1))
    known = np.isfinite(history.regressors).all(axis=1) & np.isfinite(history.offset)
    y = history.scan.returns[:, columns] - history.offset[:, None]
    for start in range(0, len(days), SESSIONS_AT_ONCE):
        part = days[start : start + SESSIONS_AT_ONCE]
        spans = part[:, None] + np.arange(window.first, window.last + 1)
        x = np.where(known[spans][:, :, None], history.regressors[spans], 0.0)
        own = np.swapaxes(y[spans], 1, 2).reshape(-1, window.length)
        counted = np.isfinite(own) & np.repeat(known[spans], len(columns), axis=0)
        edges = np.arange(len(part) + 1, dtype=np.int64) * len(columns)
        fitted, _, _ = ols.fit_groups(
            np.where(counted, own, 0.0),
            None if counted.all() else counted,
            edges,
            x,
            np.zeros((len(part), 1, k)),
        )
        found[part] = fitted.coefficients.reshape(len(part), len(columns), k)
    found[~usable] = np.nan
    return found


def _outcome(
    measure: Measure,
    horizon: int,
    table: Floats,
    rows: Whole,
    columns: Whole,
    rng: np.random.Generator,
) -> Outcome:
    values = table[rows, columns] if len(rows) else np.zeros(0)
    passed = np.isfinite(values)
    kept = values[passed]
    clusters = overlapping(rows[passed], horizon)
    effective, n = effective_clusters(clusters), len(kept)
    if not n:
        nothing = (None,) * 8
        return Outcome(measure, horizon, 0, 0, 0.0, *nothing, values=tuple(values.tolist()))
    low, high = np.quantile(kept, [0.25, 0.75]).tolist()
    hits = int((kept > 0).sum())
    return Outcome(
        measure,
        horizon,
        n,
        int(clusters.max()) + 1,
        effective,
        float(kept.mean()),
        float(np.median(kept)),
        hits / n,
        Interval(low, high),
        cluster_interval(kept, clusters, rng=rng),
        cluster_interval(kept, clusters, median=True, rng=rng),
        share_interval(hits, n, effective),
        base_rate(table, rows[passed], columns[passed], clusters, rng),
        tuple(values.tolist()),
    )


def base_rate(
    table: Floats, rows: Whole, columns: Whole, clusters: Whole, rng: np.random.Generator
) -> Base | None:
    """Return the statistics of samples of the same shape on random sessions.

    Each cluster moves as a whole by a random number of sessions and keeps its stocks and the
    distances inside it; what passes the end of a stock's history goes on at its start.

    Parameters
    ----------
    table : ndarray of shape (T, n_stocks)
        Outcome of every session; NaN where there is none.
    rows, columns, clusters : ndarray of int of shape (n,)
        Where the sample stands in the table, and its clusters.
    rng : Generator

    Returns
    -------
    Base or None
        None if some draw meets no outcome at all.
    """
    known = np.isfinite(table)
    first, last = known.argmax(axis=0), len(table) - 1 - known[::-1].argmax(axis=0)
    length = (last - first + 1)[columns]
    shifts = rng.integers(0, len(table), (DRAWS, int(clusters.max()) + 1))[:, clusters]
    places = first[columns] + (rows - first[columns] + shifts) % length
    drawn = table[places, columns]
    if not np.isfinite(drawn).any(axis=1).all():
        return None
    means = np.nanmean(drawn, axis=1)
    middle, mean = float(means.mean()), float(table[rows, columns].mean())
    low, high = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2]).tolist()
    extreme = int((np.abs(means - middle) >= abs(mean - middle)).sum())
    known_draws = drawn[np.isfinite(drawn)]
    return Base(
        middle,
        float(np.median(known_draws)),
        float((known_draws > 0).mean()),
        Interval(low, high),
        (1 + extreme) / (1 + DRAWS),
    )


def recovery(nearest: Nearest, *, rng: np.random.Generator) -> Recovery | None:
    """Return how long the price took to come back, and a gain as large from random sessions.

    After a rise: until the gain is given back. Shocks whose price did not move in the
    direction of the abnormal return have nothing to recover and are left out; None if none is
    left. A session without a return ends the wait uncounted, as the end of the data does.
    """
    history, sign = nearest.known, nearest.direction
    waits: list[tuple[int, bool]] = []
    others: list[tuple[int, bool]] = []
    for shock in nearest.shocks:
        if sign * shock.move <= 0:
            continue
        path = -sign * np.log1p(history.scan.returns[:, shock.column])
        target = sign * float(np.log1p(shock.move))
        waits.append(_wait(path, shock.row, target))
        admitted = np.flatnonzero(np.isfinite(history.scan.sar[:, shock.column]))
        starts = rng.choice(admitted, STARTS)
        others += [_wait(path, start, target) for start in starts.tolist()]
    if not waits:
        return None
    return Recovery(_survival(waits), _survival(others))


def _wait(path: Floats, row: int, target: float) -> tuple[int, bool]:
    """Return after how many sessions the summed path reaches a target, or where it ends."""
    after = np.cumsum(path[row + 1 :])
    reached = np.flatnonzero(after >= target - 1e-12)
    known = int(np.isfinite(after).sum())
    return (int(reached[0]) + 1, True) if len(reached) else (known, False)


def _survival(waits: Sequence[tuple[int, bool]]) -> Survival:
    return survival(
        np.array([wait for wait, _ in waits], np.int64), np.array([end for _, end in waits], bool)
    )
