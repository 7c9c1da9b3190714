"""The shock sheet: the shock on one side, notes and method overleaf, for any event or day."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from marketshock.publish.report import report

ASKED = {
    "tariffs_2025": {"event": "tariffs_2025"},
    "covid_crash_2020": {"event": "covid_crash_2020"},
    "2025-04-03": {"date": "2025-04-03", "symbols": "AAPL,NVDA"},
}


FIGURE = {"en": "Figure 4", "it": "Figura 4"}


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        pytest.param("tariffs_2025", "it", marks=pytest.mark.slow),
        pytest.param("2025-04-03", "en", marks=pytest.mark.slow),
        pytest.param("covid_crash_2020", "en", marks=pytest.mark.long),
        pytest.param("covid_crash_2020", "it", marks=pytest.mark.long),
    ],
)
def test_the_shock_is_on_one_side(tmp_path: Path, name: str, lang: str) -> None:
    made = report("shock", parameters=ASKED[name], lang=lang, out=tmp_path)
    assert made.files[0].name.startswith(f"shock-{name}")
    front, back = PdfReader(made.files[0]).pages
    assert FIGURE[lang] in front.extract_text()
    notes = "Notes to the exhibits" if lang == "en" else "Note a figure e tabelle"
    assert notes in back.extract_text()
    assert notes not in front.extract_text()
