"""The claims and the facts of the embedded vintage, and a way to change one cell of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from marketshock.desk import Desk
from marketshock.note.claims import CLAIMS, Claims, read_claims
from marketshock.note.facts import NoteFacts
from marketshock.note.reconciliation import NoteReconciliation, reconcile_note
from marketshock.note_study import note_facts
from marketshock.table import Table

Changed = Callable[..., NoteFacts]


@pytest.fixture(scope="session")
def claims() -> Claims:
    return read_claims(CLAIMS.read_text("utf-8"))


@pytest.fixture(scope="session")
def facts(claims: Claims, desk: Desk) -> NoteFacts:
    return note_facts(claims, desk)


@pytest.fixture(scope="session")
def found(claims: Claims, facts: NoteFacts) -> NoteReconciliation:
    return reconcile_note(claims, facts)


@pytest.fixture(scope="session")
def changed(facts: NoteFacts) -> Changed:
    """Return the facts with some cells of one table changed: ``where`` names the rows."""

    def change(name: str, where: dict[str, Any], cells: dict[str, Any]) -> NoteFacts:
        hits = []

        def table(wanted: str) -> Table:
            original = facts.table(wanted)
            if wanted != name:
                return original
            rows = []
            for row in original:
                hit = all(row[key] == value for key, value in where.items())
                hits.append(hit)
                rows.append({**row, **cells} if hit else row)
            assert any(hits)
            return Table.from_rows(wanted, rows, tuple(original.columns))

        return dataclasses.replace(facts, table=table)

    return change
