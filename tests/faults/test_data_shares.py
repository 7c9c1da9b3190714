"""Faults of share counts, by their id, through the command line on a changed copy of the data."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from data_copy import DAY, DataCopy, Row

from marketshock.market.shares import ShareCounts
from marketshock.market.splits import Split, SplitTable
from marketshock.market.universe import Instrument
from marketshock.quality.gate import gate
from marketshock.quality.shares import ShareEvidence
from marketshock.table import Table

COUNT = {"share_class": "common", "kind": "cover", "form": "10-Q cover"}
SOURCE = {"source": "test", "status": "verified1"}


def file(data: DataCopy, symbol: str, as_of: str, filed: str, shares: float, **cells: str) -> None:
    """Add one share count."""
    row = COUNT | SOURCE | cells
    data.add("shares", symbol=symbol, as_of=as_of, filed=filed, shares=repr(shares), **row)


def blocked(data: DataCopy, code: str, *words: str) -> None:
    """Both answers that print dollars of Nvidia are refused and nothing is written."""
    answer = data.losses()
    assert (answer.code, answer.out) == (3, "")
    for word in (f"({code})", *words):
        assert word in answer.err


def test_d14_a_new_count_on_the_day_is_printed(data: DataCopy) -> None:
    file(data, "NVDA", "2025-01-20", DAY, 24.49e9 * 1.03)
    for answer in (data.study(), data.losses("--since", DAY, "--as-of", DAY)):
        ((level, text),) = answer.findings("D14")
        assert level == "FOOTNOTE"
        assert "NVDA: a filing of 27 January 2025 changed the share count by +3.0%" in text
    rows = data.losses("--since", DAY, "--as-of", DAY).json["rows"]
    row = next(row for row in rows if row["symbol"] == "NVDA")
    assert row["shares_bn"] == pytest.approx(24.49)


def test_d14_a_small_change_is_no_footnote(data: DataCopy) -> None:
    file(data, "NVDA", "2025-01-20", DAY, 24.49e9 * 1.004)
    assert data.study().findings("D14") == []


def test_d15_two_counts_of_one_day_block_and_both_are_shown(data: DataCopy) -> None:
    """One vendor gave 7.432 and 7.698 billion shares of Microsoft for one day."""
    for form, count in (("10-Q cover", 7.432e9), ("vendor", 7.698e9)):
        file(data, "MSFT", "2024-12-31", "2025-01-29", count, form=form)
    blocked(data, "D15", "MSFT: two share counts of 2024-12-31: 7.432bn, 7.698bn")


def test_d15_a_diluted_average_beside_the_cover_is_no_conflict(data: DataCopy) -> None:
    file(data, "NVDA", "2025-01-10", "2025-01-15", 24.5e9)
    file(data, "NVDA", "2025-01-10", "2025-01-15", 24.8e9, kind="weighted_diluted", form="10-Q")
    assert data.losses().findings("D15") == []


def test_d15_a_count_that_goes_and_comes_back_blocks(data: DataCopy) -> None:
    for day, count in (("05", 15.1e9), ("15", 16.2e9), ("25", 15.1e9)):
        file(data, "AAPL", f"2024-12-{day}", f"2024-12-{day}", count)
    blocked(data, "D15", "AAPL: share counts go and come back", "15.100bn, 16.200bn, 15.100bn")


def test_d15_an_old_count_is_printed_with_its_day(data: DataCopy) -> None:
    data.change(
        "shares",
        lambda row: None if "2024-03-31" < row["filed"] < "2025-02-01" else row,
        symbol="NVDA",
    )
    for answer in (data.study(), data.losses("--since", DAY, "--as-of", DAY)):
        ((level, text),) = (one for one in answer.findings("D15") if "NVDA" in one[1])
        assert level == "FOOTNOTE"
        assert "NVDA: the share count used for" in text
        assert "2024" in text


def test_d16_ordinary_shares_on_the_price_of_a_receipt_block(data: DataCopy) -> None:
    """Five ordinary shares of TSMC stand behind one receipt: 25.9 billion are 5.19 billion."""
    every = data.run("losses", "--format", "json", "--top", "200").json["rows"]
    assert "TSM" not in {row["symbol"] for row in every}
    file(data, "TSM", "2024-12-31", "2025-01-16", 25.93e9)
    blocked(data, "D16", "TSM: ordinary shares stand where depositary receipts are priced")


def bonus_issue(listed: bool) -> ShareEvidence:
    """One new share for each: 6.77 billion reported before, 13.53 billion after."""
    issue = dt.date(2024, 10, 28)
    columns = ("symbol", "share_class", "as_of", "filed", "kind", "shares", "shares_as_reported",
               "form", "status")  # fmt: skip
    before, after = dt.date(2024, 7, 19), dt.date(2025, 1, 16)
    old = 13.53e9 if listed else 6.765e9
    rows = [
        ("R", "common", before, before, "cover", old, 6.765e9, "a", "verified1"),
        ("R", "common", after, after, "cover", 13.53e9, 13.53e9, "a", "verified1"),
    ]  # fmt: skip
    table = Table.from_rows("shares", [dict(zip(columns, row, strict=True)) for row in rows])
    card = Instrument("R", "R", "R", "stock", "NYSE", "USD", "", "", "R", before, after)
    splits = SplitTable((Split("R", issue, 2.0, "split"),) if listed else ())
    return ShareEvidence(
        table, ShareCounts.from_table(table), {"R": card}, splits, dt.date(2024, 1, 1)
    )


def test_d16_a_bonus_issue_in_the_table_of_splits_is_never_corrected() -> None:
    evidence = bonus_issue(listed=True)
    assert gate(shares=evidence) == ()
    assert ShareCounts.from_table(evidence.table).filings["R"][-1].count == 13.53e9
    (finding,) = gate(shares=bonus_issue(listed=False))
    assert (finding.level, finding.code) == ("BLOCK", "D18")


def test_d17_one_class_in_place_of_the_company_blocks(data: DataCopy) -> None:
    """Class A of Alphabet alone is less than half of it."""

    def class_a(row: Row) -> Row:
        return row | {"shares": repr(float(row["shares"]) / 2.08), "shares_as_reported": ""}

    data.change("shares", class_a, symbol="GOOGL", share_class="total")
    blocked(data, "D17", "GOOGL: the count of the company is not the sum of its classes")


def test_d17_a_company_with_two_lines_is_counted_once(data: DataCopy) -> None:
    file(data, "GOOG", "2024-10-22", "2024-10-30", 12.24e9)
    blocked(data, "D17", "Alphabet would be counted once for each of GOOG, GOOGL")


def test_d17_classes_that_do_not_add_up_block(data: DataCopy) -> None:
    data.change(
        "shares",
        lambda row: row | {"shares": repr(float(row["shares"]) / 2)},
        symbol="GOOGL",
        share_class="A",
    )
    blocked(data, "D17", "GOOGL: the count of the company is not the sum of its classes")


@pytest.mark.parametrize("ratio", [2.0, 10.0])
def test_d18_market_values_do_not_know_splits(data: DataCopy, ratio: float) -> None:
    """A split after the last session: prices divided, counts multiplied, no dollar changed."""
    before = data.losses().json["rows"]
    day = "2025-03-31"
    data.scale("NVDA", "2026-01-01", 1 / ratio, ratio)
    data.change(
        "shares", lambda row: row | {"shares": repr(float(row["shares"]) * ratio)}, symbol="NVDA"
    )
    data.change(
        "shares",
        lambda row: (
            row
            | {
                "shares_as_reported": row["shares_as_reported"]
                if row["filed"] < day
                else repr(float(row["shares_as_reported"]) * ratio)
            }
        ),
        symbol="NVDA",
    )
    data.add("splits", symbol="NVDA", date=day, ratio=repr(ratio), kind="split")
    after = data.losses().json["rows"]
    for key in ("symbol", "date"):
        assert [row[key] for row in after] == [row[key] for row in before]
    for key in ("loss_usd_bn", "shares_bn", "close"):
        found, expected = ([row[key] for row in rows] for rows in (after, before))
        assert found == pytest.approx(expected, rel=1e-3)


def test_d18_prices_divided_and_counts_not_block(data: DataCopy) -> None:
    data.scale("NVDA", "2026-01-01", 0.1, 10.0)
    data.add("splits", symbol="NVDA", date="2025-03-31", ratio="10", kind="split")
    blocked(data, "D18", "NVDA: the count of", "is not on the split basis of the prices")


def test_d18_a_count_that_jumps_without_a_split_blocks(data: DataCopy) -> None:
    file(data, "NVDA", "2025-01-10", "2025-01-15", 2.449e9)
    blocked(data, "D18", "NVDA: share counts jump with no split between: 24.490bn (2024-11-20)")


@pytest.mark.parametrize("currency", ["EUR", "GBp", "ZAc", "ILA", ""])
def test_d19_dollars_of_another_currency_block(data: DataCopy, currency: str) -> None:
    """No rate is applied anywhere, so pence never become pounds nor pounds dollars."""
    data.change("instruments", lambda row: row | {"currency": currency}, symbol="NVDA")
    blocked(data, "D19", f"NVDA is quoted in {currency or 'an unnamed currency'}, not in USD")
    assert data.study().code == 3


@pytest.mark.parametrize("unit", [100.0, 0.01])
def test_d19_a_change_to_pence_blocks(data: DataCopy, unit: float) -> None:
    data.scale("NVDA", "2025-01-15", unit)
    blocked(data, "D12", "NVDA: the move on 2025-01-15 is near 1:100", "pence")


def test_d25_one_vintage_names_every_figure(data: DataCopy) -> None:
    """Any changed table is another vintage, and all answers carry the same one."""
    first = {data.study().json["vintage"], data.losses().json["vintage"]}
    assert len(first) == 1
    file(data, "NVDA", "2025-03-20", "2025-03-21", 24.4e9)
    second = {data.study().json["vintage"], data.losses().json["vintage"]}
    assert len(second) == 1
    assert first.isdisjoint(second)


def test_no_finding_is_made_of_a_missing_table(data: DataCopy) -> None:
    assert gate() == ()
    assert np.isfinite(data.losses().json["rows"][0]["loss_usd_bn"])
