"""The schematic of compute and performance: identities of the three effects."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import marketshock as ms
from marketshock.ai.compute_frontier import ComputeFrontier
from marketshock.errors import UserInputError
from marketshock.provenance import Status

months = st.floats(0.5, 60.0)
frontiers = st.builds(ComputeFrontier, months, months, st.floats(1.1, 100.0), st.floats(0.1, 50.0))


def test_the_default_by_hand() -> None:
    found = ms.compute_frontier()
    assert found.efficiency == pytest.approx(2**1.5)
    assert round(found.efficiency, 1) == 2.8
    assert found.access_effect == pytest.approx(1 / 2**1.5)
    assert found.performance_effect == pytest.approx(15 * math.log10(2))
    assert found.spending_effect == pytest.approx(10.0)
    assert found.status is Status.SCHEMATIC
    assert "Schematic, nothing fitted" in repr(found)
    assert set(found.table()["status"]) == {"schematic"}


@given(frontiers)
def test_less_spending_buys_the_same(found: ComputeFrontier) -> None:
    same = found.performance(found.access_effect, later=True)
    assert same == pytest.approx(found.performance(1.0, later=False), abs=1e-9)


@given(frontiers)
def test_the_effects_add_up_along_the_later_curve(found: ComputeFrontier) -> None:
    top = found.performance(found.spending, later=True)
    assert top == pytest.approx(found.performance_effect + found.spending_effect, abs=1e-9)
    assert found.performance_effect > 0


@given(frontiers)
def test_the_curves_are_as_far_apart_everywhere(found: ComputeFrontier) -> None:
    for row in found.table():
        gap = row["later"] - row["before"]
        assert gap == pytest.approx(found.performance_effect, abs=1e-9)


@pytest.mark.parametrize("name", ["months", "doubling_months", "points_per_tenfold", "spending"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_senseless_parameters_are_refused(name: str, value: float) -> None:
    with pytest.raises(UserInputError, match=name):
        ms.compute_frontier(**{name: value})
