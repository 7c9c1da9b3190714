from __future__ import annotations

import csv

import pytest

from marketshock.ai.training_cost import TrainingCost
from marketshock.errors import DataCorruptError
from marketshock.sources.bundle import EmbeddedSource
from marketshock.table import Table


@pytest.fixture
def table() -> Table:
    return EmbeddedSource().table("training_cost")


def test_totals_are_the_published_ones_recomputed(table: Table, data_folder) -> None:
    with (data_folder / "training_cost.csv").open() as file:
        raw = {row["item"]: row["published_value"] for row in csv.DictReader(file)}
    cost = TrainingCost.from_table(table)
    assert cost.total_hours == float(raw["total_gpu_hours"])
    assert cost.total_usd == float(raw["total_cost"])
    hours, fleet = float(raw["total_gpu_hours"]), float(raw["cluster_gpus"])
    assert cost.days == pytest.approx(hours / (fleet * 24), rel=1e-14)
    assert cost.years_on_one == pytest.approx(hours / 8766, rel=1e-14)


def test_a_changed_stage_changes_the_total(table: Table) -> None:
    rows = [dict(row) for row in table]
    stage = next(row for row in rows if row["item"] == "post_training_gpu_hours")
    stage["published_value"] += 1000.0
    changed = TrainingCost.from_table(Table.from_rows("training_cost", rows))
    before = TrainingCost.from_table(table)
    assert changed.total_hours == before.total_hours + 1000.0
    assert changed.total_usd == before.total_usd + 1000.0 * before.price_usd


def test_a_missing_input_is_named(table: Table) -> None:
    rows = [row for row in table if row["item"] != "cluster_gpus"]
    with pytest.raises(DataCorruptError, match="cluster_gpus"):
        TrainingCost.from_table(Table.from_rows("training_cost", rows))
