"""Benchmark scores: the whole table, its one difference, and gains by size."""

from __future__ import annotations

import numpy as np
import pytest

import marketshock as ms
from marketshock.ai.benchmarks import Benchmarks, gain_per_parameter
from marketshock.errors import DataCorruptError, InsufficientDataError, UserInputError
from marketshock.table import Table

SIZES = {"1.5B": 1.5, "7B": 7.0, "8B": 8.0, "14B": 14.0, "32B": 32.0, "70B": 70.0}


@pytest.fixture
def table(source) -> Table:
    return source.table("benchmarks")


def changed(table: Table, at: int = 0, **cells) -> Table:
    rows = [dict(row) for row in table]
    rows[at] |= cells
    return Table.from_rows("benchmarks", rows)


def test_all_sixty_cells_are_those_of_the_paper(table: Table, raw) -> None:
    found, rows = Benchmarks.from_table(table), raw("benchmarks")
    assert len(rows) == len(found.scores) == 60
    assert (len(found.models), len(found.metrics)) == (10, 6)
    for row in rows:
        assert found.score(row["model"], row["metric"]).value == float(row["paper_value"])


def test_one_cell_differs_from_the_repository(table: Table) -> None:
    (cell,) = Benchmarks.from_table(table).differences()
    assert (cell.model, cell.metric) == ("QwQ-32B-Preview", "aime2024_pass1")
    assert (cell.value, cell.repository) == (50.0, 44.0)


def test_sizes_are_read_from_names(table: Table) -> None:
    found = Benchmarks.from_table(table)
    for score in found.of("aime2024_pass1"):
        if score.distilled:
            assert score.parameters_bn == SIZES[score.model.rsplit("-", 1)[1]]
    assert found.score("GPT-4o-0513", "aime2024_pass1").parameters_bn is None
    assert found.score("QwQ-32B-Preview", "aime2024_pass1").parameters_bn == 32.0


def test_gains_by_hand(table: Table) -> None:
    found = gain_per_parameter(table)
    assert [gain.parameters_bn for gain in found.gains] == list(SIZES.values())
    small, large = found.gains[0], found.gains[-1]
    assert small.gain == pytest.approx(28.9 - 9.3)
    assert small.gain_per_bn == pytest.approx(19.6 / 1.5)
    assert large.gain_per_bn == pytest.approx((70.0 - 9.3) / 70)


@pytest.mark.parametrize("metric", ["aime2024_pass1", "codeforces_rating", "math500_pass1"])
def test_the_slope_is_that_of_least_squares(table: Table, metric: str) -> None:
    found = gain_per_parameter(table, metric, "OpenAI-o1-mini")
    x = np.log10([gain.parameters_bn for gain in found.gains])
    slope = np.polyfit(x, [gain.score for gain in found.gains], 1)[0]
    assert found.points_per_tenfold == pytest.approx(slope)
    assert found.points_per_doubling == pytest.approx(slope * np.log10(2))


def test_ranks_are_counted(table: Table, raw) -> None:
    found = Benchmarks.from_table(table)
    for metric in found.metrics:
        rows = [row for row in raw("benchmarks") if row["metric"] == metric]
        values = {row["model"]: float(row["paper_value"]) for row in rows}
        for model, value in values.items():
            assert found.rank(model, metric) == 1 + sum(v > value for v in values.values())


def test_printed_columns_change_nothing(table: Table, without_print) -> None:
    bare = without_print(table)
    one, two = (Benchmarks.from_table(t).to_records() for t in (table, bare))
    assert one == two
    slopes = [gain_per_parameter(t).points_per_tenfold for t in (table, bare)]
    assert slopes[0] == slopes[1]


def test_a_changed_cell_changes_the_gain(table: Table) -> None:
    at = next(
        at
        for at, row in enumerate(table)
        if row["model"].endswith("Qwen-7B") and row["metric"] == "aime2024_pass1"
    )
    more = gain_per_parameter(changed(table, at, paper_value=60.5)).gains[1]
    assert more.gain == pytest.approx(gain_per_parameter(table).gains[1].gain + 5.0)
    odd = Benchmarks.from_table(changed(table, at, paper_value=60.5)).differences()
    assert len(odd) == 2


def test_bad_tables_are_refused(table: Table) -> None:
    with pytest.raises(DataCorruptError, match="no score"):
        Benchmarks.from_table(changed(table, paper_value=None))
    with pytest.raises(DataCorruptError, match="each metric once"):
        Benchmarks.from_table(Table.from_rows("benchmarks", list(table)[1:]))
    with pytest.raises(DataCorruptError, match="each metric once"):
        Benchmarks.from_table(Table.from_rows("benchmarks", [*table, next(iter(table))]))
    with pytest.raises(DataCorruptError, match="paper_value"):
        Benchmarks.from_table(Table("benchmarks", {"model": ()}))


def test_bad_questions_are_refused(table: Table) -> None:
    found = Benchmarks.from_table(table)
    with pytest.raises(UserInputError, match="GPT-4o-0513"):
        found.score("GPT-4o", "aime2024_pass1")
    with pytest.raises(UserInputError, match="aime2024"):
        gain_per_parameter(found, "aime2024")
    one = [row for row in table if row["role"] == "comparator" or "7B" in row["model"]]
    with pytest.raises(InsufficientDataError, match="two sizes"):
        gain_per_parameter(Table.from_rows("benchmarks", one))


def test_results_print_themselves() -> None:
    found = ms.benchmarks()
    assert "differ in 1: QwQ-32B-Preview" in repr(found)
    assert found.to_frame().shape == (10, 10)
    assert "26.5 points" in repr(ms.gain_per_parameter(found))
    assert found.sources
