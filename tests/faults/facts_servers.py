"""A loopback that speaks for the SEC and for French, and the variables that lead there."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))

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

__all__ = ["NUMBERS", "Loopback", "Reply", "facts_path", "led_to", "serve_facts"]

NUMBERS = {"AVGO": 1730168, "MSFT": 789019, "NVDA": 1045810}
PPE = "PaymentsToAcquirePropertyPlantAndEquipment"
COVER = "EntityCommonStockSharesOutstanding"


def facts_path(symbol: str) -> str:
    """The address of a company's facts."""
    return f"/api/xbrl/companyfacts/CIK{NUMBERS[symbol]:010d}.json"


def covers(desk: Desk, symbol: str) -> list[dict[str, Any]]:
    """The share counts on the covers of filings, as the embedded table has them."""
    return [
        {
            "end": row["as_of"].isoformat(),
            "val": int(row["shares_as_reported"]),
            "accn": "1",
            "form": row["form"].split()[0],
            "filed": row["filed"].isoformat(),
        }
        for row in desk.source.table("shares")
        if row["symbol"] == symbol and row["kind"] == "cover" and row["filed"]
    ]


def serve_facts(server: Loopback, desk: Desk) -> None:
    """Put the embedded figures behind the addresses of the SEC and of French."""
    capex = desk.source.table("capex")
    listed = {
        str(at): {"cik_str": number, "ticker": symbol, "title": symbol}
        for at, (symbol, number) in enumerate(NUMBERS.items())
    }
    server.put("/files/company_tickers.json", json.dumps(listed).encode())
    for symbol, number in NUMBERS.items():
        spent = [
            fact for rows in fiscal_years(capex, symbol).values() for fact in year_to_date(rows)
        ]
        facts: dict[str, Mapping[str, Any]] = {"dei": {COVER: {"shares": covers(desk, symbol)}}}
        if spent:
            facts["us-gaap"] = {PPE: {"USD": spent}}
        server.put(facts_path(symbol), company_facts(number, symbol, facts))
    for name, columns in FACTOR_FILES.items():
        table = "factors3_daily" if len(columns) == 4 else "factors5_daily"
        rows = list(desk.source.table(table))[-700:]
        server.put(f"/{name}", zipped("f.csv", french_text(columns, rows, "202604")))


def led_to(server: Loopback) -> dict[str, str]:
    """What leads a process to the loopback; Yahoo's proxy is not asked for it."""
    return {
        "MARKETSHOCK_SEC_ADDRESS": server.address,
        "MARKETSHOCK_SEC_USER_AGENT": "Ada Rossi ada.rossi@example.com",
        "MARKETSHOCK_FRENCH_ADDRESS": server.address,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
