"""What followed events whose windows share sessions: means, shares and waiting times.

Events whose windows overlap saw the same days, so they are no independent evidence. They form
one cluster, and clusters, not events, are what is counted, resampled and shifted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marketshock.inference.sample import Bools, Floats

__all__ = [
    "RESAMPLES",
    "Interval",
    "Survival",
    "cluster_interval",
    "effective_clusters",
    "overlapping",
    "share_interval",
    "survival",
]

Whole = npt.NDArray[np.int64]

RESAMPLES = 9_999
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval, 95 % unless asked otherwise."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether a value lies inside, the ends included."""
        return self.low <= value <= self.high


def overlapping(positions: Whole, length: int) -> Whole:
    """Return the cluster of each event: windows of `length` sessions that share any session.

    Linked one to the next, so two events of one cluster may be joined by a third. Clusters
    are numbered from 0 in order of time.

    Parameters
    ----------
    positions : ndarray of int of shape (n,)
        Sessions of the events, in any order.
    length : int
        Two windows overlap if their events are fewer than `length` sessions apart.
    """
    order = np.argsort(positions, kind="stable")
    apart = np.diff(positions[order]) >= length
    clusters = np.zeros(len(positions), np.int64)
    clusters[order[1:]] = np.cumsum(apart)
    return clusters


def effective_clusters(clusters: Whole) -> float:
    """Return how many equal clusters weigh as much: (sum of sizes)^2 / sum of squares (Kish 1965).

    It is the number of independent events if those of one cluster are all the same.
    """
    sizes = np.bincount(clusters).astype(float)
    return float(sizes.sum() ** 2 / (sizes * sizes).sum()) if len(clusters) else 0.0


def cluster_interval(
    values: Floats,
    clusters: Whole,
    *,
    median: bool = False,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    rng: np.random.Generator,
) -> Interval | None:
    """Return a bootstrap interval of a mean or median that draws whole clusters.

    The percentile interval is too short in small samples; its tails are moved from alpha/2 to
    Phi(-sqrt(E/(E-1)) t(alpha/2, E-1)), E the effective clusters (Hesterberg 2015, "expanded
    percentile"). None where no resample can reach that far: drawing one cluster G times out
    of G has probability G^-G, and with four clusters or fewer the tail is always rarer.

    Parameters
    ----------
    values : ndarray of shape (n,)
    clusters : ndarray of int of shape (n,)
    median : bool
        Of the median instead of the mean.
    level : float
        alpha.
    resamples : int
    rng : Generator
    """
    tail = _widened_tail(clusters, level)
    if tail is None:
        return None
    order = np.argsort(values, kind="stable")
    drawn = _drawn_weights(clusters[order], resamples, rng)
    ordered = values[order]
    found = _medians(ordered, drawn) if median else drawn @ ordered / drawn.sum(axis=1)
    low, high = np.quantile(found, [tail, 1.0 - tail])
    return Interval(float(low), float(high))


def _widened_tail(clusters: Whole, level: float) -> float | None:
    """Return the tail that the percentile interval takes, or None if resamples can't reach it."""
    from scipy.special import ndtr, stdtrit

    groups, effective = len(np.unique(clusters)), effective_clusters(clusters)
    if effective <= 1.0:
        return None
    widened = math.sqrt(effective / (effective - 1.0)) * stdtrit(effective - 1.0, level / 2)
    tail = float(ndtr(widened))
    return tail if tail >= float(groups) ** -groups else None


def _drawn_weights(clusters: Whole, resamples: int, rng: np.random.Generator) -> Floats:
    """Return how often each event is drawn, shape (resamples, n), when clusters are drawn."""
    groups = int(clusters.max()) + 1
    drawn = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=resamples)
    return drawn[:, clusters].astype(float)


def _medians(ordered: Floats, weights: Floats) -> Floats:
    """Return the median of ascending values, each counted as often as its weight says."""
    reached = np.cumsum(weights, axis=1)
    half = reached[:, -1:] / 2
    lower = (reached >= half).argmax(axis=1)
    upper = (reached > half).argmax(axis=1)
    middle: Floats = (ordered[lower] + ordered[upper]) / 2
    return middle


def share_interval(hits: int, n: int, effective: float, *, level: float = LEVEL) -> Interval:
    """Return the exact binomial interval of a share, on the effective number of events.

    Clopper and Pearson (1934) with `effective` trials in place of n and the same share of
    hits, as Korn and Graubard (1998) do for surveys: conservative, never below 0 or above 1.
    """
    from scipy.special import betaincinv

    trials = min(float(n), effective)
    k = trials * hits / n
    low = 0.0 if hits == 0 else float(betaincinv(k, trials - k + 1.0, level / 2))
    high = 1.0 if hits == n else float(betaincinv(k + 1.0, trials - k, 1.0 - level / 2))
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Survival:
    """How long until something happens, where some still wait.

    Parameters
    ----------
    n, happened : int
        Events, and how many of them have ended; the others are censored.
    quartile, median, last_quartile : int or None
        Sessions after which 25, 50 and 75 % have ended, by Kaplan and Meier (1958); None if
        that many have not ended yet.
    """

    n: int
    happened: int
    quartile: int | None
    median: int | None
    last_quartile: int | None

    @property
    def waiting(self) -> int:
        """How many had not ended when the data do."""
        return self.n - self.happened


def survival(waits: Whole, happened: Bools, weights: Floats | None = None) -> Survival:
    """Return the Kaplan-Meier quartiles of waiting times.

    S(t) = product over times up to t of 1 - d/r, d the events that end and r those that
    still wait at that time; an event censored at t waits at t.

    Parameters
    ----------
    waits : ndarray of int of shape (n,)
        Sessions until the end, or until the data end.
    happened : ndarray of bool of shape (n,)
        Whether it ended.
    weights : ndarray of shape (n,), optional
        How much each event counts; default one.
    """
    counted = np.ones(len(waits)) if weights is None else weights
    times = np.unique(waits[happened])
    left, found = 1.0, dict[float, int]()
    for time in times.tolist():
        ended = counted[happened & (waits == time)].sum()
        left *= 1.0 - ended / counted[waits >= time].sum()
        for share in (0.75, 0.5, 0.25):
            if left <= share + 1e-12:
                found.setdefault(share, time)
    return Survival(
        len(waits), int(happened.sum()), found.get(0.75), found.get(0.5), found.get(0.25)
    )
