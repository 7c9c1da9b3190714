"""Events on several dates: apart, in groups, and with windows that overlap."""

from __future__ import annotations

import pytest
from simulated import Case, listed, rejections

pytestmark = pytest.mark.slow

RUNS = 2_000
DRAWS = [(5, 0.3), (20, 0.1), (20, 0.3)]
CROSS_SECTIONAL = {"cross_sectional_t", "patell", "bmp", "generalized_sign", "sign", "wilcoxon"}


@pytest.mark.parametrize("dates", ["apart", "groups", "close"])
@pytest.mark.parametrize(("stocks", "correlation"), DRAWS)
def test_every_valid_test_keeps_its_size(stocks: int, correlation: float, dates: str) -> None:
    rates = rejections(Case(stocks, correlation, dates), RUNS)
    assert listed(rate for rate in rates if rate.valid and not rate.inside) == []


def test_fifty_events_are_enough_for_the_skewness_adjusted_t() -> None:
    rates = rejections(Case(50, 0.1, "apart"), 1_000)
    assert {"skewness_t"} <= {rate.test for rate in rates if rate.valid}
    assert listed(rate for rate in rates if rate.valid and not rate.inside) == []


def test_events_on_dates_of_their_own_make_the_cross_section_valid() -> None:
    rates = rejections(Case(20, 0.3, "apart"), RUNS)
    assert {rate.test for rate in rates if rate.valid} >= CROSS_SECTIONAL


@pytest.mark.parametrize("dates", ["groups", "close"])
def test_shared_sessions_make_it_invalid_and_the_numbers_show_why(dates: str) -> None:
    rates = [rate for rate in rejections(Case(20, 0.3, dates), RUNS) if rate.length == 5]
    naive = [rate for rate in rates if rate.test in CROSS_SECTIONAL]
    assert len(naive) == len(CROSS_SECTIONAL)
    assert not any(rate.valid for rate in naive)
    assert min(rate.share for rate in naive) > 0.08
