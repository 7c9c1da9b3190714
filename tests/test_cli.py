"""The command line: names, keys and exit codes that scripts rely on; one clear error each."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from marketshock import api
from marketshock.cli import main
from marketshock.sources import maintenance
from marketshock.sources.maintenance import Check

HELP: dict[tuple[str, ...], str] = {
    (
        "report",
    ): "-p --lang --client --prepared-by --reviewed-by --brand --out --also --draft --source",
    ("study",): "--event --date --symbols --benchmark --model --window --estimation --gap --source",
    ("losses",): "--top --as-of --since --by --symbols --price-basis --share-basis --reconcile",
    ("capex",): "--by --as-of",
    ("events",): "",
    ("doctor",): "",
    ("data", "status"): "--source",
    ("data", "verify"): "",
    ("data", "build"): "",
    ("basket",): "--date --basket --symbols --source --offline",
    ("note",): "--lang --offline",
    ("scan",): "",
    ("verify",): "",
    ("data", "refresh"): "--symbols --source --offline",
    ("data", "import"): "",
}
LATER = [
    "scan --top 5 --since 2024-01-01 --by usd",
    "verify page.pdf --notebook page.ipynb",
]
ANSWERS = {
    "study": "study --event deepseek",
    "losses": "losses --top 12",
    "reconcile": "losses --reconcile",
    "year": "capex --by year",
    "quarter": "capex --by quarter",
    "ttm": "capex --by ttm",
    "events": "events",
    "status": "data status",
    "verify": "data verify",
    "doctor": "doctor",
}
MAIN_ROWS = {"reconcile": "reconciliation", "status": "files", "verify": "checks"}
MAIN_ROWS |= {"doctor": "checks"}
ISO = re.compile(r"\d{4}-\d\d-\d\d")
NVIDIA_DAY = "2025-01-27"
FOLDER = Path(__file__).resolve().parents[1]


def run(command: str | list[str]) -> Result:
    arguments = command.split() if isinstance(command, str) else command
    return CliRunner().invoke(main, arguments)


@cache
def answered(name: str, shape: str) -> Result:
    if name == "verify" and shape != "json":  # it takes seconds: the same checks, another shape
        checks = [Check(**check) for check in answer("verify")["checks"]]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(maintenance, "verify", lambda folder: checks)
            return run(f"data verify --format {shape}")
    result = run(f"{ANSWERS[name]} --format {shape}")
    assert result.exit_code == 0, result.output
    return result


def strict(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} in JSON")

    return json.loads(text, parse_constant=refuse)


@cache
def answer(name: str) -> Any:
    return strict(answered(name, "json").stdout)


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    else:
        yield key, value


def lacks(record: dict[str, Any], keys: str) -> set[str]:
    return set(keys.split()) - set(record)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in: whatever a failing command leaves is seen."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def fails(command: str | list[str], code: int, *words: str) -> str:
    """Run a command that must fail clearly, without a word on stdout; return its message."""
    result = run(command)
    assert result.exit_code == code, (result.exit_code, result.output)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4
    for word in words:
        assert word in result.stderr, result.stderr
    return result.stderr


# Help.


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_every_command_exists_and_explains_itself(command: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        result = run([*command, flag])
        assert result.exit_code == 0
        assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Usage: ")
    assert max(map(len, lines)) <= 100
    assert re.search(r"\n\n  [A-Z][^\n]+(\n  [^\n]+)*\.\n\n", result.stdout)
    for option in HELP[command].split():
        assert re.search(rf"(^|\s|,){re.escape(option)}\b", result.stdout), option


def test_the_first_page_names_every_command_and_the_exit_codes() -> None:
    page = run("--help").stdout
    for command in HELP:
        assert re.search(rf"^  {command[0]} ", page, re.MULTILINE), command
    for words in ("2 input", "3 data quality", "4 network", "5 disk", "6 internal"):
        assert words in " ".join(page.split())


def test_defaults_are_in_the_help() -> None:
    page = " ".join(run("study --help").stdout.split())
    for words in ("^GSPC", "market", "0,0 and -1,1 and 0,5", "250", "10", "embedded"):
        assert words in page


def test_the_version_is_one_line() -> None:
    assert re.fullmatch(r"marketshock, version \d+\.\d+\.\d+\n", run("--version").stdout)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom marketshock.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'statsmodels', 'matplotlib', 'yfinance', 'typst',"
        " 'papermill', 'babel'}\nprint(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


# JSON, CSV and text: what all answers share.


@pytest.mark.parametrize("name", ANSWERS)
def test_json_has_iso_days_and_no_nan(name: str) -> None:
    for key, value in leaves(answer(name)):
        if isinstance(value, float):
            assert math.isfinite(value), key
        if isinstance(value, str):
            assert value not in ("nan", "NaN", "None", "NaT"), key
            if key in ("date", "first_session", "created", "first", "last", "shares_filed"):
                assert ISO.match(value) or re.fullmatch(r"\d{4}(-\d\d)?", value), (key, value)


@pytest.mark.parametrize("name", ANSWERS)
def test_csv_has_the_rows_of_the_json(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(answered(name, "csv").stdout)))
    if name == "study":
        stocks = answer(name)["stocks"]
        assert len(rows) == sum(len(stock["windows"]) for stock in stocks)
        by_key = {(row["symbol"], int(row["first"]), int(row["last"])): row for row in rows}
        for stock in stocks:
            for window in stock["windows"]:
                row = by_key[(stock["symbol"], *window["window"])]
                for key in ("car", "se", "t", "pvalue", "bhar"):
                    assert float(row[key]) == pytest.approx(window[key], rel=1e-9)
        return
    wanted = answer(name)[MAIN_ROWS.get(name, "rows")]
    assert len(rows) == len(wanted)
    shared = [key for key in rows[0] if key in wanted[0]]
    assert len(shared) >= 3
    for row, other in zip(rows, wanted, strict=True):
        assert None not in row
        assert None not in row.values()
        for key in shared:
            if isinstance(other[key], float):
                assert float(row[key]) == pytest.approx(other[key], rel=1e-9)
            elif other[key] is None:
                assert row[key] == ""
            elif isinstance(other[key], (str, int)) and not isinstance(other[key], bool):
                assert row[key].lstrip("'") == str(other[key])


@pytest.mark.parametrize("name", ANSWERS)
def test_the_table_is_text_in_columns(name: str) -> None:
    lines = answered(name, "table").stdout.splitlines()
    rows = list(csv.reader(io.StringIO(answered(name, "csv").stdout)))
    assert len(lines) == len(rows)
    assert lines[0].split() == rows[0]
    assert not re.search(r"\bnan\b|None|Text\(|np\.", "\n".join(lines))


@pytest.mark.parametrize("name", ["study", "losses", "year", "events", "status"])
def test_table_is_the_default(name: str) -> None:
    assert run(ANSWERS[name]).stdout == answered(name, "table").stdout


@pytest.mark.parametrize("shape", ["table", "csv", "json"])
def test_messages_go_to_stderr(shape: str) -> None:
    vintage = answer("status")["vintage"]
    losses = answered("losses", shape)
    assert vintage in losses.stderr
    assert "36 companies" in losses.stderr
    assert "Largest among" not in losses.stdout
    assert answered("events", shape).stderr == ""
    if shape == "table":
        assert "portfolio_t" in answered("study", shape).stderr
        assert "portfolio_t" not in answered("study", shape).stdout


# The answers, key by key.


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


# One clear error each, and nothing half-written.

USER_ERRORS = {
    "unknown symbol": ("study --date 2025-01-27 --symbols NVDIA", "'NVDIA'", "NVDA"),
    "symbol like none": ("study --date 2025-01-27 --symbols XQXQXQXQ", "Unknown symbol"),
    "an ISIN": ("study --date 2025-01-27 --symbols US67066G1040", "Unknown symbol"),
    "unknown benchmark": ("study --event deepseek --benchmark GSCP", "Unknown symbol 'GSCP'"),
    "unknown event": ("study --event deepsek", "'deepsek'", "deepseek_2025"),
    "event like none": ("study --event zzzz", "'zzzz'", "marketshock events"),
    "ambiguous prefix": ("study --event nvidia", "several", "nvidia_sept_2024"),
    "overlapping window": ("study --event deepseek --window=-20,1", "estimation window", "-260"),
    "window backwards": ("study --event deepseek --window 1,0", "[1, 0]", "[0, 1]"),
    "window of words": ("study --event deepseek --window today", "'today'", "-1,1"),
    "window of three": ("study --event deepseek --window 0,1,2", "'0,1,2'"),
    "window of fractions": ("study --event deepseek --window 0,1.5", "'0,1.5'"),
    "negative gap": ("study --event deepseek --gap=-1", "gap of -1"),
    "estimation of two": ("study --event deepseek --estimation 2", "2 sessions"),
    "estimation of words": ("study --event deepseek --estimation long", "'long'"),
    "31 February": ("study --date 2025-02-31 --symbols NVDA", "2025-02-31", "calendar"),
    "day first": ("study --date 27/01/2025 --symbols NVDA", "27/01/2025", "2025-01-27"),
    "two readings": ("losses --as-of 03/04/2025", "03/04/2025", "2025-04-03 or 2025-03-04"),
    "spreadsheet serial": ("study --date 45684 --symbols NVDA", "45684", "YYYY-MM-DD"),
    "two-digit year": ("losses --since 25-01-27", "25-01-27", "YYYY-MM-DD"),
    "compact day": ("capex --as-of 20250127", "20250127", "YYYY-MM-DD"),
    "a day to come": ("study --date 2099-01-04 --symbols NVDA", "2099-01-04", "2026-08-21"),
    "date without symbols": ("study --date 2025-01-27", "symbols"),
    "only a comma": ("study --date 2025-01-27 --symbols ,", "empty"),
    "event and date": ("study --event deepseek --date 2025-01-27", "either"),
    "neither": ("study", "either"),
    "unknown model": ("study --event deepseek --model markt", "'markt'", "market"),
    "no factor file": ("study --event deepseek --model own.csv", "own.csv", "can't be read"),
    "unknown source": ("study --event deepseek --source nowhere", "'nowhere'", "embedded"),
    "empty ranking": ("losses --top 0", "0 rows"),
    "period backwards": ("losses --since 2025-02-01 --as-of 2025-01-01", "2025-02-01"),
    "no such company": ("losses --symbols SPY", "No share count for SPY"),
    "unknown option value": ("losses --by size", "'size'"),
    "unknown period": ("capex --by month", "'month'"),
    "unknown shape": ("events --format xml", "'xml'"),
    "unknown command": ("studdy", "studdy"),
    "unknown option": ("events --colour red", "--colour"),
    "other formats": ("report deepseek --also pptx", "--also", "not in this version"),
    "house style": ("report deepseek --brand us.toml", "--brand", "not in this version"),
    "parameter without value": ("report deepseek -p estimation", "key=value"),
    "unknown parameter": ("report deepseek -p estimaton=9", "estimaton", "estimation"),
    "parameter of another type": ("report deepseek -p estimation=long", "int", "estimation=250"),
    "unknown language": ("report deepseek --lang fr", "'fr'"),
    "unknown report": ("report deepsek", "'deepsek'", "deepseek_2025"),
    "unknown notebook": ("report deepseek.ipynb", "'deepseek.ipynb'"),
}


@pytest.mark.parametrize("case", USER_ERRORS)
def test_user_input_ends_with_two(case: str, here: Path) -> None:
    command, *words = USER_ERRORS[case]
    fails(command, 2, *words)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", LATER)
def test_commands_of_later_versions_say_so(command: str, here: Path) -> None:
    fails(command, 2, "not in this version")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    ["study --date 2025-01-27 --symbols NVDIA", "losses --symbols AMDD", "study --event covid"],
)
def test_u1_at_most_three_suggestions(command: str) -> None:
    message = run(command).stderr
    if "several" in message:
        assert message.count("covid_") == 4
        return
    hint = re.search(r"Did you mean (.+)\?", message)
    assert hint is not None
    assert 1 <= len(hint[1].split(" or ")) <= 3


def test_an_empty_client_is_refused(here: Path) -> None:
    fails(["report", "deepseek", "--client", " "], 2, "client")
    fails(["report", "deepseek", "--client", "x" * 121], 2, "120")
    assert list(here.iterdir()) == []


QUALITY_ERRORS = {
    "estimation before the data": ("study --date 2015-03-05 --symbols NVDA", "2015-01-02"),
    "too few observations": ("study --date 2024-04-30 --symbols GEV", "GEV"),
    "window after the data": ("study --date 2026-08-20 --symbols NVDA", "2026-08-21"),
    "no stock covered": ("study --event chf_floor_2015", "no stock"),
    "the benchmark itself": ("study --date 2025-01-27 --symbols ^GSPC", "^GSPC"),
}


@pytest.mark.parametrize("case", QUALITY_ERRORS)
def test_data_that_do_not_carry_the_answer_end_with_three(case: str, here: Path) -> None:
    command, *words = QUALITY_ERRORS[case]
    fails(command, 3, *words)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("event", ["black_monday_1987", "lehman_2008", "us_downgrade_2011"])
def test_an_event_before_the_data_ends_with_three(event: str) -> None:
    fails(f"study --event {event}", 3, "2015-01-02")


def test_an_event_before_the_data_names_their_span() -> None:
    result = run("study --event lehman_2008")
    assert result.exit_code in (2, 3)
    assert "2015-01-02 to 2026-08-21" in result.stderr


@pytest.mark.parametrize("by", ["year", "quarter"])
def test_capex_before_any_filing_is_an_input_error(by: str) -> None:
    fails(f"capex --by {by} --as-of 2010-01-01", 2, "2010-01-01")


@pytest.mark.parametrize("command", ["study --date 2025-01-27", "losses --top 1"])
def test_a_symbol_in_two_spellings_counts_once(command: str) -> None:
    assert run(f"{command} --symbols NVDA,nvda").exit_code == 0


def test_every_event_is_studied_or_refused_with_its_reason() -> None:
    for row in answer("events")["rows"]:
        if row["testable"]:
            continue
        result = run(f"study --event {row['id']}")
        assert result.exit_code in (2, 3), row["id"]
        assert result.stdout == ""


def test_u1_case_blanks_and_dots_are_forgiven() -> None:
    command = ["study", "--date", NVIDIA_DAY, "--symbols", " nvda ,brk.b", "--format", "json"]
    assert [stock["symbol"] for stock in strict(run(command).stdout)["stocks"]] == ["NVDA", "BRK-B"]


def test_a_weekend_moves_to_the_next_session_and_says_so() -> None:
    command = "study --date 2025-01-25 --symbols NVDA --format json"
    found = strict(run(command).stdout)
    assert (found["event"]["date"], found["event"]["first_session"]) == ("2025-01-25", NVIDIA_DAY)
    assert found["event"]["moved"] is True
    assert NVIDIA_DAY in run(command.replace("json", "table")).stderr
    monday = strict(run(command.replace("2025-01-25", NVIDIA_DAY)).stdout)
    assert monday["event"]["moved"] is False
    assert monday["stocks"] == found["stocks"]


def test_a_moved_date_is_said_in_words() -> None:
    found = run("study --date 2025-01-25 --symbols NVDA --format json")
    texts = [finding["text"]["en"] for finding in strict(found.stdout)["findings"]]
    assert any("2025-01-25" in text and NVIDIA_DAY in text for text in texts)


# Damaged data.


@pytest.fixture
def damaged(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(data_folder, folder)
    monkeypatch.setenv("MARKETSHOCK_DATA", str(folder))
    return folder


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGES = {
    "one bit": flip,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}
FILES = {
    "prices_close.csv.gz": "losses",
    "shares.csv": "losses",
    "instruments.csv": "study --event deepseek",
    "shocks.csv": "report deepseek",
    "capex.csv": "capex",
    "losses_published.csv": "losses --reconcile",
    "factors3_daily.csv.gz": "study --event deepseek --model ff3",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["prices_close.csv.gz", "shares.csv"])
def test_f4_a_damaged_file_is_named(damaged: Path, here: Path, name: str, damage: str) -> None:
    DAMAGES[damage](damaged / name)
    before = {path.name: path.stat().st_mtime_ns for path in damaged.iterdir()}
    fails(f"{FILES[name]} --format json", 3, name)
    assert {path.name: path.stat().st_mtime_ns for path in damaged.iterdir()} == before
    assert list(here.iterdir()) == []


def test_f4_every_command_names_its_damaged_file(damaged: Path, here: Path) -> None:
    for name, command in FILES.items():
        whole = (damaged / name).read_bytes()
        flip(damaged / name)
        fails(command, 3, name)
        (damaged / name).write_bytes(whole)
    assert list(here.iterdir()) == []


def test_f4_status_and_verify_point_at_the_damaged_file(damaged: Path) -> None:
    flip(damaged / "capex.csv")
    files = strict(run("data status --format json").stdout)["files"]
    assert [file["path"] for file in files if not file["ok"]] == ["capex.csv"]
    result = run("data verify --format json")
    assert result.exit_code == 3
    found = strict(result.stdout)
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"] if not check["ok"]] == ["capex.csv"]
    assert "capex.csv" in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"schema": 99}'])
def test_f5_a_bad_manifest_is_named(damaged: Path, content: bytes | None) -> None:
    path = damaged / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for command in ("losses", "data status", "events"):
        fails(command, 3, "manifest.json")
    assert run("data verify").exit_code == 3


def test_a_folder_without_data_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETSHOCK_DATA", str(tmp_path / "nowhere"))
    fails("losses", 3, "nowhere")


def test_build_changes_no_byte_of_unchanged_data(damaged: Path) -> None:
    before = (damaged / "manifest.json").read_bytes()
    result = run("data build")
    assert result.exit_code == 0
    assert result.stdout == f"{damaged / 'manifest.json'}\n"
    assert answer("status")["vintage"] in result.stderr
    assert (damaged / "manifest.json").read_bytes() == before


# The disk and ourselves.


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: Any, **__: Any) -> None:
        pytest.fail("the notebook ran although its answer can't be written")

    monkeypatch.setattr("marketshock.publish.report.run_notebook", started)


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("inside", ["", "deeper", "deeper/still"])
def test_f3_a_file_in_the_way_ends_with_five(here: Path, inside: str) -> None:
    (here / "reports").write_text("mine", encoding="utf-8")
    fails(["report", "deepseek", "--out", str(Path("reports") / inside)], 5, "reports")
    assert (here / "reports").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in here.iterdir()] == ["reports"]


UNPRIVILEGED = """
import os, sys
from marketshock.cli import main
try:
    main(["report", "no such thing"])  # loads what is read later, while it can be read
except SystemExit:
    pass
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print("----", file=sys.stderr)
main(["report", "deepseek", "--out", sys.argv[1]])
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def unprivileged_report(out: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(out)],
        capture_output=True,
        text=True,
        check=False,
        cwd=FOLDER,
    )
    return done.returncode, done.stdout, done.stderr.partition("----\n")[2]


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
@pytest.mark.parametrize("inside", ["", "new", "new/deeper"])
def test_f3_a_folder_without_rights_ends_with_five(open_folder: Path, inside: str) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o555)
    code, out, message = unprivileged_report(closed / inside)
    assert (code, out) == (5, ""), message
    assert "closed" in message
    assert "Running" not in message
    assert list(closed.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs a folder of another")
def test_f3_a_folder_that_can_not_be_entered_ends_with_five(open_folder: Path) -> None:
    (open_folder / "secret").mkdir(mode=0o700)
    code, out, message = unprivileged_report(open_folder / "secret" / "new")
    assert (code, out) == (5, ""), message


def test_an_internal_error_ends_with_six(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(api, "capex_trend", broken)
    fails("capex --format json", 6, "internal error", "seven", "report")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("name", "code"), [("FetchError", 4), ("OutputError", 5)])
def test_each_kind_of_error_has_its_code(
    monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    from marketshock import errors

    def broken(*_: Any, **__: Any) -> None:
        raise getattr(errors, name)("It did not work.", "Try tomorrow.")

    monkeypatch.setattr(api, "events", broken)
    fails("events", code, "marketshock: It did not work.", "\n  Try tomorrow.")


# Real processes.


def spawn(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketshock", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        **options,
    )


def test_a_process_answers_as_the_library_does_from_any_folder(here: Path) -> None:
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = spawn("study", "--event", "deepseek", "--format", "json", cwd=here, env=environment)
    assert done.returncode == 0, done.stderr
    assert strict(done.stdout) == answer("study")
    assert list(here.iterdir()) == []


def test_a_process_ends_with_the_code_of_its_error(here: Path) -> None:
    done = spawn("study", "--event", "deepsek", cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "marketshock: Unknown event 'deepsek'.\n  Did you mean deepseek_2025?\n"


def test_a_reader_that_leaves_early_is_no_error(here: Path) -> None:
    command = [sys.executable, "-m", "marketshock", "study", "--event", "deepseek"]
    with subprocess.Popen(
        [*command, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=here
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        message = process.stderr.read().decode()
        code = process.wait(60)
    assert "Traceback" not in message
    assert "internal error" not in message
    assert code in (0, 1)
