"""Vintages of prices, of company facts and of factors: kept, verified, used side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from child import Shell, shell_at
from facts_servers import Loopback, led_to, serve_facts
from loopback_yahoo import NOT_FOUND, History, LoopbackYahoo

if TYPE_CHECKING:
    from marketshock.desk import Desk

pytestmark = pytest.mark.slow
STUDY = ("study", "--date", "2025-01-27", "--symbols", "NVDA,AVGO", "--format", "json")


@pytest.fixture
def yahoo(histories: dict[str, History]) -> Iterator[LoopbackYahoo]:
    with LoopbackYahoo(histories) as server:
        yield server


@pytest.fixture(scope="module")
def three(
    histories: dict[str, History],
    desk: Desk,
    tmp_path_factory: pytest.TempPathFactory,
    private_cache: Path,
) -> Path:
    """A vintage of prices, one of company facts and one of factors."""
    with Loopback() as server, LoopbackYahoo(histories) as yahoo:
        serve_facts(server, desk)
        shell = shell_at(yahoo, tmp_path_factory.mktemp("three"), private_cache)
        shell.environment |= led_to(server)
        told(shell, "data", "refresh", "--symbols", "NVDA,AVGO,^GSPC")
        told(shell, "data", "refresh", "--source", "sec", "--symbols", "NVDA,AVGO,MSFT")
        told(shell, "data", "refresh", "--source", "french")
    return shell.folder / "vintages"


@pytest.fixture
def both(shell: Shell, three: Path) -> Shell:
    """A shell over copies of the three."""
    shutil.copytree(three, shell.folder / "vintages")
    return shell


def told(shell: Shell, *arguments: str, **variables: str) -> dict[str, Any]:
    done = shell.run(*arguments, "--format", "json", **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(shell: Shell, code: int, *arguments: str) -> str:
    done = shell.run(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def footnotes(answer: dict[str, Any], code: str) -> list[str]:
    return [one["text"]["en"] for one in answer["findings"] if one["code"] == code]


def current(shell: Shell, source: str) -> str:
    pointer = json.loads((shell.store.parent / source / "current.json").read_text())
    return str(pointer["vintage"])


def test_d25_prices_and_share_counts_of_two_vintages_are_named_both(both: Shell) -> None:
    alone = told(both, *STUDY[:-2], "--source", "yahoo")
    assert [row["loss_usd_bn"] for row in alone["stocks"][0]["windows"]] == [None] * 3
    assert footnotes(alone, "SHARES")
    embedded, joined = told(both, *STUDY[:-2]), told(both, *STUDY[:-2], "--source", "yahoo+sec")
    prices, facts = current(both, "yahoo"), current(both, "sec")
    assert joined["vintage"] == f"{prices}+{facts}"
    (mixed,) = footnotes(joined, "D25")
    assert f"prices are of vintage {prices} of yahoo" in mixed
    assert f"share counts and capex are of vintage {facts} of sec" in mixed
    assert not footnotes(joined, "SHARES")
    names = [source["name"] for source in joined["sources"]]
    assert any(name.startswith("Yahoo Finance daily prices, fetched") for name in names)
    assert any("share counts from SEC filings" in name and facts in name for name in names)
    for mine, theirs in zip(joined["stocks"], embedded["stocks"], strict=True):
        for one, other in zip(mine["windows"], theirs["windows"], strict=True):
            assert one["loss_usd_bn"] == pytest.approx(other["loss_usd_bn"], rel=1e-6)


def test_d25_factors_of_a_second_vintage(both: Shell) -> None:
    ff3 = (*STUDY[:-2], "--model", "ff3")
    said = refused(both, 3, *ff3, "--source", "yahoo")
    assert "no table 'factors3_daily'" in said
    joined, embedded = told(both, *ff3, "--source", "yahoo+french"), told(both, *ff3)
    assert any(current(both, "french") in one["name"] for one in joined["sources"])
    assert joined["stocks"][0]["ar"] == pytest.approx(embedded["stocks"][0]["ar"], abs=1e-6)


@pytest.mark.parametrize("name", ["sec+yahoo", "yahoo+yahoo", "yahoo+embedded", "yahoo+sec+sec"])
def test_d25_two_vintages_of_one_kind_are_never_joined(both: Shell, name: str) -> None:
    assert "Name one source of prices, then" in refused(both, 2, *STUDY, "--source", name)


def test_d25_capex_of_the_company_facts(both: Shell) -> None:
    quarters = ("capex", "--by", "quarter")
    mine, embedded = told(both, *quarters, "--source", "sec"), told(both, *quarters)
    assert current(both, "sec") in footnotes(mine, "D25")[0]
    assert any(current(both, "sec") in one["name"] for one in mine["sources"])
    theirs = {row["period"]: row["by_company"] for row in embedded["rows"]}
    compared = 0
    for row in mine["rows"]:
        amount = row["by_company"]["Microsoft"]
        assert row["total_usd_bn"] is None
        assert row["by_company"]["Amazon"] is None
        if amount is not None:
            assert amount == pytest.approx(theirs[row["period"]]["Microsoft"], abs=1e-9)
            compared += 1
    assert compared > 40
    assert "no table 'capex'" in refused(both, 3, "capex", "--source", "yahoo")


def test_every_kept_vintage_can_be_verified_and_shown(both: Shell) -> None:
    for source in ("yahoo", "sec", "french"):
        vintage = current(both, source)
        for name in (source, f"{source}@{vintage}"):
            answer = told(both, "data", "verify", "--source", name)
            assert answer["ok"] is True
            assert len(answer["checks"]) >= 4
            status = told(both, "data", "status", "--source", name)
            assert (status["source"], status["vintage"]) == (source, vintage)
            assert all(file["ok"] for file in status["files"])
    joined = told(both, "data", "verify", "--source", "yahoo+sec")
    assert [check["name"] for check in joined["checks"] if " " in check["name"]] == [
        f"yahoo {current(both, 'yahoo')}",
        f"sec {current(both, 'sec')}",
    ]
    assert "several vintages" in refused(both, 2, "data", "status", "--source", "yahoo+sec")


@pytest.mark.parametrize("part", ["raw", "prices_close.csv.gz"])
def test_f4_verify_finds_a_flipped_bit_in_a_vintage(both: Shell, part: str) -> None:
    folder = both.store / current(both, "yahoo")
    path = next((folder / "raw").iterdir()) if part == "raw" else folder / part
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    done = both.run("data", "verify", "--source", "yahoo", "--format", "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["ok"] is False
    assert path.name in done.stderr


def test_d18_share_counts_of_before_a_split_of_the_prices_block(
    both: Shell, yahoo: LoopbackYahoo
) -> None:
    """Facts fetched on the embedded splits, prices fetched after one that these do not know."""
    old = yahoo.histories["NVDA"]
    halved = [(row[0], *(value and value / 2 for value in row[1:6]), row[6]) for row in old.rows]
    splits = [*old.splits, (old.rows[-5][0], 2.0)]
    yahoo.histories["NVDA"] = History("NVDA", halved, splits)
    told(both, "data", "refresh", "--symbols", "NVDA,AVGO,^GSPC")
    said = refused(both, 3, *STUDY, "--source", "yahoo+sec")
    assert "not on the split basis of the prices" in said
    assert "(D18)" in said


def test_n10_a_symbol_that_may_be_missing_is_named_in_every_answer(
    shell: Shell, yahoo: LoopbackYahoo
) -> None:
    yahoo.scripts["AVGO"] = lambda number: NOT_FOUND
    refresh = ("data", "refresh", "--symbols", "NVDA,AVGO,^GSPC")
    assert "--allow-missing" in refused(shell, 3, *refresh)
    done = told(shell, *refresh, "--allow-missing", "AVGO")
    assert done["symbols"] == ["NVDA", "^GSPC"]
    assert list(done["missing"]) == ["AVGO"]
    answer = told(shell, *STUDY[:3], "--symbols", "NVDA", "--source", "yahoo")
    assert footnotes(answer, "N10") == ["yahoo did not deliver AVGO; the vintage was made without"]
    assert "has no adj_close of AVGO" in refused(shell, 3, *STUDY, "--source", "yahoo")


def test_n10_the_benchmark_may_be_missing_but_is_then_missed(
    shell: Shell, yahoo: LoopbackYahoo
) -> None:
    yahoo.scripts["^GSPC"] = lambda number: NOT_FOUND
    told(shell, "data", "refresh", "--symbols", "NVDA,^GSPC", "--allow-missing", "^GSPC")
    study = (*STUDY[:3], "--symbols", "NVDA", "--source", "yahoo")
    assert "^GSPC" in refused(shell, 3, *study)
