"""More performance from compute: the access and the performance effect, a schematic.

Pilz, Heim and Brown (2023), "Increased Compute Efficiency and the Diffusion of AI
Capabilities", arXiv 2311.15377. Nothing here is fitted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.errors import UserInputError
from marketshock.provenance import Source, Status
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ComputeFrontier"]

POINTS = 41


@dataclass(frozen=True, slots=True)
class ComputeFrontier:
    """Performance against spending at two moments, ``P = b log10(spending * efficiency)``.

    Spending and efficiency are 1 at the first moment, where performance is 0; all figures
    are ratios to it, so that none pretends to be measured.

    Parameters
    ----------
    months : float
        Between the two moments.
    doubling_months : float
        In which efficiency (algorithms and hardware) doubles. Eight months is the estimate
        of Epoch AI for algorithms alone, with an interval of 5 to 14.
    spending : float
        How many times the first spending the third arrow goes to.
    points_per_tenfold : float
        ``b``: performance for ten times the effective compute, in points of no benchmark.
    sources : tuple of Source

    Raises
    ------
    UserInputError
        If a parameter is not positive, or `spending` not above 1.
    """

    months: float = 12.0
    doubling_months: float = 8.0
    spending: float = 10.0
    points_per_tenfold: float = 10.0
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        for name in ("months", "doubling_months", "points_per_tenfold"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise UserInputError(f"{name} is {value}.", "Use a number above 0.")
        if not 1 < self.spending < math.inf:
            raise UserInputError(f"spending is {self.spending}.", "Use a number above 1.")

    @property
    def status(self) -> Status:
        """Always schematic."""
        return Status.SCHEMATIC

    @property
    def efficiency(self) -> float:
        """Efficiency of the second moment as a multiple: ``2 ** (months / doubling_months)``."""
        return float(2.0 ** (self.months / self.doubling_months))

    def performance(self, spending: float, *, later: bool) -> float:
        """Return ``b log10(spending * efficiency)`` at the first or the later moment."""
        gained = self.efficiency if later else 1.0
        return self.points_per_tenfold * math.log10(spending * gained)

    @property
    def access_effect(self) -> float:
        """Share of the first spending that buys the same performance later: ``1 / efficiency``."""
        return 1.0 / self.efficiency

    @property
    def performance_effect(self) -> float:
        """Points gained at the same spending: ``b log10(efficiency)``."""
        return self.performance(1.0, later=True) - self.performance(1.0, later=False)

    @property
    def spending_effect(self) -> float:
        """Points gained along the later curve by spending more: ``b log10(spending)``."""
        return self.performance(self.spending, later=True) - self.performance(1.0, later=True)

    def table(self) -> Table:
        """Return both curves: spending, performance then and later."""
        low, high = math.log10(self.access_effect) - 0.25, math.log10(self.spending) + 0.25
        steps = [low + (high - low) * at / (POINTS - 1) for at in range(POINTS)]
        return Table.from_rows(
            "compute_frontier",
            [
                {
                    "spending": 10.0**step,
                    "before": self.performance(10.0**step, later=False),
                    "later": self.performance(10.0**step, later=True),
                    "status": self.status.value,
                }
                for step in steps
            ],
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the three effects in words and figures."""
        return (
            f"Schematic, nothing fitted. After {self.months:g} months efficiency is "
            f"{self.efficiency:.2f} times as high: the same performance for "
            f"{self.access_effect:.0%} of the spending (access effect); "
            f"{self.performance_effect:.1f} points more for the same spending (performance "
            f"effect); {self.spending_effect:.1f} more for {self.spending:g} times the spending."
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>"
