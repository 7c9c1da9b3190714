"""Where labels go: apart, in order, inside, and off the lines."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.exhibits import labels


@given(
    positions=st.lists(st.floats(-50, 150), max_size=12),
    gap=st.floats(0.1, 12),
)
def test_spread_keeps_order_gap_and_bounds(positions: list[float], gap: float) -> None:
    moved = labels.spread(positions, gap, 0.0, 100.0)
    assert len(moved) == len(positions)
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    placed = [moved[index] for index in order]
    room = min(gap, 100.0 / max(len(positions) - 1, 1))
    assert all(b - a >= room - 1e-9 for a, b in itertools.pairwise(placed))
    assert all(-1e-9 <= place <= 100.0 + 1e-9 for place in placed)


def test_spread_moves_as_little_as_possible() -> None:
    assert labels.spread([10.0, 50.0], 5.0, 0.0, 100.0) == [10.0, 50.0]
    assert labels.spread([50.0, 50.0], 4.0, 0.0, 100.0) == [48.0, 52.0]
    assert labels.spread([52.0, 50.0, 90.0], 4.0, 0.0, 100.0) == [53.0, 49.0, 90.0]
    assert labels.spread([99.0, 100.0], 4.0, 0.0, 100.0) == [96.0, 100.0]
    assert labels.spread([], 4.0, 0.0, 100.0) == []


def test_ticks_are_round_and_zero_is_zero() -> None:
    ticks, step = labels.nice_ticks(-0.173, 0.164, 6)
    assert step == pytest.approx(0.1)
    assert ticks == pytest.approx([-0.1, 0.0, 0.1])
    assert 0.0 in ticks
    assert labels.nice_ticks(0.0, 376.0, 5)[0] == [0.0, 100.0, 200.0, 300.0]


def test_wrap_balances_and_shortens() -> None:
    def measure(text: str) -> float:
        return float(len(text))

    assert labels.wrap("95% range without an event", 24, measure) == [
        "95% range",
        "without an event",
    ]
    assert labels.wrap("short", 24, measure) == ["short"]
    assert labels.wrap("a" * 30, 10, measure) == ["a" * 9 + "\u2026"]
    assert all(len(line) <= 12 for line in labels.wrap("one two " * 9, 12, measure))


def test_thinned_labels_end_at_the_last() -> None:
    assert labels.thinned(5, 4.0, 8.0) == [0, 1, 2, 3, 4]
    assert labels.thinned(6, 7.0, 4.0) == [1, 3, 5]


def test_least_crowded_prefers_lines_to_labels() -> None:
    points = np.array([[5.0, 5.0, 10.0]])
    line, label = labels.Box(0, 0, 10, 10), labels.Box(20, 0, 30, 10)
    assert labels.least_crowded([label, line], points, [label])[0] == line
    with pytest.raises(ValueError, match="no candidate"):
        labels.least_crowded([], points)


def test_raised_box_stands_on_whatever_is_below() -> None:
    column, other = labels.Box(0, 0, 10, 20), labels.Box(50, 0, 60, 90)
    text = labels.Box(2, 5, 8, 8)
    assert labels.raised(text, [other, column], gap=1.0) == labels.Box(2, 21, 8, 24)
    assert labels.raised(text, [other], gap=1.0) == text
    stacked = [column, labels.Box(0, 20.5, 10, 24)]
    assert labels.raised(text, stacked, gap=1.0).bottom == 25.0


def test_fitting_scale_leaves_room_for_what_does_not_scale() -> None:
    scale = labels.fitting_scale(50.0, 1.0, lambda scale: 60.0 * scale + 5.0)
    assert 0.95 * 0.75 <= scale <= 0.75
    assert labels.fitting_scale(50.0, 0.5, lambda scale: 60.0 * scale + 5.0) == 0.5
