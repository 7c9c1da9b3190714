"""Ticks of a logarithmic axis."""

from __future__ import annotations

import math

from marketshock.locale import Locale

__all__ = ["log_ticks", "plain"]

_MANTISSAS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values inside [low, high]: as many as `most` allows, 1-2-5, 1-3 or tens.

    Parameters
    ----------
    low, high : float
        Positive, not logarithms.
    most : int
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks: list[float] = []
    for mantissas in _MANTISSAS:
        every = [mantissa * 10.0**power for power in powers for mantissa in mantissas]
        inside = [tick for tick in every if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(inside) > most and ticks:
            break
        ticks = inside
    return ticks


def plain(value: float, locale: Locale, least: int = 0) -> str:
    """Return a positive number with no more decimals than it has, `least` at the fewest."""
    decimals = least
    while decimals < 6 and abs(round(value, decimals) - value) > 1e-9 * abs(value):
        decimals += 1
    return locale.number(value, decimals)
