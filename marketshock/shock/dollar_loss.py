"""What a shock cost in dollars: raw, and abnormal with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.market.sessions import to_day
from marketshock.market.shares import SharesOutstanding
from marketshock.marketcap.history import MarketValues

__all__ = ["DollarLoss", "dollar_losses"]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class DollarLoss:
    """Raw and abnormal change of market value over a window, USD billions, losses negative.

    The abnormal change is CAR times the market value at the close before the window; its
    interval is the 95 % prediction interval of the CAR, log returns turned into simple ones.
    All None without a share count; `shares` is the count used.
    """

    symbol: str
    loss_usd_bn: float | None
    abnormal_usd_bn: float | None
    low_usd_bn: float | None
    high_usd_bn: float | None
    shares: SharesOutstanding | None = None


def dollar_losses(
    result: StudyResult, window: EventWindow, values: MarketValues
) -> tuple[DollarLoss, ...]:
    """Return the dollar changes of every event of a study, in its order."""
    from scipy.special import stdtrit

    abnormal = result.abnormal
    car, error = abnormal.car(window), abnormal.car_error(window)
    inside = abnormal.inside(window)
    answers = []
    for number, symbol in enumerate(abnormal.symbols):
        days = abnormal.sessions[number][inside]
        first = values.closes.calendar.position(to_day(days[0]))
        last = values.closes.calendar.position(to_day(days[-1]))
        before = after = None
        if first is not None and last is not None and first > 0:
            before = values.value(symbol, first - 1, first)
            after = values.value(symbol, last, first)
        if before is None or after is None:
            answers.append(DollarLoss(symbol, None, None, None, None))
            continue
        half = float(stdtrit(abnormal.df[number], 0.5 + CONFIDENCE / 2) * error[number])
        middle = float(car[number])
        grown = np.expm1 if abnormal.kind == "log" else float
        answers.append(
            DollarLoss(
                symbol,
                after - before,
                grown(middle) * before,
                grown(middle - half) * before,
                grown(middle + half) * before,
                values.known_before(symbol, first) if first is not None else None,
            )
        )
    return tuple(answers)
