"""The answers, key by key, as the contract has them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from asking import (
    NVIDIA_DAY,
    answer,
    lacks,
    run,
    strict,
)


def test_study_has_the_keys_of_the_contract() -> None:
    found = answer("study")
    assert not lacks(
        found,
        "event model benchmark estimation vintage source stocks aggregate measured_size dropped "
        "findings sources",
    )
    assert found["event"] | {"title": 0} == {
        "id": "deepseek_2025",
        "date": "2025-01-25",
        "first_session": NVIDIA_DAY,
        "title": 0,
        "moved": True,
    }
    assert set(found["event"]["title"]) == {"en", "it"}
    assert (found["model"], found["benchmark"], found["source"]) == ("market", "^GSPC", "embedded")
    assert found["estimation"] == {
        "length": 250,
        "gap": 10,
        "first": "2024-01-11",
        "last": "2025-01-08",
    }
    assert re.fullmatch(r"[0-9a-f]{12}", found["vintage"])
    assert found["measured_size"] == [] or "rejection_rate" in found["measured_size"][0]


def test_study_describes_every_stock() -> None:
    stocks = {stock["symbol"]: stock for stock in answer("study")["stocks"]}
    assert {"NVDA", "AVGO", "MSFT"} <= set(stocks)
    for stock in stocks.values():
        assert not lacks(stock, "symbol n alpha beta sigma df ar sar params windows quantile_rank")
        assert [window["window"] for window in stock["windows"]] == [[0, 0], [-1, 1], [0, 5]]
        assert set(stock["ar"]) == set(stock["sar"]) == {str(tau) for tau in range(-1, 6)}
        assert not lacks(stock["quantile_rank"], "rank of pvalue tail")
        for window in stock["windows"]:
            first, last = window["window"]
            total = sum(stock["ar"][str(tau)] for tau in range(first, last + 1))
            assert window["car"] == pytest.approx(total)
            assert not lacks(
                window,
                "car se t pvalue bhar bhar_expected loss_usd_bn abnormal_loss_usd_bn "
                "abnormal_loss_low_usd_bn abnormal_loss_high_usd_bn",
            )
            assert window["t"] == pytest.approx(window["car"] / window["se"])
        assert stock["windows"][0]["t"] == pytest.approx(stock["sar"]["0"])


def test_study_gives_decimals_and_negative_losses() -> None:
    stocks = {stock["symbol"]: stock for stock in answer("study")["stocks"]}
    window = stocks["NVDA"]["windows"][0]
    assert -0.2 < window["car"] < -0.1
    assert window["loss_usd_bn"] == pytest.approx(-592.7, abs=0.1)
    low, middle, high = (window[f"abnormal_loss_{part}usd_bn"] for part in ("low_", "", "high_"))
    assert low < middle < high < 0
    rank = stocks["NVDA"]["quantile_rank"]
    assert (rank["rank"], rank["of"], rank["tail"]) == (1, 251, "lower")
    assert rank["pvalue"] == pytest.approx(1 / 251)
    assert stocks["TSM"]["windows"][0]["loss_usd_bn"] is None


def test_study_lists_every_test_with_verdict_and_reason() -> None:
    for entry in answer("study")["aggregate"]:
        assert not lacks(entry, "window n caar r_bar tests")
        assert len({test["name"] for test in entry["tests"]}) == len(entry["tests"])
        for test in entry["tests"]:
            assert not lacks(test, "name statistic pvalue df distribution valid reason")
            assert isinstance(test["valid"], bool)
        cars = [
            window["car"]
            for stock in answer("study")["stocks"]
            for window in stock["windows"]
            if window["window"] == entry["window"]
        ]
        assert entry["n"] == len(cars)
        assert entry["caar"] == pytest.approx(sum(cars) / len(cars))
    valid = {t["name"]: t["valid"] for t in answer("study")["aggregate"][0]["tests"]}
    assert valid["portfolio_t"]
    assert valid["kp_bmp"]
    assert not valid["cross_sectional_t"]
    assert not valid["patell"]


def test_study_takes_windows_and_names_what_it_dropped() -> None:
    found = strict(
        run("study --event vaccine_2020 --window -1,1 --window=0,3 --format json").stdout
    )
    assert [entry["window"] for entry in found["aggregate"]] == [[-1, 1], [0, 3]]
    assert {"PFE", "BNTX"} <= {drop["symbol"] for drop in found["dropped"]}
    assert all(drop["reason"]["it"] for drop in found["dropped"])


def test_losses_have_the_keys_of_the_contract() -> None:
    found = answer("losses")
    assert not lacks(found, "as_of since universe vintage rows")
    assert "reconciliation" not in found
    assert found["universe"]["companies"] == 36
    assert [row["rank"] for row in found["rows"]] == list(range(1, 13))
    for row in found["rows"]:
        assert not lacks(
            row,
            "rank symbol name date loss_usd_bn return previous_close close price_basis shares_bn "
            "shares_as_of shares_filed share_kind status",
        )
        assert row["loss_usd_bn"] < 0
        assert -1 < row["return"] < 0
        change = row["close"] - row["previous_close"]
        assert row["return"] == pytest.approx(change / row["previous_close"])
        assert row["loss_usd_bn"] == pytest.approx(change * row["shares_bn"])
        assert row["shares_filed"] < row["date"]
    assert (found["rows"][0]["symbol"], found["rows"][0]["date"]) == ("NVDA", NVIDIA_DAY)
    losses = [row["loss_usd_bn"] for row in found["rows"]]
    assert losses == sorted(losses)


def test_losses_by_percent_and_in_a_period() -> None:
    command = "losses --by pct --top 3 --since 2024-01-01 --as-of 2024-12-31 --format json"
    found = strict(run(command).stdout)
    moves = [row["return"] for row in found["rows"]]
    assert moves == sorted(moves)
    assert all("2024-01-01" <= row["date"] <= "2024-12-31" for row in found["rows"])
    assert (found["since"], found["as_of"]) == ("2024-01-02", "2024-12-31")


def test_reconciliation_has_ten_rows_and_those_that_lack() -> None:
    rows = answer("reconcile")["reconciliation"]
    assert answer("reconcile")["rows"]
    for row in rows:
        assert not lacks(
            row,
            "published_rank symbol date published_usd_bn computed_usd_bn difference_usd_bn "
            "verdict explanation",
        )
        assert row["verdict"] in {"match", "rounding", "basis", "outdated", "wrong"}
        assert row["computed_usd_bn"] < 0
        if row["published_rank"] is None:
            assert row["published_usd_bn"] is None
            assert row["difference_usd_bn"] is None
        else:
            gap = row["computed_usd_bn"] - row["published_usd_bn"]
            assert row["difference_usd_bn"] == pytest.approx(gap)
    ranks = [row["published_rank"] for row in rows if row["published_rank"] is not None]
    assert ranks == list(range(1, 11))
    absent = {(row["symbol"], row["date"]) for row in rows if row["published_rank"] is None}
    assert ("AVGO", NVIDIA_DAY) in absent


@pytest.mark.parametrize(
    ("by", "period", "amazon"),
    [("year", r"\d{4}", "AWS"), ("quarter", r"\d{4}Q[1-4]", "Amazon"), ("ttm", r"\d{4}Q[1-4]", "")],
)
def test_capex_has_the_keys_of_the_contract(by: str, period: str, amazon: str) -> None:
    found = answer(by)
    assert not lacks(found, "as_of method rows")
    names = {"Alphabet", amazon or "Amazon", "Meta", "Microsoft", "Oracle"}
    totals = 0
    for row in found["rows"]:
        assert not lacks(
            row, "period total_usd_bn by_company published_usd_bn difference_usd_bn projection yoy"
        )
        assert re.fullmatch(period, row["period"])
        assert set(row["by_company"]) == names
        amounts = list(row["by_company"].values())
        if None in amounts:
            assert row["total_usd_bn"] is None
        else:
            assert row["total_usd_bn"] == pytest.approx(sum(amounts))
            totals += 1
        if by != "year":
            assert row["published_usd_bn"] is None
    assert totals >= 10
    periods = [row["period"] for row in found["rows"]]
    assert periods == sorted(set(periods))


def test_capex_as_of_knows_no_later_year() -> None:
    found = strict(run("capex --as-of 2024-12-31 --format json").stdout)
    assert found["as_of"] == "2024-12-31"
    last = max(row["period"] for row in found["rows"] if row["total_usd_bn"] is not None)
    assert last <= "2023"


def test_events_have_the_keys_of_the_contract() -> None:
    rows = {row["id"]: row for row in answer("events")["rows"]}
    for row in rows.values():
        assert not lacks(row, "id date first_session timing title symbols covered testable reason")
        assert row["date"] <= row["first_session"]
        assert set(row["covered"]) <= set(row["symbols"])
        assert row["testable"] == (row["reason"] is None)
        assert row["testable"] or (row["reason"]["en"] and row["reason"]["it"])
    assert sum(row["testable"] for row in rows.values()) >= 30
    assert not rows["black_monday_1987"]["testable"]


def test_data_status_describes_every_file(data_folder: Path) -> None:
    found = answer("status")
    assert not lacks(found, "vintage created source age_days files")
    days = (dt.datetime.now(dt.UTC).date() - dt.date.fromisoformat(found["created"])).days
    assert abs(found["age_days"] - days) <= 1
    assert isinstance(found["age_days"], int)
    for file in found["files"]:
        assert not lacks(file, "path sha256 rows first last ok")
        assert file["ok"] is True
        assert re.fullmatch(r"[0-9a-f]{64}", file["sha256"])
    on_disk = {path.name for path in data_folder.glob("*.csv*")}
    assert {file["path"] for file in found["files"]} == on_disk


@pytest.mark.parametrize("name", ["verify", "doctor"])
def test_checks_have_the_keys_of_the_contract(name: str) -> None:
    found = answer(name)
    assert found["ok"] is True
    for check in found["checks"]:
        assert set(check) == {"name", "ok", "detail"}
        assert check["ok"] is True
        assert check["detail"]
    assert len({check["name"] for check in found["checks"]}) == len(found["checks"])


def test_doctor_looks_at_python_libraries_data_and_page() -> None:
    names = {check["name"] for check in answer("doctor")["checks"]}
    assert {"python", "numpy", "typst", "papermill", "data", "notebooks", "page"} <= names


def test_doctor_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARKETSHOCK_DATA", str(tmp_path))
    result = run("doctor --format json")
    assert result.exit_code == 3
    found = strict(result.stdout)
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"] if not check["ok"]] == ["data"]
    assert "manifest.json" in result.stderr
