"""A figure of a claim as it is printed, in the unit of the claim."""

from __future__ import annotations

import datetime as dt

from marketshock.locale import NBSP, Locale
from marketshock.note.verdict import Figure, printed_decimals

__all__ = ["figure_words", "finer"]

DOLLARS = ("USD", "USD per million tokens", "USD per hour")
CENTS = DOLLARS[1:]
MILLION = 1e6


def figure_words(
    value: Figure | None, unit: str, locale: Locale, decimals: int | None = None
) -> str:
    """Return a figure in words.

    Parameters
    ----------
    value : float, str, datetime.date or None
        None is a dash.
    unit : str
        Of the claim.
    locale : Locale
    decimals : int, optional
        Default: as many as the number itself shows.
    """
    if value is None:
        return "–"
    if isinstance(value, dt.date):
        return locale.short_date(value)
    if isinstance(value, str):
        return value
    if unit == "year":
        return str(int(value))
    shown = max(printed_decimals(value), 0) if decimals is None else decimals
    if unit == "USD bn":
        return f"{locale.number(value, shown)}{NBSP}{'bn' if locale.lang == 'en' else 'mld'}"
    if unit == "percent":
        return locale.percent(value / 100, shown)
    if unit == "times":
        return f"{locale.number(value, shown)}×"
    if unit in DOLLARS:
        return _dollars(value, unit, locale, shown)
    return locale.number(value, shown)


def finer(printed: Figure | None, recomputed: Figure | None, unit: str) -> int | None:
    """Return the decimals of a recomputed figure: one more than printed, none if it is whole."""
    if not isinstance(recomputed, (int, float)) or float(recomputed).is_integer():
        return 0 if unit not in CENTS else None
    if unit in CENTS:
        return 2
    base = printed_decimals(printed) if isinstance(printed, (int, float)) else 0
    return max(base, 0) + 1


def _dollars(value: float, unit: str, locale: Locale, decimals: int) -> str:
    if unit in CENTS:
        decimals = 2
    millions = unit not in CENTS and abs(value) >= MILLION
    if millions:
        value /= MILLION
        decimals = max(printed_decimals(value), 0)
    if locale.lang == "it":
        return f"{locale.number(value, decimals)}{NBSP}{'mln' + NBSP if millions else ''}USD"
    return f"${locale.number(value, decimals)}{'m' if millions else ''}"
