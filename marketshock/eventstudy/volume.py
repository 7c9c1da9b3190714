"""Abnormal trading volume: how much more was traded than normal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from marketshock.errors import UserInputError
from marketshock.eventstudy.activity import (
    EQUAL_WEIGHTED,
    AbnormalActivity,
    logarithms,
    study_activity,
)
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.locale import Text
from marketshock.market.panel import PricePanel, ReturnPanel
from marketshock.market.sessions import to_day

__all__ = ["VOLUME_STUDY", "abnormal_volume", "log_turnover", "log_volume"]

VOLUME = Text("log volume", "volume logaritmico")
TURNOVER = Text("log turnover", "turnover logaritmico")
ADDED_PERCENT = 0.000255
"""Added to a turnover in percent before its logarithm (Cready and Ramanan 1991)."""

VOLUME_STUDY = EventStudy(MarketModel(EQUAL_WEIGHTED))


def abnormal_volume(
    events: EventSet,
    volumes: PricePanel,
    study: EventStudy = VOLUME_STUDY,
    *,
    shares: PricePanel | None = None,
) -> AbnormalActivity:
    """Measure abnormal log volume, or abnormal log turnover where shares are given.

    Parameters
    ----------
    events : EventSet
    volumes : PricePanel
        Shares traded, on one split basis; the stocks without an event make the index.
    study : EventStudy
        Model ``MarketModel(EQUAL_WEIGHTED)`` (default) or ``MeanAdjusted()``, and windows.
    shares : PricePanel, optional
        Shares outstanding on the sessions and symbols of `volumes`, on the same split basis.

    Returns
    -------
    AbnormalActivity

    Raises
    ------
    InsufficientDataError
        If no event can be studied, or no stock is left for the index.

    References
    ----------
    Ajinkya and Jain (1989), Journal of Accounting and Economics 11, 331-359. Campbell and
    Wasley (1996), Review of Quantitative Finance and Accounting 6, 309-326.
    """
    if shares is None:
        panel, measure = log_volume(volumes), VOLUME
    else:
        panel, measure = log_turnover(volumes, shares), TURNOVER
    activity = study_activity(study, events, panel, measure)
    zeros = tuple(_zeros(activity, volumes, kept=shares is not None))
    return replace(activity, caveats=(*zeros, *activity.caveats))


def log_volume(volumes: PricePanel) -> ReturnPanel:
    """Return ln V, V in shares; a session without trade has no logarithm and is missing."""
    return logarithms(volumes.values, volumes)


def log_turnover(volumes: PricePanel, shares: PricePanel) -> ReturnPanel:
    """Return ln(100 V / S + 0.000255), V shares traded and S shares outstanding.

    The constant keeps sessions without trade (Cready and Ramanan 1991; Campbell and Wasley
    1996).

    Raises
    ------
    UserInputError
        If the two panels have other sessions or symbols.
    """
    same = np.array_equal(volumes.sessions, shares.sessions)
    if not same or volumes.symbols != shares.symbols:
        raise UserInputError(
            "Volumes and shares outstanding have other sessions or symbols.",
            "Give both on the same sessions and in the same order.",
        )
    outstanding = np.where(shares.values > 0.0, shares.values, np.nan)
    return logarithms(100.0 * volumes.values / outstanding + ADDED_PERCENT, volumes, shares)


def _zeros(activity: AbnormalActivity, volumes: PricePanel, *, kept: bool) -> Iterator[Text]:
    """Yield the sessions without trade, by stock."""
    abnormal = activity.result.abnormal
    for number, symbol in enumerate(abnormal.symbols):
        days = np.append(abnormal.estimation_sessions[number], abnormal.sessions[number])
        rows = np.searchsorted(volumes.sessions, days)
        zero = rows[volumes.column(symbol)[rows] == 0.0]
        if len(zero):
            first = to_day(volumes.sessions[zero[0]])
            fate = Text("kept", "mantenute") if kept else Text("left out", "escluse")
            yield Text(
                f"{symbol}: no trade on {len(zero)} sessions, first on {first}: {fate.en}",
                f"{symbol}: nessuno scambio in {len(zero)} sedute, la prima il {first}: {fate.it}",
            )
