"""D24, faults of capital expenditure, through the command line on a changed copy of the data."""

from __future__ import annotations

import pytest
from data_copy import DataCopy, Row

QUARTER = {"symbol": "MSFT", "scope": "total", "frequency": "Q", "fiscal_label": "FY2024 Q3"}
YEAR = {"symbol": "GOOGL", "scope": "total", "frequency": "A", "fiscal_label": "FY2024"}


def with_amount(data: DataCopy, times: float, where: dict[str, str]) -> None:
    def changed(row: Row) -> Row:
        return row | {"capex_musd": repr(float(row["capex_musd"]) * times)}

    assert data.change("capex", changed, **where) == 1


def refused(data: DataCopy, *words: str) -> None:
    for by in ("year", "quarter", "ttm"):
        answer = data.capex("--by", by)
        assert (answer.code, answer.out) == (3, "")
        for word in words:
            assert word in answer.err


def test_d24_a_sum_since_the_start_of_the_year_blocks(data: DataCopy) -> None:
    """The third quarter of the year as the filing prints it: nine months in one figure."""
    with_amount(data, 3.0, QUARTER)
    refused(data, "MSFT:total:FY2024:capex_musd: the quarters add to", "(D24)")


def test_d24_a_period_of_nine_months_is_no_quarter(data: DataCopy) -> None:
    data.change("capex", lambda row: row | {"period_start": "2023-07-01"}, **QUARTER)
    refused(data, "Take earlier quarters off a year-to-date figure first.")


def test_d24_a_cash_outflow_with_its_sign_is_refused(data: DataCopy) -> None:
    with_amount(data, -1.0, QUARTER)
    refused(data, "capital expenditure must be positive")


@pytest.mark.parametrize("times", [1000.0, 0.001])
@pytest.mark.parametrize(
    ("symbol", "label"), [("MSFT", "FY2026 Q4"), ("GOOGL", "FY2026 Q2")], ids=["whole", "open"]
)
def test_d24_thousands_beside_millions_block(
    data: DataCopy, times: float, symbol: str, label: str
) -> None:
    """In a year that is complete, and in one that has no sum to be held against yet."""
    with_amount(data, times, {**QUARTER, "symbol": symbol, "fiscal_label": label})
    refused(data, f"{symbol}:total:FY2026", "(D24)")


@pytest.mark.parametrize(("share", "blocks"), [(1.004, False), (1.006, True)])
def test_d24_a_year_and_its_quarters_agree_within_half_a_percent(
    data: DataCopy, share: float, blocks: bool
) -> None:
    with_amount(data, share, YEAR)
    assert data.capex().code == (3 if blocks else 0)


def test_d24_a_restated_year_is_known_and_kept(data: DataCopy) -> None:
    found = data.capex().findings("D24")
    assert {level for level, _ in found} == {"INFO"}
    assert any("META:total:FY2022:capex_musd" in text for _, text in found)
    rows = [
        row for row in data.rows("known_exceptions") if row["key"] != "META:total:FY2022:capex_musd"
    ]
    data.write("known_exceptions", rows)
    refused(data, "META:total:FY2022:capex_musd")


def test_d24_a_missing_quarter_is_missing_and_not_zero(data: DataCopy) -> None:
    data.change("capex", lambda row: row | {"capex_musd": ""}, **QUARTER)
    (row,) = (row for row in data.capex().json["rows"] if row["period"] == "2024")
    assert row["by_company"]["Microsoft"] is None
    assert row["total_usd_bn"] is None


def test_d24_fiscal_quarters_carry_both_labels(data: DataCopy) -> None:
    """Microsoft closes in June and Oracle in May."""
    rows = data.capex("--by", "quarter").json["rows"]
    (row,) = (row for row in rows if row["period"] == "2024Q1")
    assert row["fiscal_periods"]["Microsoft"] == ["FY2024 Q3"]
    assert row["fiscal_periods"]["Oracle"] == ["FY2024 Q3"]


@pytest.mark.parametrize("day", ["2025-02-10", "2023-11-01"])
def test_d24_the_figures_of_a_day_are_those_first_reported(data: DataCopy, day: str) -> None:
    before = data.capex("--as-of", day).json["rows"]
    with_amount(data, 1.2, QUARTER)  # a later restatement
    assert data.capex("--as-of", day).json["rows"] == before
