from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from marketshock.cli import main
from marketshock.shock.basket import BASKETS

ITEM = "id claim printed recomputed unit tolerance verdict explanation status inputs sources"
VERDICTS = {"match", "rounding", "basis", "outdated", "wrong", "not_computable"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def answer(*arguments: str) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_note_keeps_its_contract() -> None:
    items = answer("note")["items"]
    assert len(items) > 100
    for item in items:
        assert set(ITEM.split()) <= set(item)
        assert item["verdict"] in VERDICTS
        assert set(item["claim"]) == {"en", "it"}
        assert item["sources"]
    wrong = {item["id"] for item in items if item["verdict"] == "wrong"}
    assert {"token_price.output.DeepSeek-V3", "chips_model", "teachers", "cheaper.low"} <= wrong


def test_note_in_italian() -> None:
    result = run("note", "--lang", "it", "--format", "csv")
    assert result.exit_code == 0
    assert "Confermato" in result.stdout
    assert "claims" in result.stderr
    assert run("note", "--lang", "fr").exit_code == 2


@pytest.mark.parametrize("name", BASKETS)
def test_basket_keeps_its_contract(name: str) -> None:
    found = answer("basket", "--date", "2025-01-27", "--basket", name)
    keys = "date basket n losers_usd_bn net_usd_bn market_part_usd_bn abnormal_part_usd_bn rows"
    assert set(keys.split()) <= set(found)
    assert (found["date"], found["basket"], found["n"]) == ("2025-01-27", name, len(found["rows"]))
    assert {"symbol", "return", "change_usd_bn"} <= set(found["rows"][0])
    parts = found["market_part_usd_bn"] + found["abnormal_part_usd_bn"]
    assert parts == pytest.approx(found["net_usd_bn"])
    assert found["rotation"]["risers"] == len(found["rotation"]["rows"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("basket",),
        ("basket", "--date", "27/01/2025"),
        ("basket", "--date", "2025-01-27", "--basket", "tech"),
        ("basket", "--date", "2025-01-27", "--basket", "all", "--symbols", "NVDA"),
        ("basket", "--date", "2025-01-27", "--symbols", "NVDAX"),
        ("basket", "--date", "1999-01-27"),
        ("losses", "--share-basis", "float"),
    ],
)
def test_bad_input_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_basket_without_counts_is_a_matter_of_data() -> None:
    result = run("basket", "--date", "2025-01-27", "--symbols", "TSM")
    assert result.exit_code == 3
    assert result.stdout == ""


def test_losses_on_the_mixed_basis() -> None:
    rows = answer("losses", "--as-of", "2025-02-02", "--share-basis", "mixed")["rows"]
    meta = next(row for row in rows if row["symbol"] == "META")
    assert meta["loss_usd_bn"] == pytest.approx(-251.3, abs=0.05)
    assert meta["shares_before_bn"] > meta["shares_bn"]
    assert "value before" in meta["share_basis"]
