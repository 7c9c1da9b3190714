"""Explain a market shock the morning after: what fell, by how much, was it abnormal.

>>> import marketshock as ms
>>> shock = ms.event_study("deepseek", window=(-1, 1))  # doctest: +SKIP
>>> ms.exhibit(shock, "car_path", lang="it")  # doctest: +SKIP

Names load on first use, so that importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "api": ("capex_trend", "event_study", "events", "losses", "reconcile_losses"),
    "publish.report": ("report",),
    "exhibits.catalogue": ("exhibit",),
    "exhibits.page": ("Closing", "Cover", "Say"),
    "exhibits.colophon": ("closing",),
    "exhibits.story": ("after_story", "cover"),
    "exhibits.study_words": ("lead_of",),
    "exhibits.exhibit": ("Exhibit",),
    "errors": (
        "DataCorruptError",
        "FetchError",
        "InsufficientDataError",
        "MarketShockError",
        "OutputError",
        "QualityError",
        "SingularModelError",
        "UserInputError",
    ),
    "eventstudy.events": ("Event", "EventSet"),
    "eventstudy.models": (
        "Capm",
        "FactorModel",
        "MarketAdjusted",
        "MarketModel",
        "MeanAdjusted",
        "Raw",
    ),
    "eventstudy.result": ("StudyResult",),
    "eventstudy.study": ("EventStudy",),
    "eventstudy.windows": ("EstimationWindow", "EventWindow"),
    "locale": ("Locale", "Text"),
    "market.panel": ("PricePanel", "ReturnPanel", "returns"),
    "market.shares": ("ShareCounts",),
    "marketcap.history": ("MarketValues",),
    "marketcap.losses": ("MarketCapLosses", "rank_losses"),
    "provenance": ("Source", "Status"),
    "sources.bundle": ("EmbeddedSource",),
    "sources.memory": ("MemorySource",),
    "table": ("Table",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'marketshock' has no attribute {name!r}")
    return getattr(import_module(f"marketshock.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
