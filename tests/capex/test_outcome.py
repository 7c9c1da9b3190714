from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from marketshock.capex import capex_intensity_path, capex_trend
from marketshock.capex.outcome import projections_and_outcomes, restated_periods
from marketshock.errors import InsufficientDataError, QualityError, UserInputError
from marketshock.note_study import capex_growth, capex_intensity, capex_outcomes, capex_restatements
from marketshock.table import Table


def test_projection_then_outcome_now() -> None:
    rows = {row["year"]: row for row in capex_outcomes().rows}
    assert list(rows) == ["2024", "2025", "2026"]
    assert [rows[year]["projected_usd_bn"] for year in rows] == [197, 234, 249]
    assert rows["2024"]["outcome_usd_bn"] == pytest.approx(209.4, abs=0.05)
    assert rows["2025"]["outcome_usd_bn"] == pytest.approx(376.2, abs=0.05)
    assert rows["2025"]["ratio"] == pytest.approx(376.2 / 234, abs=1e-3)
    assert rows["2026"]["outcome_usd_bn"] is None
    assert rows["2026"]["ratio"] is None


def test_guidance_of_an_open_year_is_the_sum_of_five() -> None:
    row = list(capex_outcomes().rows)[-1]
    assert row["quoted_low_usd_bn"] == 180 + 200 + 125 + 190 + 50
    assert row["quoted_high_usd_bn"] == 190 + 200 + 145 + 190 + 50
    assert row["quoted_as_of"] == "2026-04-29"


def test_guidance_of_four_is_no_total(periods_table: Table, published_table: Table) -> None:
    trend = capex_trend(periods_table, published_table)
    columns = ("year", "scope", "kind", "low_usd_bn", "high_usd_bn", "as_of", "status")
    rows = [
        dict(zip(columns, (2026, "Meta", "guidance", 1.0, 2.0, "2026", "verified1"), strict=True))
    ]
    found = list(projections_and_outcomes(trend, Table.from_rows("quoted", rows)))[-1]
    assert found["quoted_low_usd_bn"] is None


def test_a_trend_without_projections_is_refused(periods_table: Table, no_published: Table) -> None:
    trend = capex_trend(periods_table, no_published)
    with pytest.raises(InsufficientDataError, match="no projection"):
        projections_and_outcomes(trend, Table("quoted", {}))


def test_restatements_against_pandas(data_folder: Path) -> None:
    frame = pd.read_csv(data_folder / "capex.csv")
    frame = frame[frame.capex_first_reported_musd.notna() & frame.capex_musd.notna()]
    wanted = frame[frame.capex_first_reported_musd != frame.capex_musd]
    found = capex_restatements()
    keys = {
        (str(row["company"]), row["scope"], str(row["period_end"]), row["fiscal_label"])
        for row in found
    }
    assert keys == set(
        zip(wanted.company, wanted.scope, wanted.period_end, wanted.fiscal_label, strict=True)
    )
    meta = next(row for row in found if (row["company"], row["fiscal_label"]) == ("Meta", "FY2022"))
    assert (meta["first_reported_usd_bn"], meta["latest_usd_bn"]) == (31.431, 31.186)
    assert meta["change"] == pytest.approx(31.186 / 31.431 - 1)


def test_no_first_vintage_at_all_is_refused(five_companies: list[dict[str, object]]) -> None:
    rows = [
        {**row, "capex_first_reported_musd": "", "filed_latest": "2030-01-01"}
        for row in five_companies
    ]
    with pytest.raises(QualityError, match="first reported"):
        restated_periods(Table.from_rows("capex", rows))


@pytest.mark.parametrize("symbol", ["MSFT", "ORCL", "META", "AMZN", "GOOGL"])
def test_intensity_against_pandas(data_folder: Path, symbol: str) -> None:
    key = ["period_end"]
    spent = pd.read_csv(data_folder / "capex.csv").query(
        "symbol == @symbol and scope == 'total' and frequency == 'Q'"
    )
    earned = pd.read_csv(data_folder / "financials.csv").query(
        "symbol == @symbol and scope == 'total' and frequency == 'Q'"
    )
    joined = spent.merge(earned, on=key).sort_values(key).set_index("period_end")
    sums = joined[["capex_musd", "revenue_musd"]].rolling(4).sum().dropna()
    found = {str(row["period_end"]): row["intensity"] for row in capex_intensity(symbol)}
    for end, value in found.items():
        assert value == pytest.approx(sums.capex_musd[end] / sums.revenue_musd[end])
    assert list(found)[-1] == sums.index[-1]


def test_a_hole_breaks_the_chain(periods_table: Table, desk: object) -> None:
    rows = [
        row for row in periods_table if (row["symbol"], row["period_end"]) != ("MSFT", "2024-03-31")
    ]
    whole = capex_intensity("MSFT")
    from marketshock.desk import Desk

    assert isinstance(desk, Desk)
    financials = desk.source.table("financials")
    holed = capex_intensity_path(Table.from_rows("capex", rows), financials, "MSFT")
    assert len(whole) - len(holed) == 4


def test_point_in_time_knows_less() -> None:
    then = capex_intensity("MSFT", as_of="2025-02-02")
    now = capex_intensity("MSFT")
    assert str(then["period_end"][-1]) == "2024-12-31"
    assert str(now["period_end"][-1]) > "2026"
    with pytest.raises(UserInputError, match="No quarters of NVDA"):
        capex_intensity("NVDA")


def test_the_short_function_of_growth() -> None:
    assert 0.1 < capex_growth("year", 2014, 2023).growth < 0.4
