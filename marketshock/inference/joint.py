"""Joint tests of stocks that share a session: whether any moved, whether they moved alike.

Every formula works along the last axis of a :class:`WindowSample`.
"""

from __future__ import annotations

import numpy as np

from marketshock.inference.parametric import FEW_DF, FEW_EVENTS, NO_EFFECT
from marketshock.inference.sample import Floats, WindowSample
from marketshock.inference.significance import Answer, Obstacle, from_f, significance_test
from marketshock.locale import Text

__all__ = ["equality_f", "joint_f"]

ALL_ALIKE = Text(
    "all cumulative abnormal returns are equal",
    "i rendimenti anomali cumulati sono tutti uguali",
)
APART = Obstacle(
    Text(
        "events of different dates have no common covariance",
        "eventi in date diverse: nessuna covarianza comune",
    ),
    lambda sample: not sample.shared_date,
)
COLLINEAR = Obstacle(
    Text(
        "the residuals of a stock follow from those of the others",
        "i residui di un titolo derivano da quelli degli altri",
    ),
    lambda sample: np.isnan(sample.period.precision[1]).any(axis=(-2, -1)),
)


def _df(sample: WindowSample) -> int:
    """M - k of the sessions that all stocks have."""
    return int(sample.period.common.shape[-1]) - sample.parameters


REGULAR = (APART, Obstacle(FEW_DF, lambda sample: _df(sample) < sample.size), COLLINEAR)


@significance_test(
    distribution="F",
    null=NO_EFFECT,
    reference="Gibbons 1982; Binder 1985",
    obstacles=REGULAR,
)
def joint_f(sample: WindowSample) -> Answer:
    """Joint F: T2 (M-k-N+1)/((M-k) N), T2 = CAR' S^-1 CAR / V; F(N, M-k-N+1).

    S = E'E/(M-k) is the covariance of the estimation residuals, V the window's prediction
    factor. It is Hotelling's test of all dummy coefficients of a multivariate regression,
    exact under normality. With gaps, M counts the sessions that all stocks have.
    """
    squares, _, _ = _forms(sample)
    n, df = sample.size, _df(sample)
    return from_f(squares * (df - n + 1) / (df * n), (n, df - n + 1))


@significance_test(
    distribution="F",
    null=ALL_ALIKE,
    reference="Gibbons 1982; Binder 1985",
    obstacles=(FEW_EVENTS, *REGULAR),
)
def equality_f(sample: WindowSample) -> Answer:
    """Equality F: the joint F of the N-1 contrasts between stocks; F(N-1, M-k-N+2).

    T2 of any full set of contrasts is CAR'S^-1 CAR - (1'S^-1 CAR)^2 / 1'S^-1 1, over V.
    """
    squares, cross, ones = _forms(sample)
    n, df = sample.size - 1, _df(sample)
    contrasts = np.maximum(squares - cross * cross / ones, 0.0)
    return from_f(contrasts * (df - n + 1) / (df * n), (n, df - n + 1))


def _forms(sample: WindowSample) -> tuple[Floats, Floats, Floats]:
    """Return g'S^-1 g, 1'S^-1 g and 1'S^-1 1 for g = CAR / sqrt(V)."""
    lengths, inverse = sample.period.precision
    unit = np.sqrt(_df(sample)) / lengths
    own = sample.car / np.sqrt(np.asarray(sample.window_factor))[..., None] * unit
    pair = np.stack([own, unit], axis=-1)
    forms = np.swapaxes(pair, -1, -2) @ inverse @ pair
    return forms[..., 0, 0], forms[..., 0, 1], forms[..., 1, 1]
