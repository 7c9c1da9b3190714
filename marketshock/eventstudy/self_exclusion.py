"""A benchmark without the stock that is measured against it."""

from __future__ import annotations

import numpy as np

from marketshock.errors import UserInputError
from marketshock.market.panel import Floats, ReturnPanel

__all__ = ["without_self"]


def without_self(
    panel: ReturnPanel, benchmark: str, symbol: str, weights: ReturnPanel | None
) -> ReturnPanel:
    """Return the panel with the benchmark's return freed from one stock's own share in it.

    With weight ``w`` at the close before the session, ``m = w r + (1 - w) m_rest``, so
    ``m_rest = (m - w r) / (1 - w)``. A stock of six per cent of its index hides six per cent
    of its own shock otherwise.

    Parameters
    ----------
    panel : ReturnPanel
        Simple returns.
    benchmark, symbol : str
    weights : ReturnPanel
        Share of each stock in the benchmark at the close before each session, decimals. A
        stock without a column is not part of the benchmark.

    Raises
    ------
    UserInputError
        Without weights, without a benchmark, or with log returns, whose mean is no portfolio.
    """
    if weights is None or not benchmark:
        raise UserInputError(
            "A benchmark without the stock itself needs a benchmark and the stocks' weights in it.",
            "Give weights=..., or leave exclude_self out.",
        )
    if panel.kind == "log":
        raise UserInputError(
            "A benchmark without the stock itself needs simple returns.",
            "Log returns do not add up across stocks.",
        )
    if symbol not in weights.symbols:
        return panel
    share = _aligned(weights, symbol, panel)
    rest = (panel.column(benchmark) - share * panel.column(symbol)) / (1.0 - share)
    values = panel.values.copy()
    values[:, panel.symbols.index(benchmark)] = rest
    return ReturnPanel(
        values, panel.sessions, panel.symbols, panel.basis, panel.sources, panel.kind
    )


def _aligned(weights: ReturnPanel, symbol: str, panel: ReturnPanel) -> Floats:
    """Return the weights on the sessions of the panel; NaN where there is none."""
    share = np.full(len(panel.sessions), np.nan)
    _, at, to = np.intersect1d(
        weights.sessions, panel.sessions, assume_unique=True, return_indices=True
    )
    share[to] = weights.column(symbol)[at]
    return share
