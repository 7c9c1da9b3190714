"""Verdicts and figures as the facts have them, worked out by hand, not read from our answer."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from marketshock.api import reconcile_losses
from marketshock.desk import Desk
from marketshock.note.claims import Claims
from marketshock.note.facts import NoteFacts
from marketshock.note.reconciliation import NoteReconciliation, reconcile_note
from marketshock.note.verdict import VERDICTS
from marketshock.table import Table, json_value

# id, printed, recomputed by hand from the raw figures, tolerance of this test, verdict
BY_HAND: list[tuple[str, Any, Any, float, str]] = [
    ("capex.2018", 65, 64.5, 0.1, "match"),
    ("capex.2022", 123, 121.9, 0.1, "match"),
    ("capex.2023", 126, 126.3, 0.1, "match"),
    ("capex.2024", 197, None, 0, "not_computable"),
    ("capex.2010", 7, None, 0, "not_computable"),
    ("loss.NVDA.2025-01-27", -590, (118.42 - 142.62) * 24.49, 0.01, "rounding"),
    ("loss.META.2022-02-03", -251, (237.76 - 323.0) * 2.814, 0.05, "basis"),
    ("loss.NVDA.2024-07-17", -205, -8.37 * 24.6, 0.01, "match"),
    ("loss.AMZN.2022-04-29", -206, -206.7, 0.06, "match"),
    ("loss_list", 10, 9, 0, "wrong"),
    ("nvidia_move", -17, 100 * (118.42 / 142.62 - 1), 1e-9, "match"),
    ("nvidia_loss", -600, (118.42 - 142.62) * 24.49, 0.01, "rounding"),
    ("nvidia_rank", 1, 1, 0, "match"),
    ("nvidia_two_years", 5, 120.07 * 24.49 / (19.537 * 24.6), 0.01, "basis"),
    ("index_weight", 9, 100 * 4.83 / 53.26, 0.02, "match"),
    ("token_price.input.DeepSeek-V3", 0.14, 0.14, 0, "outdated"),
    ("token_price.output.DeepSeek-V3", 0.25, 0.28, 0, "wrong"),
    ("token_price.output.o1", 60, 60, 0, "match"),
    ("token_delta.v3_input", -94, 100 * (0.14 / 2.5 - 1), 1e-9, "outdated"),
    ("token_delta.v3_output", -98, 100 * (0.28 / 10 - 1), 1e-9, "wrong"),
    ("token_delta.r1_input", -96, 100 * (0.55 / 15 - 1), 1e-9, "match"),
    ("token_delta.r1_output", -96, 100 * (2.19 / 60 - 1), 1e-9, "match"),
    ("cheaper.low", 20, 2.5 / 0.14, 1e-9, "wrong"),
    ("cheaper.high", 40, 10 / 0.28, 1e-9, "wrong"),
    ("score.QwQ-32B-Preview.aime2024_pass1", 50, 50, 0, "match"),
    ("training_hours", 2788000, 2664000 + 119000 + 5000, 0, "match"),
    ("training_cost", 5576000, 2 * (2664000 + 119000 + 5000), 0, "match"),
    ("training_headline", 6e6, 5576000, 0, "rounding"),
    ("training_days", 57, 2788000 / 2048 / 24, 1e-9, "match"),
    ("training_years", 318, 2788000 / 24 / 365.25, 1e-9, "match"),
    ("spoken.gpt4o", 10, 10 / 0.28, 1e-9, "basis"),
    ("spoken.sonnet", 15, 15 / 0.28, 1e-9, "basis"),
    ("stargate_total", 500, None, 0, "not_computable"),
    ("chips_model", 2021, 2023, 0, "wrong"),
    ("export_rule", dt.date(2022, 10, 7), dt.date(2022, 10, 7), 0, "match"),
    ("r1_release", dt.date(2025, 1, 20), dt.date(2025, 1, 20), 0, "match"),
    ("azure", dt.date(2025, 1, 30), dt.date(2025, 1, 29), 0, "wrong"),
    ("teachers", "Qwen, Llama", "DeepSeek-R1", 0, "wrong"),
    ("sonnet_maker", "DeepMind", "Anthropic", 0, "wrong"),
    ("meta_spending", 200, 176.8, 0.1, "wrong"),
    ("h100_claim", 50000, None, 0, "not_computable"),
]
# Figures that the note prints outside its tables, in its order.
SCALARS = [
    *(10, -17, -600, 1, -1000, 5, 9),
    *(-94, -98, -96, -96, 20, 40),
    *(2788000, 2048, 2, 5576000, 6000000, 57, 318),
    *(10, 15, 100, 500, 8, 2015, 10000, 2021, 200, 18, 200, 50000),
]
TABLES = [
    ("capex_published", "total_usd_bn"),
    ("losses_published", "printed_usd_bn"),
    ("token_prices", "printed_input_usd_per_m"),
    ("token_prices", "printed_output_usd_per_m"),
    ("benchmarks", "printed_value"),
]
PASSAGES = 21


@pytest.mark.parametrize(("name", "printed", "value", "near", "verdict"), BY_HAND)
def test_figure_and_verdict(
    found: NoteReconciliation, name: str, printed: Any, value: Any, near: float, verdict: str
) -> None:
    item = found[name]
    assert item.printed == printed
    if isinstance(value, (int, float)):
        assert item.recomputed == pytest.approx(value, abs=near or 1e-12)
    else:
        assert item.recomputed == value
    assert item.verdict == verdict


def test_every_printed_figure_stands_exactly_once(
    found: NoteReconciliation, data_folder: Path
) -> None:
    numbers = [float(value) for value in SCALARS]
    for table, column in TABLES:
        with (data_folder / f"{table}.csv").open(encoding="utf-8") as file:
            numbers += [float(row[column]) for row in csv.DictReader(file) if row[column]]
    printed = [item.printed for item in found.items if isinstance(item.printed, float)]
    assert Counter(printed) == Counter(numbers)
    assert len({item.id for item in found.items}) == len(found)
    assert {item.item for item in found.items} == set(range(1, PASSAGES + 1))


def test_every_passage_stands_in_the_order_of_the_note(found: NoteReconciliation) -> None:
    items = [item.item for item in found.items]
    assert items == sorted(items)


def test_every_item_can_be_read_and_traced(found: NoteReconciliation) -> None:
    for item in found.items:
        assert item.verdict in VERDICTS
        assert item.claim.en != item.claim.it
        assert item.explanation.en.endswith(".")
        assert item.explanation.it.endswith(".")
        assert "{" not in item.explanation.en + item.explanation.it
        assert item.sources
        assert bool(item.inputs) != bool(item.quote)
        assert (item.recomputed is None) == (item.verdict == "not_computable")


def test_losses_agree_with_the_reconciled_ranking(found: NoteReconciliation, desk: Desk) -> None:
    for row in reconcile_losses(desk=desk).rows:
        if row.published_rank is not None:
            item = found[f"loss.{row.symbol}.{row.date}"]
            assert (item.recomputed, item.verdict) == (row.computed_usd_bn, row.verdict)


def test_the_bases_behind_the_first_and_the_third_loss_are_told(found: NoteReconciliation) -> None:
    assert "588.7" in found["loss.NVDA.2025-01-27"].explanation.en
    meta = found["loss.META.2022-02-03"].explanation
    assert all(figure in meta.en for figure in ("239.9", "232.0", "251.3"))
    assert "251,3" in meta.it


def test_rows_that_the_list_lacks_are_named(found: NoteReconciliation) -> None:
    told = found["loss_list"].explanation.en
    assert "Broadcom 27 Jan 2025" in told
    assert "Microsoft 30 Jan 2025" in told


def test_a_ranking_never_claims_to_be_of_all_times(found: NoteReconciliation) -> None:
    told = found["nvidia_rank"].explanation.en
    assert "companies with share counts since 2015" in told
    assert not any("largest ever" in item.explanation.en for item in found.items)


def without_printed(name: str, table: Table) -> Table:
    """Return a table whose printed figures are all alike."""
    columns = {
        key: tuple(None if value is None else 12345.0 for value in values)
        if key.startswith("printed") or (name, key) == ("capex_published", "total_usd_bn")
        else values
        for key, values in table.columns.items()
    }
    dropped = ("note_value", "verdict", "computed")
    return Table(name, {key: values for key, values in columns.items() if key not in dropped})


def test_what_was_printed_changes_no_recomputed_figure(
    claims: Claims, facts: NoteFacts, found: NoteReconciliation
) -> None:
    blind = dataclasses.replace(facts, table=lambda name: without_printed(name, facts.table(name)))
    again = reconcile_note(claims, blind)
    assert [item.id for item in again.items] == [item.id for item in found.items]
    assert [item.recomputed for item in again.items] == [item.recomputed for item in found.items]
    assert again["training_days"].verdict == "wrong"


@pytest.mark.parametrize(
    ("table", "where", "cells", "name", "verdict"),
    [
        (
            "token_prices",
            {"model": "DeepSeek-V3", "input_usd_per_m": 0.14},
            {"output_usd_per_m": 0.25},
            "token_price.output.DeepSeek-V3",
            "outdated",
        ),
        (
            "token_prices",
            {"model": "Claude 3.5 Sonnet"},
            {"provider": "DeepMind"},
            "sonnet_maker",
            "match",
        ),
        (
            "training_cost",
            {"item": "pre_training_gpu_hours"},
            {"published_value": 2750000.0},
            "training_days",
            "wrong",
        ),
        (
            "benchmarks",
            {"model": "QwQ-32B-Preview", "metric": "aime2024_pass1"},
            {"paper_value": 44.0},
            "score.QwQ-32B-Preview.aime2024_pass1",
            "wrong",
        ),
        (
            "capex",
            {"symbol": "META", "scope": "total", "frequency": "A", "fiscal_label": "FY2023"},
            {"capex_musd": 31045.0},
            "capex.2023",
            "wrong",
        ),
        (
            "losses_inputs",
            {"symbol": "META", "item": "shares_old"},
            {"value": 2.6e9},
            "loss.META.2022-02-03",
            "wrong",
        ),
        ("timeline", {"date": "2025-01-29"}, {"date": "2025-01-30"}, "azure", "match"),
        (
            "sp500_market_value",
            {"date": dt.date(2024, 12, 31), "basis": "total"},
            {"market_value_usd_tn": 60.0},
            "index_weight",
            "wrong",
        ),
    ],
)
def test_one_cell_changes_the_verdict(
    claims: Claims,
    found: NoteReconciliation,
    changed: Any,
    table: str,
    where: dict[str, Any],
    cells: dict[str, Any],
    name: str,
    verdict: str,
) -> None:
    one = dataclasses.replace(
        claims, claims=tuple(c for c in claims.claims if name.startswith(c.id))
    )
    again = reconcile_note(one, changed(table, where, cells))
    assert again[name].verdict == verdict != found[name].verdict


def test_the_answer_is_plain_json(found: NoteReconciliation) -> None:
    answer = json.loads(json.dumps(json_value(found.as_dict()), allow_nan=False))
    assert sum(answer["counts"].values()) == len(answer["items"]) == len(found)
    keys = "id claim printed recomputed unit tolerance verdict explanation status inputs sources"
    for item in answer["items"]:
        assert set(keys.split()) <= set(item)
        assert set(item["claim"]) == set(item["explanation"]) == {"en", "it"}


def test_the_table_speaks_one_language(found: NoteReconciliation) -> None:
    english, italian = found.table("en"), found.table("it")
    assert len(english) == len(italian) == len(found)
    assert english["explanation"] != italian["explanation"]
    assert italian["printed"] == english["printed"]
