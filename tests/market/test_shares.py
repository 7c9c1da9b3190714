from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.desk import Desk
from marketshock.market.shares import ShareCounts
from marketshock.provenance import Status
from marketshock.table import Table

COLUMNS = ("symbol", "share_class", "as_of", "filed", "kind", "shares", "form", "status")


def row(as_of: str, filed: str | None, shares: float, **cells: Any) -> dict[str, Any]:
    plain = {
        "symbol": "NVDA",
        "share_class": "common",
        "as_of": dt.date.fromisoformat(as_of),
        "filed": dt.date.fromisoformat(filed) if filed else None,
        "kind": "cover",
        "shares": shares,
        "form": "10-Q",
        "status": "verified2",
    }
    return plain | cells


def counts(*rows: dict[str, Any]) -> ShareCounts:
    return ShareCounts.from_table(Table.from_rows("shares", rows, COLUMNS))


def known(shares: ShareCounts, day: str, symbol: str = "NVDA") -> float | None:
    found = shares.known_before(symbol, dt.date.fromisoformat(day))
    return None if found is None else found.count


TWO = (row("2024-08-23", "2024-08-28", 24.53e9), row("2024-11-15", "2024-11-20", 24.49e9))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-08-27", None),
        ("2024-08-28", None),
        ("2024-08-29", 24.53e9),
        ("2024-11-20", 24.53e9),
        ("2024-11-21", 24.49e9),
        ("2026-01-01", 24.49e9),
    ],
)
def test_a_filing_counts_only_after_its_own_day(day: str, expected: float | None) -> None:
    assert known(counts(*TWO), day) == expected


def test_known_on_takes_the_filing_of_the_day_itself() -> None:
    found = counts(*TWO).known_on("NVDA", dt.date(2024, 11, 20))
    assert found is not None
    assert found.count == 24.49e9


def test_the_order_of_rows_does_not_matter() -> None:
    assert counts(*TWO) == counts(*reversed(TWO))


@pytest.mark.parametrize(("age", "used"), [(149, True), (150, True), (151, False)])
def test_a_count_older_than_150_days_in_its_filing_is_a_comparative(age: int, used: bool) -> None:
    filed = dt.date(2024, 11, 20)
    old = row((filed - dt.timedelta(days=age)).isoformat(), "2024-11-20", 24.4e9)
    assert known(counts(TWO[0], old), "2024-12-01") == (24.4e9 if used else 24.53e9)


def test_a_restated_comparative_does_not_beat_the_newer_weaker_kind() -> None:
    shares = counts(
        row("2024-01-28", "2024-11-20", 25.0e9, kind="balance"),
        row("2024-10-27", "2024-11-20", 24.6e9, kind="weighted_basic"),
    )
    assert known(shares, "2024-12-01") == 24.6e9


KINDS = ("cover", "balance", "weighted_basic", "weighted_diluted")


@pytest.mark.parametrize("best", range(4))
def test_inside_one_filing_the_best_kind_wins(best: int) -> None:
    rows = [
        row("2024-10-27", "2024-11-20", 24e9 + number, kind=kind)
        for number, kind in enumerate(KINDS)
        if number >= best
    ]
    found = counts(*reversed(rows)).known_before("NVDA", dt.date(2024, 12, 1))
    assert found is not None
    assert (found.kind, found.count) == (KINDS[best], 24e9 + best)


def test_of_one_kind_the_newest_wins() -> None:
    shares = counts(
        row("2024-11-15", "2024-11-20", 24.49e9), row("2024-07-30", "2024-11-20", 24.60e9)
    )
    assert known(shares, "2024-12-01") == 24.49e9


def test_a_later_filing_wins_even_with_a_weaker_kind() -> None:
    shares = counts(TWO[0], row("2024-10-27", "2024-11-20", 24.5e9, kind="weighted_diluted"))
    assert known(shares, "2024-12-01") == 24.5e9


def test_a_count_without_filing_day_is_never_used() -> None:
    assert "NVDA" not in counts(row("2024-10-27", None, 24.5e9))
    assert known(counts(TWO[0], row("2024-10-27", None, 24.5e9)), "2026-01-01") == 24.53e9


def test_a_derived_count_is_never_used() -> None:
    assert "NVDA" not in counts(row("2024-10-27", "2024-11-20", 24.5e9, kind="derived"))


def test_share_classes_are_not_summed() -> None:
    classes = [
        row("2025-01-28", "2025-02-05", number, symbol="GOOGL", share_class=name)
        for name, number in (("A", 5.833e9), ("B", 0.860e9), ("C", 5.497e9))
    ]
    assert "GOOGL" not in counts(*classes)
    total = row("2025-01-28", "2025-02-05", 12.19e9, symbol="GOOGL", share_class="total")
    assert known(counts(*classes, total), "2025-02-06", "GOOGL") == 12.19e9


def test_an_unknown_symbol_has_no_count() -> None:
    assert known(counts(*TWO), "2025-01-27", "AAPL") is None
    assert "AAPL" not in counts(*TWO)


def test_a_recalled_count_stays_marked() -> None:
    found = counts(row("2022-01-28", "2022-02-03", 2.722e9, status="recalled")).known_before(
        "NVDA", dt.date(2022, 2, 4)
    )
    assert found is not None
    assert found.status is Status.RECALLED


@pytest.mark.parametrize(
    ("symbol", "day", "count", "kind"),
    [
        ("NVDA", "2025-01-27", 24.49e9, "cover"),
        ("META", "2022-02-03", 2.814e9, "weighted_basic"),
        ("AVGO", "2025-01-27", 4_687_356_156, "cover"),
        ("NVDA", "2024-08-28", 24.60e9, "cover"),
        ("NVDA", "2024-08-29", 24.53e9, "cover"),
    ],
)
def test_counts_that_were_known(desk: Desk, symbol: str, day: str, count: float, kind: str) -> None:
    found = desk.values.shares.known_before(symbol, dt.date.fromisoformat(day))
    assert found is not None
    assert found.count == pytest.approx(count, rel=1e-12)
    assert found.kind == kind
    assert found.filed < dt.date.fromisoformat(day)


def test_alphabet_is_counted_with_all_classes_and_once(desk: Desk) -> None:
    found = desk.values.shares.known_before("GOOGL", dt.date(2025, 2, 6))
    assert found is not None
    assert found.count == 12.19e9
    assert "GOOG" not in desk.values.shares


@pytest.fixture(scope="module")
def raw_shares(data_folder: Path) -> list[dict[str, str]]:
    with (data_folder / "shares.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@given(data=st.data(), day=st.dates(dt.date(2013, 1, 1), dt.date(2026, 8, 21)))
def test_the_rule_holds_on_every_day_of_the_real_table(
    desk: Desk, raw_shares: list[dict[str, str]], data: st.DataObject, day: dt.date
) -> None:
    symbol = data.draw(st.sampled_from(sorted({r["symbol"] for r in raw_shares})))
    candidates = []
    for r in raw_shares:
        if r["symbol"] != symbol or not r["filed"] or r["share_class"] not in ("common", "total"):
            continue
        as_of, filed = (dt.date.fromisoformat(r[key]) for key in ("as_of", "filed"))
        if filed < day and (filed - as_of).days <= 150 and r["kind"] in KINDS:
            candidates.append((filed, -KINDS.index(r["kind"]), as_of, float(r["shares"])))
    found = desk.values.shares.known_before(symbol, day)
    if not candidates:
        assert found is None
        return
    best = max(candidates)
    assert found is not None
    assert (found.filed, found.as_of, found.kind) == (best[0], best[2], KINDS[-best[1]])
