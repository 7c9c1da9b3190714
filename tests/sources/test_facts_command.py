"""`marketshock data refresh` for the SEC and for French, as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import (
    Loopback,
    Reply,
    company_facts,
    fiscal_years,
    french_text,
    year_to_date,
    zipped,
)

from marketshock.sources.french import FACTOR_FILES

if TYPE_CHECKING:
    from marketshock.desk import Desk

ORACLE = "/api/xbrl/companyfacts/CIK0001341439.json"
SEC = ("data", "refresh", "--source", "sec", "--symbols", "ORCL", "--format", "json")
FRENCH = ("data", "refresh", "--source", "french", "--format", "json")


@pytest.fixture
def server(desk: Desk) -> Iterator[Loopback]:
    years = fiscal_years(desk.source.table("capex"), "ORCL").values()
    spent = [fact for rows in years for fact in year_to_date(rows)]
    count = {"end": "2026-06-12", "val": 2876, "accn": "1", "form": "10-K", "filed": "2026-06-22"}
    facts = {
        "us-gaap": {"PaymentsToAcquirePropertyPlantAndEquipment": {"USD": spent}},
        "dei": {"EntityCommonStockSharesOutstanding": {"shares": [count]}},
    }
    listed = {"0": {"cik_str": 1341439, "ticker": "ORCL", "title": "ORACLE CORP"}}
    with Loopback() as server:
        server.put("/files/company_tickers.json", json.dumps(listed).encode())
        server.put(ORACLE, company_facts(1341439, "ORACLE CORP", facts))
        for name, columns in FACTOR_FILES.items():
            table = "factors3_daily" if len(columns) == 4 else "factors5_daily"
            rows = list(desk.source.table(table))[-500:]
            server.put(f"/{name}", zipped("f.csv", french_text(columns, rows, "202604")))
        yield server


def run(
    folder: Path, server: Loopback, *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "MARKETSHOCK_CACHE") if name in os.environ}
    own = {
        "HOME": str(folder),
        "MARKETSHOCK_VINTAGES": str(folder / "vintages"),
        "MARKETSHOCK_SEC_ADDRESS": server.address,
        "MARKETSHOCK_SEC_USER_AGENT": "Ada Rossi ada.rossi@example.com",
        "MARKETSHOCK_FRENCH_ADDRESS": server.address,
        "MARKETSHOCK_FETCH_WAIT": "0.01",
        "MARKETSHOCK_FETCH_DEADLINE": "20",
    }
    command = [sys.executable, "-m", "marketshock", *arguments]
    environment = {**kept, **own, **more}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_can_be_refreshed(server: Loopback, tmp_path: Path) -> None:
    capex = told(run(tmp_path, server, *SEC))
    assert (capex["symbols"], capex["last"]) == (["ORCL"], "2026-06-12")
    factors = told(run(tmp_path, server, *FRENCH))
    assert factors["last"] == "2026-04-30"
    for name, one in (("sec", capex), ("french", factors)):
        assert (tmp_path / "vintages" / name / one["vintage"] / "manifest.json").is_file()


FAULTS: dict[str, tuple[bytes | Reply, int, str]] = {
    "n1": (Reply(b"", 429, {"Retry-After": "3600"}), 4, "asks to wait 3600 seconds"),
    "n2": (Reply(b"down", 503), 4, "503"),
    "n3": (Reply(b"no", 403), 4, "refuses this client"),
    "n4": (b"<html>", 4, "no JSON"),
    "n5": (Reply(b"{", length=99), 4, "breaks off"),
    "n7": (b'{"cik": 320193}', 3, "asked was 1341439"),
    "n8": (Reply(b"", 404), 3, "no such file"),
    "n12": (Reply(b"", 302, {"Location": "http://elsewhere.example/"}), 4, "not followed"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_ends_with_its_code_and_the_vintage_before_stays(
    server: Loopback, tmp_path: Path, case: str
) -> None:
    before = told(run(tmp_path, server, *SEC))["vintage"]
    reply, code, words = FAULTS[case]
    server.put(ORACLE, reply)
    done = run(tmp_path, server, *SEC)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    pointer = json.loads((tmp_path / "vintages" / "sec" / "current.json").read_text())
    assert pointer["vintage"] == before


def test_without_a_user_agent_the_variable_is_named(server: Loopback, tmp_path: Path) -> None:
    done = run(tmp_path, server, *SEC, MARKETSHOCK_SEC_USER_AGENT="")
    assert done.returncode == 2
    assert "MARKETSHOCK_SEC_USER_AGENT" in done.stderr
    assert server.requests == []
