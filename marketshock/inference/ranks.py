"""Rank tests: events are compared with the order of their own estimation residuals.

Every formula works along the last axis of a :class:`WindowSample`.
"""

from __future__ import annotations

import numpy as np

from marketshock.inference.parametric import EQUAL_SCAR, FEW_EVENTS, NO_DISPERSION, ROUNDING
from marketshock.inference.ranking import Ranking
from marketshock.inference.sample import Bools, Floats, WindowSample
from marketshock.inference.significance import (
    Answer,
    Obstacle,
    from_normal,
    from_t,
    significance_test,
)
from marketshock.locale import Text

__all__ = ["corrado_rank", "corrado_zivney", "grank_t", "grank_z"]

ORDINARY_RANKS = Text(
    "abnormal returns rank as in the estimation period",
    "i ranghi dei rendimenti anomali sono quelli del periodo di stima",
)
NO_SESSIONS = Text(
    "the abnormal returns of single sessions are not given",
    "mancano i rendimenti anomali delle singole sedute",
)
FLAT = Text(
    "residuals without variation have no ranks", "residui privi di variazione: nessun rango"
)
TIED = Obstacle(FLAT, lambda sample: sample.period.ranking.flat.any(axis=-1))


def _equal_session(sample: WindowSample) -> Bools:
    """Return whether all events have the same standardised return on a session of the window."""
    assert sample.sar is not None
    spread = sample.sar.std(axis=-2, ddof=1)
    return np.asarray((spread <= ROUNDING * np.abs(sample.sar).max(axis=-2)).any(axis=-1))


@significance_test(
    distribution="normal",
    null=ORDINARY_RANKS,
    reference="Corrado 1989; Cowan 1992",
    obstacles=(Obstacle(NO_SESSIONS, lambda sample: sample.ar is None), TIED),
)
def corrado_rank(sample: WindowSample) -> Answer:
    """Corrado rank test: sqrt(L) mean of Kbar in the window / S; N(0, 1).

    Each event's residuals and its abnormal returns of the window are ranked together,
    T_i = M_i + L, K = rank/(T_i + 1) - 1/2. Kbar is the mean over the events that have a
    value on a session, S the root of the mean of Kbar^2 over all T sessions. S is measured
    on the daily mean, so a shared date does no harm (Corrado 1989; several sessions as in
    Campbell and Wasley 1993).
    """
    assert sample.ar is not None
    kbar, counts, event = _mean_ranks(sample.period.ranking, sample.ar)
    return _rank_z(kbar, np.minimum(counts, 1), event, 1)


@significance_test(
    distribution="normal",
    null=ORDINARY_RANKS,
    reference="Corrado and Zivney 1992",
    obstacles=(
        FEW_EVENTS,
        Obstacle(NO_SESSIONS, lambda sample: sample.sar is None),
        Obstacle(NO_DISPERSION, _equal_session),
        TIED,
    ),
)
def corrado_zivney(sample: WindowSample) -> Answer:
    """Corrado-Zivney rank test, which allows for event-induced variance; N(0, 1).

    As :func:`corrado_rank` on standardised values: residuals over sigma, and the window's
    SAR over the standard deviation across events of that session (ddof 1). A mean over n_t
    events has the weight sqrt(n_t).
    """
    assert sample.sar is not None
    points = sample.sar / sample.sar.std(axis=-2, ddof=1, keepdims=True)
    ranking, scale = _standardised(sample)
    kbar, counts, event = _mean_ranks(ranking, points * scale[..., None])
    return _rank_z(kbar, counts, event, sample.size)


@significance_test(
    distribution="t",
    null=ORDINARY_RANKS,
    reference="Kolari and Pynnonen 2011, eqs 9, 12-15",
    obstacles=(*EQUAL_SCAR, TIED),
)
def grank_t(sample: WindowSample) -> Answer:
    """Generalised rank t: the whole window is one more session; t(T - 2), T = M + 1.

    SCAR over s(SCAR), ddof 1, is ranked with the M_i standardised residuals,
    U = rank/(M_i + 2) - 1/2. With S^2 = sum over the T sessions of (n_t/N) Ubar_t^2 / T and
    Z = Ubar_0 / S, the statistic is Z sqrt((T - 2)/(T - 1 - Z^2)). Z^2 never exceeds T - 1;
    where it reaches it there is no answer.
    """
    ranking, point = _generalised(sample)
    ubar, counts, event = _mean_ranks(ranking, point)
    sessions = (counts > 0).sum(axis=-1) + 1.0
    own = event[..., 0] ** 2
    spread = ((counts / sample.size * ubar**2).sum(axis=-1) + own) / sessions
    square = own / spread
    left = sessions - 1.0 - square
    left = np.where(left > ROUNDING * sessions, left, np.nan)
    z = event[..., 0] / np.sqrt(spread)
    return from_t(z * np.sqrt((sessions - 2.0) / left), sessions - 2.0)


@significance_test(
    distribution="normal",
    null=ORDINARY_RANKS,
    reference="Kolari and Pynnonen 2011",
    obstacles=(*EQUAL_SCAR, TIED),
)
def grank_z(sample: WindowSample) -> Answer:
    """Generalised rank z: Ubar_0 / sqrt(sum M_i/(12 (M_i + 2)) / N^2); N(0, 1).

    The variance is that of independent uniform ranks, so events must be independent.
    """
    ranking, point = _generalised(sample)
    below, up_to = ranking.beyond(point)
    total = ranking.counts + 2.0
    mean = ((below + up_to + 2)[..., 0] / (2.0 * total) - 0.5).mean(axis=-1)
    variance = (ranking.counts / (12.0 * total)).sum(axis=-1) / sample.size**2
    return from_normal(mean / np.sqrt(variance))


def _standardised(sample: WindowSample) -> tuple[Ranking, Floats]:
    """Return the order of the standardised residuals, and what one unit of them is in it.

    One deviation a stock does not change the order, so that of the residuals serves.
    """
    if sample.standardised is None:
        return sample.period.ranking, np.sqrt(sample.period.squares / sample.degrees_of_freedom)
    return Ranking.of(sample.standardised), np.ones(sample.size)


def _generalised(sample: WindowSample) -> tuple[Ranking, Floats]:
    ranking, scale = _standardised(sample)
    point = sample.scar / sample.scar.std(axis=-1, ddof=1, keepdims=True) * scale
    return ranking, point[..., None]


def _mean_ranks(ranking: Ranking, points: Floats) -> tuple[Floats, Floats, Floats]:
    """Rank points with the values of their rows; average over the rows.

    Returns
    -------
    ndarray of shape (..., M)
        Mean of rank/(T_i + 1) - 1/2 over the rows with a value; 0 where there is none.
    ndarray of shape (..., M)
        Number of these rows.
    ndarray of shape (..., L)
        The same mean for the points.
    """
    inner, outer = ranking.joined(points)
    share = 0.5 / (ranking.counts + points.shape[-1] + 1.0)
    counts = (ranking.doubled > 0).sum(axis=-2).astype(float)
    total = (share[..., None, :] @ inner.astype(float))[..., 0, :]
    mean = np.where(counts > 0, total / np.maximum(counts, 1.0) - 0.5, 0.0)
    return mean, counts, (outer * share[..., None]).mean(axis=-2) - 0.5


def _rank_z(kbar: Floats, weights: Floats, event: Floats, weight: float) -> Answer:
    """Return sqrt(L) mean of the window's Kbar over the root mean square of all, weighted.

    `weights` are those of the squares on estimation sessions, `weight` that of the window's.
    """
    length = event.shape[-1]
    sessions = (weights > 0).sum(axis=-1) + length
    squares = (weights * kbar**2).sum(axis=-1) + weight * (event**2).sum(axis=-1)
    mean = np.sqrt(weight) * event.mean(axis=-1)
    return from_normal(np.sqrt(length) * mean / np.sqrt(squares / sessions))
