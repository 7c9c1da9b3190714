from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from marketshock.desk import Desk
from marketshock.errors import QualityError, UserInputError
from marketshock.market.panel import PricePanel, ReturnPanel, returns

DAYS = np.array(["2025-01-23", "2025-01-24", "2025-01-27", "2025-01-28"], "datetime64[D]")
PRICES = arrays(float, (4, 2), elements=st.floats(0.5, 5000))
NAN = float("nan")


def panel(*columns: list[float], basis: str = "splits") -> PricePanel:
    symbols = tuple("ABCDEFG"[: len(columns)])
    return PricePanel(np.array(columns, float).T.copy(), DAYS.copy(), symbols, basis)  # type: ignore[arg-type]


def test_a_return_spans_exactly_one_session() -> None:
    found = returns(panel([100.0, 110.0, 99.0, 99.0])).values[:, 0]
    assert np.isnan(found[0])
    assert found[1:] == pytest.approx([0.10, -0.10, 0.0], abs=1e-15)


def test_a_gap_on_the_shock_never_moves_it_to_the_next_session() -> None:
    found = returns(panel([100.0, 100.0, NAN, 77.0])).values[:, 0]
    assert found[1] == 0.0
    assert np.isnan(found[2])
    assert np.isnan(found[3])


def test_a_gap_before_the_shock_leaves_it_without_a_return() -> None:
    found = returns(panel([100.0, NAN, 77.0, 77.0])).values[:, 0]
    assert np.isnan(found[:3]).all()
    assert found[3] == 0.0


@given(PRICES, arrays(bool, (4, 2)))
def test_a_return_is_there_exactly_where_both_closes_are(
    prices: np.ndarray, gaps: np.ndarray
) -> None:
    prices = np.where(gaps, NAN, prices)
    there = np.isfinite(returns(PricePanel(prices, DAYS.copy(), ("A", "B"), "splits")).values)
    assert (there[1:] == (~gaps[1:] & ~gaps[:-1])).all()
    assert not there[0].any()


@given(PRICES)
def test_log_and_simple_returns_are_the_same_move(prices: np.ndarray) -> None:
    source = PricePanel(prices, DAYS.copy(), ("A", "B"), "splits")
    simple, log = returns(source), returns(source, "log")
    assert (simple.kind, log.kind) == ("simple", "log")
    np.testing.assert_allclose(np.expm1(log.values), simple.values, rtol=1e-9, atol=1e-14)


@given(PRICES, st.sampled_from([0.001, 0.5, 4.0, 1000.0]))
def test_returns_do_not_know_the_scale_of_prices(prices: np.ndarray, scale: float) -> None:
    one = returns(PricePanel(prices.copy(), DAYS.copy(), ("A", "B"), "splits"))
    other = returns(PricePanel(prices * scale, DAYS.copy(), ("A", "B"), "splits"))
    np.testing.assert_allclose(one.values, other.values, rtol=1e-12, atol=1e-14)


@given(PRICES)
def test_log_returns_add_up_to_the_whole_move(prices: np.ndarray) -> None:
    log = returns(PricePanel(prices, DAYS.copy(), ("A", "B"), "splits"), "log").values
    np.testing.assert_allclose(log[1:].sum(axis=0), np.log(prices[-1] / prices[0]), atol=1e-12)


def test_panels_cannot_be_written_to() -> None:
    prices = panel([1.0, 2.0, 3.0, 4.0])
    for array in (prices.values, prices.sessions, prices.column("A"), returns(prices).values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(AttributeError):
        prices.basis = "index"  # type: ignore[misc]


def test_a_selection_keeps_order_basis_and_sources(desk: Desk) -> None:
    prices = desk.source.prices(["NVDA", "AAPL", "META"])
    chosen = prices.select(["META", "NVDA"])
    assert chosen.symbols == ("META", "NVDA")
    assert (chosen.basis, chosen.sources) == (prices.basis, prices.sources)
    np.testing.assert_array_equal(chosen.values, prices.values[:, [2, 0]])


def test_a_symbol_that_is_not_there_is_refused_with_a_suggestion(desk: Desk) -> None:
    prices = desk.source.prices(["NVDA", "AAPL"])
    with pytest.raises(UserInputError, match=r"'NVDX'.*NVDA"):
        prices.column("NVDX")


@pytest.mark.parametrize("symbols", [("A",), ("A", "B", "C")])
def test_values_must_fit_sessions_and_symbols(symbols: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="symbols"):
        PricePanel(np.ones((4, 2)), DAYS.copy(), symbols, "splits")


def test_a_symbol_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        PricePanel(np.ones((4, 2)), DAYS.copy(), ("A", "A"), "splits")


def test_the_panel_tells_its_calendar_and_its_frame() -> None:
    prices = panel([1.0, 2.0, NAN, 4.0], [5.0, 6.0, 7.0, 8.0])
    assert prices.calendar.day(2) == dt.date(2025, 1, 27)
    frame = prices.to_frame()
    assert list(frame.columns) == ["A", "B"]
    assert frame.index[2] == pd.Timestamp("2025-01-27")
    assert frame["A"].isna().sum() == 1
    frame.iloc[0, 0] = 99.0
    assert prices.values[0, 0] == 1.0


def test_a_frame_of_returns_is_sorted_by_session() -> None:
    frame = pd.DataFrame({"A": [0.3, 0.1, 0.2]}, index=pd.DatetimeIndex(DAYS[[2, 0, 1]]))
    found = ReturnPanel.from_frame(frame)
    assert found.values[:, 0].tolist() == [0.1, 0.2, 0.3]
    assert found.sessions.tolist() == DAYS[:3].tolist()
    assert found.symbols == ("A",)


def test_a_frame_is_copied() -> None:
    frame = pd.DataFrame({"A": [0.1, 0.2]}, index=pd.DatetimeIndex(DAYS[:2]))
    found = ReturnPanel.from_frame(frame)
    frame.iloc[0, 0] = 9.0
    assert found.values[0, 0] == 0.1


def test_a_date_that_stands_twice_is_named() -> None:
    frame = pd.DataFrame({"A": [0.1, 0.2]}, index=pd.DatetimeIndex(DAYS[[2, 2]]))
    with pytest.raises(QualityError, match="2025-01-27"):
        ReturnPanel.from_frame(frame)


def test_midnight_in_new_york_is_the_day_in_new_york() -> None:
    index = pd.DatetimeIndex(DAYS[:2]).tz_localize("America/New_York")
    found = ReturnPanel.from_frame(pd.DataFrame({"A": [0.1, 0.2]}, index=index))
    assert found.sessions.tolist() == DAYS[:2].tolist()


def test_two_times_of_one_day_are_not_two_sessions() -> None:
    index = pd.DatetimeIndex(["2025-01-27 10:00", "2025-01-27 16:00"])
    with pytest.raises(QualityError, match="2025-01-27"):
        ReturnPanel.from_frame(pd.DataFrame({"A": [0.1, 0.2]}, index=index))
