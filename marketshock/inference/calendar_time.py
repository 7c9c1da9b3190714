"""Tests of events on many dates that may overlap: by calendar session, and by cluster.

Both need the calendar sessions of the windows, so they answer for single samples only.
"""

from __future__ import annotations

import numpy as np

from marketshock.inference.parametric import MEAN_ZERO, ROUNDING
from marketshock.inference.sample import Floats, WindowSample
from marketshock.inference.significance import Answer, Obstacle, from_t, significance_test
from marketshock.locale import Text

__all__ = ["calendar_time_t", "clustered_t"]

NO_CALENDAR = Obstacle(
    Text(
        "the calendar sessions of the windows are not given",
        "mancano le sedute di calendario delle finestre",
    ),
    lambda sample: sample.sessions is None or sample.ar is None or sample.sar is None,
)
NO_FIRMS = Obstacle(
    Text("the firms of the events are not given", "mancano le imprese degli eventi"),
    lambda sample: sample.firms is None,
)
ONE_SESSION = Obstacle(
    Text("needs at least two calendar sessions", "servono almeno due sedute di calendario diverse"),
    lambda sample: sample.n_sessions < 2,
)
ONE_FIRM = Obstacle(
    Text("needs at least two firms", "servono almeno due imprese"),
    lambda sample: sample.n_firms < 2,
)
NO_CLUSTER_VARIANCE = Obstacle(
    Text(
        "the variance clustered by session and firm is not positive",
        "la varianza raggruppata per seduta e impresa non è positiva",
    ),
    lambda sample: np.divide(*_clustered(sample)) < ROUNDING,
)
FEW_SESSIONS = Obstacle(
    Text("fewer than two estimation sessions", "meno di due sedute di stima"),
    lambda sample: sample.residuals.shape[-1] < 2,
)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Jaffe 1974; Mandelker 1974",
    obstacles=(NO_CALENDAR, ONE_SESSION, FEW_SESSIONS),
)
def calendar_time_t(sample: WindowSample) -> Answer:
    """Calendar-time portfolio t: sqrt(D) mean(z) / s(z), ddof 1; t(D - 1).

    On each of the D calendar sessions in any window, the events whose window contains it
    form a portfolio; z is its mean AR over the standard deviation (ddof 1) of the same
    portfolio's residuals in the estimation period, never in the event window. Residuals are
    matched session by session, counted back from the common session.
    """
    ar, deviation = _portfolios(sample)
    z = ar / deviation
    d = len(z)
    return from_t(np.sqrt(d) * z.mean() / z.std(ddof=1), d - 1)


@significance_test(
    distribution="t",
    null=MEAN_ZERO,
    reference="Dutta, Knif, Kolari and Pynnonen 2018",
    obstacles=(NO_CALENDAR, NO_FIRMS, ONE_SESSION, ONE_FIRM, NO_CLUSTER_VARIANCE),
)
def clustered_t(sample: WindowSample) -> Answer:
    """Mean SAR over its two-way clustered error: V = V_date + V_firm - V_white.

    The SAR of all events and sessions of the window are pooled; deviations from their mean
    are summed by calendar session and by firm. t with the smaller number of clusters less
    one (Cameron, Gelbach and Miller 2011).
    """
    assert sample.sar is not None
    variance, _ = _clustered(sample)
    clusters = min(sample.n_sessions, sample.n_firms)
    return from_t(sample.sar.mean() / np.sqrt(variance), clusters - 1)


def _clustered(sample: WindowSample) -> tuple[Floats, Floats]:
    """Return the two-way and the White variance of the mean SAR."""
    assert sample.sar is not None
    assert sample.sessions is not None
    assert sample.firms is not None
    deviation = sample.sar - sample.sar.mean()
    _, date = np.unique(sample.sessions, return_inverse=True)
    _, firm = np.unique(sample.firms, return_inverse=True)
    by_date = np.bincount(date.ravel(), deviation.ravel())
    by_firm = np.bincount(firm, deviation.sum(axis=1))
    white = (deviation**2).sum()
    both = (by_date**2).sum() + (by_firm**2).sum() - white
    return both / deviation.size**2, white / deviation.size**2


def _portfolios(sample: WindowSample) -> tuple[Floats, Floats]:
    """Return the portfolio's mean AR on each calendar session, and its ordinary deviation."""
    from scipy.sparse import csr_array

    assert sample.sessions is not None
    assert sample.ar is not None
    residuals = sample.residuals
    known, present = np.nan_to_num(residuals), np.isfinite(residuals).astype(float)
    days, where = np.unique(sample.sessions, return_inverse=True)
    where = where.reshape(sample.sessions.shape)
    (events, length), sessions = sample.sessions.shape, residuals.shape[1]
    sums = np.zeros((len(days), sessions + length - 1))
    counts = np.zeros_like(sums)
    for at in range(length):
        members = csr_array(
            (np.ones(events), (where[:, at], np.arange(events))), shape=(len(days), events)
        )
        columns = slice(length - 1 - at, length - 1 - at + sessions)
        sums[:, columns] += members @ known
        counts[:, columns] += members @ present
    mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    ar = np.bincount(where.ravel(), sample.ar.ravel()) / np.bincount(where.ravel())
    return ar, np.nanstd(mean, axis=1, ddof=1)
