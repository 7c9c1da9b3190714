"""What training a model cost: hours, dollars, days."""

from __future__ import annotations

from dataclasses import dataclass

from marketshock.errors import DataCorruptError
from marketshock.provenance import Status, weakest
from marketshock.table import Table

__all__ = ["TrainingCost"]

STAGES = ("pre_training", "context_extension", "post_training")
HOURS_A_DAY = 24.0
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """Accelerator hours by stage, the fleet, and the price of an hour.

    Parameters
    ----------
    hours : dict of str to float
        Accelerator hours by stage.
    accelerators : float
        Size of the fleet.
    price_usd : float
        US dollars for one accelerator hour.
    status : Status
        Weakest of the inputs.
    """

    hours: dict[str, float]
    accelerators: float
    price_usd: float
    status: Status

    @classmethod
    def from_table(cls, table: Table) -> TrainingCost:
        """Read the published inputs; totals and durations are always computed."""
        rows = {row["item"]: row for row in table}
        needed = [*(f"{stage}_gpu_hours" for stage in STAGES), "cluster_gpus", "rental_price"]
        missing = [item for item in needed if item not in rows]
        if missing:
            raise DataCorruptError(f"Table {table.name} lacks {', '.join(missing)}.")
        value = {item: float(rows[item]["published_value"]) for item in needed}
        return cls(
            {stage: value[f"{stage}_gpu_hours"] for stage in STAGES},
            value["cluster_gpus"],
            value["rental_price"],
            weakest(Status(rows[item]["status"]) for item in needed),
        )

    @property
    def total_hours(self) -> float:
        """Accelerator hours of all stages."""
        return sum(self.hours.values())

    @property
    def total_usd(self) -> float:
        """US dollars: hours times the price of an hour."""
        return self.total_hours * self.price_usd

    @property
    def days(self) -> float:
        """Days if the whole fleet worked all the time."""
        return self.total_hours / self.accelerators / HOURS_A_DAY

    @property
    def years_on_one(self) -> float:
        """Years on a single accelerator."""
        return self.total_hours / HOURS_A_DAY / DAYS_A_YEAR
