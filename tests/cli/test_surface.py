"""The command line: names and help that scripts rely on."""

from __future__ import annotations

import csv
import io
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from asking import (
    ANSWERS,
    ISO,
    MAIN_ROWS,
    answer,
    answered,
    leaves,
    run,
)

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
    ("scan",): "--top --since --until --symbols --model --by --source --offline --format",
    ("verify",): "--notebook --brand --offline",
    ("data", "refresh"): "--symbols --source --offline",
    ("data", "import"): "",
}
FOLDER = Path(__file__).resolve().parents[2]


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
        " 'papermill'}\nprint(sorted(heavy & set(sys.modules)), file=sys.stderr)"
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
