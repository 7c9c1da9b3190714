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
    "activity": ("abnormal_volatility", "abnormal_volume"),
    "ai.benchmarks": ("gain_per_parameter",),
    "ai_numbers": (
        "benchmarks",
        "compute_frontier",
        "timeline",
        "token_price_history",
        "token_prices",
        "training_cost",
    ),
    "analogue_study": ("analogues",),
    "api": ("capex_trend", "event_study", "events", "losses", "reconcile_losses", "robustness"),
    "file_study": ("FileStudy", "read_events", "study_events"),
    "note_study": (
        "basket",
        "capex_growth",
        "capex_intensities",
        "capex_intensity",
        "capex_outcomes",
        "capex_restatements",
        "loss_record",
        "multiples",
        "reconcile_note",
        "valuations",
        "value_growth",
    ),
    "publish.report": ("report",),
    "scan_study": ("scan", "shocks"),
    "exhibits.analogue_exhibits": ("analogue_panel", "what_came_next_text"),
    "exhibits.catalogue": ("exhibit",),
    "exhibits.page": ("Closing", "Cover", "Say"),
    "exhibits.colophon": ("closing",),
    "exhibits.note_story": ("note_cover",),
    "exhibits.story": ("after_story", "cover"),
    "exhibits.study_words": ("lead_of",),
    "exhibits.exhibit": ("Exhibit",),
    "desk": ("characteristics",),
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
    "eventstudy.announcements": ("Announcement",),
    "eventstudy.contamination": ("contaminated", "overlaps"),
    "eventstudy.cross_section": ("average_effect_sur", "contrast", "slope_test"),
    "eventstudy.diagnostics": ("diagnose",),
    "eventstudy.events": ("Event", "EventSet"),
    "eventstudy.models": (
        "Capm",
        "FactorModel",
        "MarketAdjusted",
        "MarketModel",
        "MeanAdjusted",
        "Raw",
    ),
    "eventstudy.peers": ("PeerComparison", "PeerFaultWarning", "as_peer"),
    "eventstudy.regression_table": ("regression_table",),
    "eventstudy.result": ("StudyResult",),
    "eventstudy.robustness": ("RobustnessGrid",),
    "eventstudy.scan": ("Scan",),
    "eventstudy.study": ("EventStudy",),
    "eventstudy.windows": ("EstimationWindow", "EventWindow"),
    "locale": ("Locale", "Text"),
    "market.panel": ("PricePanel", "ReturnPanel", "returns"),
    "market.shares": ("ShareCounts",),
    "marketcap.history": ("MarketValues",),
    "marketcap.losses": ("MarketCapLosses", "rank_losses"),
    "provenance": ("Source", "Status"),
    "showcase": ("gallery",),
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
