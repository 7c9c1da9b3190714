from __future__ import annotations

import csv

import pytest

import marketshock as ms
from marketshock.ai.training_cost import TrainingCost, training_cost
from marketshock.errors import DataCorruptError, UserInputError
from marketshock.provenance import Status
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


def test_stages_add_up(table: Table) -> None:
    cost = training_cost(table)
    rows = list(cost.table())
    assert [row["gpu_hours"] for row in rows] == [2_664_000, 119_000, 5_000, 2_788_000]
    assert [row["usd"] for row in rows] == [5_328_000, 238_000, 10_000, 5_576_000]
    for column in ("gpu_hours", "usd", "days", "share"):
        assert sum(row[column] for row in rows[:-1]) == pytest.approx(rows[-1][column])


def test_days_years_and_operations_by_hand(table: Table) -> None:
    cost = training_cost(table)
    assert round(cost.days, 1) == 56.7
    assert round(cost.years_on_one, 1) == 318.0
    assert round(cost.days_per_trillion_tokens, 1) == 3.7
    assert cost.flop == pytest.approx(6 * 37e9 * 14.8e12)
    assert cost.flop_per_second == pytest.approx(3.2856e24 / (2_664_000 * 3600))
    published = cost.quoted["training_compute"]
    assert cost.flop == pytest.approx(published.value, rel=0.05)


def test_the_comparison_keeps_its_own_status(table: Table) -> None:
    cost = training_cost(table)
    assert round(cost.hours_against("llama31_405b_gpu_hours"), 1) == 11.1
    assert cost.status is Status.VERIFIED2
    weak = {item for item, one in cost.quoted.items() if one.status is Status.RECALLED}
    assert weak == {"llama31_405b_gpu_hours", "r1_extra_cost", "training_compute"}
    with pytest.raises(UserInputError, match="llama31_405b_gpu_hours"):
        cost.hours_against("llama")


def test_prices_move_dollars_and_fleets_move_days(table: Table) -> None:
    cost = training_cost(table)
    rows = list(cost.sensitivity([1.5, 4.0], [1024, 2048]))
    assert [row["total_usd"] for row in rows] == [4_182_000, 4_182_000, 11_152_000, 11_152_000]
    assert rows[0]["days"] == pytest.approx(2 * rows[1]["days"])
    assert len(cost.sensitivity()) == 12
    other = training_cost(table, price_usd=3.0, accelerators=10_000)
    assert other.total_usd == pytest.approx(8_364_000)
    assert other.days == pytest.approx(2_788_000 / 240_000)


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_senseless_parameters_are_refused(table: Table, value: float) -> None:
    with pytest.raises(UserInputError, match="makes no sense"):
        training_cost(table, price_usd=value)
    with pytest.raises(UserInputError, match="makes no sense"):
        training_cost(table, accelerators=value)


def test_printed_columns_and_totals_change_nothing(table: Table, without_print) -> None:
    inputs = [row for row in without_print(table) if "total" not in row["item"]]
    bare = training_cost(Table.from_rows("training_cost", inputs))
    cost = training_cost(table)
    assert bare.to_records() == cost.to_records()
    assert (bare.days, bare.years_on_one, bare.flop) == (cost.days, cost.years_on_one, cost.flop)


def test_the_cost_prints_itself() -> None:
    cost = ms.training_cost()
    assert "5,576,000 USD" in repr(cost)
    assert cost.sources
    assert cost.to_frame().shape == (4, 6)
