"""Influence: how much of the mean abnormal return one stock makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.locale import LANGUAGES, Language, Locale, Text
from marketshock.market.panel import Floats
from marketshock.table import Table

__all__ = ["Influence", "influence"]


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Mean and median CAR of all events, and without each one of them.

    Parameters
    ----------
    window : EventWindow
    event_ids, symbols : tuple of str of length E
    car : ndarray of shape (E,)
        Cumulative abnormal returns in decimals.
    mean_without, median_without : ndarray of shape (E,)
        Of the other events; empty for a single event.
    """

    window: EventWindow
    event_ids: tuple[str, ...]
    symbols: tuple[str, ...]
    car: Floats
    mean_without: Floats
    median_without: Floats

    @property
    def mean(self) -> float:
        """CAAR, the mean over all events."""
        return float(self.car.mean())

    @property
    def median(self) -> float:
        """Median over all events."""
        return float(np.median(self.car))

    def table(self) -> Table:
        """Return one row for each event, the most influential first."""
        if not len(self.mean_without):
            return Table.from_rows("influence", [])
        order = np.argsort(-np.abs(self.mean_without - self.mean), kind="stable")
        return Table.from_rows(
            "influence",
            [
                {
                    "event_id": self.event_ids[at],
                    "symbol": self.symbols[at],
                    "car": float(self.car[at]),
                    "mean": self.mean,
                    "mean_without": float(self.mean_without[at]),
                    "median": self.median,
                    "median_without": float(self.median_without[at]),
                }
                for at in order
            ],
        )

    def sentence(self) -> Text:
        """Return mean and median, and both without the most influential event."""
        en, it = (_both(lang, self.mean, self.median) for lang in LANGUAGES)
        table = self.table()
        if not len(table):
            return Text(f"one event only: {en}", f"un solo evento: {it}")
        first = next(iter(table))
        pair = first["mean_without"], first["median_without"]
        less = [_both(lang, *pair) for lang in LANGUAGES]
        return Text(
            f"{en}; without {first['symbol']}: {less[0]}",
            f"{it}; senza {first['symbol']}: {less[1]}",
        )


def _both(lang: Language, mean: float, median: float) -> str:
    figures = (Locale(lang).percent(value, sign=True) for value in (mean, median))
    return Text("mean {}, median {}", "media {}, mediana {}")[lang].format(*figures)


def influence(result: StudyResult, window: EventWindow | None = None) -> Influence:
    """Leave out each event in turn.

    Parameters
    ----------
    result : StudyResult
    window : EventWindow, optional
        Default: the first one.
    """
    chosen = window or result.headline_window
    abnormal = result.abnormal
    car = abnormal.car(chosen)
    n = len(car)
    others = [np.delete(car, at) for at in range(n)] if n > 1 else []
    return Influence(
        chosen,
        abnormal.event_ids,
        abnormal.symbols,
        car,
        np.array([rest.mean() for rest in others]),
        np.array([np.median(rest) for rest in others]),
    )
