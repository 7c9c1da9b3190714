"""`marketshock scan`: keys, order, options, and what it agrees with."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner, Result

import marketshock as ms
from marketshock.cli import main

KEYS = ["rank", "symbol", "date", "ar", "sar", "return", "loss_usd_bn", "event_id"]


@cache
def run(words: str) -> Result:
    return CliRunner().invoke(main, ["scan", *words.split()])


def answer(words: str) -> Any:
    result = run(f"{words} --format json")
    assert result.exit_code == 0, result.stderr

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(result.stdout, parse_constant=refuse)


def test_the_answer_has_the_keys_and_ranks_by_size() -> None:
    found = answer("--top 12")
    assert {"model", "estimation", "gap", "n_stock_days", "universe", "rows"} <= set(found)
    assert (found["model"], found["estimation"], found["gap"]) == ("market", 250, 10)
    assert [list(row) for row in found["rows"]] == [KEYS] * 12
    assert [row["rank"] for row in found["rows"]] == list(range(1, 13))
    sizes = [abs(row["sar"]) for row in found["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    assert {row["sar"] > 0 for row in found["rows"]} == {True, False}
    assert found["n_stock_days"] > 250_000


def test_dollars_rank_losses_and_name_the_event() -> None:
    rows = answer("--by usd --top 8")["rows"]
    lost = [row["loss_usd_bn"] for row in rows]
    assert lost == sorted(lost)
    assert lost[-1] < 0
    nvidia = next(row for row in rows if row["date"] == "2025-01-27")
    assert (nvidia["symbol"], nvidia["event_id"]) == ("NVDA", "deepseek_2025")
    ranked = {(row["symbol"], str(row["date"])): row for row in ms.losses(20).table()}
    for row in rows:
        same = ranked[row["symbol"], row["date"]]
        assert row["loss_usd_bn"] == pytest.approx(same["loss_usd_bn"], rel=1e-9)


@pytest.mark.parametrize("model", ["market", "mean", "ff3"])
def test_a_row_is_the_study_of_that_day(model: str) -> None:
    row = answer(f"--symbols NVDA,AVGO --model {model} --until 2025-06-30 --top 3")["rows"][0]
    study = ms.event_study(date=row["date"], symbols=[row["symbol"]], model=model, window=(0, 0))
    stock = study.as_dict()["stocks"][0]
    assert row["ar"] == pytest.approx(stock["ar"]["0"], rel=1e-9)
    assert row["sar"] == pytest.approx(stock["sar"]["0"], rel=1e-9)
    assert row["loss_usd_bn"] == pytest.approx(stock["windows"][0]["loss_usd_bn"], rel=1e-9)


def test_a_period_and_symbols_narrow_the_ranking() -> None:
    found = answer("--since 2025-01-01 --until 2025-01-31 --symbols NVDA,AVGO --top 100")
    assert {row["symbol"] for row in found["rows"]} == {"NVDA", "AVGO"}
    assert {row["date"][:7] for row in found["rows"]} == {"2025-01"}
    assert found["n_stock_days"] == len(found["rows"]) == 2 * 20
    assert found["universe"] == {"stocks": 2}
    assert (found["since"], found["until"]) == ("2025-01-02", "2025-01-31")
    assert found["rows"][0]["event_id"] == "deepseek_2025"


def test_table_and_csv_hold_the_same_rows() -> None:
    rows = answer("--top 4")["rows"]
    cells = list(csv.DictReader(io.StringIO(run("--top 4 --format csv").stdout)))
    assert [cell["symbol"] for cell in cells] == [row["symbol"] for row in rows]
    assert [float(cell["sar"]) for cell in cells] == pytest.approx([row["sar"] for row in rows])
    shown = run("--top 4")
    assert shown.stdout.splitlines()[0].split() == KEYS
    assert "stock-days of" in shown.stderr
    assert "listed today" in shown.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--symbols SPY", "stocks only, not of SPY (etf)"),
        ("--symbols NVDIA", "Unknown symbol"),
        ("--model garch", "can't be scanned"),
        ("--model markt", "Unknown model"),
        ("--top 0", "0 rows"),
        ("--since 27/01/2025", "2025-01-27"),
        ("--by size", "'size'"),
    ],
)
def test_user_input_ends_with_two(words: str, message: str) -> None:
    result = run(words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_an_empty_period_ends_with_three() -> None:
    result = run("--since 2015-02-01 --until 2015-03-01")
    assert result.exit_code == 3
    assert "can be ranked" in result.stderr
