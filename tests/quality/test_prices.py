from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from marketshock.desk import Desk
from marketshock.market.panel import PricePanel
from marketshock.market.splits import Split, SplitTable
from marketshock.quality.findings import Finding, blocking
from marketshock.quality.gate import gate
from marketshock.quality.prices import PriceSpan

NO_SPLITS = SplitTable(())
N = 12
SHOCK = 8
DAYS = np.datetime64("2025-01-01") + np.arange(N)


def found(values: list[float] | np.ndarray, splits: SplitTable = NO_SPLITS) -> tuple[Finding, ...]:
    panel = PricePanel(np.array(values, float)[:, None], DAYS.copy(), ("ABC",), "splits")
    return gate(PriceSpan(panel, splits, 0, N - 1, (SHOCK, SHOCK)))


def walk() -> np.ndarray:
    """Return ordinary closes that never repeat."""
    return 100.0 + np.array([0, 1, -1, 2, 0.5, 1.5, -0.5, 2.5, 1, 3, 2, 4.0])


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in findings]


def test_ordinary_closes_give_no_finding() -> None:
    assert found(walk()) == ()


@pytest.mark.parametrize("bad", [0.0, -1.0, -142.62, float("inf"), float("-inf")])
@pytest.mark.parametrize("position", [0, 3, SHOCK, N - 1])
def test_an_impossible_close_blocks_and_is_named(bad: float, position: int) -> None:
    values = walk()
    values[position] = bad
    blocked = blocking(found(values))
    assert "D2" in [finding.code for finding in blocked]
    text = next(finding.text for finding in blocked if finding.code == "D2")
    for words in (text.en, text.it):
        assert "ABC" in words
        assert str(DAYS[position]) in words
        assert str(bad) in words


def test_an_impossible_close_outside_the_span_does_not_block() -> None:
    values = walk()
    values[0] = -1.0
    panel = PricePanel(values[:, None], DAYS.copy(), ("ABC",), "splits")
    assert blocking(gate(PriceSpan(panel, NO_SPLITS, 1, N - 1, (SHOCK, SHOCK)))) == ()


@pytest.mark.parametrize("position", [SHOCK - 1, SHOCK])
def test_a_gap_beside_the_shock_blocks(position: int) -> None:
    values = walk()
    values[position] = np.nan
    findings = found(values)
    assert codes(findings) == [("BLOCK", "D1")]
    assert str(DAYS[position]) in findings[0].text.en


@pytest.mark.parametrize("position", [0, SHOCK - 2, SHOCK + 1])
def test_a_gap_elsewhere_does_not_speak_of_the_event_session(position: int) -> None:
    values = walk()
    values[position] = np.nan
    assert "D1" not in {finding.code for finding in found(values)}


@pytest.mark.parametrize("listed", [slice(SHOCK, None), slice(None, SHOCK)])
def test_a_stock_that_is_not_listed_on_the_day_is_no_gap(listed: slice) -> None:
    values = np.full(N, np.nan)
    values[listed] = walk()[listed]
    assert "D1" not in {finding.code for finding in found(values)}


def jump(factor: float, position: int = 4) -> np.ndarray:
    values = walk()
    values[position] = values[position - 1] * factor
    values[position + 1 :] *= factor
    return values


@pytest.mark.parametrize("ratio", [2, 3, 4, 5, 10])
@pytest.mark.parametrize("up", [False, True])
def test_a_move_near_a_split_ratio_is_told_as_such(ratio: int, up: bool) -> None:
    findings = found(jump(ratio if up else 1 / ratio))
    assert codes(findings) == [("BLOCK" if ratio >= 4 else "FOOTNOTE", "D12")]
    assert f"1:{ratio} " in findings[0].text.en
    assert str(DAYS[4]) in findings[0].text.it


@pytest.mark.parametrize("ratio", [20, 50, 100])
def test_a_move_near_a_ratio_that_no_crash_has_blocks(ratio: int) -> None:
    assert codes(found(jump(1 / ratio))) == [("BLOCK", "D12")]


@pytest.mark.parametrize("ratio", [2, 3])
def test_a_split_of_that_day_that_is_still_in_the_closes_blocks(ratio: int) -> None:
    day = dt.date.fromisoformat(str(DAYS[4]))
    known = SplitTable((Split("ABC", day, float(ratio), "split"),))
    other = SplitTable((Split("XYZ", day, float(ratio), "split"),))
    assert codes(found(jump(1 / ratio), known)) == [("BLOCK", "D12")]
    assert codes(found(jump(1 / ratio), other)) == [("FOOTNOTE", "D12")]


@pytest.mark.parametrize(("factor", "told"), [(0.2872, False), (0.2850, True), (0.2335, True)])
def test_a_move_beyond_any_true_one_blocks(factor: float, told: bool) -> None:
    assert (("BLOCK", "D12") in codes(found(jump(factor)))) is told


@pytest.mark.parametrize(
    ("factor", "en", "it"),
    [
        (0.60, "\u221240.0%", "\u221240,0\u00a0%"),
        (0.74, "\u221226.0%", "\u221226,0\u00a0%"),
        (1.26, "+26.0%", "+26,0\u00a0%"),
        (2.348, "+134.8%", "+134,8\u00a0%"),
    ],
)
def test_a_large_true_move_is_only_an_information(factor: float, en: str, it: str) -> None:
    findings = found(jump(factor))
    assert codes(findings) == [("INFO", "D21")]
    assert en in findings[0].text.en
    assert it in findings[0].text.it
    assert blocking(findings) == ()


@pytest.mark.parametrize("factor", [1e-4, 1e-9])
def test_a_close_of_almost_nothing_blocks(factor: float) -> None:
    assert blocking(found(jump(factor)))


@pytest.mark.parametrize("factor", [0.76, 0.83, 1.24])
def test_a_smaller_move_is_no_finding(factor: float) -> None:
    assert found(jump(factor)) == ()


@pytest.mark.parametrize(("equal", "told"), [(5, False), (6, True), (9, True)])
def test_six_equal_closes_in_a_row_are_told_once(equal: int, told: bool) -> None:
    values = walk()
    values[:equal] = 100.0
    values[equal] = 101.0
    assert codes(found(values)) == ([("FOOTNOTE", "D20")] if told else [])


def test_each_symbol_is_checked() -> None:
    values = np.column_stack([walk(), walk()])
    values[5, 1] = 0.0
    panel = PricePanel(values, DAYS.copy(), ("ABC", "XYZ"), "splits")
    span = PriceSpan(panel, NO_SPLITS, 0, N - 1, (SHOCK, SHOCK))
    texts = [f.text.en for f in blocking(gate(span))]
    assert texts
    assert all(text.startswith("XYZ") for text in texts)


@pytest.mark.parametrize(
    ("symbol", "day", "informed"),
    [
        ("META", "2022-02-03", True),
        ("NVDA", "2025-01-27", False),
        ("AVGO", "2025-01-27", False),
        ("NFLX", "2022-04-20", True),
        ("AMZN", "2022-04-29", False),
    ],
)
def test_true_crashes_pass_the_gate(desk: Desk, symbol: str, day: str, informed: bool) -> None:
    closes = desk.source.prices([symbol])
    shock = closes.calendar.position(dt.date.fromisoformat(day))
    assert shock is not None
    findings = gate(PriceSpan(closes, desk.splits, shock - 260, shock + 5, (shock, shock + 5)))
    assert blocking(findings) == ()
    on_the_day = [f for f in findings if f.code == "D21" and day in f.text.en]
    assert bool(on_the_day) is informed


def test_no_true_split_is_left_in_any_series(desk: Desk) -> None:
    closes = desk.source.prices(desk.universe.stocks())
    last = len(closes.sessions) - 1
    findings = gate(PriceSpan(closes, desk.splits, 0, last, (1, last)))
    assert [f.text.en for f in findings if f.code == "D12" and f.level == "BLOCK"] == []


def test_a_finding_is_json() -> None:
    finding = found(jump(0.6))[0].as_dict()
    assert finding["level"] == "INFO"
    assert set(finding["text"]) == {"en", "it"}


def test_only_blocks_block() -> None:
    findings = (*found(jump(0.6)), *found(jump(1 / 20)), *found(jump(0.5)))
    assert [f.level for f in findings] == ["INFO", "BLOCK", "FOOTNOTE"]
    assert blocking(findings) == (findings[1],)
