"""The real tables, and a builder of small ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marketshock.table import Table

MakeRow = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def periods_table(data_folder: Path) -> Table:
    return Table.from_csv("capex", (data_folder / "capex.csv").read_text("utf-8"))


@pytest.fixture(scope="session")
def published_table(data_folder: Path) -> Table:
    return Table.from_csv("capex_published", (data_folder / "capex_published.csv").read_text())


@pytest.fixture(scope="session")
def guidance_table(data_folder: Path) -> Table:
    return Table.from_csv("capex_guidance", (data_folder / "capex_guidance.csv").read_text("utf-8"))


@pytest.fixture(scope="session")
def no_published() -> Table:
    columns = ("year", "total_usd_bn", "kind", "as_of", "publisher", "source", "status")
    return Table("capex_published", dict.fromkeys(columns, ()))


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """Return a builder of one row; a quarter unless told, filed 30 days after its end."""

    def make(company: str, end: str, amount: object, **cells: Any) -> dict[str, Any]:
        last = dt.date.fromisoformat(end)
        frequency = cells.get("frequency", "Q")
        first = last - dt.timedelta(days=90 if frequency == "Q" else 364)
        filed = (last + dt.timedelta(days=30)).isoformat()
        row = {
            "company": company,
            "scope": "total",
            "frequency": frequency,
            "period_start": first.isoformat(),
            "period_end": end,
            "fiscal_label": f"period to {end}",
            "capex_musd": str(amount),
            "capex_first_reported_musd": str(amount),
            "filed": filed,
            "first_filed": filed,
            "filed_latest": filed,
            "status": "verified2",
            "source": "a test",
        }
        return row | cells

    return make


@pytest.fixture(scope="session")
def five_companies(make_row: MakeRow) -> list[dict[str, Any]]:
    """Two years of five companies; every quarter of company i in year y is 1000 (i + y)."""
    ends = ("03-31", "06-30", "09-30", "12-31")
    rows = []
    for y, year in enumerate((2020, 2021)):
        for i, company in enumerate(("Alphabet", "Amazon", "Meta", "Microsoft"), 1):
            rows += [make_row(company, f"{year}-{end}", 1000 * (i + y)) for end in ends]
            scope = "aws" if company == "Amazon" else "total"
            if company != "Microsoft":
                amount = 4000 * (i + y)
                rows.append(make_row(company, f"{year}-12-31", amount, frequency="A", scope=scope))
        ends_oracle = ("02-28", "05-31", "08-31", "11-30")
        rows += [make_row("Oracle", f"{year}-{end}", 1000 * (5 + y)) for end in ends_oracle]
    return rows
