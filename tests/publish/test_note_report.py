"""The report on the note: its length, its order, and its honest words, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pypdf
import pytest

from marketshock.exhibits.exhibit import MIME
from marketshock.publish.report import report

FEWEST, MOST = 6, 8
ORDER = [
    *("losses_table", "reconciliation_table", "record_history", "rotation_bars", "basket_bars"),
    *("car_path", "capex_columns", "capex_outcomes", "capex_quarters", "capex_intensity"),
    *("token_price_table", "benchmark_table", "training_cost_table", "benchmark_scores"),
    *("compute_frontier", "timeline_path", "note_table", "note_corrections"),
]
WORDS = {
    "en": ("recomputed", "Corrections:", "Important information"),
    "it": ("ricalcolata", "Correzioni:", "Avvertenze"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "it"])
def test_the_note_is_recomputed_on_a_few_pages(tmp_path: Path, lang: str) -> None:
    pdf, executed = report("note", lang=lang, out=tmp_path).files
    assert pdf.name == f"note-{lang}.pdf"
    pages = pypdf.PdfReader(pdf).pages
    assert FEWEST <= len(pages) <= MOST
    text = "\n".join(page.extract_text() for page in pages)
    assert all(word in text for word in WORDS[lang])
    assert "largest ever" not in text
    shown = [
        output["data"][MIME]
        for cell in json.loads(executed.read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    assert [item["key"] for item in shown if "key" in item] == ORDER
    assert {item["lang"] for item in shown} == {lang}
