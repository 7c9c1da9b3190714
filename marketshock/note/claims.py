"""A printed figure against the recomputed one: the verdict, and the claims known so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from marketshock.ai.training_cost import TrainingCost

__all__ = ["TRAINING_CLAIMS", "Claim", "Verdict", "judge"]

Verdict = Literal["match", "rounding", "basis", "outdated", "wrong", "not_computable"]


def judge(printed: float, recomputed: float, tolerance: float, decimals: int = 0) -> Verdict:
    """Return ``match``, ``rounding`` or ``wrong`` for a figure on its own basis.

    ``match`` within the tolerance; ``rounding`` if equal once rounded or cut to the printed
    digits (negative `decimals` for tens and hundreds); else ``wrong``. Whether another basis
    explains the figure is for whoever knows the bases.
    """
    if abs(printed - recomputed) <= tolerance:
        return "match"
    scale = 10.0**decimals
    cut = math.trunc(recomputed * scale) / scale
    if printed in (round(recomputed, decimals), cut):
        return "rounding"
    return "wrong"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that a note prints, and the function that recomputes it.

    Parameters
    ----------
    item : str
        Row of the table that holds what was printed.
    unit : str
    tolerance : float
        In the unit.
    decimals : int
        Digits printed.
    recompute : callable
    """

    item: str
    unit: str
    tolerance: float
    decimals: int
    recompute: Callable[[TrainingCost], float]


TRAINING_CLAIMS = (
    Claim("total_gpu_hours", "accelerator hours", 0.0, 0, lambda cost: cost.total_hours),
    Claim("total_cost", "USD", 0.0, 0, lambda cost: cost.total_usd),
    Claim("rounded_cost", "USD", 0.0, -6, lambda cost: cost.total_usd),
    Claim("elapsed_days_full_cluster", "days", 0.5, 0, lambda cost: cost.days),
    Claim("single_gpu_years", "years", 0.5, 0, lambda cost: cost.years_on_one),
)
"""Claims on the cost of training; further ones come with the reconciliation of the whole note."""
