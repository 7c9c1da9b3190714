from __future__ import annotations

import datetime as dt

import pytest

from marketshock.capex import read_published
from marketshock.capex.published import last_day
from marketshock.errors import DataCorruptError
from marketshock.table import Table

ROW = {
    "year": "2023",
    "total_usd_bn": "126",
    "kind": "actual",
    "as_of": "2025-01",
    "publisher": "A bank",
    "source": "a test",
    "status": "verified1",
}


def table(*changes):
    return Table.from_rows("published", [ROW | change for change in changes])


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-11", dt.date(2024, 11, 30)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2024-12", dt.date(2024, 12, 31)),
        ("2024-11-05", dt.date(2024, 11, 5)),
        (dt.date(2024, 11, 5), dt.date(2024, 11, 5)),
        ("", None),
        (None, None),
    ],
)
def test_month_counts_from_its_last_day(cell, day):
    assert last_day(cell) == day


@pytest.mark.parametrize("cell", ["2024-13", "2024-00", "November", "2024"])
def test_neither_day_nor_month(cell):
    with pytest.raises(ValueError, match=r"month|isoformat|invalid literal"):
        last_day(cell)


def test_real_totals(published_table):
    totals = read_published(published_table)
    assert list(totals) == list(range(2004, 2027))
    assert [year for year, entry in totals.items() if entry.projection] == [2024, 2025, 2026]


@pytest.mark.parametrize(("day", "known"), [("2025-01-30", 0), ("2025-01-31", 1)])
def test_published_later_is_not_known(day, known):
    assert len(read_published(table({}), dt.date.fromisoformat(day))) == known


def test_undated_total_is_not_known_in_a_point_in_time_view():
    undated = table({"as_of": ""})
    assert read_published(undated, dt.date(2030, 1, 1)) == {}
    assert list(read_published(undated)) == [2023]


@pytest.mark.parametrize("order", [1, -1])
def test_newest_total_of_a_year_counts(order):
    newer = {"as_of": "2025-07", "total_usd_bn": "127"}
    both = table(*[{}, newer][::order])
    assert read_published(both)[2023].usd_bn == 127
    assert read_published(both, dt.date(2025, 3, 1))[2023].usd_bn == 126


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([{}, {"total_usd_bn": "127"}], "two totals for 2023"),
        ([{}, {"year": "2024", "publisher": "Another"}], "mixes the publishers A bank, Another"),
        ([{"kind": "projecton"}], "unknown kind"),
        ([{"status": "sure"}], "not a valid Status"),
        ([{"total_usd_bn": ""}], "could not convert"),
        ([{"total_usd_bn": "nan"}], "is nan"),
    ],
)
def test_bad_tables_are_refused(changes, words):
    with pytest.raises(DataCorruptError, match=words):
        read_published(table(*changes))


def test_missing_column():
    with pytest.raises(DataCorruptError, match="lacks the columns"):
        read_published(Table("published", {"year": ()}))
