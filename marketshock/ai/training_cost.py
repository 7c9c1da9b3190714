"""What training a model cost: hours, dollars, days, operations, and what moves the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from marketshock.errors import DataCorruptError, UserInputError, suggest
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STAGES", "Quoted", "TrainingCost", "training_cost"]

STAGES = ("pre_training", "context_extension", "post_training")
HOURS_A_DAY = 24.0
SECONDS_AN_HOUR = 3600.0
DAYS_A_YEAR = 365.25
TRILLION = 10.0**12
OPERATIONS_PER_PARAMETER_AND_TOKEN = 6.0
"""Forward and backward pass of a dense model, or of the active part of a mixture of experts."""
PRICES_USD = (1.5, 2.0, 3.0, 4.0)
"""Prices of an accelerator hour that the sensitivity shows unless others are named."""
FLEET_FACTORS = (0.5, 1.0, 2.0)
_INPUTS = (
    *(f"{stage}_gpu_hours" for stage in STAGES),
    *("cluster_gpus", "rental_price", "training_tokens", "active_parameters"),
)
_COLUMNS = ("item", "published_value", "unit", "status")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A figure that somebody published and that is set beside ours, never used in it."""

    value: float
    unit: str
    status: Status


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
    tokens : float
        Tokens of pre-training.
    active_parameters : float
        Parameters that work on each token.
    quoted : dict of str to Quoted
        Published figures for comparison, by item, each with its own status.
    sources : tuple of Source
    """

    hours: dict[str, float]
    accelerators: float
    price_usd: float
    status: Status
    tokens: float
    active_parameters: float
    quoted: dict[str, Quoted] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    @classmethod
    def from_table(cls, table: Table, sources: tuple[Source, ...] = ()) -> TrainingCost:
        """Read the published inputs; totals and durations are always computed.

        Raises
        ------
        DataCorruptError
            If a column or an input is missing.
        """
        lacking = [name for name in _COLUMNS if name not in table.columns]
        if lacking:
            raise DataCorruptError(f"Table {table.name} lacks {', '.join(lacking)}.")
        rows = {row["item"]: row for row in table if row["published_value"] is not None}
        missing = [item for item in _INPUTS if item not in rows]
        if missing:
            raise DataCorruptError(f"Table {table.name} lacks {', '.join(missing)}.")
        value = {item: float(rows[item]["published_value"]) for item in _INPUTS}
        return cls(
            {stage: value[f"{stage}_gpu_hours"] for stage in STAGES},
            value["cluster_gpus"],
            value["rental_price"],
            weakest(Status(rows[item]["status"]) for item in _INPUTS),
            value["training_tokens"],
            value["active_parameters"],
            {
                item: Quoted(float(row["published_value"]), row["unit"], Status(row["status"]))
                for item, row in rows.items()
                if item not in _INPUTS
            },
            sources,
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

    @property
    def days_per_trillion_tokens(self) -> float:
        """Days of pre-training on the whole fleet for each trillion tokens."""
        days = self.hours["pre_training"] / self.accelerators / HOURS_A_DAY
        return days / (self.tokens / TRILLION)

    @property
    def flop(self) -> float:
        """Operations of pre-training: ``6 * active parameters * tokens``."""
        return OPERATIONS_PER_PARAMETER_AND_TOKEN * self.active_parameters * self.tokens

    @property
    def flop_per_second(self) -> float:
        """Operations that one accelerator made in a second of pre-training, on average."""
        return self.flop / (self.hours["pre_training"] * SECONDS_AN_HOUR)

    def usd(self, stage: str) -> float:
        """Return the US dollars of one stage."""
        return self.hours[stage] * self.price_usd

    def hours_against(self, item: str) -> float:
        """Return how many times our hours a quoted number of hours is.

        Parameters
        ----------
        item : str
            For example ``"llama31_405b_gpu_hours"``. Hours of another accelerator are hours
            all the same: the ratio compares time, not work.

        Raises
        ------
        UserInputError
            If no such hours are quoted.
        """
        hours = {name: one for name, one in self.quoted.items() if name.endswith("_gpu_hours")}
        if item not in hours:
            hint = suggest(item, hours) or f"Known: {', '.join(hours)}."
            raise UserInputError(f"No hours of {item!r} are quoted.", hint)
        return hours[item].value / self.total_hours

    def sensitivity(
        self, prices: Sequence[float] = PRICES_USD, fleets: Sequence[float] = ()
    ) -> Table:
        """Return dollars and days at other prices and fleet sizes; the hours stay.

        Parameters
        ----------
        prices : sequence of float
            US dollars an accelerator hour.
        fleets : sequence of float, optional
            Accelerators; default half, all and twice the fleet.

        Raises
        ------
        UserInputError
            If a price or a fleet is not positive.
        """
        fleets = fleets or [self.accelerators * factor for factor in FLEET_FACTORS]
        runs = [self._at(price, fleet) for price in prices for fleet in fleets]
        return Table.from_rows(
            "training_sensitivity",
            [
                {
                    "price_usd": run.price_usd,
                    "accelerators": run.accelerators,
                    "total_usd": run.total_usd,
                    "days": run.days,
                    "status": run.status.value,
                }
                for run in runs
            ],
        )

    def _at(self, price: float, fleet: float) -> TrainingCost:
        for name, value in (("price of an hour", price), ("fleet", fleet)):
            if not 0 < value < float("inf"):
                raise UserInputError(f"A {name} of {value} makes no sense.", "Use a number > 0.")
        return replace(self, price_usd=price, accelerators=fleet)

    def table(self) -> Table:
        """Return one row a stage and one for the total: hours, US dollars, days."""
        parts = [*self.hours.items(), ("total", self.total_hours)]
        return Table.from_rows(
            "training_cost",
            [
                {
                    "stage": stage,
                    "gpu_hours": hours,
                    "usd": hours * self.price_usd,
                    "days": hours / self.accelerators / HOURS_A_DAY,
                    "share": hours / self.total_hours,
                    "status": self.status.value,
                }
                for stage, hours in parts
            ],
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the cost in words and figures."""
        return (
            f"{self.total_hours:,.0f} accelerator hours, {self.total_usd:,.0f} USD at "
            f"{self.price_usd:g} USD an hour, {self.days:.1f} days on {self.accelerators:,.0f}, "
            f"{self.years_on_one:.1f} years on one, {self.flop:.2g} operations.\n"
            f"{self.table().to_text()}"
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def training_cost(
    table: Table,
    *,
    price_usd: float | None = None,
    accelerators: float | None = None,
    sources: tuple[Source, ...] = (),
) -> TrainingCost:
    """Compute what the final run cost, at the published price and fleet or at others.

    Only accelerator hours by stage, fleet, price, tokens and active parameters are read;
    every total is a product or a sum of them.

    Parameters
    ----------
    table : Table
        Columns ``item, published_value, unit, status``.
    price_usd : float, optional
        US dollars an accelerator hour.
    accelerators : float, optional
    sources : tuple of Source

    Raises
    ------
    DataCorruptError
        If an input is missing.
    UserInputError
        If a price or a fleet is not positive.
    """
    cost = TrainingCost.from_table(table, sources)
    price = cost.price_usd if price_usd is None else price_usd
    return cost._at(price, cost.accelerators if accelerators is None else accelerators)
