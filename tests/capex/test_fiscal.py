from __future__ import annotations

import datetime as dt
import random

import pytest

from marketshock.capex import known_on, read_periods
from marketshock.errors import DataCorruptError
from marketshock.provenance import Status
from marketshock.table import Table


def table(*rows):
    return Table.from_rows("capex", rows)


def test_read_real_table_with_every_amount(periods_table):
    periods = read_periods(periods_table)
    with_amount = [row for row in periods_table if row["capex_musd"]]
    assert len(periods) == len(with_amount)
    assert {period.company for period in periods} == {
        "Alphabet",
        "Amazon",
        "Meta",
        "Microsoft",
        "Oracle",
    }
    assert sum(period.capex_usd_bn for period in periods) == pytest.approx(
        sum(float(row["capex_musd"]) for row in with_amount) / 1000
    )


def test_order_of_rows_has_no_meaning(periods_table):
    rows = list(periods_table)
    random.Random(7).shuffle(rows)
    assert read_periods(table(*rows)) == read_periods(periods_table)


def test_legal_name_becomes_print_name(make_row):
    (period,) = read_periods(table(make_row("Meta Platforms", "2020-03-31", 5)))
    assert period.company == "Meta"


def test_text_and_typed_cells_read_alike(make_row):
    text = make_row("Oracle", "2020-02-29", 396)
    days = ("period_start", "period_end", "filed", "first_filed", "filed_latest")
    typed = text | {key: dt.date.fromisoformat(text[key]) for key in days}
    typed |= {"capex_musd": 396.0, "capex_first_reported_musd": 396, "status": Status.VERIFIED2}
    assert read_periods(table(typed)) == read_periods(table(text))


@pytest.mark.parametrize("empty", ["", None, float("nan")])
def test_row_without_amount_is_left_out_not_zero(make_row, empty):
    rows = [make_row("Oracle", "2020-02-29", 396), make_row("Oracle", "2020-05-31", 1)]
    rows[1]["capex_musd"] = empty
    assert [period.end for period in read_periods(table(*rows))] == [dt.date(2020, 2, 29)]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"capex_musd": "-396"}, "must be positive"),
        ({"capex_musd": "0"}, "must be positive"),
        ({"capex_first_reported_musd": "-1"}, "must be positive"),
        ({"capex_musd": "3,96"}, "not a number"),
        ({"capex_musd": "inf"}, "infinite"),
        ({"status": "verfied1"}, "Did you mean VERIFIED1|Did you mean verified1"),
        ({"frequency": "quarter"}, "Use Q or A"),
        ({"period_start": "2020-03-01"}, "ends before it starts"),
        ({"period_start": "2019-09-01"}, "year-to-date"),
        ({"period_end": ""}, "no first or last day"),
        ({"filed": "March 2020"}, "not an ISO day"),
    ],
)
def test_bad_cell_names_the_period_and_what_to_do(make_row, cells, words):
    with pytest.raises(DataCorruptError, match=words) as caught:
        read_periods(table(make_row("Oracle", "2020-02-29", 396) | cells))
    assert "Oracle" in str(caught.value)


def test_duplicate_period(make_row):
    row = make_row("Oracle", "2020-02-29", 396)
    with pytest.raises(DataCorruptError, match=r"twice: 0\.396 and 0\.397"):
        read_periods(table(row, row | {"capex_musd": "397"}))


def test_same_end_in_another_scope_or_frequency_is_no_duplicate(make_row):
    rows = [
        make_row("Amazon", "2020-12-31", 4),
        make_row("Amazon", "2020-12-31", 3, scope="total_net"),
        make_row("Amazon", "2020-12-31", 9, frequency="A"),
    ]
    assert len(read_periods(table(*rows))) == 3


def test_missing_column():
    with pytest.raises(DataCorruptError, match="lacks the columns company, scope"):
        read_periods(Table("capex", {"year": ()}))


@pytest.mark.parametrize(
    ("first_filed", "filed", "known"),
    [
        ("2020-03-20", "2021-03-20", dt.date(2020, 3, 20)),
        ("", "2021-03-20", dt.date(2021, 3, 20)),
        ("", "", None),
    ],
)
def test_known_from_first_filing_then_filing(make_row, first_filed, filed, known):
    cells = {"first_filed": first_filed, "filed": filed}
    (period,) = read_periods(table(make_row("Oracle", "2020-02-29", 396) | cells))
    assert period.known_from == known


@pytest.mark.parametrize(("day", "seen"), [("2020-03-29", 0), ("2020-03-30", 1)])
def test_known_on_includes_the_day_of_the_filing(make_row, day, seen):
    row = make_row("Oracle", "2020-02-29", 396)
    cells = {"filed": "2020-03-30", "first_filed": "2020-03-30"}
    periods = read_periods(table(row | cells))
    assert len(known_on(periods, dt.date.fromisoformat(day))) == seen


def test_known_on_takes_the_first_vintage(make_row):
    row = make_row("Oracle", "2020-02-29", 396) | {"capex_first_reported_musd": "390"}
    (period,) = known_on(read_periods(table(row)), dt.date(2030, 1, 1))
    assert period.capex_usd_bn == 0.390


@pytest.mark.parametrize(
    "cells",
    [
        {"filed": "", "first_filed": ""},
        {"capex_first_reported_musd": "", "filed_latest": "2025-01-01"},
        {"capex_first_reported_musd": "", "filed": "", "filed_latest": ""},
    ],
)
def test_unknown_date_or_unknown_first_amount_is_not_known(make_row, cells):
    periods = read_periods(table(make_row("Oracle", "2020-02-29", 396) | cells))
    assert known_on(periods, dt.date(2030, 1, 1)) == ()


def test_only_filing_is_its_own_first_vintage(make_row):
    row = make_row("Oracle", "2020-02-29", 396) | {"capex_first_reported_musd": ""}
    assert read_periods(table(row))[0].first_reported_usd_bn == 0.396


def test_nothing_real_is_known_before_its_period_ended(periods_table):
    periods = read_periods(periods_table)
    assert all(period.known_from > period.end for period in periods if period.known_from)
