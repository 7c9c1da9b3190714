from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketshock.capex import capex_trend
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.provenance import Status
from marketshock.table import Table

BEFORE_THE_SEASON = dt.date(2025, 1, 31)
KEYS = {
    "period",
    "total_usd_bn",
    "by_company",
    "published_usd_bn",
    "difference_usd_bn",
    "projection",
    "yoy",
}


@pytest.fixture(scope="module")
def by_year(periods_table, published_table):
    return capex_trend(periods_table, published_table)


def rows_of(trend):
    return {row["period"]: row for row in trend.to_records()}


def of_rows(rows, published, **options):
    return capex_trend(Table.from_rows("capex", rows), published, **options)


def test_published_totals_are_rebuilt(by_year):
    rows = rows_of(by_year)
    differences = [abs(rows[str(year)]["difference_usd_bn"]) for year in range(2014, 2024)]
    assert max(differences) < 1.2
    assert sum(difference <= 0.6 for difference in differences) >= 9


def test_years_equal_an_independent_recomputation(data_folder, by_year):
    raw = pd.read_csv(data_folder / "capex.csv", parse_dates=["period_end"])
    raw["year"] = raw["period_end"].dt.year
    # An Oracle quarter ends in the calendar year it counts in: December begins the next one.
    annual = raw[raw["frequency"] == "A"].set_index(["company", "scope", "year"])["capex_musd"]
    quarters = raw[(raw["frequency"] == "Q") & (raw["scope"] == "total")]
    sums = quarters.groupby(["company", "year"])["capex_musd"].agg(["sum", "count"])
    sums = sums[sums["count"] == 4]["sum"]
    rows = rows_of(by_year)
    for year in range(2014, 2026):
        expected = {
            "Alphabet": annual["Alphabet", "total", year],
            "AWS": annual["Amazon", "aws", year],
            "Meta": annual["Meta", "total", year],
            "Microsoft": sums["Microsoft", year],
            "Oracle": sums["Oracle", year],
        }
        row = rows[str(year)]
        assert row["by_company"] == pytest.approx(
            {name: amount / 1000 for name, amount in expected.items()}
        )
        assert row["total_usd_bn"] == pytest.approx(sum(expected.values()) / 1000)


def test_rows_hold_the_contract_keys_in_order(by_year):
    records = by_year.to_records()
    assert set(records[0]) >= KEYS
    assert [row["period"] for row in records] == [str(year) for year in range(2004, 2027)]
    assert list(records[0]["by_company"]) == ["Alphabet", "AWS", "Meta", "Microsoft", "Oracle"]


@pytest.mark.parametrize("by", ["quarter", "ttm"])
def test_quarters_use_the_whole_of_amazon_and_no_published_totals(
    periods_table, published_table, by
):
    for row in capex_trend(periods_table, published_table, by=by).to_records():
        assert list(row["by_company"]) == ["Alphabet", "Amazon", "Meta", "Microsoft", "Oracle"]
        assert row["published_usd_bn"] is None
        assert row["difference_usd_bn"] is None
        assert row["projection"] is False


def test_projection_is_marked_and_set_against_the_outcome(by_year):
    rows = rows_of(by_year)
    assert [label for label, row in rows.items() if row["projection"]] == ["2024", "2025", "2026"]
    row = rows["2024"]
    assert row["published_usd_bn"] == 197
    assert row["difference_usd_bn"] == pytest.approx(row["total_usd_bn"] - 197)
    assert rows["2026"]["total_usd_bn"] is None
    assert rows["2026"]["difference_usd_bn"] is None
    assert any("2024, 2025 and 2026 are projections" in note.en for note in by_year.notes)


def test_point_in_time_knows_aws_to_2023_only(periods_table, published_table):
    trend = capex_trend(periods_table, published_table, as_of=BEFORE_THE_SEASON)
    rows = rows_of(trend)
    assert [label for label, row in rows.items() if row["by_company"]["AWS"] is not None] == [
        str(year) for year in range(2014, 2024)
    ]
    assert rows["2024"]["by_company"]["Meta"] == 37.256  # filed on the day before
    assert rows["2024"]["by_company"]["Alphabet"] is None
    assert rows["2024"]["total_usd_bn"] is None
    assert rows["2023"]["by_company"]["Meta"] == 27.266  # before the restatement
    assert "31 January 2025" in trend.method.en
    assert "31 gennaio 2025" in trend.method.it


def test_amount_read_from_a_later_filing_is_said(periods_table, published_table):
    trend = capex_trend(periods_table, published_table, as_of=BEFORE_THE_SEASON)
    assert any("later comparative: AWS 2023." in note.en for note in trend.notes)


def test_published_totals_are_point_in_time_too(periods_table, published_table):
    trend = capex_trend(periods_table, published_table, as_of=dt.date(2025, 1, 30))
    assert {row["published_usd_bn"] for row in trend.to_records()} == {None}


@pytest.mark.parametrize("by", ["year", "quarter", "ttm"])
@settings(deadline=None, max_examples=25)
@given(day=st.dates(dt.date(2013, 3, 1), dt.date(2026, 8, 1)))
def test_point_in_time_never_loses_what_it_knew(periods_table, no_published, by, day):
    earlier = rows_of(capex_trend(periods_table, no_published, by=by, as_of=day))
    later = rows_of(
        capex_trend(periods_table, no_published, by=by, as_of=day + dt.timedelta(days=400))
    )
    for label, row in earlier.items():
        for name, amount in row["by_company"].items():
            assert amount is None or later[label]["by_company"][name] is not None


def test_nothing_known_yet(periods_table, published_table):
    with pytest.raises(UserInputError, match="as of 2000-01-01"):
        capex_trend(periods_table, published_table, as_of=dt.date(2000, 1, 1))


def test_unknown_period_length(periods_table, published_table):
    with pytest.raises(UserInputError, match="Use year, quarter or ttm"):
        capex_trend(periods_table, published_table, by="month")


def test_recalled_figures_surface(by_year):
    rows = rows_of(by_year)
    for year in ("2017", "2018", "2019"):
        assert rows[year]["status"] == "recalled"
        assert rows[year]["weak_inputs"] == ["AWS"]
    assert rows["2016"]["status"] == "verified1"
    assert rows["2020"]["status"] == "verified1"
    assert rows["2020"]["yoy_status"] == "recalled"  # 2019 is the base of this growth
    assert rows["2012"]["weak_inputs"] == ["Alphabet"]
    (note,) = [note for note in by_year.notes if note.en.startswith("AWS 2017")]
    assert note.en == "AWS 2017\u20132019: not confirmed by a stored source."
    assert note.it == "AWS 2017\u20132019: non confermato da una fonte archiviata."


@pytest.mark.parametrize("status", [status for status in Status if status.rank > 1])
def test_row_is_as_strong_as_its_weakest_input(five_companies, no_published, status):
    rows = [dict(row) for row in five_companies]
    weak = next(row for row in rows if row["company"] == "Oracle")
    weak["status"] = status.value
    found = rows_of(of_rows(rows, no_published))
    assert found["2020"]["status"] == status.value
    assert found["2020"]["weak_inputs"] == ["Oracle"]
    assert found["2021"]["status"] == "verified2"


def test_company_without_figure_is_null_and_so_is_the_total(five_companies, no_published):
    rows = [row for row in five_companies if row["scope"] != "aws"]
    trend = of_rows(rows, no_published)
    for row in trend.to_records():
        assert row["by_company"]["AWS"] is None
        assert row["total_usd_bn"] is None
        assert row["yoy"] is None
    assert "No total where a company has no figure: AWS 2020, 2021." in [
        note.en for note in trend.notes
    ]


@pytest.mark.parametrize(
    ("by", "label", "now", "before"),
    [("year", "2021", 80, 60), ("quarter", "2021Q2", 20, 15), ("ttm", "2021Q4", 80, 60)],
)
def test_growth_on_the_same_period_a_year_before(
    five_companies, no_published, by, label, now, before
):
    rows = rows_of(of_rows(five_companies, no_published, by=by))
    assert rows[label]["total_usd_bn"] == now
    assert rows[label]["yoy"] == pytest.approx(now / before - 1)
    assert next(iter(rows.values()))["yoy"] is None


@pytest.mark.parametrize("by", ["year", "quarter", "ttm"])
@settings(deadline=None, max_examples=25)
@given(data=st.data(), more=st.integers(1, 50_000))
def test_one_input_moves_its_totals_by_its_amount(five_companies, no_published, by, data, more):
    rows = [dict(row) for row in five_companies]
    before = rows_of(of_rows(rows, no_published, by=by))
    row = data.draw(st.sampled_from(rows))
    row["capex_musd"] = str(int(row["capex_musd"]) + more)
    after = rows_of(of_rows(rows, no_published, by=by))
    moved = [
        after[label]["total_usd_bn"] - before[label]["total_usd_bn"]
        for label in before
        if after[label]["total_usd_bn"] != before[label]["total_usd_bn"]
    ]
    assert moved == pytest.approx([more / 1000] * len(moved))
    quarters_count = by != "year" or row["company"] in ("Microsoft", "Oracle")
    if quarters_count and row["frequency"] == "Q":
        assert 1 <= len(moved) <= (4 if by == "ttm" else 1)
    else:
        assert len(moved) == (by == "year" and row["frequency"] == "A")


@pytest.mark.parametrize("by", ["year", "quarter", "ttm"])
@pytest.mark.parametrize("as_of", [None, BEFORE_THE_SEASON])
def test_json_has_no_nan(periods_table, published_table, by, as_of):
    trend = capex_trend(periods_table, published_table, by=by, as_of=as_of)
    text = json.dumps(trend.to_records(), allow_nan=False)
    assert json.loads(text) == trend.to_records()


def test_totals_carry_no_binary_noise(by_year):
    for row in by_year.to_records():
        if row["total_usd_bn"] is not None:
            assert len(repr(row["total_usd_bn"]).split(".")[1]) <= 3


def test_cagr(by_year, five_companies, no_published):
    rows = rows_of(by_year)
    ratio = rows["2023"]["total_usd_bn"] / rows["2014"]["total_usd_bn"]
    assert by_year.cagr(2014, 2023) == pytest.approx(ratio ** (1 / 9) - 1)
    quarters = of_rows(five_companies, no_published, by="quarter")
    assert quarters.cagr("2020Q1", "2021Q3") == pytest.approx((20 / 15) ** (1 / 1.5) - 1)


@pytest.mark.parametrize(
    ("first", "last", "error", "words"),
    [
        (2013, 2023, InsufficientDataError, "2013 has no total: no figure for AWS"),
        (1999, 2023, UserInputError, "No period '1999'"),
        ("2014Q4", 2023, UserInputError, "trend by year"),
        (2023, 2014, UserInputError, "does not come after"),
        (2023, 2023, UserInputError, "does not come after"),
    ],
)
def test_cagr_refuses(by_year, first, last, error, words):
    with pytest.raises(error, match=words):
        by_year.cagr(first, last)


def test_frame_has_a_column_a_company(by_year):
    frame = by_year.to_frame()
    assert len(frame) == 23
    row = frame.set_index("period").loc["2023"]
    companies = ["Alphabet", "AWS", "Meta", "Microsoft", "Oracle"]
    assert row[companies].sum() == pytest.approx(row["total_usd_bn"])
    assert "by_company" not in frame.columns


def test_csv_of_the_flat_rows_reads_back(by_year):
    back = Table.from_csv("back", by_year.flat().to_csv())
    assert [cell and float(cell) for cell in back["AWS"]] == [
        "" if cell is None else cell for cell in by_year.flat()["AWS"]
    ]


def test_net_and_restated_figures_of_amazon_and_meta_are_noted(periods_table, published_table):
    trend = capex_trend(periods_table, published_table, by="ttm")
    notes = " ".join(note.en for note in trend.notes)
    assert "Amazon 2016Q4\u20132017Q2: net and gross quarters in one sum." in notes
    assert "Meta 2022: 31.43 / 31.19" in notes
    assert "Meta 2022: 31,43 / 31,19" in " ".join(note.it for note in trend.notes)


def test_every_note_is_in_both_languages(periods_table, published_table):
    for by in ("year", "quarter", "ttm"):
        trend = capex_trend(periods_table, published_table, by=by, as_of=BEFORE_THE_SEASON)
        for text in (trend.method, *trend.notes):
            assert text.en
            assert text.it
            assert text.en != text.it


def test_fiscal_labels_travel_with_calendar_periods(by_year):
    labels = rows_of(by_year)["2023"]["fiscal_periods"]
    assert labels["Microsoft"] == ["FY2023 Q3", "FY2023 Q4", "FY2024 Q1", "FY2024 Q2"]
    assert labels["AWS"] == ["FY2023"]


def test_import_needs_no_pandas():
    code = "import sys, marketshock.capex; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
