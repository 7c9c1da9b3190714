"""Every answer passes the gate: what blocks ends with 3, what is found stands in the answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_copy import DAY, Answer, DataCopy, Row

from marketshock import activity, api, note_study
from marketshock.errors import QualityError
from marketshock.quality.findings import Finding

BASKET = ("basket", "--date", DAY, "--symbols", "NVDA,AVGO", "--format", "json")
Ask = Callable[..., Any]


@pytest.fixture
def whole(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataCopy:
    """A copy of all data, since the note needs every table."""
    shutil.copytree(data_folder, tmp_path / "data")
    return DataCopy(tmp_path / "data", monkeypatch)


def blocked(answer: Answer, code: str) -> None:
    assert (answer.code, answer.out) == (3, ""), answer.err
    assert f"({code})" in answer.err


def lose_a_close(data: DataCopy, symbol: str = "NVDA") -> None:
    data.change("prices_close", lambda row: None, symbol=symbol, date=DAY)


def zero_close(data: DataCopy, symbol: str = "NVDA") -> None:
    data.price(symbol, DAY, close="0")


def leave_a_split(data: DataCopy, symbol: str = "NVDA") -> None:
    data.scale(symbol, DAY, 10.0, 0.1)


def nine_months(data: DataCopy) -> None:
    def changed(row: Row) -> Row:
        return row | {"capex_musd": repr(3 * float(row["capex_musd"]))}

    data.change("capex", changed, symbol="MSFT", scope="total", fiscal_label="FY2024 Q3")


def two_counts(data: DataCopy) -> None:
    data.add(
        "shares",
        symbol="NVDA",
        share_class="common",
        as_of="2024-11-15",
        filed="2024-11-20",
        kind="balance",
        shares="22000000000",
        status="verified1",
        form="10-Q",
    )


def test_a_basket_tells_its_findings(data: DataCopy) -> None:
    answer = data.run(*BASKET)
    assert [level for level, _ in answer.findings("D23")] == ["INFO"]
    assert answer.json["n"] == 2


@pytest.mark.parametrize(
    ("damage", "code"),
    [(lose_a_close, "D1"), (zero_close, "D2"), (leave_a_split, "D12"), (two_counts, "D15")],
)
def test_a_basket_passes_the_gate(
    data: DataCopy, damage: Callable[[DataCopy], None], code: str
) -> None:
    damage(data)
    blocked(data.run(*BASKET), code)


@pytest.mark.parametrize(("damage", "code"), [(lose_a_close, "D1"), (leave_a_split, "D12")])
def test_the_rotation_beside_a_basket_passes_the_gate(
    data: DataCopy, damage: Callable[[DataCopy, str], None], code: str
) -> None:
    damage(data, "META")
    blocked(data.run(*BASKET), code)


def test_a_stock_of_the_rotation_may_lack_closes_of_long_ago(data: DataCopy) -> None:
    data.change("prices_close", lambda row: None, symbol="META", date="2024-06-03")
    assert data.run(*BASKET).code == 0


@pytest.mark.slow
def test_the_note_tells_its_findings(whole: DataCopy) -> None:
    answer = whole.run("note", "--format", "json")
    codes = {one["code"] for one in answer.json["findings"]}
    assert {"D14", "D21", "D23", "D24"} <= codes
    assert "BLOCK" not in {one["level"] for one in answer.json["findings"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "code"),
    [(lose_a_close, "D1"), (leave_a_split, "D12"), (nine_months, "D24"), (two_counts, "D15")],
)
def test_the_note_passes_the_gate(
    whole: DataCopy, damage: Callable[[DataCopy], None], code: str
) -> None:
    damage(whole)
    blocked(whole.run("note"), code)


@pytest.mark.slow
def test_the_reconciliation_passes_the_gate_up_to_the_date_of_the_list(whole: DataCopy) -> None:
    """The ranking asked for ends years before; only the list reaches the damage."""
    losses = ("losses", "--as-of", "2023-12-29", "--format", "json")
    assert whole.run(*losses, "--reconcile").findings("D14")
    zero_close(whole)
    assert whole.run(*losses).code == 0
    blocked(whole.run(*losses, "--reconcile"), "D2")


def grid(**more: Any) -> Any:
    few = {"models": ["market"], "windows": [(0, 0)], "estimations": [250]}
    return api.robustness(date=DAY, symbols=["NVDA", "AVGO"], **few, **more)


def volume(**more: Any) -> Any:
    return activity.abnormal_volume(date=DAY, symbols=["NVDA"], **more)


def volatility(**more: Any) -> Any:
    return activity.abnormal_volatility(date=DAY, symbols=["NVDA"], **more)


def record(**more: Any) -> Any:
    return note_study.loss_record(**more)


@pytest.mark.parametrize("ask", [grid, volume, volatility])
def test_a_result_carries_what_the_gate_found(data: DataCopy, ask: Ask) -> None:
    for table in ("prices_close", "prices_range"):
        data.change(table, lambda row: None, date="2024-06-03")
    data.patch.setenv("MARKETSHOCK_DATA", str(data.folder))
    found = ask()
    assert {type(one) for one in found.findings} == {Finding}
    (lost,) = (one for one in found.findings if one.code == "D1")
    assert (lost.level, "lack 1 sessions" in lost.text.en) == ("FOOTNOTE", True)
    assert not [one for one in found.findings if one.code in ("D14", "D15")]
    if ask is not grid:
        assert f"note: {lost.text.en}" in "\n".join(found.remarks())


@pytest.mark.parametrize("ask", [grid, volume, volatility, record])
def test_a_blocked_result_is_none_but_as_a_draft(data: DataCopy, ask: Ask) -> None:
    leave_a_split(data)
    data.patch.setenv("MARKETSHOCK_DATA", str(data.folder))
    with pytest.raises(QualityError, match=r"looks like a split .*\(D12\)"):
        ask()
    drafted = ask(draft=True)
    assert "D12" in {one.code for one in drafted.findings if one.level == "BLOCK"}


def test_turnover_looks_at_share_counts_and_volume_does_not(data: DataCopy) -> None:
    two_counts(data)
    data.patch.setenv("MARKETSHOCK_DATA", str(data.folder))
    assert len(volume().result.abnormal) == 1
    with pytest.raises(QualityError, match="two share counts"):
        volume(measure="turnover")


@pytest.mark.parametrize("ask", [note_study.multiples, note_study.value_growth])
def test_valuations_pass_the_gate(data: DataCopy, ask: Ask) -> None:
    data.patch.setenv("MARKETSHOCK_DATA", str(data.folder))
    two_counts(data)
    with pytest.raises(QualityError, match="two share counts"):
        ask("NVDA", DAY)


@pytest.mark.parametrize(
    "ask",
    [
        note_study.capex_growth,
        note_study.capex_outcomes,
        note_study.capex_restatements,
        lambda: note_study.capex_intensity("MSFT"),
    ],
)
def test_what_is_made_of_capex_passes_the_gate(data: DataCopy, ask: Ask) -> None:
    nine_months(data)
    data.patch.setenv("MARKETSHOCK_DATA", str(data.folder))
    with pytest.raises(QualityError, match=r"\(D24\)"):
        ask()
