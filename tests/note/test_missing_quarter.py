"""A hole in the filings is told, never filled: no total, no verdict, no growth across it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from marketshock.capex import capex_trend, growth_trend
from marketshock.errors import InsufficientDataError, QualityError
from marketshock.exhibits.exhibit import Column, Exhibit
from marketshock.locale import Text
from marketshock.note.claims import Claims
from marketshock.note.facts import NoteFacts
from marketshock.note.reconciliation import NoteReconciliation, reconcile_note
from marketshock.provenance import Source
from marketshock.table import Table

LOST = {"symbol": "MSFT", "scope": "total", "frequency": "Q", "fiscal_label": "FY2023 Q4"}


@pytest.fixture(scope="session")
def holed(facts: NoteFacts) -> Table:
    """Capital expenditure without one quarter of Microsoft."""
    table = facts.table("capex")
    rows = [row for row in table if any(row[key] != value for key, value in LOST.items())]
    assert len(rows) == len(table) - 1
    return Table.from_rows("capex", rows)


def test_the_claim_of_that_year_is_not_computed(
    claims: Claims, facts: NoteFacts, found: NoteReconciliation, holed: Table
) -> None:
    def table(name: str) -> Table:
        return holed if name == "capex" else facts.table(name)

    yearly = dataclasses.replace(claims, claims=tuple(c for c in claims.claims if c.id == "capex"))
    again = reconcile_note(yearly, dataclasses.replace(facts, table=table))
    assert found["capex.2023"].verdict == "match"
    assert again["capex.2023"].verdict == "not_computable"
    assert again["capex.2023"].recomputed is None
    assert "do not hold all five companies" in again["capex.2023"].explanation.en
    assert again["capex.2022"].verdict == "match"


def test_its_quarter_has_no_total_and_growth_across_it_is_refused(
    facts: NoteFacts, holed: Table
) -> None:
    trend = capex_trend(holed, facts.table("capex_published"), by="quarter")
    with pytest.raises(InsufficientDataError, match="Microsoft"):
        trend.total("2023Q2")
    with pytest.raises(InsufficientDataError, match="has no amount"):
        growth_trend(trend, "2015Q1", "2026Q1")


def test_a_recalled_figure_without_its_mark_is_refused(found: NoteReconciliation) -> None:
    item = next(one for one in found.items if one.status.value == "recalled")
    words = Text("Claims", "Affermazioni")
    row: dict[str, Any] = {"claim": item.claim.en, "status": item.status.value}
    with pytest.raises(QualityError, match="without the mark"):
        Exhibit(
            "claims",
            words,
            words,
            Table.from_rows("claims", [row]),
            (Source(words),),
            words,
            columns=(Column("claim", words, lambda value, _: str(value), "left"),),
        )
