from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.desk import Desk
from marketshock.market.splits import Split, SplitTable
from marketshock.marketcap.history import MarketValues

NAN = float("nan")


def test_a_count_is_used_from_the_session_after_its_filing(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [10.0] * 4}, [("A", "2025-01-01", 1e9), ("A", "2025-01-03", 2e9)])
    counts = values.counts("A")
    assert np.isnan(counts[0])
    assert counts[1:].tolist() == [1e9, 1e9, 2e9]


def test_a_change_has_one_count_on_both_sides(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [10.0, 9.0, 7.0]}, [("A", "2024-12-01", 1e9), ("A", "2025-01-02", 5e9)])
    assert values.changes()[1:, 0].tolist() == [-1.0, -10.0]
    assert np.isnan(values.changes()[0, 0])


def test_a_new_count_alone_is_no_change(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [10.0] * 3}, [("A", "2024-12-01", 2e9), ("A", "2025-01-02", 1e9)])
    assert values.changes()[1:, 0].tolist() == [0.0, 0.0]


def test_a_gap_leaves_two_sessions_without_change(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [10.0, NAN, 7.0, 6.0]}, [("A", "2024-12-01", 1e9)])
    assert np.isnan(values.changes()[:3, 0]).all()
    assert values.changes()[3, 0] == -1.0
    assert np.isnan(values.price_returns()[:3, 0]).all()


def test_companies_without_counts_are_left_out(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [1.0, 2.0], "B": [1.0, 2.0]}, [("B", "2024-12-01", 1e9)])
    assert values.symbols == ("B",)
    assert values.changes().shape == (2, 1)
    assert values.value("A", 1, 1) is None
    assert values.value("C", 1, 1) is None


def test_no_value_before_the_first_filing(build) -> None:  # type: ignore[no-untyped-def]
    values = build({"A": [10.0, 11.0]}, [("A", "2025-01-01", 1e9)])
    assert values.value("A", 0, 0) is None
    assert values.value("A", 0, 1) == 10.0
    assert values.value("A", 1, 1) == 11.0


def test_a_spin_off_is_no_loss(build) -> None:  # type: ignore[no-untyped-def]
    spun = SplitTable((Split("A", dt.date(2025, 1, 3), 2.0, "spin_off"),))
    values = build({"A": [50.0, 50.0, 50.0, 45.0]}, [("A", "2024-12-01", 1e9)], spun)
    assert values.counts("A").tolist() == [2e9, 2e9, 1e9, 1e9]
    assert values.changes()[1:, 0].tolist() == [0.0, 0.0, -5.0]


@given(st.integers(1, 2900))
def test_counts_by_session_are_the_counts_known_before(desk: Desk, position: int) -> None:
    values: MarketValues = desk.values
    for symbol in ("NVDA", "META", "AMZN", "GOOGL"):
        known = values.known_before(symbol, position)
        found = values.counts(symbol)[position]
        assert np.isnan(found) if known is None else found == known.count


def test_value_of_nvidia_before_the_shock(desk: Desk) -> None:
    position = desk.values.closes.calendar.position(dt.date(2025, 1, 27))
    assert position is not None
    before = desk.values.value("NVDA", position - 1, position)
    assert before == pytest.approx(142.62 * 24.49)
