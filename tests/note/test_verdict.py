from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.note.verdict import VERDICTS, judge, printed_decimals, verdict_of

FIGURES = st.integers(-100_000, 100_000).map(lambda number: number / 100)


@pytest.mark.parametrize(
    ("printed", "recomputed", "tolerance", "decimals", "verdict"),
    [
        (57.0, 56.72, 0.5, 0, "match"),
        (-590.0, -592.7, 1.0, -1, "rounding"),
        (-205.0, -205.9, 0.5, 0, "rounding"),  # cut, not rounded
        (-251.0, -239.9, 1.0, 0, "wrong"),
        (6e6, 5.576e6, 0.0, -6, "rounding"),
        (-590.0, -592.7, 1.0, None, "rounding"),
        (20.0, 17.9, 0.5, 0, "wrong"),
    ],
)
def test_verdicts_of_one_basis(printed, recomputed, tolerance, decimals, verdict) -> None:
    assert judge(printed, recomputed, tolerance, decimals) == verdict


@pytest.mark.parametrize(
    ("printed", "decimals"),
    [(57.0, 0), (590.0, -1), (600.0, -2), (6e6, -6), (0.14, 2), (2.5, 1), (-1000.0, -3)],
)
def test_the_digits_that_a_number_shows(printed: float, decimals: int) -> None:
    assert printed_decimals(printed) == decimals


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({"printed": None, "recomputed": 5.0}, "not_computable"),
        ({"printed": 5.0, "recomputed": None}, "not_computable"),
        ({"printed": 5.0, "recomputed": 6.1, "decimals": 0}, "wrong"),
        ({"printed": 5.0, "recomputed": 6.1, "alternatives": [7.4, 5.8]}, "basis"),
        ({"printed": 5.0, "recomputed": 6.1, "alternatives": [7.4]}, "wrong"),
        ({"printed": 0.14, "recomputed": 0.14, "superseded_by": 0.27}, "outdated"),
        ({"printed": 0.14, "recomputed": 0.14, "superseded_by": 0.14}, "match"),
        ({"printed": 0.25, "recomputed": 0.28, "superseded_by": 1.10}, "wrong"),
        ({"printed": "DeepMind", "recomputed": "Anthropic"}, "wrong"),
        ({"printed": "A", "recomputed": "B", "alternatives": ["A"]}, "basis"),
        ({"printed": dt.date(2025, 1, 30), "recomputed": dt.date(2025, 1, 29)}, "wrong"),
        ({"printed": dt.date(2025, 1, 29), "recomputed": dt.date(2025, 1, 29)}, "match"),
    ],
)
def test_the_six_words(arguments, verdict) -> None:
    assert verdict_of(**arguments) == verdict


@given(FIGURES, st.floats(0, 10))
def test_what_is_recomputed_alike_matches(value: float, tolerance: float) -> None:
    assert verdict_of(value, value, tolerance=tolerance) == "match"


@given(FIGURES, FIGURES, st.floats(0, 10), st.lists(FIGURES, max_size=3))
def test_more_tolerance_never_makes_a_verdict_worse(printed, value, tolerance, others) -> None:
    words = [
        verdict_of(printed, value, tolerance=t, alternatives=others)
        for t in (tolerance, 2 * tolerance + 1)
    ]
    order = ["match", "rounding", "basis", "wrong"]
    assert set(words) <= set(VERDICTS)
    assert order.index(words[1]) <= order.index(words[0])
