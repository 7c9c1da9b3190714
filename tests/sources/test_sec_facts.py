"""What becomes of the facts of one company, case by case."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import company_facts

from marketshock.errors import QualityError
from marketshock.market.splits import Split, SplitTable
from marketshock.sources.sec import read_facts
from marketshock.sources.sec_capex import Capex, capex_rows
from marketshock.sources.sec_shares import ShareRows, share_rows

PPE = "PaymentsToAcquirePropertyPlantAndEquipment"
COVER = "EntityCommonStockSharesOutstanding"


def read(facts: dict[str, Any], symbol: str = "MSFT") -> Capex:
    body = company_facts(1, symbol, {"us-gaap": facts})
    return capex_rows(read_facts(body, symbol, 1), "Microsoft")


def spent(start: str, end: str, musd: float, filed: str, form: str = "10-Q") -> dict[str, Any]:
    told = {"start": start, "end": end, "val": musd * 1e6, "filed": filed, "form": form}
    return {**told, "accn": filed}


YEAR = [
    spent("2023-07-01", "2023-09-30", 100, "2023-10-25"),
    spent("2023-07-01", "2023-12-31", 250, "2024-01-25"),
    spent("2023-07-01", "2024-03-31", 450, "2024-04-25"),
    spent("2023-07-01", "2024-06-30", 700, "2024-07-30", "10-K"),
]


# ------------------------------------------------------------- D24, case by case


def test_d24_one_fiscal_year_in_june() -> None:
    rows = read({PPE: {"USD": YEAR}}).rows
    found = [(r["frequency"], r["fiscal_label"], r["capex_musd"]) for r in rows]
    assert found == [
        ("A", "FY2024", 700.0),
        ("Q", "FY2024 Q1", 100.0),
        ("Q", "FY2024 Q2", 150.0),
        ("Q", "FY2024 Q3", 200.0),
        ("Q", "FY2024 Q4", 250.0),
    ]
    assert [r["period_start"].isoformat() for r in rows[1:]] == [
        "2023-07-01",
        "2023-10-01",
        "2024-01-01",
        "2024-04-01",
    ]


def test_d24_the_sign_of_an_outflow_is_dropped() -> None:
    minus = [{**one, "val": -one["val"]} for one in YEAR]
    assert [r["capex_musd"] for r in read({PPE: {"USD": minus}}).rows] == [
        r["capex_musd"] for r in read({PPE: {"USD": YEAR}}).rows
    ]


def test_d24_a_missing_quarter_is_missing_and_named() -> None:
    found = read({PPE: {"USD": [YEAR[0], YEAR[1], YEAR[3]]}})
    assert [r["fiscal_label"] for r in found.rows] == ["FY2024", "FY2024 Q1", "FY2024 Q2"]
    assert found.gaps == ("MSFT total FY2024 without Q3, Q4",)


def test_d24_a_quarter_column_is_taken_as_it_is() -> None:
    own = spent("2023-10-01", "2023-12-31", 151, "2024-01-25")
    rows = {r["fiscal_label"]: r for r in read({PPE: {"USD": [*YEAR, own]}}).rows}
    assert rows["FY2024 Q2"]["capex_musd"] == 151.0
    assert rows["FY2024 Q2"]["source"].startswith("10-Q, SEC")
    assert rows["FY2024 Q3"]["source"].startswith("10-Q, year to date differenced")


def test_d24_quarters_that_do_not_add_to_the_year_are_refused() -> None:
    own = spent("2023-10-01", "2023-12-31", 170, "2024-01-25")
    with pytest.raises(QualityError, match=r"FY2024: the quarters add to 720 .* is 700 million"):
        read({PPE: {"USD": [*YEAR, own]}})


def test_d24_a_trailing_year_in_a_quarterly_report_is_no_fiscal_year() -> None:
    trailing = spent("2023-01-01", "2023-12-31", 900, "2024-01-25")
    assert read({PPE: {"USD": [*YEAR, trailing]}}) == read({PPE: {"USD": YEAR}})


def test_d24_thousands_for_millions_are_refused() -> None:
    small = [{**YEAR[0], "val": 100e3}, *YEAR[1:]]
    with pytest.raises(QualityError, match=r"FY2024 Q2: 249.9 million after 0.1 .* wrong unit"):
        read({PPE: {"USD": small}})


def test_d24_a_restated_year_keeps_both_and_never_meets_unrestated_quarters() -> None:
    later = spent("2023-07-01", "2024-06-30", 800, "2026-07-30", "10-K")
    rows = {r["fiscal_label"]: r for r in read({PPE: {"USD": [*YEAR, later]}}).rows}
    year = rows["FY2024"]
    assert (year["capex_first_reported_musd"], year["capex_musd"]) == (700.0, 800.0)
    assert (year["filed"], year["filed_latest"]) == (dt.date(2024, 7, 30), dt.date(2026, 7, 30))
    assert rows["FY2024 Q4"]["capex_musd"] == 250.0


def test_d24_restated_comparatives_give_restated_quarters() -> None:
    next_year = [
        {**one, "val": one["val"] * 1.1, "filed": str(int(one["filed"][:4]) + 1) + one["filed"][4:]}
        for one in YEAR
    ]
    rows = {r["fiscal_label"]: r for r in read({PPE: {"USD": [*YEAR, *next_year]}}).rows}
    assert rows["FY2024 Q4"]["capex_first_reported_musd"] == 250.0
    assert rows["FY2024 Q4"]["capex_musd"] == pytest.approx(275.0)
    assert rows["FY2024 Q4"]["filed_latest"] == dt.date(2025, 7, 30)


def test_d24_a_comparative_alone_does_not_tell_the_first_filing() -> None:
    late = [{**one, "filed": str(int(one["filed"][:4]) + 1) + one["filed"][4:]} for one in YEAR]
    rows = read({PPE: {"USD": late}}).rows
    assert [row["capex_musd"] for row in rows] == [700.0, 100.0, 150.0, 200.0, 250.0]
    assert {row["first_filed"] for row in rows} == {None}
    assert {row["first_filed"] for row in read({PPE: {"USD": YEAR}}).rows} == {
        dt.date.fromisoformat(one["filed"]) for one in YEAR
    }


def test_d24_another_tag_fills_the_years_that_the_first_one_lacks() -> None:
    other = "PaymentsToAcquireProductiveAssets"
    before = [
        {key: _year_before(value) if key != "val" else value / 2 for key, value in one.items()}
        for one in YEAR
    ]
    rows = read({PPE: {"USD": YEAR}, other: {"USD": [*before, {**YEAR[0], "val": 1e6}]}}).rows
    amounts = {r["fiscal_label"]: r["capex_musd"] for r in rows}
    assert amounts["FY2023 Q4"] == 125.0
    assert amounts["FY2024 Q1"] == 100.0


def _year_before(text: str) -> str:
    return str(int(text[:4]) - 1) + text[4:] if text[:2] == "20" else text


def test_d24_weeks_instead_of_months() -> None:
    weeks = [
        spent("2024-01-29", "2024-04-28", 10, "2024-05-29"),
        spent("2024-01-29", "2024-07-28", 30, "2024-08-28"),
        spent("2024-01-29", "2024-10-27", 60, "2024-11-20"),
        spent("2024-01-29", "2025-01-26", 100, "2025-02-26", "10-K"),
        spent("2025-01-27", "2025-04-27", 50, "2025-05-28"),
    ]
    rows = read({PPE: {"USD": weeks}}).rows
    amounts = [(r["fiscal_label"], r["capex_musd"]) for r in rows if r["frequency"] == "Q"]
    assert amounts == [
        ("FY2025 Q1", 10.0),
        ("FY2025 Q2", 20.0),
        ("FY2025 Q3", 30.0),
        ("FY2025 Q4", 40.0),
        ("FY2026 Q1", 50.0),
    ]


# ------------------------------------------------------------------- share counts


NO_SPLITS = SplitTable(())


def counted(splits: SplitTable = NO_SPLITS, **tags: list[dict[str, Any]]) -> ShareRows:
    dei = {"dei": {COVER: {"shares": tags.pop("cover", [])}}}
    body = company_facts(1, "X", {**dei, "us-gaap": {k: {"shares": v} for k, v in tags.items()}})
    return share_rows(read_facts(body, "X", 1), splits)


def test_covers_follow_their_own_day_and_averages_the_day_of_filing() -> None:
    split = SplitTable((Split("X", dt.date(2024, 6, 10), 10.0, "split"),))
    cover = [{"end": "2024-05-24", "val": 2460, "accn": "1", "form": "10-Q", "filed": "2024-06-12"}]
    average = [{**cover[0], "start": "2024-01-29", "end": "2024-04-28", "val": 24620}]
    found = counted(split, cover=cover, WeightedAverageNumberOfSharesOutstandingBasic=average).rows
    assert {row["kind"]: row["shares"] for row in found} == {
        "cover": 24600.0,
        "weighted_basic": 24620.0,
    }
    assert {row["form"] for row in found} == {"10-Q cover", "10-Q weighted basic, quarter"}


def test_a_spin_off_leaves_share_counts_alone() -> None:
    spin = SplitTable((Split("X", dt.date(2024, 6, 10), 1.2, "spin_off"),))
    cover = [{"end": "2024-05-24", "val": 2460, "accn": "1", "form": "10-Q", "filed": "2024-06-12"}]
    assert [row["shares"] for row in counted(spin, cover=cover).rows] == [2460.0]


def test_averages_over_half_a_year_are_not_taken() -> None:
    half = {"start": "2024-01-01", "end": "2024-06-30", "val": 5, "accn": "1", "form": "10-Q"}
    filed = {**half, "filed": "2024-07-30"}
    own = {**filed, "start": "2024-04-01", "val": 6}
    found = counted(WeightedAverageNumberOfSharesOutstandingBasic=[filed, own]).rows
    assert [row["shares"] for row in found] == [6.0]
