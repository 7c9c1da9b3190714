from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketshock.capex import (
    CalendarQuarter,
    calendar_quarter,
    calendar_quarters,
    quarterly,
    read_periods,
    restatement_gaps,
    ttm,
    yearly,
)
from marketshock.errors import DataCorruptError
from marketshock.table import Table


def periods_of(*rows):
    return read_periods(Table.from_rows("capex", rows))


@pytest.mark.parametrize(
    ("end", "label"),
    [
        ("2024-06-30", "2024Q2"),  # Microsoft, end of fiscal 2024
        ("2024-09-30", "2024Q3"),
        ("2023-12-31", "2023Q4"),
        ("2024-03-31", "2024Q1"),
        ("2023-11-30", "2023Q4"),  # Oracle
        ("2024-02-29", "2024Q1"),
        ("2023-02-28", "2023Q1"),
        ("2024-05-31", "2024Q2"),
        ("2024-08-31", "2024Q3"),
        ("2025-01-26", "2024Q4"),  # a fiscal year ended in January
        ("2024-04-28", "2024Q1"),
        ("2024-09-28", "2024Q3"),  # a year of 52 weeks
        ("2023-02-14", "2022Q4"),  # equally near: the earlier one
    ],
)
def test_quarter_goes_to_the_nearest_calendar_quarter(end, label):
    assert str(calendar_quarter(dt.date.fromisoformat(end))) == label


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
def test_no_calendar_quarter_ends_nearer(end):
    chosen = calendar_quarter(end)
    distance = abs((chosen.end - end).days)
    assert all(abs((chosen.plus(step).end - end).days) >= distance for step in (-2, -1, 1, 2))


@given(st.integers(1990, 2090), st.integers(1, 4), st.integers(-40, 40))
def test_steps_between_quarters(year, quarter, steps):
    start = CalendarQuarter(year, quarter)
    assert start.plus(steps).plus(-steps) == start
    assert start.plus(1).end > start.end
    assert start.plus(4) == CalendarQuarter(year + 1, quarter)


@pytest.mark.parametrize("company", ["Microsoft", "Oracle", "Alphabet", "Meta"])
def test_real_quarters_are_conserved_one_to_one(periods_table, company):
    periods = read_periods(periods_table)
    fiscal = [
        period
        for period in periods
        if (period.company, period.frequency, period.scope) == (company, "Q", "total")
    ]
    calendar = calendar_quarters(periods, company)
    assert Counter(calendar.values()) == Counter(fiscal)


@settings(deadline=None, max_examples=50)
@given(
    month=st.integers(1, 12),
    amounts=st.lists(st.integers(1, 10**6), min_size=4, max_size=24),
)
def test_annual_totals_are_conserved(make_row, month, amounts):
    """Whatever the month of the fiscal year end, nothing is lost or split."""
    rows = []
    for step, amount in enumerate(amounts):
        index = 2015 * 12 + month - 1 + 3 * step
        first_of_next = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
        end = (first_of_next - dt.timedelta(days=1)).isoformat()
        rows.append(make_row("Oracle", end, amount))
    calendar = calendar_quarters(periods_of(*rows), "Oracle")
    assert [round(1000 * period.capex_usd_bn) for period in calendar.values()] == amounts
    labels = list(calendar)
    assert all(after == before.plus(1) for before, after in pairwise(labels))
    years = yearly(periods_of(*rows))
    for year, amounts_of in years.items():
        parts = [p.capex_usd_bn for q, p in calendar.items() if str(q.year) == year]
        whole = amounts_of["Oracle"]
        assert (whole is None) == (len(parts) < 4)
        assert whole is None or whole.usd_bn == pytest.approx(math.fsum(parts))


def test_fiscal_years_of_microsoft_are_sums_of_its_calendar_quarters(periods_table):
    periods = read_periods(periods_table)
    calendar = calendar_quarters(periods, "Microsoft")
    checked = 0
    for period in periods:
        if (period.company, period.frequency, period.scope) != ("Microsoft", "A", "total"):
            continue
        last = calendar_quarter(period.end)
        parts = [calendar.get(last.plus(-back)) for back in range(4)]
        if None not in parts:
            checked += 1
            assert sum(p.capex_usd_bn for p in parts) == pytest.approx(period.capex_usd_bn)
    assert checked >= 14


def test_oracle_year_runs_from_december_to_november(periods_table):
    oracle = yearly(read_periods(periods_table))["2023"]["Oracle"]
    assert oracle.inputs[0].start == dt.date(2022, 12, 1)
    assert oracle.inputs[-1].end == dt.date(2023, 11, 30)


def test_two_quarters_in_one_calendar_quarter_are_refused(make_row):
    rows = [make_row("Oracle", "2020-02-29", 396), make_row("Oracle", "2020-03-31", 400)]
    with pytest.raises(DataCorruptError, match="both fall into 2020Q1"):
        calendar_quarters(periods_of(*rows), "Oracle")


def test_year_uses_the_restated_annual_figure_where_quarters_stay_behind(periods_table):
    periods = read_periods(periods_table)
    gaps = {
        (name, year): (annual, parts) for name, year, annual, parts in restatement_gaps(periods)
    }
    assert set(gaps) == {("Alphabet", 2015), ("Meta", 2020), ("Meta", 2022)}
    annual, parts = gaps["Meta", 2022]
    assert annual != parts
    assert yearly(periods)["2022"]["Meta"].usd_bn == annual
    assert ttm(periods)["2022Q4"]["Meta"].usd_bn == pytest.approx(parts)


def test_year_needs_all_four_quarters(five_companies):
    rows = [row for row in five_companies if row["period_end"] != "2020-08-31"]
    years = yearly(periods_of(*rows))
    assert years["2020"]["Oracle"] is None
    assert years["2021"]["Oracle"].usd_bn == 24.0


def test_missing_quarter_is_none_in_the_quarter_and_in_four_trailing_sums(five_companies):
    rows = [
        row
        for row in five_companies
        if (row["company"], row["period_end"]) != ("Meta", "2020-09-30")
    ]
    periods = periods_of(*rows)
    quarters, sums = quarterly(periods), ttm(periods)
    assert [label for label, row in quarters.items() if row["Meta"] is None] == ["2020Q3"]
    assert [label for label, row in sums.items() if row["Meta"] is None] == [
        "2020Q4",
        "2021Q1",
        "2021Q2",
    ]


def test_labels_have_no_gaps_even_if_nobody_has_a_figure(make_row):
    rows = [make_row("Oracle", "2020-02-29", 396), make_row("Oracle", "2020-08-31", 400)]
    series = quarterly(periods_of(*rows))
    assert list(series) == ["2020Q1", "2020Q2", "2020Q3"]
    assert set(series["2020Q2"].values()) == {None}


def test_trailing_sum_is_the_sum_of_four_quarters(periods_table):
    periods = read_periods(periods_table)
    quarters, sums = quarterly(periods), ttm(periods)
    labels = list(quarters)
    checked = 0
    for label, amounts in sums.items():
        end = labels.index(label)
        for name, amount in amounts.items():
            parts = [quarters[one][name] for one in labels[end - 3 : end + 1]]
            if amount is None:
                assert None in parts
            else:
                checked += 1
                assert amount.usd_bn == pytest.approx(sum(part.usd_bn for part in parts))
    assert checked > 200


def test_amazon_is_gross_and_net_only_where_no_gross_figure_exists(periods_table):
    series = quarterly(read_periods(periods_table))
    scope = {
        label: row["Amazon"].inputs[0].scope
        for label, row in series.items()
        if row["Amazon"] is not None
    }
    assert scope["2016Q3"] == "total_net"
    assert scope["2016Q4"] == "total"  # filed on both bases: gross wins
    assert scope["2017Q1"] == "total"


def test_no_periods_give_no_labels():
    assert yearly(()) == quarterly(()) == ttm(()) == {}
