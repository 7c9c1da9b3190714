"""One clear error each, and nothing half-written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from asking import (
    NVIDIA_DAY,
    answer,
    fails,
    run,
    strict,
)

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
    "unknown format": ("report deepseek --also docx", "Unknown format 'docx'"),
    "house style": ("report deepseek --brand us.toml", "us.toml", "--brand"),
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
