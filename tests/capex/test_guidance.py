from __future__ import annotations

import datetime as dt

import pytest

from marketshock.capex import guidance_known_on
from marketshock.errors import DataCorruptError, UserInputError
from marketshock.provenance import Status
from marketshock.table import Table

ROW = {
    "symbol": "META",
    "fiscal_year": "FY2025",
    "low_musd": "60000",
    "high_musd": "65000",
    "announced": "2025-01-24",
    "kind": "guidance",
    "status": "verified2",
}


def table(*changes):
    return Table.from_rows("guidance", [ROW | change for change in changes])


@pytest.mark.parametrize(
    ("day", "symbol", "expected"),
    [
        ("2025-02-02", "META", (60.0, 65.0)),
        ("2025-01-23", "META", (38.0, 40.0)),
        ("2025-02-03", "GOOGL", None),
        ("2025-02-04", "GOOGL", (75.0, 75.0)),
        ("2025-02-05", "AMZN", (75.0, 75.0)),
        ("2025-02-06", "AMZN", (100.0, 100.0)),
        ("2025-02-02", "MSFT", (80.0, 80.0)),
    ],
)
def test_real_guidance(guidance_table, day, symbol, expected):
    found = guidance_known_on(guidance_table, dt.date.fromisoformat(day), symbol)
    assert (found and (found.low_usd_bn, found.high_usd_bn)) == expected


def test_consensus_is_asked_for_by_its_kind(guidance_table):
    day = dt.date(2025, 2, 3)
    assert guidance_known_on(guidance_table, day, "GOOGL", "consensus").low_usd_bn == 59.73


@pytest.mark.parametrize(("day", "known"), [("2024-11-29", False), ("2024-11-30", True)])
def test_month_alone_is_known_from_its_end(day, known):
    found = guidance_known_on(table({"announced": "2024-11"}), dt.date.fromisoformat(day), "META")
    assert (found is not None) is known


def test_undated_row_is_never_known():
    assert guidance_known_on(table({"announced": ""}), dt.date(2030, 1, 1), "META") is None


@pytest.mark.parametrize("order", [1, -1])
def test_of_one_day_the_later_year_counts(order):
    both = table(*[{}, {"fiscal_year": "FY2026"}][::order])
    assert guidance_known_on(both, dt.date(2025, 2, 1), "META").fiscal_year == "FY2026"


def test_status_travels_along():
    found = guidance_known_on(table({"status": "recalled"}), dt.date(2025, 2, 1), "META")
    assert found.status is Status.RECALLED


def test_unknown_symbol_gets_a_hint():
    with pytest.raises(UserInputError, match="Did you mean META"):
        guidance_known_on(table({}), dt.date(2025, 2, 1), "MTA")


@pytest.mark.parametrize(
    "change",
    [
        {"low_musd": "70000"},
        {"low_musd": ""},
        {"low_musd": "nan"},
        {"announced": "spring"},
        {"status": "sure"},
    ],
)
def test_bad_rows_are_refused(change):
    with pytest.raises(DataCorruptError, match="Guidance of META"):
        guidance_known_on(table(change), dt.date(2025, 2, 1), "META")


def test_missing_column():
    with pytest.raises(DataCorruptError, match="lacks the column 'kind'"):
        guidance_known_on(
            Table.from_rows("guidance", [{"symbol": "META"}]), dt.date(2025, 2, 1), "META"
        )
