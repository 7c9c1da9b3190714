"""All exhibits by name, and the short function that makes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketshock.ai.benchmarks import Benchmarks
from marketshock.ai.compute_frontier import ComputeFrontier
from marketshock.ai.price_list import PriceList
from marketshock.ai.timeline import Timeline
from marketshock.ai.token_prices import TokenPriceComparison
from marketshock.ai.training_cost import TrainingCost
from marketshock.capex import CapexIntensity, CapexOutcomes, CapexTrend
from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.robustness import RobustnessGrid
from marketshock.exhibits.analogue_exhibits import analogues_table, what_came_next
from marketshock.exhibits.basket_exhibits import basket_bars, rotation_bars
from marketshock.exhibits.benchmark_exhibits import benchmark_scores, benchmark_table
from marketshock.exhibits.capex_exhibits import capex_intensity, capex_outcomes, capex_quarters
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.frontier_exhibit import compute_frontier
from marketshock.exhibits.market_exhibits import capex_columns, losses_table, reconciliation_table
from marketshock.exhibits.multiples_exhibit import multiples_table
from marketshock.exhibits.note_exhibits import note_corrections, note_table
from marketshock.exhibits.placebo_exhibit import placebo_histogram
from marketshock.exhibits.record_exhibit import record_history
from marketshock.exhibits.specification_curve import specification_curve
from marketshock.exhibits.study_exhibits import (
    abnormal_bars,
    abnormal_table,
    car_path,
    residual_histogram,
)
from marketshock.exhibits.timeline_exhibits import timeline_path, timeline_table
from marketshock.exhibits.token_exhibits import token_price_dots, token_price_table
from marketshock.exhibits.token_history_exhibit import token_price_history
from marketshock.exhibits.training_exhibits import training_cost_table, training_sensitivity
from marketshock.exhibits.verdict_exhibit import tests_table
from marketshock.locale import Language
from marketshock.marketcap.losses import MarketCapLosses
from marketshock.marketcap.multiples import Valuations
from marketshock.marketcap.reconcile import Reconciliation
from marketshock.marketcap.record import LossRecord
from marketshock.note.reconciliation import NoteReconciliation
from marketshock.shock.analogues import Analogues
from marketshock.shock.basket import Basket
from marketshock.shock.study import ShockStudy

__all__ = ["EXHIBITS", "exhibit"]

EXHIBITS: dict[str, tuple[type, Callable[..., Exhibit]]] = {
    "car_path": (ShockStudy, car_path),
    "abnormal_bars": (ShockStudy, abnormal_bars),
    "abnormal_table": (ShockStudy, abnormal_table),
    "tests_table": (ShockStudy, tests_table),
    "residual_histogram": (ShockStudy, residual_histogram),
    "placebo_histogram": (ShockStudy, placebo_histogram),
    "analogues_table": (Analogues, analogues_table),
    "what_came_next": (Analogues, what_came_next),
    "losses_table": (MarketCapLosses, losses_table),
    "reconciliation_table": (Reconciliation, reconciliation_table),
    "record_history": (LossRecord, record_history),
    "basket_bars": (Basket, basket_bars),
    "rotation_bars": (Basket, rotation_bars),
    "multiples_table": (Valuations, multiples_table),
    "capex_columns": (CapexTrend, capex_columns),
    "capex_outcomes": (CapexOutcomes, capex_outcomes),
    "capex_quarters": (CapexTrend, capex_quarters),
    "capex_intensity": (CapexIntensity, capex_intensity),
    "specification_curve": (RobustnessGrid, specification_curve),
    "token_price_table": (TokenPriceComparison, token_price_table),
    "token_price_dots": (TokenPriceComparison, token_price_dots),
    "token_price_history": (PriceList, token_price_history),
    "benchmark_table": (Benchmarks, benchmark_table),
    "benchmark_scores": (Benchmarks, benchmark_scores),
    "training_cost_table": (TrainingCost, training_cost_table),
    "training_sensitivity": (TrainingCost, training_sensitivity),
    "compute_frontier": (ComputeFrontier, compute_frontier),
    "timeline_path": (Timeline, timeline_path),
    "timeline_table": (Timeline, timeline_table),
    "note_table": (NoteReconciliation, note_table),
    "note_corrections": (NoteReconciliation, note_corrections),
}


def exhibit(
    result: Any, key: str, *, lang: Language = "en", size: Size | None = None, **options: Any
) -> Exhibit:
    """Make one exhibit from a result.

    Parameters
    ----------
    result : ShockStudy, MarketCapLosses, CapexTrend, NoteReconciliation, ...
        What the short functions return.
    key : str
        Name in the catalogue, for example ``"car_path"``.
    lang : {"en", "it"}
    size : {"full", "half"}, optional
    **options
        Passed on, for example ``event=`` of ``losses_table``.

    Raises
    ------
    UserInputError
        For an unknown name, or one that does not fit the result.
    """
    if key not in EXHIBITS:
        hint = suggest(key, EXHIBITS) or f"Known: {', '.join(EXHIBITS)}."
        raise UserInputError(f"Unknown exhibit {key!r}.", hint)
    kind, make = EXHIBITS[key]
    if not isinstance(result, kind):
        fits = [name for name, (wanted, _) in EXHIBITS.items() if isinstance(result, wanted)]
        raise UserInputError(
            f"The exhibit {key!r} is made from {kind.__name__}, not {type(result).__name__}.",
            f"From this you can make {', '.join(fits)}." if fits else "",
        )
    made = make(result, **options).in_language(lang)
    return made.at_size(size) if size else made
